"""Tables in the OpenTelemetry layout as the table of events: what the exporter of the collector writes to ClickHouse.

One SELECT for each dialect gives the columns of the lake, so that the same queries run on tables that stay where they are.
Digits and hexadecimal numbers in a log line become ``<*>``: that is its template here, since no engine has our miner.
Series of a metric that differ in their attributes stay apart: ``name{key=value,…}``; what only grows ends in ``_total``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Tables by signal as the exporter names them.
TABLES: Final[Mapping[str, str]] = {
    "logs": "otel_logs",
    "traces": "otel_traces",
    "gauge": "otel_metrics_gauge",
    "sum": "otel_metrics_sum",
}
_NAME: Final = re.compile(
    r"(?:parquet|delta|iceberg|orc)\.`[^`\x00-\x1f]+`|[A-Za-z_][A-Za-z0-9_$]*(?:\.[A-Za-z_][A-Za-z0-9_$]*){0,2}"
)
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "logs": ("Timestamp", "TraceId", "SpanId", "SeverityText", "SeverityNumber", "ServiceName", "Body"),
    "traces": ("Timestamp", "TraceId", "SpanId", "ParentSpanId", "SpanName", "ServiceName", "Duration", "StatusCode"),
    "gauge": ("TimeUnix", "ServiceName", "MetricName", "Attributes", "Value"),
    "sum": ("TimeUnix", "ServiceName", "MetricName", "Attributes", "Value", "IsMonotonic"),
}
_VARIABLE: Final = "[0-9a-fA-F]*[0-9][0-9a-fA-F]*"
_SEVERITY: Final = """CASE
 WHEN SeverityNumber BETWEEN 21 AND 24 THEN 'fatal' WHEN SeverityNumber BETWEEN 17 AND 20 THEN 'error'
 WHEN SeverityNumber BETWEEN 13 AND 16 THEN 'warn' WHEN SeverityNumber BETWEEN 9 AND 12 THEN 'info'
 WHEN SeverityNumber BETWEEN 5 AND 8 THEN 'debug' WHEN SeverityNumber BETWEEN 1 AND 4 THEN 'trace'
 WHEN lower(SeverityText) IN ('fatal', 'critical', 'crit', 'alert', 'emerg', 'emergency', 'panic') THEN 'fatal'
 WHEN lower(SeverityText) IN ('error', 'err', 'severe') THEN 'error'
 WHEN lower(SeverityText) IN ('warn', 'warning') THEN 'warn'
 WHEN lower(SeverityText) IN ('info', 'information', 'notice') THEN 'info'
 WHEN lower(SeverityText) IN ('debug', 'trace') THEN lower(SeverityText) ELSE '' END"""
_FAILED: Final = "CASE WHEN lower(StatusCode) IN ('error', 'status_code_error') THEN 'error' ELSE '' END"


@dataclass(frozen=True, slots=True)
class _Words:
    """How a dialect says what the layout needs. ``{0}`` is a column, or a value."""

    text: str
    whole: str
    real: str
    #: A column of time, or of whole ns, as whole ns.
    ns: Mapping[str, str]
    #: The condition that lets the engine leave out parts of a table.
    reach: Mapping[str, str]
    masked: str
    labels: str
    joined: str


_CLICKHOUSE: Final = _Words(
    text="CAST({0} AS Nullable(String))",
    whole="CAST({0} AS Nullable(Int64))",
    real="CAST({0} AS Nullable(Float64))",
    ns={"datetime64": "toUnixTimestamp64Nano(toDateTime64({0}, 9, 'UTC'))", "int64": "toInt64({0})"},
    reach={
        "datetime64": "{0} >= fromUnixTimestamp64Nano(toInt64({1}), 'UTC') AND {0} < fromUnixTimestamp64Nano(toInt64({2}), 'UTC')",
        "int64": "{0} >= {1} AND {0} < {2}",
    },
    masked=f"replaceRegexpAll({{0}}, '{_VARIABLE}', '<*>')",
    labels="arrayStringConcat(arraySort(arrayMap((k, v) -> concat(k, '=', v), mapKeys({0}), mapValues({0}))), ',')",
    joined="concat({0})",
)
_SPARK: Final = _Words(
    text="CAST({0} AS STRING)",
    whole="CAST({0} AS BIGINT)",
    real="CAST({0} AS DOUBLE)",
    ns={"timestamp": "unix_micros({0}) * 1000", "bigint": "{0}"},
    reach={
        "timestamp": "{0} >= timestamp_micros({1} div 1000) AND {0} <= timestamp_micros({2} div 1000)",
        "bigint": "{0} >= {1} AND {0} < {2}",
    },
    masked=f"regexp_replace({{0}}, '{_VARIABLE}', '<*>')",
    labels="array_join(array_sort(transform(map_entries({0}), e -> concat(e.key, '=', e.value))), ',')",
    joined="concat({0})",
)
_DIALECTS: Final[Mapping[str, _Words]] = {"clickhouse": _CLICKHOUSE, "pyspark": _SPARK}


def named(said: tuple[str, ...]) -> dict[str, str]:
    """``signal=table`` over the names that the exporter gives. Raises InvalidError for what is neither."""
    made = dict(TABLES)
    for one in said:
        signal, _, name = one.partition("=")
        if signal not in TABLES or not _NAME.fullmatch(name):
            says = f"{one!r}: write SIGNAL=TABLE, the signal one of {', '.join(TABLES)}"
            raise InvalidError(says, (f"tables: {says}",))
        made[signal] = name
    return made


def _words(dialect: str) -> _Words:
    if dialect not in _DIALECTS:
        says = f"Tables of {dialect} cannot be referred to: only those of ClickHouse and Spark."
        raise InvalidError(says, (f"engine: {says}",))
    return _DIALECTS[dialect]


def check(dialect: str) -> None:
    """Raises InvalidError for an engine that no layout is written for."""
    _words(dialect)


def select(dialect: str, tables: Mapping[str, tuple[str, Mapping[str, str]]], reach: tuple[int, int]) -> str:
    """The SELECT over tables (name and types of the columns, by signal) that gives the rows of a stretch as events.

    Raises InvalidError for an engine that no layout is written for, and for a table that lacks a column.
    """
    words = _words(dialect)
    makers = {"logs": _logs, "traces": _traces, "gauge": _metrics, "sum": _metrics}
    made = []
    for signal, (name, types) in tables.items():
        lacking = [one for one in _NEEDED[signal] if one not in types]
        if lacking:
            says = f"{name} is no table of {signal} in the OpenTelemetry layout: it has no {', '.join(lacking)}"
            raise InvalidError(says, (f"tables: {says}",))
        column = "TimeUnix" if signal in ("gauge", "sum") else "Timestamp"
        kind = _time_type(words, name, column, types[column])
        fields = makers[signal](words, signal) | {"at": words.ns[kind].format(column)}
        where = words.reach[kind].format(column, *reach)
        made.append(f"SELECT {_columns(words, fields)} FROM {name} WHERE {where}")  # noqa: S608 - names are checked
    return "\nUNION ALL\n".join(made)


def _time_type(words: _Words, table: str, column: str, type_: str) -> str:
    lowered = type_.lower()
    for kind in words.ns:
        if lowered.startswith((kind, f"nullable({kind}")):
            return kind
    raise InvalidError(f"{table}: {column} is {type_}, not one of {', '.join(words.ns)}", (f"tables: {column}",))


def _logs(words: _Words, signal: str) -> dict[str, str]:
    del signal
    return {
        "kind": "'log'", "subject": "ServiceName", "text": "Body", "severity": _SEVERITY, "trace": "TraceId", "span": "SpanId",
        "template": words.masked.format("Body"),
    }  # fmt: skip


def _traces(words: _Words, signal: str) -> dict[str, str]:
    del words, signal
    return {
        "kind": "'span'", "subject": "ServiceName", "name": "SpanName", "took": "Duration", "severity": _FAILED, "trace": "TraceId",
        "span": "SpanId", "parent": "ParentSpanId",
    }  # fmt: skip


def _metrics(words: _Words, signal: str) -> dict[str, str]:
    labels = words.labels.format("Attributes")
    end = (
        "CASE WHEN IsMonotonic AND MetricName NOT LIKE '%\\_total' THEN '_total' ELSE '' END"
        if signal == "sum"
        else "''"
    )
    braced = words.joined.format(f"'{{', {labels}, '}}'")
    name = words.joined.format(f"MetricName, {end}, CASE WHEN {labels} = '' THEN '' ELSE {braced} END")
    return {"kind": "'metric'", "subject": "ServiceName", "name": name, "value": "Value"}


def _columns(words: _Words, fields: Mapping[str, str]) -> str:
    from afterword.queries.portable import EVENTS  # noqa: PLC0415 - Ibis is slow to load

    forms = {"string": words.text, "int64": words.whole, "float64": words.real}
    return ", ".join(
        f"{forms[str(type_)].format(fields.get(name, 'NULL'))} AS `{name}`" for name, type_ in EVENTS.items()
    )
