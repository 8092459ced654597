"""When alert rules would have fired over the recorded series, against when somebody noticed and when they did fire.

Who evaluates is not decided here: a real Prometheus or our own engine, behind the same socket (``ports.PromQl``). A rule
that rests on a series which nobody recorded is not answered: a wrong "would not have fired" is worse than none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from afterword.core.firing import Firing, firings
from afterword.core.promql.node import Binary, UnsupportedError, label_names, longest, looks_ahead, selectors
from afterword.core.promql.own import OwnEngine
from afterword.core.promql.parse import parse
from afterword.core.promql.track import STALE, Track, Tracks, labels_of
from afterword.core.rule import AlertRule, RecordRule
from afterword.model.time import DAY, HOUR, MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Series
    from afterword.core.promql.node import Node
    from afterword.core.promql.vector import Vector
    from afterword.core.rule import Rule
    from afterword.model.time import Span

MOST_STEPS = 200_000
#: The labels that an indicator holds: ``name{code="500"}``.
_INNER = re.compile(r'(?<![^\s=,{}"])([^\s=,{}"]++)\s*+=\s*+"((?:[^"\\]|\\.)*+)"')
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_:]+")
#: What the translation of OpenTelemetry's names puts behind them, by unit and kind.
_SUFFIXES = frozenset(
    ("_total", "_seconds", "_milliseconds", "_bytes", "_ratio", "_seconds_total", "_bytes_total", "_percent")
)
_ESCAPED = re.compile(r"\\(.)")
#: Labels that name the component, whatever a fleet calls it.
_COMPONENT_LABELS = frozenset({"component", "service", "app", "job", "container", "service_name", "deployment"})

__all__ = ["AlertRule", "Backtest", "Firing", "RecordRule", "Replay", "backtest", "tracks_of"]


class Engine(Protocol):
    """Who evaluates (see ``ports.PromQl``)."""

    @property
    def name(self) -> str: ...
    def add(self, tracks: Iterable[Track]) -> None: ...
    def ask(self, expr: str, times: NDArray[np.int64]) -> Vector: ...


@dataclass(frozen=True, slots=True)
class Backtest:
    """One alert over the recording. ``cannot`` says why there is no answer; then everything else is empty."""

    alert: str
    expr: str
    #: First firing inside the incident, and minutes from it to the actual detection: negative is later than it.
    fired_at: int | None = None
    minutes_earlier: float | None = None
    #: When the alert did fire, as recorded, and how many seconds after that it fires here.
    did_fire_at: int | None = None
    firings: tuple[Firing, ...] = ()
    #: Firings outside the incident, the hours there that were covered, and what that makes a day.
    extra: int = 0
    cannot: str = ""
    apart_seconds: float | None = None
    healthy_hours: float = 0.0
    extra_per_day: float | None = None
    #: ``for``, and how often it was evaluated, in seconds.
    held_seconds: float = 0.0
    every_seconds: float = 0.0
    #: Who evaluated it: a Prometheus with its version, or afterword.
    engine: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """When an alert did fire, as recorded, with what it was about."""

    name: str
    at: int
    component: str = ""


def backtest(
    rules: Sequence[Rule],
    tracks: Sequence[Track],
    incident: Span,
    *,
    engine: Engine | None = None,
    detected: int | None = None,
    did_fire: Mapping[str, int] | None = None,
    step: int = MINUTE,
    component: Callable[[Mapping[str, str]], str] | None = None,
) -> tuple[Backtest, ...]:
    """Every alert over the recording. ``step``: how often a rule is evaluated whose group does not say."""
    replay = Replay(tracks, engine or OwnEngine(tracks), step, component or _component)
    made = []
    for rule in rules:
        if isinstance(rule, RecordRule):
            replay.record(rule)
        else:
            made.append(replay.trial(rule, incident, detected, (did_fire or {}).get(rule.name)))
    return tuple(made)


def _component(labels: Mapping[str, str]) -> str:
    return next((labels[name] for name in ("component", "service", "app", "job") if name in labels), "")


def judged(
    about: Backtest, found: tuple[Firing, ...], times: NDArray[np.int64], incident: Span, detected: int | None
) -> Backtest:
    """The firings weighed: the first inside the incident against the detection, the others against the healthy hours."""
    inside = [one for one in found if one.start <= incident.end and (one.end is None or one.end > incident.start)]
    first = min((max(one.start, incident.start) for one in inside), default=None)
    healthy = _healthy(times, incident)
    extra = len(found) - len(inside)
    return replace(
        about,
        fired_at=first,
        minutes_earlier=None if first is None or detected is None else (detected - first) / MINUTE,
        apart_seconds=None if first is None or about.did_fire_at is None else (first - about.did_fire_at) / SECOND,
        firings=found,
        extra=extra,
        healthy_hours=round(healthy / HOUR, 3),
        extra_per_day=round(extra * DAY / healthy, 3) if healthy else None,
        every_seconds=(int(times[1] - times[0]) / SECOND) if len(times) > 1 else 0.0,
    )


def _reaching_back(rule: AlertRule, times: NDArray[np.int64], incident: Span) -> tuple[str, ...]:
    """A range that begins before the recording sees less of what was healthy than it would have."""
    known = incident.start - int(times[0])
    if known < 0 or longest(parse(rule.expr)) <= known:
        return ()
    return ("a range of it reaches back before the recording, so that it may fire here sooner than it would have",)


def _healthy(times: NDArray[np.int64], incident: Span) -> int:
    """How much of the evaluated time lies outside of the incident, in ns."""
    if not len(times):
        return 0
    first, last = int(times[0]), int(times[-1])
    return max(0, last - first - max(0, min(last, incident.end) - max(first, incident.start)))


class Replay:
    """Rules one after the other over the recording, each as often as its group says."""

    def __init__(
        self, tracks: Sequence[Track], engine: Engine, step: int, component: Callable[[Mapping[str, str]], str]
    ) -> None:
        self.engine = engine
        self.notes: tuple[str, ...] = ()
        self._tracks = Tracks(tracks)
        self._step = step
        self._component = component
        self._spans: dict[str, tuple[int, int]] = {}
        for one in tracks:
            self._cover(one)

    def _cover(self, one: Track) -> None:
        if len(one.at):
            low, high = self._spans.get(one.source, (int(one.at[0]), int(one.at[-1])))
            self._spans[one.source] = (min(low, int(one.at[0])), max(high, int(one.at[-1])))

    def trial(
        self, rule: AlertRule, incident: Span, detected: int | None = None, did_fire: int | None = None
    ) -> Backtest:
        """One alert over the recording, weighed against the incident."""
        about = Backtest(rule.name, rule.expr, did_fire_at=did_fire, held_seconds=rule.held / SECOND)
        try:
            found, times = self.alert(rule)
        except UnsupportedError as error:
            return replace(about, cannot=f"cannot be evaluated here: {error}")
        notes = (*self.notes, *_reaching_back(rule, times, incident))
        made = judged(replace(about, engine=self.engine.name, notes=notes), found, times, incident, detected)
        if made.fired_at is None and did_fire is not None and incident.start <= did_fire <= incident.end:
            says = "it did fire; over samples at the points of a grid, or over less history, it does not"
            return replace(made, notes=(*made.notes, says))
        return made

    def alert(self, rule: AlertRule) -> tuple[tuple[Firing, ...], NDArray[np.int64]]:
        """Its firings and the times of evaluation. Raises UnsupportedError."""
        vector, times = self.ask(rule.expr, rule.every)
        found = [
            Firing(self._component(dict(labels)), start, end, labels)
            for labels, start, end in firings(rule, vector, times)
        ]
        return tuple(found), times

    def ask(self, expr: str, every: int = 0) -> tuple[Vector, NDArray[np.int64]]:
        node = parse(expr)
        if looks_ahead(node):
            raise UnsupportedError("a negative offset asks for samples that were not there yet")
        self.notes = self._missing(node)
        for one in selectors(node):
            # Labels that nobody recorded, and series that answer alike, are told whoever evaluates.
            self._tracks.chosen(one)
        times = self._grid(node, every or self._step)
        return self.engine.ask(expr, times), times

    def record(self, rule: RecordRule) -> bool:
        """Work a recording rule out; what was recorded under its name is what the team's Prometheus had, and stays."""
        if self._tracks.named(rule.name):
            return False
        try:
            vector, times = self.ask(rule.expr, rule.every)
        except UnsupportedError:
            return False
        made = [
            track for labels, row in sorted(vector.rows.items()) for track in (_recorded(rule, labels, row, times),)
        ]
        self._tracks.add(made)
        self.engine.add(made)
        for one in made:
            self._cover(one)
        return True

    def _missing(self, node: Node) -> tuple[str, ...]:
        """Raises where a name was never recorded; one side of an ``or`` may be another version of the other."""
        if isinstance(node, Binary) and node.op == "or":
            sides = [self._unknown(side) for side in (node.left, node.right)]
            if any(sides) and not all(sides):
                missing = next(side for side in sides if side)
                return (f"no recorded series is called {missing!r}; the other side of 'or' answers alone",)
        missing = self._unknown(node)
        if missing:
            raise UnsupportedError(f"no recorded series is called {missing!r}")
        return ()

    def _unknown(self, node: Node) -> str:
        """The first name in an expression that was never recorded."""
        for one in selectors(node):
            if one.name and not self._tracks.named(one.name):
                return one.name
        return ""

    def _grid(self, node: Node, step: int) -> NDArray[np.int64]:
        """Times of evaluation over what the artefacts of the selected series cover, at the moments of their samples."""
        found = [one for s in selectors(node) for one in (self._tracks.named(s.name) if s.name else self._tracks.all())]
        filled = [one for one in found if len(one.at)]
        if not filled:
            raise UnsupportedError("it selects no recorded series")
        spans = [self._spans[one.source] for one in filled]
        start, end = min(low for low, _ in spans), max(high for _, high in spans)
        if (end - start) // step > MOST_STEPS:
            raise UnsupportedError(f"the recording has more than {MOST_STEPS} evaluation steps")
        phases = {int(one.at[0]) % step for one in filled}
        phase = phases.pop() if len(phases) == 1 else 0
        return np.arange(start + (phase - start) % step, end + 1, step, dtype=np.int64)


def _recorded(rule: RecordRule, labels: tuple[tuple[str, str], ...], row: tuple[NDArray[np.float64], NDArray[np.bool_]], times: NDArray[np.int64]) -> Track:  # fmt: skip
    """The samples that a recording rule writes, with the mark of their end wherever it has no answer any more."""
    value, there = row
    gone = np.concatenate(([False], there[:-1] & ~there[1:]))
    kept = there | gone
    named = {**dict(labels), **dict(rule.labels), "__name__": rule.name}
    return Track(labels_of(named), times[kept], np.where(gone, STALE, value)[kept], f"rule {rule.name}")


# ------------------------------------------------------------------------------------------- series without labels


def tracks_of(series: Iterable[Series], rules: Sequence[Rule]) -> list[Track]:
    """Series of which only component and indicator are known, as rules would select them.

    The component stands under every label that the rules call a component by, and a name may begin with it.
    """
    nodes = list(_trees(rules))
    wanted = {one.name for node in nodes for one in selectors(node)}
    aliases = {name for node in nodes for name in label_names(node)} & _COMPONENT_LABELS | {"component"}
    return [track for one in series for track in _as_tracks(one, wanted, aliases)]


def _trees(rules: Sequence[Rule]) -> Iterator[Node]:
    for rule in rules:
        try:
            yield parse(rule.expr)
        except UnsupportedError:
            continue


def _as_tracks(one: Series, wanted: set[str], aliases: set[str]) -> Iterator[Track]:
    name, _, inner = one.indicator.partition("{")
    labels = dict.fromkeys(aliases, one.component)
    for key, value in _INNER.findall(inner):
        labels[_plain(key)] = _ESCAPED.sub(r"\1", value)
    for called in dict.fromkeys((name, *_called(name, one.component, wanted))):
        named = labels_of({**labels, "__name__": called})
        yield Track(named, one.at, one.value, one.cite.evidence, exact=False)


def _called(name: str, component: str, wanted: set[str]) -> Iterator[str]:
    """Names by which rules may mean this series: with its component, and as OpenTelemetry's are translated for Prometheus."""
    plain = _plain(name)
    for called in sorted(wanted):
        translated = called.startswith(plain) and called[len(plain) :] in _SUFFIXES
        if translated or called in (f"{component}_{name}", plain, _plain(f"{component}_{name}")):
            yield called


def _plain(name: str) -> str:
    return _NOT_PLAIN.sub("_", name)
