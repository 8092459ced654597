"""Tables of metrics, whatever holds them (CSV, Parquet): which column is what.

Four layouts. *Long*: time, component, indicator, value. *Tidy*: time, component, one column an indicator. *Wide*: time, one
column a series. *Stacked*: several header rows (component, indicator, statistic) above one column a series.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from afterword.reading import name, series_name
from afterword.reading.cell import is_nothing, is_time, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TIME = (
    *name.TIME, "unix_timestamp", "unixtime", "unix_time", "epoch", "epoch_time", "epoch_s", "epoch_ms", "epoch_seconds", "epoch_millis",
    "timestamp_s", "timestamp_ms", "timestamp_us", "timestamp_ns", "time_s", "time_ms", "time_us", "time_ns", "ts_ms", "time_stamp",
    "time_unix_nano", "timeunixnano", "collect_time", "sample_time", "clock", "time_iso", "window_start", "period", "interval_start",
)  # fmt: skip
COMPONENT = (
    *(one for one in name.COMPONENT if one not in ("unit", "source", "logger", "logger_name", "process", "program")),
    "entity", "entity_name", "ci", "svc", "service_id", "resource", "resource_name", "target", "object", "element", "microservice_name",
    "device", "system", "tc", "workload_name", "deployment_name", "dbinstanceidentifier", "function_name", "cluster",
)  # fmt: skip
INDICATOR = (
    "indicator", "metric", "metric_name", "metricname", "kpi", "kpi_name", "kpiname", "__name__", "measure", "measurement", "_measurement",
    "indicator_name", "signal", "series", "counter", "counter_name", "field", "_field", "variable", "sensor", "key", "item", "name",
)  # fmt: skip
VALUE = (
    "value",
    "val",
    "metric_value",
    "kpi_value",
    "_value",
    "measurement_value",
    "reading",
    "sample",
    "v",
    "y",
    "metricvalue",
)
STATISTIC = (
    "statistic",
    "stat",
    "statistics",
    "aggregation",
    "aggregate",
    "agg",
    "percentile",
    "quantile",
    "stat_type",
)
UNIT = ("unit", "units", "uom")
_INDEX = re.compile(r"^(|unnamed:? ?_?\d+|index)$")
_IGNORED = re.compile(
    r"^(|unnamed:? ?_?\d+|index|__index_level_\d+__|row|row_?id|id|uuid|itemid|item_id|bomc_id|description|desc|help|comment)$"
)
#: Free text: a table that has one holds log lines.
_MESSAGES = frozenset(
    {"message", "msg", "log", "log_message", "short_message", "@message", "body", "text", "content", "line"}
)
TAGS = frozenset({"tags", "labels", "dimensions", "attributes", "label_set"})
_STATS = re.compile(
    r"^(avg|average|mean|median|min|minimum|max|maximum|sum|total|std|stddev|count|samplecount|p\d{2,3}|\d{2}th)$"
)


class Column(NamedTuple):
    """A series: whose, what, the part of a place that names it, and its attributes."""

    subject: str
    name: str
    part: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """Which column of a table is what; numbers are positions."""

    columns: tuple[str, ...]
    time: int
    values: tuple[int, ...]
    sure: float
    component: int | None = None
    indicator: int | None = None
    statistic: int | None = None
    unit: int | None = None
    #: Columns that may tell two series of one component and indicator apart.
    labels: tuple[int, ...] = ()
    #: Header rows; each below the first is a record that holds names.
    headers: int = 1
    #: For stacked headers: the series of each value column.
    stated: tuple[Column, ...] = ()

    @property
    def identity(self) -> tuple[int, ...]:
        """The columns whose cells say of which series a row is."""
        roles = (self.component, self.indicator, self.statistic, self.unit, *self.labels)
        return tuple(one for one in roles if one is not None)


def plan(columns: Sequence[str], samples: Sequence[Sequence[Any]]) -> Plan | None:
    """What the columns of a table with one header row are; None when it is no table of metrics."""
    plain = [name.plain(one) for one in columns]
    time = _time(columns, samples)
    if time is None or _is_spans(plain):
        return None
    free = [i for i in range(len(columns)) if i != time and plain[i] not in TIME and not _IGNORED.match(plain[i])]
    numeric = {i: _share_of_numbers(samples, i) for i in free}
    words = [i for i in free if numeric[i] == 0.0]
    if any(plain[i] in _MESSAGES for i in words):
        return None
    component = _role(plain, COMPONENT, words)
    value = _role(plain, VALUE, [i for i in free if numeric[i] != 0.0])
    indicator = _role(plain, INDICATOR, [i for i in words if i != component])
    if indicator is not None and (value is not None or _by_statistic(plain, free, numeric)):
        component = _role(plain, COMPONENT, free) if component is None else component
        return _long(columns, time, component, indicator, value, free, numeric)
    if component is None:
        component = indicator if indicator is not None else words[0] if len(words) == 1 else None
    if component is not None:
        return _tidy(columns, time, component, free, numeric, plain)
    return _wide(columns, time, free, numeric, plain)


def _is_spans(plain: Sequence[str]) -> bool:
    known = {*plain, *(one.replace("_", "") for one in plain)}
    return bool(known & set(name.TRACE) and known & {*name.SPAN, "parentid", "parentspanid"})


def _time(columns: Sequence[str], samples: Sequence[Sequence[Any]]) -> int | None:
    found = name.column(columns, TIME)
    named = [columns.index(found)] if found is not None else []
    stated = [i for i, one in enumerate(columns) if re.match(r"(?i)(time|timestamp|date|datetime)\b", one.strip())]
    index = [i for i, one in enumerate(columns) if _INDEX.match(name.plain(one)) and samples]
    return next((i for i in (*named, *stated, *index) if _are_times(columns[i], samples, i)), None)


def _are_times(column: str, samples: Sequence[Sequence[Any]], at: int) -> bool:
    cells = [row[at] for row in samples if not is_nothing(row[at])]
    return not samples or 2 * sum(is_time(one, column) for one in cells) > len(cells)


def _share_of_numbers(samples: Sequence[Sequence[Any]], at: int) -> float:
    """1 for a column of numbers, 0 for one of words; an empty column may hold numbers further down."""
    cells = [cell for row in samples if not is_nothing(cell := row[at])]
    return sum(number(cell) is not None for cell in cells) / len(cells) if cells else 0.5


def _role(plain: Sequence[str], wanted: Iterable[str], among: Iterable[int]) -> int | None:
    there: dict[str, int] = {}
    for i in among:
        there.setdefault(plain[i], i)
        there.setdefault(plain[i].replace("_", ""), i)
    return next((there[one] for one in wanted if one in there), None)


def _by_statistic(plain: Sequence[str], free: Sequence[int], numeric: Mapping[int, float]) -> bool:
    numbers = [i for i in free if numeric[i] > 0.0]
    return bool(numbers) and all(_STATS.match(plain[i]) for i in numbers)


def _long(
    columns: Sequence[str], time: int, component: int | None, indicator: int, value: int | None,
    free: Sequence[int], numeric: Mapping[int, float],
) -> Plan:  # fmt: skip
    plain = [name.plain(one) for one in columns]
    values = [value] if value is not None else [i for i in free if numeric[i] > 0.0]
    rest = [i for i in free if i not in (component, indicator, *values)]
    statistic, unit = _role(plain, STATISTIC, rest), _role(plain, UNIT, rest)
    labels = [i for i in rest if i not in (statistic, unit) and not plain[i].endswith(("_id", "timestamp"))]
    sure = 0.85 if component is not None else 0.75
    return Plan(tuple(columns), time, tuple(values), sure, component, indicator, statistic, unit, tuple(labels))


def _tidy(
    columns: Sequence[str],
    time: int,
    component: int,
    free: Sequence[int],
    numeric: Mapping[int, float],
    plain: Sequence[str],
) -> Plan | None:
    values = [i for i in free if numeric[i] > 0.0 and i != component and plain[i] not in UNIT]
    labels = [i for i in free if numeric[i] == 0.0 and i != component and not plain[i].endswith("_id")]
    if not values:
        return None
    statistic = _role(plain, STATISTIC, labels)
    sure = 0.7 if len(labels) <= max(1, len(values) // 2) else 0.25
    rest = tuple(i for i in labels if i != statistic)
    return Plan(tuple(columns), time, tuple(values), sure, component, statistic=statistic, labels=rest)


def _wide(
    columns: Sequence[str], time: int, free: Sequence[int], numeric: Mapping[int, float], plain: Sequence[str]
) -> Plan | None:
    values = tuple(i for i in free if numeric[i] > 0.0)
    words = len(free) - len(values)
    if not values or words > len(values):
        return None
    names = series_name.split([columns[i] for i in values])
    known = any(
        (one.component and one.indicator != "value") or series_name.is_indicator(one.indicator) for one in names
    )
    sure = (0.75 if known else 0.45 if len(values) > 1 or plain[values[0]] in VALUE else 0.3) - (0.3 if words else 0.0)
    return Plan(tuple(columns), time, values, sure)


def stacked(records: Sequence[Sequence[str]]) -> Plan | None:
    """What the columns of a table with several header rows are; the first records of the table are given."""
    wide = len(records[0]) if records else 0
    if wide < 2:
        return None
    tall = 0
    for record in records[:6]:
        if len(record) != wide or not _is_header_row(record, tall):
            break
        tall += 1
    if tall < 2:
        return None
    named = bool(any(records[tall - 1][1:]))
    above = records[:tall] if named else records[: tall - 1]
    body = [one for one in records[tall:] if len(one) == wide]
    first = (records[0] if name.plain(records[0][0]) in TIME else records[tall - 1])[0].strip()
    if len(above) < 2 or not _are_times(first, body, 0) or not (body or name.plain(first) in TIME):
        return None
    cells = [[one[i].strip() for one in above] for i in range(1, wide)]
    if name.plain(records[0][0]) in TIME:
        names = series_name.split([one[0] for one in cells])
        stated = [Column(*of, one[0], {"unit": one[1]}) for of, one in zip(names, cells, strict=True)]
    else:
        roles = _levels(above)
        stated = [_stated(roles, one) for one in cells]
    columns = (first or "time", *(one.part for one in stated))
    return Plan(columns, 0, tuple(range(1, wide)), 0.9, headers=tall, stated=tuple(stated))


def _is_header_row(record: Sequence[str], above: int) -> bool:
    """Names in all cells, or (below other header rows, as pandas names its index) in the first cell alone."""
    cells = [one.strip() for one in record[1:]]
    if is_time(record[0].strip(), "") or number(record[0]) is not None:
        return False
    if not any(cells):
        return bool(above) and bool(record[0].strip())
    return all(cells) and sum(number(one) is not None for one in cells) * 2 < len(cells)


def _levels(above: Sequence[Sequence[str]]) -> list[str]:
    """The role of each header row, by its own name, else by what stands in it."""
    made: list[str] = []
    for record in above:
        said = name.plain(record[0])
        role = next((r for r, known in _LEVELS if said in known), "")
        if not role or role in made:
            free = [r for r in ("component", "indicator", "statistic", "more") if r not in made]
            words = sum(series_name.is_indicator(one) for one in record[1:])
            role = "indicator" if words * 2 > len(record) and "indicator" in free else free[0] if free else "more"
        made.append(role)
    return made


_LEVELS = (
    ("statistic", frozenset(STATISTIC)), ("unit", frozenset(UNIT)), ("component", frozenset(COMPONENT)), ("indicator", frozenset(INDICATOR)),
)  # fmt: skip


def _stated(roles: Sequence[str], cells: Sequence[str]) -> Column:
    said = dict(zip(roles, cells, strict=True))
    attributes = {key: said[key] for key in ("statistic", "unit") if said.get(key)}
    indicator = said.get("indicator") or "value"
    return Column(said.get("component", ""), indicator, " ".join(one for one in cells if one), attributes)
