"""Changes as suspects: what took effect when, whether its diff can do what was seen, whether undoing it undid it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from afterword.core import diff
from afterword.model.cause import Grade, Reason
from afterword.model.time import HOUR, MINUTE, SECOND, iso, minutes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from afterword.core.case import Case
    from afterword.core.cause.canary import Contrasts, Shown
    from afterword.core.cause.rank import Ranking
    from afterword.core.diff import DiffJudgement
    from afterword.model.event import Event, Fact
    from afterword.model.time import Span

#: Bits that a change needs before it may be convicted, and by how much it must beat the next one.
CONVICTION, MARGIN = 4.0, 0.75
#: A mechanism match weaker than this is a coincidence of words.
MECHANISM = 0.34
_UNDO = re.compile(r"\b(revert|roll(?:ed|ing)?[ -]?back|undo|restore previous|hotfix)\b", re.IGNORECASE)
_SHARED = re.compile(
    r"(^|/)(pkg|lib|libs|shared|internal|common|proto|schema|vendor|core|platform)/|go\.mod|requirements|package\.json|pom\.xml"
)
#: How long a change may lie still before it does harm and still be likely, in the middle of the range seen in practice.
_HALF_LIFE = 45 * MINUTE
#: Clocks of deploy tools and of services differ a little.
_SLACK = 20 * SECOND


@dataclass(frozen=True, slots=True)
class Candidate:
    """One change that took effect: a deploy with its commit, a flag, a configuration, or a bare commit."""

    fact: Fact
    commit: Fact | None
    component: str
    ref: str
    what: str
    at: int
    judgement: DiffJudgement | None
    undone_by: Fact | None
    carried_by: Fact | None = None

    @property
    def event(self) -> Event:
        return self.fact.event

    @property
    def cites(self) -> tuple:  # type: ignore[type-arg]
        facts = [self.carried_by or self.fact]
        facts += [self.commit] if self.commit and self.commit is not self.carried_by else []
        facts += [self.fact] if self.carried_by else []
        return tuple(dict.fromkeys(fact.cite for fact in facts if fact))


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


def is_undo(event: Event) -> bool:
    """Whether the change says of itself that it takes another one back."""
    flip = event.attributes.get("state", "") or event.text
    off = event.attributes.get("change") == "flag" and bool(
        re.search(r"(on|true|enabled|100 ?%?)\s*(->|→|to)\s*(off|false|disabled|0)", flip)
    )
    return off or bool(_UNDO.search(event.text))


def identity(event: Event) -> str:
    """What a change goes by: the commit that it carries, or its own name."""
    return event.attributes.get("commit") or event.name


def candidates(case: Case) -> tuple[Candidate, ...]:
    """Every change with the moment at which it took effect; undeployed commits only through what carried them."""
    commits = [f for f in case.changes if _kind(f) == "commit"]
    deploys = [f for f in case.changes if _kind(f) == "deploy" and f.event.at is not None]
    others = [f for f in case.changes if _kind(f) not in ("commit", "deploy") and f.event.at is not None]
    by_sha = {f.event.name: f for f in commits}
    made, carried = [], set()
    for deploy in deploys:
        sha = deploy.event.attributes.get("commit", "") or deploy.event.name
        commit = _commit(sha, by_sha)
        carried.add(commit.event.name if commit else sha)
        made.append(_candidate(deploy, commit, _undone(deploy, case.changes, sha)))
    made += [_candidate(other, None, _undone(other, case.changes, "")) for other in others]
    for commit in commits:
        if commit.event.name not in carried and commit.event.at is not None:
            carrier = _carrier(commit, deploys)
            if carrier is not None or not deploys:
                made.append(_carried(commit, carrier))
    return tuple(sorted(made, key=lambda c: (c.at, c.ref)))


def _kind(fact: Fact) -> str:
    return fact.event.attributes.get("change", "deploy")


def _commit(sha: str, by_sha: dict[str, Fact]) -> Fact | None:
    if sha in by_sha:
        return by_sha[sha]
    found = [
        f
        for name, f in by_sha.items()
        if (len(sha) >= 7 and name.startswith(sha)) or (len(name) >= 7 and sha.startswith(name))
    ]
    return found[0] if len(found) == 1 else None


def _candidate(fact: Fact, commit: Fact | None, undone: Fact | None) -> Candidate:
    event = fact.event
    ref = commit.event.name if commit else (event.attributes.get("commit") or event.name)
    what = commit.event.text.splitlines()[0] if commit and commit.event.text else event.text
    return Candidate(fact, commit, event.subject, ref, what, event.at or 0, _judge(commit or fact), undone)


def _carried(commit: Fact, carrier: Fact | None) -> Candidate:
    event = commit.event
    at = carrier.event.at if carrier else event.at
    component = carrier.event.subject if carrier else event.subject
    return Candidate(
        commit, commit, component, event.name, event.text.splitlines()[0], at or 0, _judge(commit), None, carrier
    )


def _judge(fact: Fact) -> DiffJudgement | None:
    attributes = fact.event.attributes
    if not attributes.get("diff") and not attributes.get("files"):
        return None
    return diff.judge(attributes.get("diff", ""), tuple(attributes.get("files", "").split("\n")), fact.event.text)


def _carrier(commit: Fact, deploys: Sequence[Fact]) -> Fact | None:
    """The first deploy after a commit that can have carried it: same component, or any when it touches shared code."""
    files = commit.event.attributes.get("files", "")
    shared = bool(_SHARED.search(files))
    for deploy in sorted(deploys, key=lambda d: d.event.at or 0):
        if (deploy.event.at or 0) < (commit.event.at or 0):
            continue
        if shared or touches(files, deploy.event.subject):
            return deploy
    return None


def touches(files: str, component: str) -> bool:
    """Whether a path of the change names the component: ``services/search/query.go`` and ``searchservice``."""
    core = re.sub(r"(-?service|-?svc|-?api|-?server|-\d+)$", "", component.lower())
    words = {w for w in re.split(r"[-_/. ]", core) if len(w) > 3} or {core}
    parts = set(re.split(r"[-_/. \n]", files.lower()))
    return core in parts or component.lower() in files.lower() or bool(words & parts)


def _undone(fact: Fact, changes: Iterable[Fact], sha: str) -> Fact | None:
    """The later change of the same component that takes this one back."""
    event = fact.event
    for other in changes:
        later = other.event
        if (
            later.at is None
            or later.at <= (event.at or 0)
            or _kind(other) == "commit"
            or later.subject != event.subject
        ):
            continue
        if _kind(fact) == "flag":
            if later.name == event.name and is_undo(later):
                return other
        elif _takes_back(later, event, changes, sha):
            return other
    return None


def _takes_back(later: Event, event: Event, changes: Iterable[Fact], sha: str) -> bool:
    """An undo takes back what came last, or everything down to the version that it names; never that version itself."""
    if sha and later.attributes.get("commit", "") == sha:
        return False
    if _redeploys_older(later, event, changes, sha):
        return True
    return is_undo(later) and not any(
        f.event.at is not None
        and (event.at or 0) < f.event.at < (later.at or 0)
        and f.event.subject == event.subject
        and _kind(f) != "commit"
        and not is_undo(f.event)
        for f in changes
    )


def _redeploys_older(later: Event, event: Event, changes: Iterable[Fact], sha: str) -> bool:
    """A deploy of a commit that was already running before the suspect one."""
    target = later.attributes.get("commit", "")
    return (
        bool(target)
        and target != sha
        and any(
            f.event.subject == event.subject
            and (f.event.at or 0) < (event.at or 0)
            and f.event.attributes.get("commit") == target
            for f in changes
            if f.event.at is not None
        )
    )


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


def weigh(candidate: Candidate, symptoms: Symptoms, ranking: Ranking, shown: Shown | None = None) -> Suspect:
    """Bits for and against one change, and the tests its link to the failure passed."""
    w = _Weighing()
    mechanism = 0.0
    _time(candidate, symptoms, w)
    seen = shown is not None and _contrast(shown, w)
    if is_undo(candidate.event):
        w.ruled_out = w.ruled_out or candidate.at > symptoms.onset
    connected = _place(candidate, symptoms, ranking, w)
    if candidate.judgement is not None:
        mechanism = _mechanism(candidate, symptoms, w)
    if candidate.carried_by is not None and candidate.carried_by.event.attributes.get("commit"):
        w.add(-1.0, "the deploy names another commit; that this one came with it is presumed", candidate.cites)
    _held(candidate, symptoms, w)
    undone = _undo(candidate, symptoms, w)
    grade = _grade(
        precedes=not w.ruled_out, connected=connected or seen, mechanism=1.0 if seen else mechanism, undone=undone
    )
    return Suspect(
        candidate, round(w.bits, 3), grade, tuple(w.reasons), tuple(w.against), w.ruled_out, tuple(w.tests), mechanism
    )


def _time(candidate: Candidate, symptoms: Symptoms, w: _Weighing) -> None:
    before = symptoms.onset - candidate.at
    if candidate.at > symptoms.latest + _SLACK:
        w.ruled_out = True
        w.tests.append("precedes: no")
        w.add(-20.0, f"it took effect at {iso(candidate.at)}, after the trouble had begun", candidate.cites)
        return
    w.tests.append("precedes: yes")
    closeness = 2.0 * math.exp(-max(before, 0) / _HALF_LIFE)
    w.add(max(closeness, 0.05), f"it took effect {minutes(max(before, 0))} before the trouble began", candidate.cites)
    if before > 24 * HOUR:
        w.add(-1.0, "it had run for more than a day without trouble", candidate.cites)


def _contrast(shown: Shown, w: _Weighing) -> bool:
    """What the instances that it brought do next to those that it did not reach; True when that is a mechanism seen."""
    w.add(shown.reason.weight, shown.reason.says, shown.reason.cites)
    if shown.off is not None:
        w.add(shown.off.weight, shown.off.says, shown.off.cites)
    verdict = "passed" if shown.passed else "failed" if shown.bits < 0 else "undecided"
    w.tests.append(f"contrast {verdict}: {shown.reason.says}")
    return shown.passed


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
    if any(touches(files, name) for name in worst) or (files and _SHARED.search(files)):
        w.add(0.8, "it touches code that the failing component uses or shares", candidate.cites)
        w.tests.append("path: shared code")
        return True
    joined = next((ranking.graph.joins(candidate.component, name) for name in worst), ())
    if joined and candidate.component:
        w.add(0.4, f"calls join it to the failing component: {' → '.join(joined)}", candidate.cites)
        w.tests.append("path: a chain of calls joins them")
        return True
    if candidate.component:
        w.add(-1.5, f"nothing in the evidence joins {candidate.component} to the failing component", candidate.cites)
    w.tests.append("path: none known")
    return False


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
        return False
    took = symptoms.recovered - undo.event.at
    if took > max(20 * MINUTE, (undo.event.at - symptoms.onset)):
        w.tests.append("intervention: recovery came too long after it was taken back")
        return False
    says = f"taking it back undid the trouble: recovery followed {minutes(max(took, 0))} later"
    w.add(5.0, says, (undo.cite,))
    w.tests.append(f"intervention: {says}")
    return True


def _grade(*, precedes: bool, connected: bool, mechanism: float, undone: bool) -> Grade:
    if not precedes:
        return Grade.ASSERTED
    if undone:
        return Grade.INTERVENTION
    if mechanism >= MECHANISM and connected:
        return Grade.MECHANISM
    return Grade.PRECEDES if connected else Grade.ASSERTED


def suspects(case: Case, symptoms: Symptoms, ranking: Ranking, contrasts: Contrasts | None = None) -> tuple[Suspect, ...]:
    """All changes weighed, worst first. ``contrasts``: what each shows next to what it did not reach."""
    told = contrasts or {}
    found = [
        weigh(one, symptoms, ranking, told.get((one.component, identity(one.event)))) for one in candidates(case)
    ]
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
