"""An incident as tables in the OpenTelemetry layout: in ClickHouse (a folder of chDB), and as Parquet for Spark.

``python otel_tables.py FOLDER`` makes the tables of ClickHouse, in a process of its own: a process has one chDB.
"""

from __future__ import annotations

import json
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

#: Columns as the exporter of the collector makes them; codecs, indices and the columns that nobody reads are left out.
DDL = {
    "otel_logs": """
        Timestamp DateTime64(9), TimestampTime DateTime DEFAULT toDateTime(Timestamp), TraceId String, SpanId String,
        TraceFlags UInt8, SeverityText LowCardinality(String), SeverityNumber UInt8, ServiceName LowCardinality(String),
        Body String, ResourceAttributes Map(LowCardinality(String), String), LogAttributes Map(LowCardinality(String), String)
    """,
    "otel_traces": """
        Timestamp DateTime64(9), TraceId String, SpanId String, ParentSpanId String, TraceState String,
        SpanName LowCardinality(String), SpanKind LowCardinality(String), ServiceName LowCardinality(String),
        ResourceAttributes Map(LowCardinality(String), String), SpanAttributes Map(LowCardinality(String), String),
        Duration UInt64, StatusCode LowCardinality(String), StatusMessage String,
        Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes Map(LowCardinality(String), String))
    """,
    "otel_metrics_gauge": """
        ResourceAttributes Map(LowCardinality(String), String), ServiceName LowCardinality(String), MetricName String,
        MetricUnit String, Attributes Map(LowCardinality(String), String), StartTimeUnix DateTime64(9),
        TimeUnix DateTime64(9), Value Float64, Flags UInt32
    """,
    "otel_metrics_sum": """
        ResourceAttributes Map(LowCardinality(String), String), ServiceName LowCardinality(String), MetricName String,
        MetricUnit String, Attributes Map(LowCardinality(String), String), StartTimeUnix DateTime64(9),
        TimeUnix DateTime64(9), Value Float64, Flags UInt32, AggregationTemporality Int32, IsMonotonic Bool
    """,
}
START = datetime(2026, 3, 14, 8, 0, tzinfo=UTC)
#: Payment fails from minute 40 to 50.
WINDOW = "2026-03-14T08:40:00Z/2026-03-14T08:50:00Z"
BASELINE = "2026-03-14T08:00:00Z/2026-03-14T08:40:00Z"


def rows() -> dict[str, list[dict[str, Any]]]:
    """The same rows every time; times are whole microseconds, which is all that a timestamp of Spark holds."""
    dice = random.Random(14)
    made: dict[str, list[dict[str, Any]]] = {name: [] for name in DDL}
    for second in range(0, 3600, 3):
        at = START + timedelta(seconds=second, microseconds=dice.randrange(10**6))
        bad = 2400 <= second < 3000 and dice.random() < 0.5
        _request(made, dice, at, number=second, bad=bad)
        if second % 15 == 0:
            _samples(made, at, second)
    return made


def _request(
    made: dict[str, list[dict[str, Any]]], dice: random.Random, at: datetime, *, number: int, bad: bool
) -> None:
    trace = f"{number:032x}"
    took = dice.randrange(5_000_000, 40_000_000) + (2_000_000_000 if bad else 0)
    status = "Error" if bad else dice.choice(("Unset", "Ok"))
    common = {"Timestamp": at, "TraceId": trace, "ResourceAttributes": {"service.version": "1.4.2"}}
    span = {"TraceState": "", "SpanAttributes": {"http.route": "/pay"}, "StatusMessage": "it's 'late'" if bad else ""}
    spans = (("gateway", "1", "", "POST /checkout", took + 3_000_000), ("payment", "2", "1", "charge", took))
    for service, id_, parent, name, duration in spans:
        own = {"SpanId": id_, "ParentSpanId": parent, "SpanName": name, "SpanKind": "Server", "ServiceName": service}
        made["otel_traces"].append(common | span | own | {"Duration": duration, "StatusCode": status})
    severity = ("ERROR", 17) if bad else ("INFO", 9)
    body = f"charge {number} timed out after 2000 ms: pool at 10.0.0.7:5432" if bad else f"charged order {number}"
    log = {"SpanId": "2", "TraceFlags": 1, "SeverityText": severity[0], "SeverityNumber": severity[1]}
    made["otel_logs"].append(common | log | {"ServiceName": "payment", "Body": body, "LogAttributes": {}})


def _samples(made: dict[str, list[dict[str, Any]]], at: datetime, second: int) -> None:
    common = {"ResourceAttributes": {}, "MetricUnit": "1", "StartTimeUnix": START, "TimeUnix": at, "Flags": 0}
    for pod in ("a", "b"):
        own = {"ServiceName": "payment", "Attributes": {"zone": "z", "pod": pod}}
        used = 9.5 if 2400 <= second < 3000 else 2.25
        made["otel_metrics_gauge"].append(common | own | {"MetricName": "db.pool.used", "Value": used})
        counter = {
            "MetricName": "http.requests",
            "Value": float(second),
            "AggregationTemporality": 2,
            "IsMonotonic": True,
        }
        made["otel_metrics_sum"].append(common | own | counter)


def lines(found: list[dict[str, Any]]) -> str:
    """The rows as ClickHouse takes them in."""
    return "\n".join(json.dumps(one, default=lambda time: f"{time:%Y-%m-%d %H:%M:%S.%f}000") for one in found)


def into_clickhouse(folder: Path) -> None:
    import chdb

    connection = chdb.connect(str(folder))
    for name, found in rows().items():
        connection.query(f"CREATE TABLE {name} ({DDL[name]}) ENGINE = MergeTree ORDER BY tuple()")
        connection.query(f"INSERT INTO {name} FORMAT JSONEachRow {lines(found)}")
    connection.close()


def into_parquet(folder: Path) -> dict[str, str]:
    """Tables that Spark reads in place, by their names."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True)
    made = {}
    for name, found in rows().items():
        types = {column: _type(value) for column, value in found[0].items()}
        path = folder / f"{name}.parquet"
        pq.write_table(pa.Table.from_pylist(found, schema=pa.schema(types)), path)
        made[name] = f"parquet.`{path}`"
    return made


def _type(value: Any) -> Any:
    import pyarrow as pa

    if isinstance(value, dict):
        return pa.map_(pa.string(), pa.string())
    if isinstance(value, bool):
        return pa.bool_()
    return {str: pa.string(), int: pa.int64(), float: pa.float64(), datetime: pa.timestamp("us", "UTC")}[type(value)]


if __name__ == "__main__":
    into_clickhouse(Path(sys.argv[1]))
