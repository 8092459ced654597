"""The samples in a table of metrics: each cell with the series it belongs to.

In a long table a row is one sample, and its place needs no part; elsewhere ``part`` is the column. Empty cells, NaN and
infinite numbers are no event.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from afterword.core.clock import Doubt, Stamp
from afterword.model.event import Event, Kind, Meaning
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.reading import label, name, series_name
from afterword.reading.cell import Clock, is_nothing, number
from afterword.reading.metric_columns import TAGS, Column
from afterword.reading.remark import Remarks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from afterword.ports import Reading
    from afterword.reading.metric_columns import Plan
    from afterword.reading.table import Row

_PAIR = re.compile(r"""(?<![\w.\-/])([\w.\-/]++)\s*+[=:]\s*+"?([^",;{}]*)"?""")
#: More values than this in one column: no label, but something that every row has of its own.
_MOST_VALUES = 2_000


def events(
    found: Plan, rows: Callable[[], Iterator[Row | Problem | Skipped]], reading: Reading, *, by_series: bool = False
) -> Iterator[Event | Problem | Skipped]:
    """The samples of a table. ``rows`` gives the records below the first header row, each time from the beginning.

    ``by_series``: rows have no bytes of their own, so the part always names the series.
    """
    reader = Reader(found, rows, reading, by_series=by_series)
    for row in rows():
        yield from reader.row(row)
    yield from reader.remarks.problems()


class Reader:
    """Reads row after row; which series there are is known before the first, or learnt as they come."""

    def __init__(
        self,
        found: Plan,
        rows: Callable[[], Iterator[Row | Problem | Skipped]],
        reading: Reading,
        *,
        by_series: bool = False,
    ) -> None:
        self._found = found
        self._by_series = by_series
        self._known = {one: _parted(series) if by_series else series for one, series in _columns(found, rows).items()}
        self.remarks = Remarks()
        self.key, self.clock = found.identity, Clock(found.columns[found.time], reading)
        self._above = found.headers - 1

    def row(self, row: Row | Problem | Skipped) -> Iterator[Event | Problem | Skipped]:
        """The samples of one row, and what is to be said of it."""
        if isinstance(row, Problem | Skipped):
            yield row
            return
        fields, place = row[0], row[1]
        if self._above:
            self._above -= 1
            yield Skipped("a header row of the table", place)
            return
        series = self.series(tuple([fields[i] for i in self.key]))
        yield from _cells(fields, place, series, self.clock(fields[self._found.time]), self.remarks)

    def series(self, said: tuple[Any, ...]) -> Sequence[tuple[int, Column]]:
        """The series of the value columns of rows with these cells."""
        series = self._known.get(said)
        if series is None:
            series = _named(self._found, [said])[said]
            series = self._known[said] = _parted(series) if self._by_series else series
        return series


def _parted(series: Sequence[tuple[int, Column]]) -> Sequence[tuple[int, Column]]:
    return [(i, one if one.part else one._replace(part=f"{one.subject} {one.name}".strip())) for i, one in series]


def _cells(
    fields: Sequence[Any],
    place: Place,
    series: Sequence[tuple[int, Column]],
    stamp: Stamp | Doubt,
    remarks: Remarks,
) -> Iterator[Event | Problem | Skipped]:
    at, offset = (stamp.ns, stamp.offset) if isinstance(stamp, Stamp) else (None, None)
    width = stamp.granularity if isinstance(stamp, Stamp) else 1
    start, end, first, last, inline = place.start, place.end, place.first, place.last, place.inline
    observed = Meaning.OBSERVED
    metric, some, bad = Kind.METRIC, False, ""
    for i, (subject, indicator, part, attributes) in series:
        cell = fields[i]
        if cell == "" or cell is None:
            continue
        try:
            value = float(cell)
        except (TypeError, ValueError, OverflowError):
            found = number(cell)
            if found is None:
                bad = bad if bad or is_nothing(cell) else f"a value of {part or indicator} is no number"
                continue
            value = found
        if value - value == 0:  # neither NaN nor infinite
            some = True
            yield Event(
                metric, Place(start, end, first, last, part, inline), at, subject, indicator, "", value, None, "", None, offset, attributes, width, observed
            )  # fmt: skip
    if bad and not some:
        yield Problem(bad, place, Gravity.WARNING, "table-number")
    elif bad:
        remarks.note("table-number", bad, place)
    elif not some:
        yield Skipped("a row without a value", place)
    if some and isinstance(stamp, Doubt):
        remarks.note("time", f"the time cannot be relied on: {stamp.reason}", place)


def _columns(
    found: Plan, rows: Callable[[], Iterator[Row | Problem | Skipped]]
) -> dict[tuple[Any, ...], Sequence[tuple[int, Column]]]:
    """The series of each value column, for every combination of cells that names them.

    Where other combinations decide how one is called, all rows are looked at first.
    """
    if found.stated:
        return {(): tuple(zip(found.values, found.stated, strict=True))}
    if not found.identity:
        names = _split([found.columns[i].strip() for i in found.values])
        made = (Column(*of, found.columns[i].strip(), {}) for of, i in zip(names, found.values, strict=True))
        return {(): tuple(zip(found.values, made, strict=True))}
    if found.component is not None and not found.labels:
        return {}
    key = found.identity
    seen = {tuple([row.fields[i] for i in key]): None for row in rows() if not isinstance(row, Problem | Skipped)}
    return _named(found, list(seen))


def _split(columns: Sequence[str]) -> list[series_name.Named]:
    """Names of wide columns; those that are written with labels say their component in these."""
    labelled = [label.parse(one) for one in columns]
    if all(labelled):
        return [series_name.Named(*one) for one in label.named([one for one in labelled if one])]
    return series_name.split(columns)


def _named(found: Plan, seen: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], Sequence[tuple[int, Column]]]:
    """Names for all combinations of cells: labels stay where the series of one component and indicator differ in them."""
    said = [dict(zip(found.identity, one, strict=True)) for one in seen]
    pairs = _pairs(found, said)
    wide = [i for i in found.labels if len({row[i] for row in said}) > _MOST_VALUES]
    labels = [_labels(found, row, frozenset(wide)) for row in said]
    groups: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for pair, mine in zip(pairs, labels, strict=True):
        groups[pair].append(mine)
    same = {pair: _same(mine) for pair, mine in groups.items()}
    made: dict[tuple[Any, ...], Sequence[tuple[int, Column]]] = {}
    for key, row, pair, mine in zip(seen, said, pairs, labels, strict=True):
        kept = {k: v for k, v in mine.items() if k not in same[pair]}
        made[key] = [(i, _column(found, i, row, pair, kept)) for i in found.values]
    return made


def _pairs(found: Plan, said: Sequence[Mapping[int, Any]]) -> list[tuple[str, str]]:
    """Component and indicator of each combination; without a component column the indicators are taken apart."""
    indicators = ["" if found.indicator is None else _text(row[found.indicator]) for row in said]
    if found.component is not None:
        return [(_text(row[found.component]), one) for row, one in zip(said, indicators, strict=True)]
    tagged = [label.component(_tags(found, row)) for row in said]
    if any(tagged):
        return list(zip(tagged, indicators, strict=True))
    words = sorted(set(indicators))
    apart = dict(zip(words, _split(words), strict=True))
    return [(apart[one].component, apart[one].indicator) for one in indicators]


def _column(found: Plan, at: int, row: Mapping[int, Any], pair: tuple[str, str], kept: Mapping[str, str]) -> Column:
    attributes = {
        key: _text(row[i])
        for key, i in (("statistic", found.statistic), ("unit", found.unit))
        if i is not None and row[i]
    }
    header = found.columns[at].strip()
    if found.indicator is None:
        return Column(pair[0], label.text(header, kept), header, attributes)
    if len(found.values) > 1:
        attributes["statistic"] = header
    return Column(pair[0], label.text(pair[1], kept), header if len(found.values) > 1 else "", attributes)


def _labels(found: Plan, row: Mapping[int, Any], without: frozenset[int]) -> dict[str, str]:
    made = {
        k: v
        for k, v in _tags(found, row).items()
        if found.component is not None or v != label.component(_tags(found, row))
    }
    for i in found.labels:
        if i not in without and name.plain(found.columns[i]) not in TAGS and not is_nothing(row[i]):
            made[found.columns[i].strip()] = _text(row[i])
    return made


def _tags(found: Plan, row: Mapping[int, Any]) -> dict[str, str]:
    """Labels that stand together in one cell: a JSON object, or ``a=b,c=d``."""
    made: dict[str, str] = {}
    for i in found.labels:
        if name.plain(found.columns[i]) not in TAGS:
            continue
        cell = row[i]
        if isinstance(cell, str) and cell.lstrip().startswith("{"):
            try:
                cell = json.loads(cell)
            except (ValueError, RecursionError):
                cell = row[i]
        made |= (
            {str(k): name.text(v) for k, v in cell.items()}
            if isinstance(cell, dict)
            else dict(_PAIR.findall(_text(cell)))
        )
    return made


def _same(rows: Sequence[Mapping[str, str]]) -> frozenset[str]:
    return frozenset(key for key in rows[0] if all(row.get(key) == rows[0][key] for row in rows))


def _text(cell: Any) -> str:
    return name.text(cell).strip()
