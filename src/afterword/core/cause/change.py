"""Changes as suspects: whether one can have done it in time and place, by its diff, by contrast, and by its undoing."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from afterword.core import diff
from afterword.core.cause import undone
from afterword.core.cause.candidate import SHARED, Candidate, candidates, identity, is_undo, touches
from afterword.core.entity import UNNAMED
from afterword.model.cause import Grade, Reason
from afterword.model.time import HOUR, MINUTE, SECOND, iso, minutes

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from afterword.core.case import Case
    from afterword.core.cause.canary import Contrasts, Shown
    from afterword.core.cause.rank import Ranking
    from afterword.model.event import Fact
    from afterword.model.time import Span

#: Bits that a change needs before it may be convicted, and by how much it must beat the next one.
CONVICTION, MARGIN = 4.0, 0.75
#: A mechanism match weaker than this is a coincidence of words.
MECHANISM = 0.34
#: How long a change may lie still before it does harm and still be likely, in the middle of the range seen in practice.
_HALF_LIFE = 45 * MINUTE
#: What waits before it does harm is not exonerated by the time for which it waits.
_MOST_TRIED = 2.0
#: Clocks of deploy tools and of services differ a little.
_SLACK = 20 * SECOND


@dataclass(frozen=True, slots=True)
class Suspect:
    """A candidate with the bits for and against it and the grade of its link to the failure."""

    candidate: Candidate
    bits: float
    grade: Grade
    reasons: tuple[Reason, ...]
    against: tuple[Reason, ...]
    ruled_out: bool
    tests: tuple[str, ...]
    mechanism: float


@dataclass(slots=True)
class _Weighing:
    bits: float = 0.0
    reasons: list[Reason] = field(default_factory=list)
    against: list[Reason] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    ruled_out: bool = False

    def add(self, weight: float, says: str, cites: tuple = ()) -> None:  # type: ignore[type-arg]
        self.bits += weight
        (self.reasons if weight > 0 else self.against).append(Reason(says, round(weight, 3), cites))


@dataclass(frozen=True, slots=True)
class Symptoms:
    """What the failure said of itself: words, indicators, when it began at the latest, when it ended."""

    text: str
    indicators: tuple[str, ...]
    onset: int
    latest: int
    recovered: int | None
    #: Components in trouble, worst first.
    troubled: tuple[str, ...]
    #: The stretch in which everything was well.
    healthy: Span | None = None
    #: The end of the evidence.
    until: int | None = None
    #: When anything failed during the incident, in order.
    bad: NDArray[np.int64] | None = None
    #: What people wrote in the channel.
    messages: tuple[Fact, ...] = ()
    #: Components that the failing requests name in their paths.
    named: frozenset[str] = frozenset()


def weigh(candidate: Candidate, symptoms: Symptoms, ranking: Ranking, shown: Shown | None = None) -> Suspect:
    """Bits for and against one change, and the tests its link to the failure passed."""
    w = _Weighing()
    mechanism = 0.0
    seen = shown is not None and _contrast(shown, candidate, symptoms, w)
    _time(candidate, symptoms, w, shown.bits if shown is not None else 0.0)
    if is_undo(candidate.event):
        w.ruled_out = w.ruled_out or candidate.at > symptoms.onset
    connected = _place(candidate, symptoms, ranking, w)
    if candidate.judgement is not None:
        mechanism = _mechanism(candidate, symptoms, w)
    if candidate.carried_by is not None and candidate.carried_by.event.attributes.get("commit"):
        w.add(-1.0, "the deploy names another commit; that this one came with it is presumed", candidate.cites)
    if candidate.first:
        says = f"no earlier deploy of {candidate.component} is known: that this one brought the commit is presumed"
        w.add(-0.5, says, candidate.cites)
    if not seen:
        _held(candidate, symptoms, w)
    helped = _undo(candidate, symptoms, w)
    grade = _grade(
        precedes=not w.ruled_out, connected=connected or seen, mechanism=1.0 if seen else mechanism, helped=helped
    )
    reasons = tuple(sorted(w.reasons, key=lambda reason: -reason.weight))
    against = tuple(sorted(w.against, key=lambda reason: reason.weight))
    return Suspect(candidate, round(w.bits, 3), grade, reasons, against, w.ruled_out, tuple(w.tests), mechanism)


def _time(candidate: Candidate, symptoms: Symptoms, w: _Weighing, shows: float) -> None:
    """How long before the trouble its latest step took effect. ``shows``: bits that its own instances show of it."""
    before = symptoms.onset - max((at for at in candidate.steps if at <= symptoms.onset), default=candidate.at)
    if candidate.at > symptoms.latest + _SLACK and shows <= 0:
        w.ruled_out = True
        w.tests.append("precedes: no")
        w.add(-20.0, f"it took effect at {iso(candidate.at)}, after the trouble had begun", candidate.cites)
        return
    if candidate.at > symptoms.latest + _SLACK:
        w.tests.append("precedes: what its own instances show, though something was seen before")
        late = 1.0 + math.log2(1 + (candidate.at - symptoms.latest) / MINUTE)
        w.add(-late, f"it took effect at {iso(candidate.at)}, after the first signs of trouble", candidate.cites)
        return
    w.tests.append("precedes: yes")
    closeness = 2.0 * math.exp(-max(before, 0) / _HALF_LIFE)
    w.add(max(closeness, 0.05), f"it took effect {minutes(max(before, 0))} before the trouble began", candidate.cites)
    if before > 24 * HOUR:
        w.add(-1.0, "it had run for more than a day without trouble", candidate.cites)


def _contrast(shown: Shown, candidate: Candidate, symptoms: Symptoms, w: _Weighing) -> bool:
    """What the instances that it brought do next to those that it did not reach; True when that is a mechanism seen.

    A resource that runs short is no harm by itself: it counts in full where the component in most trouble is this one.
    """
    w.add(shown.reason.weight, shown.reason.says, shown.reason.cites)
    if shown.off is not None:
        w.add(shown.off.weight, shown.off.says, shown.off.cites)
    worst = candidate.component in symptoms.troubled[:1]
    passed = shown.passed or (worst and shown.clear)
    tried = shown.before(symptoms.onset)
    if tried and shown.bits <= 0:
        weight = -min(_MOST_TRIED, 0.5 * math.log2(1 + tried))
        w.add(
            weight,
            f"what it brought had reported {'once' if tried == 1 else f'{tried} times'} before the trouble began",
            candidate.cites,
        )
    verdict = "passed" if passed else "failed" if shown.bits < 0 else "undecided"
    w.tests.append(f"contrast {verdict}: {shown.reason.says}")
    return passed


def _place(candidate: Candidate, symptoms: Symptoms, ranking: Ranking, w: _Weighing) -> bool:
    """How near the change is to the components in trouble; True when something joins them."""
    worst = symptoms.troubled[:1]
    files = candidate.commit.event.attributes.get("files", "") if candidate.commit else ""
    if candidate.component in worst:
        w.add(2.0, f"it changed {candidate.component}, the component in most trouble", candidate.cites)
        w.tests.append("path: it changed the failing component itself")
        return True
    if candidate.component in symptoms.troubled[:3]:
        w.add(1.0, f"it changed {candidate.component}, one of the components in trouble", candidate.cites)
        w.tests.append("path: it changed a component in trouble")
        return True
    if any(touches(files, name) for name in worst) or (files and SHARED.search(files)):
        parts = candidate.judgement.parts if candidate.judgement is not None else ()
        which = f" ({', '.join(parts[:3])})" if parts else ""
        w.add(0.8, f"it touches code that the failing component uses or shares{which}", candidate.cites)
        w.tests.append("path: shared code")
        return True
    joined = next((ranking.graph.joins(candidate.component, name) for name in worst), ())
    if joined and candidate.component:
        w.add(0.4, f"calls join it to the failing component: {' → '.join(joined)}", candidate.cites)
        w.tests.append("path: a chain of calls joins them")
        return True
    if candidate.component and (caller := _asked_alike(candidate.component, worst, symptoms, ranking)):
        w.add(0.2, f"{caller} calls both it and the failing component, and is in trouble itself", candidate.cites)
        w.tests.append("path: what it answers is handed on to the failing component")
        return True
    if candidate.component in symptoms.named:
        w.add(0.8, f"the requests that fail name {candidate.component} in their path", candidate.cites)
        w.tests.append("path: the failing requests name it")
        return True
    if worst == (UNNAMED,) and not symptoms.named and candidate.component:
        w.tests.append("path: what failed has no name of its own, and this is a part of it")
        return True
    if candidate.component:
        w.add(-1.5, f"nothing in the evidence joins {candidate.component} to the failing component", candidate.cites)
    w.tests.append("path: none known")
    return False


def _asked_alike(component: str, worst: Sequence[str], symptoms: Symptoms, ranking: Ranking) -> str:
    """A caller in trouble of both: what one of them answers goes into what the other is asked."""
    return next(
        (
            caller
            for caller in symptoms.troubled
            if component in ranking.graph.callees.get(caller, ())
            and any(name in ranking.graph.callees.get(caller, ()) for name in worst)
        ),
        "",
    )


def _mechanism(candidate: Candidate, symptoms: Symptoms, w: _Weighing) -> float:
    judgement = candidate.judgement
    assert judgement is not None
    if judgement.harmless:
        w.add(-6.0, f"it cannot have changed behaviour: {judgement.harmless}", candidate.cites)
        w.tests.append("mechanism: none possible")
        return 0.0
    score, says = diff.symptom_match(judgement, symptoms.text, symptoms.indicators)
    if score >= MECHANISM:
        w.add(6.0 * score, says, candidate.cites)
        w.tests.append(f"mechanism: {says}")
        return float(score)
    strongest = max((effect.weight for effect in judgement.effects), default=0.0)
    if strongest >= 0.5:
        w.add(
            1.0 * strongest,
            f"its diff can do harm ({judgement.effects[0].says}), but nothing seen names it",
            candidate.cites,
        )
    else:
        w.add(-1.5, "nothing in its diff explains what was seen", candidate.cites)
    w.tests.append("mechanism: not seen")
    return float(score)


#: What a change of these kinds does, it does after a while: things pile up, run out, come round or are waited for.
_WAITS = frozenset(
    ["memory", "leak", "cache", "unbounded", "migration", "retries", "backoff", "breaker", "schedule", "certificate"]
)


def _held(candidate: Candidate, symptoms: Symptoms, w: _Weighing) -> None:
    """A change that was in place through all of the healthy stretch has been tried by it, unless it works with delay."""
    healthy = symptoms.healthy
    if healthy is None or candidate.at > healthy.start + healthy.length // 10:
        return
    length = min(healthy.end, symptoms.onset) - max(healthy.start, candidate.at)
    if length < MINUTE:
        return
    waits = candidate.judgement is not None and any(e.kind in _WAITS for e in candidate.judgement.effects[:2])
    weight = -2.0 if waits else -5.0
    w.add(weight, f"it was in place through the {minutes(length)} in which everything was well", candidate.cites)
    w.tests.append("contrast: healthy with it in place")


def _undo(candidate: Candidate, symptoms: Symptoms, w: _Weighing) -> bool:
    undo = candidate.undone_by
    if undo is None or undo.event.at is None or undo.event.at < symptoms.onset:
        return False
    if symptoms.recovered is None or symptoms.recovered < undo.event.at - MINUTE:
        w.tests.append("intervention: it was taken back, recovery did not follow it")
        _in_vain(undo.event.at, undo, symptoms, w)
        return False
    if symptoms.bad is not None and undone.went_on(symptoms.bad, symptoms.onset, undo.event.at, symptoms.recovered):
        lasted = minutes(symptoms.recovered - undo.event.at)
        w.tests.append("intervention: refuted, the trouble went on as before after it was taken back")
        w.add(-3.0, f"taking it back did not help: things failed as often as before for {lasted} more", (undo.cite,))
        return False
    if denied := undone.denials(symptoms.messages, undo.event.at, symptoms.until or symptoms.recovered):
        w.tests.append("intervention: contested, somebody says that taking it back did not help")
        said = denied[0].event.text
        w.add(-1.0, f"contested: “{said[:160]}”", tuple(one.cite for one in denied[:3]))
        return False
    took = symptoms.recovered - undo.event.at
    if took > max(20 * MINUTE, (undo.event.at - symptoms.onset)):
        w.tests.append("intervention: recovery came too long after it was taken back")
        return False
    says = f"taking it back undid the trouble: {_followed(took)}"
    w.add(5.0, says, (undo.cite,))
    w.tests.append(f"intervention: {says}")
    return True


def _followed(took: int) -> str:
    """When recovery came, seen from the record of what was taken back; that is written when it is done."""
    if took < 0:
        return f"recovery came while it was taken back, {minutes(-took)} before that was recorded as done"
    return f"recovery followed {minutes(took)} later" if took else "recovery came with it"


def _in_vain(at: int, undo: Fact, symptoms: Symptoms, w: _Weighing) -> None:
    """Taken back, and long after it nothing was better: what it had done, if anything, was not the trouble."""
    lasted = (symptoms.until or at) - at
    if symptoms.recovered is None and lasted > max(20 * MINUTE, at - symptoms.onset):
        w.add(-2.0, f"taking it back did not help: the trouble went on for {minutes(lasted)}", (undo.cite,))


def _grade(*, precedes: bool, connected: bool, mechanism: float, helped: bool) -> Grade:
    if not precedes:
        return Grade.ASSERTED
    if helped and connected:
        return Grade.INTERVENTION
    if mechanism >= MECHANISM and connected:
        return Grade.MECHANISM
    return Grade.PRECEDES if connected else Grade.ASSERTED


def suspects(
    case: Case, symptoms: Symptoms, ranking: Ranking, contrasts: Contrasts | None = None
) -> tuple[Suspect, ...]:
    """All changes weighed, worst first. ``contrasts``: what each shows next to what it did not reach."""
    told = contrasts or {}
    found = []
    for one in candidates(case):
        deploy = one.carried_by or one.fact
        found.append(weigh(one, symptoms, ranking, told.get((one.component, identity(deploy.event)))))
    return tuple(sorted(found, key=lambda s: (s.ruled_out, -s.bits, s.candidate.ref)))


def convicted(found: Sequence[Suspect], rival: float) -> Suspect | None:
    """The change that stands out, or None: none of the changes. ``rival`` are the bits of the best other explanation."""
    standing = [s for s in found if not s.ruled_out and not is_undo(s.candidate.event)]
    if not standing:
        return None
    best = standing[0]
    next_bits = standing[1].bits if len(standing) > 1 else -math.inf
    strong = best.bits >= CONVICTION and best.grade >= Grade.MECHANISM
    return best if strong and best.bits >= next_bits + MARGIN and best.bits > rival else None
