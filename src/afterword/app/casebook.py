"""From the lake's columns to a Case: the only place where Arrow meets numpy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from afterword.app import access_line, written_in
from afterword.core import entity, error_kind, joined, skew
from afterword.core.case import FACTS, Case, Inside, Logs, Rows, Series, Spans
from afterword.core.template import identity
from afterword.model.event import SEVERITIES, Event, Fact, Kind, Meaning
from afterword.model.evidence import Citation, Place
from afterword.model.time import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from afterword.model.evidence import Evidence
    from afterword.model.incident import Options

_SEVERITY = {name: code for code, name in enumerate(SEVERITIES)}


class ArrowTexts:
    """A text column that stays in Arrow until a row is looked at."""

    __slots__ = ("_column",)

    def __init__(self, column: Any) -> None:
        self._column = column

    def __getitem__(self, row: int) -> str:
        return self._column[int(row)].as_py() or ""

    def __len__(self) -> int:
        return len(self._column)


def build(incident: str, evidence: Sequence[Evidence], table: pa.Table, options: Options) -> Case:
    """Assemble the case from the joined table of all artefacts (its ``evidence`` column counts from 0)."""
    kinds = table.column("kind")
    lines = _sorted(_of(table, kinds, Kind.LOG, dated=True))
    calls = written_in.once(_sorted(_of(table, kinds, Kind.SPAN, dated=True)))
    logs, spans = _logs(lines, *written_in.places(lines, calls)), _spans(calls)
    series = _series(_of(table, kinds, Kind.METRIC, dated=True))
    facts: dict[str, Any] = {name: _facts(_of(table, kinds, kind)) for name, kind in FACTS.items()}
    facts["changes"], facts["messages"] = joined.changes(facts["changes"]), joined.messages(facts["messages"])
    people = {
        fact.event.subject.removeprefix("user/"): fact.event.name
        for fact in facts["states"]
        if fact.event.subject.startswith("user/")
    }
    states = tuple(fact for fact in facts.pop("states") if not fact.event.subject.startswith("user/"))
    case = Case(
        incident=incident,
        evidence=tuple(evidence),
        options=options,
        covered=_covered(table),
        series=series,
        logs=logs,
        spans=spans,
        states=states,
        people=people,
        inside=_inside(lines, calls, spans),
        undated=_undated(_of(table, kinds, Kind.LOG)),
        **facts,
    )
    return entity.merged(skew.corrected(case))


def _of(table: pa.Table, kinds: Any, kind: Kind, *, dated: bool = False) -> pa.Table:
    keep = pc.equal(kinds, kind.value)
    if dated:
        keep = pc.and_(keep, pc.is_valid(table.column("at")))
    return table.filter(keep).combine_chunks()


#: What a line of trouble without a time may say, and how many of such lines are kept.
_TROUBLE = r"(?i)error|exception|fail|denied|refused|fatal|panic|cannot|can't|unable|unknown|already in use|read-only|too many|no such"
_UNDATED = 5000


def _undated(lines: pa.Table) -> tuple[Fact, ...]:
    """Lines of trouble that state no time, in the order of the artefact; the last where there are too many."""
    lines = lines.filter(pc.is_null(lines.column("at")))
    lines = lines.filter(pc.fill_null(pc.match_substring_regex(lines.column("text"), _TROUBLE), value_false))
    return _facts(lines.slice(max(0, lines.num_rows - _UNDATED)))


def _sorted(table: pa.Table) -> pa.Table:
    order = pc.sort_indices(
        table, sort_keys=[("at", "ascending"), ("evidence", "ascending"), ("start", "ascending"), ("part", "ascending")]
    )
    return table.take(order).combine_chunks()


def _covered(table: pa.Table) -> Span:
    """First and last moment of telemetry; where there is none, of anything dated."""
    signals = pc.is_in(table.column("kind"), pa.array([Kind.LOG.value, Kind.METRIC.value, Kind.SPAN.value]))
    for part in (table.filter(signals), table):
        ends = pc.min_max(part.column("at")).as_py()
        if ends["min"] is not None:
            return Span(ends["min"], ends["max"])
    return Span(0, 0)


def _ints(table: pa.Table, name: str, dtype: Any = np.int64) -> NDArray[Any]:
    return _numpy(pc.fill_null(table.column(name), 0)).astype(dtype, copy=False)


def _numpy(column: Any) -> NDArray[Any]:
    found: NDArray[Any] = column.to_numpy()
    return found


def _codes(table: pa.Table, name: str) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Dictionary codes with the dictionary in sorted order, so that codes do not depend on file order."""
    column = pc.fill_null(table.column(name).cast(pa.string()), "")
    encoded = column.combine_chunks().dictionary_encode() if len(column) else pa.array([""]).dictionary_encode()
    words = encoded.dictionary.to_pylist()
    order = sorted(range(len(words)), key=words.__getitem__)
    rank = np.empty(len(words), dtype=np.int32)
    rank[order] = np.arange(len(words), dtype=np.int32)
    codes = rank[_numpy(encoded.indices)] if len(column) else np.empty(0, dtype=np.int32)
    return codes.astype(np.int32), tuple(words[i] for i in order)


def _rows(table: pa.Table) -> Rows:
    return Rows(
        evidence=_ints(table, "evidence", np.int32),
        start=_ints(table, "start"),
        end=_ints(table, "end"),
        first=_ints(table, "first"),
        last=_ints(table, "last"),
        part=ArrowTexts(table.column("part")),
        inline=_numpy(pc.fill_null(table.column("inline"), value_false)).astype(np.bool_),
    )


value_false = pa.scalar(value=False)


def _clocks(
    table: pa.Table, subject: NDArray[np.int32], subjects: Sequence[str]
) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """The clock that stamped each row: that of a component's process where the artefact holds traces or only one
    component's lines, else the stated host, else the one clock that an artefact has.
    """
    host, hosts = _codes(table, "clock")
    evidence = _ints(table, "evidence", np.int32)
    by_process = np.isin(evidence, _of_processes(table, evidence, subject))
    key = (evidence.astype(np.int64) * len(hosts) + host) * (len(subjects) + 1) + np.where(by_process, subject + 1, 0)
    found, first, codes = np.unique(key, return_index=True, return_inverse=True)
    names = [
        clock_name(f"E{evidence[row] + 1}", hosts[host[row]], subjects[subject[row]] if by_process[row] else "")
        for row in first.tolist()
    ]
    unique = sorted(set(names))
    to_name = np.array([unique.index(name) for name in names] or [0], dtype=np.int32)
    return to_name[codes] if len(found) else np.empty(0, dtype=np.int32), tuple(unique)


def _of_processes(table: pa.Table, evidence: NDArray[np.int32], subject: NDArray[np.int32]) -> list[int]:
    """Artefacts whose rows the components stamped themselves. A monitor stamps what it scrapes."""
    if not table.num_rows or table.column("kind")[0].as_py() == Kind.METRIC.value:
        return []
    traced = np.unique(evidence[_numpy(pc.is_valid(table.column("trace")))]).tolist()
    writers = np.unique(np.stack([evidence, subject]), axis=1)[0]
    counted = zip(*np.unique(writers, return_counts=True), strict=True)
    return [*traced, *(int(artefact) for artefact, count in counted if count == 1)]


def clock_name(artefact: str, host: str, process: str) -> str:
    """What a clock is called: ``cart on node-1``, ``node-1``, ``cart``, or the artefact when nothing else is stated."""
    if process:
        return f"{process} on {host}" if host else process
    return host or artefact


#: Of the lines that name a trace so many are looked at, evenly chosen.
_LINES = 20_000


def _inside(lines: pa.Table, calls: pa.Table, spans: Spans) -> Inside:
    """Log lines with the span that they name; where they name only a trace, with the span that holds all of it."""
    if not lines.num_rows or not calls.num_rows:
        return Inside()
    rows = np.flatnonzero(_numpy(pc.is_valid(lines.column("trace"))))
    rows = rows[:: max(1, -(-len(rows) // _LINES))]
    if not len(rows):
        return Inside()
    named = lines.select(["trace", "span"]).take(rows).to_pydict()
    by_span = {
        key: row for row, key in enumerate(zip(calls["trace"].to_pylist(), calls["span"].to_pylist(), strict=True))
    }
    roots = _roots(calls["trace"].to_pylist(), spans)
    met = [
        (row, found)
        for row, trace, span in zip(rows.tolist(), named["trace"], named["span"], strict=True)
        if (found := by_span.get((trace, span), roots.get(trace, -1) if not span else -1)) >= 0
    ]
    log, span = (
        (np.array(one, dtype=np.int64) for one in zip(*met, strict=True)) if met else (Inside().log, Inside().span)
    )
    return Inside(log, span, spans.at[span], spans.at[span] + spans.took[span])


def _roots(traces: Sequence[str | None], spans: Spans) -> dict[str | None, int]:
    """For each trace its span without a parent that took longest."""
    made: dict[str | None, int] = {}
    for row in np.flatnonzero(spans.parent < 0).tolist():
        held = made.get(traces[row])
        if held is None or spans.took[row] > spans.took[held]:
            made[traces[row]] = row
    return made


def _weighed(table: pa.Table) -> bool:
    """Whether these rows stand for more than themselves."""
    return "weight" in table.column_names and table.num_rows > 0 and table.column("weight").null_count == 0


def _logs(table: pa.Table, trace: NDArray[np.int32], span: NDArray[np.int32]) -> Logs:
    component, components = _codes(table, "subject")
    template, ids = _codes(table, "template")
    severity, names = _codes(table, "severity")
    clock, clocks = _clocks(table, component, components)
    to_rank = np.array([_SEVERITY.get(name, 0) for name in names], dtype=np.int8)
    levels = to_rank[severity] if len(severity) else np.empty(0, dtype=np.int8)
    told = access_line.told(_plain(table, "attributes"))
    failed = access_line.failed_with(_plain(table, "text"), levels >= _SEVERITY["warn"], told)
    kinds = error_kind.split(error_kind.Kinds(template, _masked(table, template, ids), ids), failed, identity)
    return Logs(
        at=_ints(table, "at"),
        component=component,
        template=kinds.template,
        severity=levels,
        components=components,
        templates=kinds.templates,
        template_ids=kinds.ids,
        text=ArrowTexts(table.column("text")),
        attributes=ArrowTexts(table.column("attributes")),
        rows=_rows(table),
        offset=_offset(table),
        clock=clock,
        granularity=np.maximum(1, _ints(table, "granularity")),
        clocks=clocks,
        weight=_ints(table, "weight") if _weighed(table) else None,
        trace=trace,
        span=span,
        **told._asdict(),
    )


def _plain(table: pa.Table, name: str) -> Any:
    return pc.fill_null(table.column(name).cast(pa.string()), "").combine_chunks()


def _masked(table: pa.Table, template: NDArray[np.int32], ids: tuple[str, ...]) -> tuple[str, ...]:
    """The masked text of each template code, from the first row that has it."""
    if not len(template):
        return ids
    masked = ArrowTexts(table.column("masked"))
    codes, first = np.unique(template, return_index=True)
    texts = dict(zip(codes.tolist(), first.tolist(), strict=True))
    return tuple(masked[texts[code]] if code in texts else "" for code in range(len(ids)))


def _offset(table: pa.Table) -> NDArray[np.int16]:
    """Stated offset in minutes; -32768 where no zone was stated."""
    return _numpy(pc.fill_null(table.column("offset"), -32768)).astype(np.int16)


def _spans(table: pa.Table) -> Spans:
    component, components = _codes(table, "subject")
    operation, operations = _codes(table, "name")
    trace, _ = _codes(table, "trace")
    clock, clocks = _clocks(table, component, components)
    severity = table.column("severity").cast(pa.string())
    return Spans(
        at=_ints(table, "at"),
        took=_ints(table, "took"),
        component=component,
        operation=operation,
        failed=_numpy(pc.fill_null(pc.equal(severity, "error"), value_false)).astype(np.bool_),
        parent=_parents(table, trace),
        trace=trace,
        components=components,
        operations=operations,
        text=ArrowTexts(table.column("text")),
        attributes=ArrowTexts(table.column("attributes")),
        rows=_rows(table),
        clock=clock,
        clocks=clocks,
        weight=int(_ints(table, "weight").max()) if _weighed(table) else 1,
    )


def _parents(table: pa.Table, trace: NDArray[np.int32]) -> NDArray[np.int32]:
    """Row of the parent of each span, within its trace; -1 where it is not in the evidence."""
    spans = table.column("span").to_pylist()
    parents = table.column("parent").to_pylist()
    known = {(t, s): row for row, (t, s) in enumerate(zip(trace.tolist(), spans, strict=True)) if s}
    found = [
        known.get((t, p), -1) if p and p != s else -1 for t, s, p in zip(trace.tolist(), spans, parents, strict=True)
    ]
    return np.array(found, dtype=np.int32)


def _series(table: pa.Table) -> tuple[Series, ...]:
    if not table.num_rows:
        return ()
    subject, subjects = _codes(table, "subject")
    name, names = _codes(table, "name")
    statistic, statistics = _statistic(table)
    at, value, rows = _ints(table, "at"), _numpy(table.column("value")).astype(np.float64), _rows(table)
    artefact = _of_nameless(subject, subjects, name, names, rows.evidence)
    clock, clocks = _clocks(table, subject, subjects)
    key = ((subject.astype(np.int64) * len(names) + name) * len(statistics) + statistic) * (
        artefact.max() + 1
    ) + artefact
    order = np.lexsort((rows.evidence, at, key))
    order = order[np.isfinite(value[order])]
    if not len(order):
        return ()
    bounds = np.flatnonzero(np.diff(key[order])) + 1
    made = []
    for group in np.split(order, bounds):
        times, unique = np.unique(at[group], return_index=True)
        first = int(group[0])
        component, indicator = subjects[subject[first]], names[name[first]]
        if artefact[first]:
            indicator = f"{indicator} in E{artefact[first]}"
        made.append(
            Series(
                component=component,
                indicator=indicator,
                at=times,
                value=value[group[unique]],
                cite=_series_cite(rows, group, f"{component} {indicator}"),
                statistic=statistics[statistic[first]],
                clock=clocks[clock[first]],
            )
        )
    return tuple(made)


#: What a series is called that its source gives no name: the answer to an expression, for instance.
_NAMELESS = "value"


def _of_nameless(
    subject: NDArray[np.int32], subjects: Sequence[str], name: NDArray[np.int32], names: Sequence[str], evidence: Any
) -> NDArray[np.int64]:
    """Number of the artefact for rows without a name whose component has such rows in several: they are not one series."""
    found = np.zeros(len(subject), dtype=np.int64)
    if _NAMELESS in names:
        nameless = name == names.index(_NAMELESS)
        for code in range(len(subjects)):
            mine = nameless & (subject == code)
            if len(np.unique(evidence[mine])) > 1:
                found[mine] = evidence[mine].astype(np.int64) + 1
    return found


def _series_cite(rows: Rows, group: NDArray[np.int64], name: str) -> Citation:
    """A series stands in many rows: cite their extent in the artefact that holds its end."""
    evidence = int(rows.evidence[group[-1]])
    mine = group[rows.evidence[group] == evidence]
    parts = {rows.part[int(row)] for row in (mine[0], mine[-1])}
    part = parts.pop() if len(parts) == 1 else name
    place = Place(
        int(rows.start[mine].min()),
        int(rows.end[mine].max()),
        int(rows.first[mine].min()),
        int(rows.last[mine].max()),
        part or name,
        bool(rows.inline[mine[0]]),
    )
    return Citation(f"E{evidence + 1}", place)


def _statistic(table: pa.Table) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """The ``statistic`` attribute, parsed once for each distinct set of attributes."""
    codes, texts = _codes(table, "attributes")
    found = [json.loads(text).get("statistic", "") if text else "" for text in texts]
    words = tuple(sorted(set(found)))
    to_word = np.array([words.index(word) for word in found], dtype=np.int32)
    return to_word[codes], words


def _facts(table: pa.Table) -> tuple[Fact, ...]:
    rows = table.to_pylist()
    facts = [
        Fact(_event(row, f"E{row['evidence'] + 1}"), Citation(f"E{row['evidence'] + 1}", _place(row))) for row in rows
    ]
    return tuple(
        sorted(facts, key=lambda fact: (fact.event.at is None, fact.event.at or 0, fact.cite, fact.event.name))
    )


def _place(row: dict[str, Any]) -> Place:
    return Place(row["start"], row["end"], row["first"], row["last"], row["part"] or "", bool(row["inline"]))


def _event(row: dict[str, Any], artefact: str) -> Event:
    attributes = json.loads(row["attributes"]) if row["attributes"] else {}
    return Event(
        kind=Kind(row["kind"]),
        place=_place(row),
        at=row["at"],
        subject=row["subject"] or "",
        name=row["name"] or "",
        text=row["text"] or "",
        value=row["value"],
        took=row["took"],
        severity=row["severity"] or "",
        until=row["until"],
        offset=row["offset"],
        attributes=attributes,
        granularity=row["granularity"],
        meaning=Meaning(row["meaning"]),
        clock=clock_name(artefact, row["clock"] or "", ""),
    )
