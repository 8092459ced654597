"""For tests and for authors of plug-ins: a case from a list of events, a scene around it, incidents in a few words."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from afterword.core import error_kind
from afterword.core.case import FACTS, Case, Logs, Rows, Series, Spans
from afterword.core.scene import Scene
from afterword.model.cause import Cause, Explanation, Role, Verdict
from afterword.model.event import SEVERITIES, Event, Fact, Kind
from afterword.model.evidence import Citation, Place
from afterword.model.incident import By, Options, Point, PointName
from afterword.model.postmortem import Signal
from afterword.model.time import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from afterword.model.cause import Link

_TELEMETRY = (Kind.LOG, Kind.METRIC, Kind.SPAN)
_VARIABLE = re.compile(r"\b[0-9a-f]{8,}\b|\d+")


def event(kind: Kind, at: int | None = None, subject: str = "", **fields: Any) -> Event:
    """An event whose place ``case_from`` gives it; what is no field of Event becomes an attribute."""
    own = {"name", "text", "value", "took", "severity", "until", "offset"}
    attributes = {key: str(value) for key, value in fields.items() if key not in own}
    kept = {key: value for key, value in fields.items() if key in own}
    return Event(kind, Place(0, 0), at, subject, attributes=attributes, **kept)


def case_from(events: Iterable[Event], options: Options | None = None) -> Case:
    """A case out of one artefact, E1, with one line for each event."""
    placed = [Fact(_placed(e, row), Citation("E1", _line(row))) for row, e in enumerate(events, 1)]
    dated = [f.event.at for f in placed if f.event.at is not None and f.event.kind in _TELEMETRY]
    dated = dated or [f.event.at for f in placed if f.event.at is not None] or [0]
    return Case(
        incident="INC-1",
        evidence=(),
        options=options or Options(),
        covered=Span(min(dated), max(dated)),
        series=_series(_of(placed, Kind.METRIC)),
        logs=_logs(_of(placed, Kind.LOG), _of(placed, Kind.SPAN)),
        spans=_spans(_of(placed, Kind.SPAN)),
        **{name: tuple(map(_timed, _of(placed, kind))) for name, kind in FACTS.items()},  # type: ignore[arg-type]
    )


def scene_from(
    case: Case,
    causes: Sequence[Cause] = (),
    *,
    links: Sequence[Link] = (),
    signals: Sequence[Signal] = (),
    points: Iterable[Point] = (),
    window: Span | None = None,
    baseline: Span | None = None,
) -> Scene:
    """A scene around a case; window and baseline are the second and the first half of it unless they are given."""
    middle = (case.covered.start + case.covered.end) // 2
    explanation = Explanation(
        "impact", tuple(causes), tuple(links), (), Verdict.EXPLAINED, none_of_the_changes=False, would_decide=()
    )
    return Scene(
        case,
        baseline or Span(case.covered.start, middle),
        window or Span(middle, case.covered.end),
        {point.name: point for point in points},
        tuple(signals),
        explanation,
    )


def point(name: PointName, at: int, *cites: Citation, early: int = 0, late: int = 0) -> Point:
    return Point(name, at, at - early, at + late, By.ESTIMATE, "made for a test", cites)


def cause(role: Role, component: str, *cites: Citation, **fields: Any) -> Cause:
    """A cause with an id made of its role and component."""
    return Cause(f"{role.value}-{component}", f"{component} as {role.value}", role, component, cites, **fields)


def signal(
    component: str, indicator: str, onset: int, *, cited: Citation, shift: float = 20.0, back: int | None = None
) -> Signal:
    return Signal(component, indicator, 1.0, 10.0, shift, onset, onset, onset, back, cited)


def cite(row: int) -> Citation:
    """The citation of the event in row ``row`` (from 1) of ``case_from``."""
    return Citation("E1", _line(row))


def small_incident(folder: Path, number: int = 1) -> Path:
    """Write the evidence of a small incident: a pool that runs dry at 09:20; each number makes other bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, lines = ["timestamp,service,metric,value"], []
    for minute in range(40):
        sick, at = minute >= 20, f"2026-03-14T09:{minute:02d}:00Z"
        rows.append(f"{at},shop,error_rate,{(0.4 if sick else 0.01) + 0.001 * (minute * 7 % 5):.3f}")
        rows.append(f"{at},shop,latency_p99_ms,{(900 if sick else 90) + minute * 3 % 7}")
        level, says = ("ERROR", f"no connection in pool {number} after 2000 ms") if sick else ("INFO", "order accepted")
        lines.append(f"{at} {level} shop: {says}")
    (folder / "metrics.csv").write_text("\n".join(rows) + "\n")
    (folder / "shop.log").write_text("\n".join(lines) + "\n")
    return folder


def _line(row: int) -> Place:
    return Place(row * 100, row * 100 + 99, row, row)


def _placed(e: Event, row: int) -> Event:
    return Event(
        e.kind, _line(row), e.at, e.subject, e.name, e.text, e.value, e.took, e.severity, e.until, e.offset, e.attributes,
        e.granularity, e.meaning, e.clock,
    )  # fmt: skip


def _timed(fact: Fact) -> Fact:
    """A fact with the one clock that its artefact has, unless it states another."""
    return Fact(replace(fact.event, clock=fact.event.clock or fact.cite.evidence), fact.cite)


def _of(facts: Iterable[Fact], kind: Kind) -> list[Fact]:
    mine = [f for f in facts if f.event.kind is kind]
    return sorted(mine, key=lambda f: (f.event.at is None, f.event.at or 0, f.cite.place))


def _series(facts: Iterable[Fact]) -> tuple[Series, ...]:
    groups: dict[tuple[str, str, str], dict[int, tuple[float, Fact]]] = defaultdict(dict)
    for fact in facts:
        e = fact.event
        if e.at is not None and e.value is not None and not np.isnan(e.value):
            groups[e.subject, e.name, e.attributes.get("statistic", "")].setdefault(e.at, (e.value, fact))
    return tuple(_one_series(key, points) for key, points in sorted(groups.items()))


def _one_series(key: tuple[str, str, str], points: dict[int, tuple[float, Fact]]) -> Series:
    component, indicator, statistic = key
    at = np.array(sorted(points), dtype=np.int64)
    value = np.array([points[t][0] for t in at.tolist()], dtype=np.float64)
    places = [points[t][1].cite.place for t in at.tolist()]
    whole = Place(min(p.start for p in places), max(p.end for p in places), min(p.first for p in places), max(p.last for p in places), f"{component}_{indicator}")  # fmt: skip
    return Series(component, indicator, at, value, Citation("E1", whole), statistic)


def _codes(words: Sequence[str]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    known = sorted(set(words)) or [""]
    place = {word: code for code, word in enumerate(known)}
    return np.array([place[w] for w in words], dtype=np.int32), tuple(known)


def _column(facts: Sequence[Fact], pick: Callable[[Event], int], dtype: Any = np.int64) -> NDArray[Any]:
    return np.array([pick(f.event) for f in facts], dtype=dtype)


def _rows(facts: Sequence[Fact]) -> Rows:
    return Rows(
        np.zeros(len(facts), dtype=np.int32),
        _column(facts, lambda e: e.place.start),
        _column(facts, lambda e: e.place.end),
        _column(facts, lambda e: e.place.first),
        _column(facts, lambda e: e.place.last),
        tuple(f.event.place.part for f in facts),
        np.zeros(len(facts), dtype=np.bool_),
    )


def _logs(facts: Sequence[Fact], calls: Sequence[Fact]) -> Logs:
    facts = [f for f in facts if f.event.at is not None]
    trace, span = _written_in(facts, [f for f in calls if f.event.at is not None])
    component, components = _codes([f.event.subject for f in facts])
    clock, clocks = _codes([f.event.clock or f.cite.evidence for f in facts])
    template, templates = _codes([_VARIABLE.sub("<*>", f.event.text) for f in facts])
    answered = _answered(facts)
    ids = tuple(_identity(t) for t in templates)
    status = answered.get("status", np.zeros(len(facts), dtype=np.int16))
    kinds = error_kind.split(error_kind.Kinds(template, templates, ids), np.where(status >= 400, status, 0), _identity)
    return Logs(
        at=_column(facts, lambda e: e.at or 0),
        component=component,
        template=kinds.template,
        severity=_column(facts, lambda e: SEVERITIES.index(e.severity), np.int8),
        components=components,
        templates=kinds.templates,
        template_ids=kinds.ids,
        text=tuple(f.event.text for f in facts),
        attributes=tuple(json.dumps(dict(f.event.attributes), sort_keys=True) for f in facts),
        rows=_rows(facts),
        offset=_column(facts, lambda e: -32768 if e.offset is None else e.offset, np.int16),
        clock=clock,
        granularity=_column(facts, lambda e: e.granularity),
        clocks=clocks,
        trace=trace,
        span=span,
        **answered,
    )


def _identity(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def _answered(facts: Sequence[Fact]) -> dict[str, Any]:
    """What lines with a ``status`` state of the request that they answer; nothing where none has one."""
    if not any(f.event.attributes.get("status", "").isdigit() for f in facts):
        return {}
    request, requests = _codes([" ".join(f.event.attributes.get(k, "") for k in ("method", "path")) for f in facts])
    return {
        "status": np.array([int(f.event.attributes.get("status", "0")) for f in facts], dtype=np.int16),
        "took": np.array([int(float(f.event.attributes.get("ms", "0")) * 1e6) for f in facts], dtype=np.int64),
        "request": request,
        "requests": requests,
    }


def _written_in(facts: Sequence[Fact], calls: Sequence[Fact]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Trace code and span row of each line; nothing where no line names a trace."""
    none = np.empty(0, dtype=np.int32)
    if not any(f.event.attributes.get("trace") for f in facts):
        return none, none
    _, known = _codes([f.event.attributes.get("trace", "") for f in calls])
    own = sorted({f.event.attributes.get("trace", "") for f in facts} - {*known, ""})
    place = {word: code for code, word in enumerate([*known, *own])} | {"": -1}
    rows = {f.event.attributes.get("span", ""): row for row, f in enumerate(calls)} | {"": -1}
    return (
        np.array([place[f.event.attributes.get("trace", "")] for f in facts], dtype=np.int32),
        np.array([rows.get(f.event.attributes.get("span", ""), -1) for f in facts], dtype=np.int32),
    )


def _spans(facts: Sequence[Fact]) -> Spans:
    facts = [f for f in facts if f.event.at is not None]
    component, components = _codes([f.event.subject for f in facts])
    operation, operations = _codes([f.event.name for f in facts])
    clock, clocks = _codes([f.event.clock or f.event.subject for f in facts])
    trace, _ = _codes([f.event.attributes.get("trace", "") for f in facts])
    ids = {f.event.attributes["span"]: row for row, f in enumerate(facts) if f.event.attributes.get("span")}
    return Spans(
        at=_column(facts, lambda e: e.at or 0),
        took=_column(facts, lambda e: e.took or 0),
        component=component,
        operation=operation,
        failed=_column(facts, lambda e: int(e.severity == "error"), np.bool_),
        parent=_column(facts, lambda e: ids.get(e.attributes.get("parent", ""), -1), np.int32),
        trace=trace,
        components=components,
        operations=operations,
        text=tuple(f.event.text for f in facts),
        attributes=tuple(json.dumps(dict(f.event.attributes), sort_keys=True) for f in facts),
        rows=_rows(facts),
        clock=clock,
        clocks=clocks,
    )
