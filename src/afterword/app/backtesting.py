"""Rules tried on a recording: by a real Prometheus where one is installed, else by our own engine, which says so."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

import numpy as np

from afterword.app import plugs, prometheus, recorded
from afterword.app.prometheus import GoneError, Prometheus
from afterword.core import backtest as trial
from afterword.core import ledger, proposed_rule
from afterword.core.claim_trial import Tried
from afterword.core.objective import objectives as stated
from afterword.core.objective import stated as in_documents
from afterword.core.point import usual_step
from afterword.core.promql import parse
from afterword.core.promql.node import selectors
from afterword.core.promql.own import OwnEngine
from afterword.core.proposed_rule import Setting
from afterword.core.rule import RecordRule
from afterword.core.rule_action import annotated
from afterword.model.cause import Role
from afterword.model.incident import PointName
from afterword.model.time import MINUTE, SECOND, Span
from afterword.reading import label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from afterword.app.recorded import Recording
    from afterword.core.backtest import Backtest, Engine
    from afterword.core.case import Case
    from afterword.core.promql.track import Track
    from afterword.core.promql.vector import Vector
    from afterword.core.proposed_rule import Proposed
    from afterword.core.rule import Rule
    from afterword.model.evidence import Citation
    from afterword.model.postmortem import Postmortem
    from afterword.ports import Blobs, PromQl

#: A document looks at so many bytes of series, and so many rules; the command at all of them.
_LARGEST, _MOST_RULES = 32 << 20, 300
#: The share of traces that begin where users come in; what runs by a clock begins some too.
_MANY = 0.3
_WORD = re.compile(r"[a-z0-9]+")


def objectives(recording: Recording, case: Case, postmortem: Postmortem) -> dict[str, float]:
    """What has to go well, by component: as the rules and series of the evidence state it, and before them people."""
    found = stated(recording.rules, recording.tracks, label.component)
    known = {label.component(dict(one.labels)) for one in recording.tracks}
    users = entries(case, postmortem)
    documents = [(one.about, one.share) for one in in_documents(case.policies) if not one.slower]
    for name, share in (*documents, *case.options.objectives):
        words = set(_WORD.findall(name.lower()))
        near = next((one for one in users if words & set(_WORD.findall(one.lower()))), "")
        found[name if name in known else near] = share
    return found


def replayed(
    rules: Sequence[Rule], recording: Recording, case: Case, postmortem: Postmortem, *, own: bool = False, step: int = 0
) -> tuple[Backtest, ...]:
    """Every alert of the rules over the recording. ``own``: our engine, whatever is installed; ``step``: how often rules
    are evaluated whose group does not say, 0: as often as the recording allows.
    """
    wanted = with_records(rules, recording)
    changed = _changed(rules, recording)
    tracks = [one for one in all_tracks(wanted, recording, case) if one.name not in changed]
    with engine(tracks, own=own) as who:
        return trial.backtest(
            wanted, tracks, incident_of(postmortem), engine=who, detected=detected(postmortem), did_fire=did_fire(case, postmortem),
            step=step or _step(case), component=label.component,
        )  # fmt: skip


def told(case: Case, postmortem: Postmortem, blobs: Blobs) -> tuple[Tried, ...]:
    """What a document says of alert rules: those of the evidence and those that would have told earlier.

    Always by our own engine, so that it can be worked out again where no Prometheus is installed.
    """
    able = {source.name for source in plugs.sources() if source.tracks is not None}
    size = sum(one.size for one in case.evidence if one.source in able)
    if postmortem.window is None or not 0 < size <= _LARGEST:
        return ()
    recording = recorded.recording(case, blobs)
    theirs = replayed(recording.rules[:_MOST_RULES], recording, case, postmortem, own=True)
    ours = proposed(recording, case, postmortem, objectives(recording, case, postmortem), own=True)
    made = (Tried(one.trial, proposed=True, why=one.why, rule=annotated(one, postmortem.incident)) for one in ours)
    return (*map(Tried, theirs), *made)


def could_fire(case: Case, tried: Sequence[Tried]) -> tuple[ledger.Tried, ...]:
    """The rules that fire inside the incident, each with its place or that of a series it looks at."""
    placed = {fact.event.name: fact.cite for fact in reversed(case.rules)}
    made = []
    for one in tried:
        if one.trial.fired_at is not None:
            mine = placed.get(one.trial.alert) if not one.proposed else _series(case, one.trial.expr)
            made.append(ledger.Tried(one.trial.alert, one.trial.fired_at, (mine,) if mine else (), one.proposed))
    return tuple(made)


def _series(case: Case, expr: str) -> Citation | None:
    names = {one.name for one in selectors(parse(expr))}
    return next((one.cite for one in case.series if one.indicator.partition("{")[0] in names), None)


def _changed(rules: Sequence[Rule], recording: Recording) -> set[str]:
    """Recording rules that are to work out something else than they did: what was recorded under their names is of no use."""
    was = {one.name: "".join(one.expr.split()) for one in recording.rules if isinstance(one, RecordRule)}
    mine = [one for one in rules if isinstance(one, RecordRule)]
    return {one.name for one in mine if was.get(one.name, "".join(one.expr.split())) != "".join(one.expr.split())}


def with_records(rules: Sequence[Rule], recording: Recording) -> tuple[Rule, ...]:
    """The rules, after those recording rules of the evidence that they do not bring themselves."""
    mine = {one.name for one in rules if isinstance(one, RecordRule)}
    theirs = [one for one in recording.rules if isinstance(one, RecordRule) and one.name not in mine]
    return (*theirs, *rules)


def all_tracks(rules: Sequence[Rule], recording: Recording, case: Case) -> list[Track]:
    """Series with their labels, and of the artefacts that state none those of the case."""
    others = [one for one in case.series if one.cite.evidence not in recording.exact]
    return [*recording.tracks, *trial.tracks_of(others, rules)]


def incident_of(postmortem: Postmortem) -> Span:
    """From where it was first visible to the recovery, the widest of what is known: an alert on what leads up to it is no
    false one.
    """
    span = postmortem.window or postmortem.covered
    begun = [one.earliest for one in postmortem.points if one.name in (PointName.STARTED, PointName.DETECTABLE)]
    ended = [one.latest for one in postmortem.points if one.name is PointName.RECOVERED]
    return Span(min((span.start, *begun)), max((span.end, *ended)))


def proposed(
    recording: Recording, case: Case, postmortem: Postmortem, objectives: Mapping[str, float], *, own: bool = False
) -> tuple[Proposed, ...]:
    """Rules that would have told earlier. They rest on series with all their labels only: a team's Prometheus has these."""
    taken = frozenset(one.name for one in recording.rules)
    setting = Setting(incident_of(postmortem), detected(postmortem), entries(case, postmortem), objectives, taken)
    with engine(recording.tracks, own=own) as who:
        replay = trial.Replay(recording.tracks, who, _step(case), label.component)
        return proposed_rule.proposals(replay, recording.tracks, setting, label.component_key)


def entries(case: Case, postmortem: Postmortem) -> tuple[str, ...]:
    """Where users come in: the component whose harm the document tells of, then those where many traces begin."""
    felt = [one.component for one in postmortem.explanation.causes if one.role is Role.IMPACT and one.component]
    roots = case.spans.component[case.spans.parent < 0]
    codes, counts = np.unique(roots, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    called = [case.spans.components[codes[at]] for at in order.tolist() if counts[at] >= _MANY * len(roots)]
    return tuple(dict.fromkeys((*felt, *called)))


def _step(case: Case) -> int:
    """As often as the recording allows, at most as seldom as Prometheus does without being told otherwise."""
    return min(MINUTE, max(5 * SECOND, usual_step(case)))


def detected(postmortem: Postmortem) -> int | None:
    return next((one.at for one in postmortem.points if one.name is PointName.DETECTED), None)


def did_fire(case: Case, postmortem: Postmortem) -> dict[str, int]:
    """When each alert first fired, as recorded: inside of the incident where it fired there."""
    incident = incident_of(postmortem)
    found: dict[str, list[int]] = {}
    for alert in case.alerts:
        event = alert.event
        if event.at is not None and event.attributes.get("state") not in ("resolved", "pending", "inactive"):
            found.setdefault(event.name, []).append(event.at)
    inside = {name: [at for at in times if incident.start <= at <= incident.end] for name, times in found.items()}
    return {name: min(inside[name] or times) for name, times in found.items()}


@contextlib.contextmanager
def engine(tracks: Sequence[Track], *, own: bool = False) -> Iterator[Engine]:
    """A Prometheus with these series where there is one; what it cannot answer any more our own engine answers."""
    if own or not prometheus.binary():
        yield OwnEngine(tracks)
        return
    who = _Either(tracks)
    try:
        yield who
    finally:
        who.close()


class _Either:
    """A Prometheus as long as it answers, then our own engine."""

    def __init__(self, tracks: Sequence[Track]) -> None:
        self._own = OwnEngine(tracks)
        self._real: PromQl | None = None
        with contextlib.suppress(GoneError):
            self._real = Prometheus({one.labels: one for one in reversed(tracks)}.values())

    @property
    def name(self) -> str:
        return self._real.name if self._real is not None else self._own.name

    def add(self, tracks: Iterable[Track]) -> None:
        tracks = list(tracks)
        self._own.add(tracks)
        if self._real is not None:
            try:
                self._real.add(tracks)
            except GoneError:
                self._end()

    def ask(self, expr: str, times: NDArray[np.int64]) -> Vector:
        if self._real is not None:
            try:
                return self._real.ask(expr, times)
            except GoneError:
                self._end()
        return self._own.ask(expr, times)

    def _end(self) -> None:
        if self._real is not None:
            self._real.close()
            self._real = None

    def close(self) -> None:
        self._end()
