"""Metrics in CSV, as exporters, notebooks and pandas write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_laws import check, events, problems, said, shared, skipped, truncated

from afterword.sources.metrics_csv import SOURCE

LONG = b"""timestamp,service,metric,value
2024-05-01T00:00:00Z,cart,cpu,1.5
2024-05-01T00:00:30.123456789+02:00,cart,latency_p99,20
"""
WIDE = b"""time,queue-master_cpu,cart_cpu,cart_lat_50
1700000000,1.5,,3
1700000060,NaN,2,x
"""
STACKED = b"""service,cart,cart,web
metric,latency,latency,cpu
statistic,Average,p90,Average
unix_timestamp,,,
1700000000.0,0.5,0.9,
1700000300.0,0.6,,12
"""


def names(raw: bytes) -> list[tuple[str, str, float | None]]:
    return [(one.subject, one.name, one.value) for one in events(SOURCE, raw)]


def test_a_long_table_is_one_sample_a_row() -> None:
    found = events(SOURCE, LONG)
    assert [(one.subject, one.name, one.value, one.at, one.offset) for one in found] == [
        ("cart", "cpu", 1.5, 1714521600 * 10**9, 0),
        ("cart", "latency_p99", 20.0, 1714514430_123456789, 120),
    ]
    assert said(LONG, found[0]) == "2024-05-01T00:00:00Z,cart,cpu,1.5\n"
    assert [one.place.part for one in found] == ["", ""]


def test_a_wide_table_has_a_series_a_column_and_its_cells_share_the_row() -> None:
    """Empty cells and NaN are no sample; a cell that is no number does not cost its neighbours."""
    found = events(SOURCE, WIDE)
    assert [(one.subject, one.name, one.value, one.place.part) for one in found] == [
        ("queue-master", "cpu", 1.5, "queue-master_cpu"),
        ("cart", "lat_50", 3.0, "cart_lat_50"),
        ("cart", "cpu", 2.0, "cart_cpu"),
    ]
    assert said(WIDE, found[0]) == said(WIDE, found[1]) == "1700000000,1.5,,3\n"
    [remark] = problems(SOURCE, WIDE)
    assert (remark.code, remark.quarantined) == ("table-number", False)


def test_several_header_rows_name_component_indicator_and_statistic() -> None:
    assert [(*one, event.attributes) for one, event in zip(names(STACKED), events(SOURCE, STACKED), strict=True)] == [
        ("cart", "latency", 0.5, {"statistic": "Average"}),
        ("cart", "latency", 0.9, {"statistic": "p90"}),
        ("cart", "latency", 0.6, {"statistic": "Average"}),
        ("web", "cpu", 12.0, {"statistic": "Average"}),
    ]
    assert len(skipped(SOURCE, STACKED)) == 4


def test_header_rows_without_names_are_told_apart_by_their_words() -> None:
    raw = b",cpu,mem,cpu\n,cart,cart,web\n2024-05-01T00:00:00Z,1,2,3\n"
    assert names(raw) == [("cart", "cpu", 1.0), ("cart", "mem", 2.0), ("web", "cpu", 3.0)]


def test_a_row_of_units_below_the_names() -> None:
    raw = b"time,cart_cpu,cart_mem\ns,%,bytes\n1700000000,1,2\n"
    assert [(one.name, one.attributes) for one in events(SOURCE, raw)] == [
        ("cpu", {"unit": "%"}),
        ("mem", {"unit": "bytes"}),
    ]


def test_a_column_an_indicator_and_the_pod_in_a_column() -> None:
    raw = b"Time,TimeStamp,PodName,CpuUsage(m),Latency(s)\n2023-01-29 08:41:10.8 +0000 UTC m=+1.8,1674981670,cart-1,7.5,NaN\n"
    assert names(raw) == [("cart-1", "CpuUsage(m)", 7.5)]
    assert events(SOURCE, raw)[0].at == 1674981670 * 10**9


def test_replicas_stay_apart_and_are_named_only_where_there_are_several() -> None:
    raw = (
        b"time,service,host,metric,value\n1700000000,cart,h1,cpu,1\n1700000000,cart,h2,cpu,2\n1700000000,web,h1,cpu,3\n"
    )
    assert names(raw) == [("cart", 'cpu{host="h1"}', 1.0), ("cart", 'cpu{host="h2"}', 2.0), ("web", "cpu", 3.0)]


def test_labels_in_one_cell_name_the_component() -> None:
    raw = b'time,metric,labels,value\n1700000000,cpu,"{""service"": ""cart"", ""zone"": ""a""}",1\n1700000000,mem,"service=web,zone=a",2\n'
    assert names(raw) == [("cart", "cpu", 1.0), ("web", "mem", 2.0)]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("timestamp,cmdb_id,kpi_name,value", "1700000000,cart,cpu,1"),
        ("value,kpi,component,ts", "1,cpu,cart,1700000000"),
        ("Time,Host,Indicator,Value,Unit", "1700000000000,cart,cpu,1,%"),
        ("datetime;pod;metric_name;val", "2023-11-14 22:13:20;cart;cpu;1"),
        ("time\tapp\tindicator\tvalue", "2023-11-14T22:13:20Z\tcart\tcpu\t1"),
        ("time,metric,value", "1700000000,cart_cpu,1"),
        ('"timestamp","service","metric","value"', '"1700000000","cart","cpu","1"'),
        ("id,timestamp,service,metric,value", "17,1700000000,cart,cpu,1"),
    ],
)
def test_usual_names_of_columns(header: str, row: str) -> None:
    raw = f"{header}\n{row}\n".encode()
    assert SOURCE.sniff(raw) >= 0.7
    assert names(raw) == [("cart", "cpu", 1.0)]
    assert events(SOURCE, raw)[0].at == 1700000000 * 10**9


def test_statistics_as_columns() -> None:
    raw = b"time,service,metric,min,max\n1700000000,cart,cpu,1,9\n"
    assert [(one.name, one.value, one.attributes) for one in events(SOURCE, raw)] == [
        ("cpu", 1.0, {"statistic": "min"}),
        ("cpu", 9.0, {"statistic": "max"}),
    ]


def test_a_time_that_cannot_be_relied_on_is_not_guessed() -> None:
    raw = LONG + b"01/02/2024 10:00:00,cart,cpu,1\n,cart,cpu,2\n"
    assert [one.at for one in events(SOURCE, raw)][2:] == [None, None]
    assert {one.code for one in problems(SOURCE, raw)} == {"time"}
    assert not any(one.quarantined for one in problems(SOURCE, raw))


def test_a_wall_clock_without_a_zone_is_flagged_and_read_by_the_rule() -> None:
    raw = b"time,cart_cpu\n2024-05-01 00:00:00,1\n"
    assert events(SOURCE, raw)[0].offset is None
    assert events(SOURCE, raw, zone="Europe/Berlin")[0].at == (1714521600 - 7200) * 10**9


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello\n",
        b"timestamp,level,service,message\n2024-05-01T00:00:00Z,info,cart,up 3\n",
        b"trace_id,span_id,parent_id,service,timestamp,duration\na,b,,cart,1700000000,5\n",
        b"source,target,weight\na,b,1\n",
        b"alarm,device,start\n1,2,3\n",
        b'{"a": 1}\n',
        b"2024-05-01 00:00:00,123 INFO cart, started\n2024-05-01 00:00:01,456 INFO cart, stopped\n",
        b"time,service,who,what\n2024-05-01T00:00:00Z,cart,ann,deploy\n",
    ],
)
def test_what_is_no_metric_is_left_to_others(raw: bytes) -> None:
    assert SOURCE.sniff(raw) < 0.3
    check(SOURCE, raw)


def test_a_header_longer_than_the_head_is_still_recognised() -> None:
    columns = [f"component-number-{i}_cpu" for i in range(4_000)]
    raw = ("time," + ",".join(columns) + "\n" + ",".join(["1700000000"] + ["1"] * 4_000) + "\n").encode()
    assert SOURCE.sniff(raw[: 1 << 16]) > 0.6
    found = events(SOURCE, raw)
    assert len(found) == 4_000
    assert found[-1].subject == "component-number-3999"


@pytest.mark.parametrize("raw", [LONG, WIDE, STACKED])
def test_truncation(raw: bytes) -> None:
    truncated(SOURCE, raw)


@given(st.binary(max_size=80))
def test_garbage(raw: bytes) -> None:
    check(SOURCE, raw)


@settings(max_examples=60)
@given(st.sampled_from([LONG, WIDE, STACKED]), st.integers(0, 300), st.binary(max_size=6))
def test_damage(raw: bytes, at: int, piece: bytes) -> None:
    check(SOURCE, raw[:at] + piece + raw[at + 3 :])


@pytest.mark.shared
@pytest.mark.parametrize(
    ("path", "least"),
    [
        (("rca", "petshop", "low_traffic", "noissue", "metrics.csv"), 100_000),
        (("rca", "sockshop", "carts-cpu", "1", "normal.csv"), 10_000),
        (("rca", "rootcausebench", "grpc-deadline-too-tight", "evidence", "metrics.csv"), 100),
    ],
)
def test_true_tables(path: tuple[str, ...], least: int) -> None:
    raw = shared(*path).read_bytes()
    assert SOURCE.sniff(raw[: 1 << 16]) >= 0.7
    found = events(SOURCE, raw)
    assert len(found) >= least
    assert not problems(SOURCE, raw)
    assert all(one.at and one.subject and one.name != "value" for one in found)
