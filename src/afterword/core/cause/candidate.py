"""Candidates: every change with the moment at which it took effect, what carried it and what took it back."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from afterword.core import diff
from afterword.model.time import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from afterword.core.case import Case
    from afterword.core.diff import DiffJudgement
    from afterword.model.event import Event, Fact

_UNDO = re.compile(r"\b(revert|roll(?:ed|ing)?[ -]?back|undo|restore previous|hotfix)\b", re.IGNORECASE)
_HASH = re.compile(r"[0-9a-f]{9,64}", re.IGNORECASE)
#: Paths of code that many components use.
SHARED = re.compile(
    r"(^|/)(pkg|lib|libs|shared|internal|common|proto|schema|vendor|core|platform)/|go\.mod|requirements|package\.json|pom\.xml"
)
#: Steps of a rollout follow each other within so much time.
_NEXT_STEP = HOUR
#: Where no earlier deploy of a component is known, its first one carries what was committed so shortly before it.
RECENT = DAY


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
    #: When each step of a rollout took effect, first to last.
    steps: tuple[int, ...] = ()
    #: Carried by the first deploy of its component that is known: what that one brought is not known.
    first: bool = False

    @property
    def event(self) -> Event:
        return self.fact.event

    @property
    def cites(self) -> tuple:  # type: ignore[type-arg]
        facts = [self.carried_by or self.fact]
        facts += [self.commit] if self.commit and self.commit is not self.carried_by else []
        facts += [self.fact] if self.carried_by else []
        return tuple(dict.fromkeys(fact.cite for fact in facts if fact))


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


def short(ref: str) -> str:
    """The identity of a change as a reader says it: commits by their first letters, names in full."""
    return ref[:8] if _HASH.fullmatch(ref) else ref


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
                made.append(_carried(commit, carrier, first=_is_first(carrier, commit, deploys)))
    made = _without_old(made)
    return _rolled_out(sorted(made, key=lambda c: (c.at, c.ref)))


def _rolled_out(made: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Deploys of one version of one component, one after the other, are the steps of one change."""
    last: dict[str, Candidate] = {}
    kept: dict[int, Candidate] = {}
    for order, one in enumerate(made):
        if _kind(one.fact) != "deploy" or not one.ref:
            kept[order] = one
            continue
        before = last.get(one.component)
        if before is not None and before.ref == one.ref and one.at - before.steps[-1] <= _NEXT_STEP:
            place = next(at for at, other in kept.items() if other is before)
            grown = replace(before, steps=(*before.steps, one.at), undone_by=one.undone_by)
            kept[place] = last[one.component] = grown
        else:
            kept[order] = last[one.component] = replace(one, steps=(one.at,))
    return tuple(kept.values())


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


def _carried(commit: Fact, carrier: Fact | None, *, first: bool) -> Candidate:
    event = commit.event
    at = carrier.event.at if carrier else event.at
    component = carrier.event.subject if carrier else event.subject
    what = event.text.splitlines()[0] if event.text else ""
    return Candidate(commit, commit, component, event.name, what, at or 0, _judge(commit), None, carrier, first=first)


def _is_first(carrier: Fact | None, commit: Fact, deploys: Sequence[Fact]) -> bool:
    """No deploy of that component is known from before the commit: everything older may have been there already."""
    return carrier is not None and not any(
        d.event.subject == carrier.event.subject and (d.event.at or 0) < (commit.event.at or 0) for d in deploys
    )


def _without_old(made: Sequence[Candidate]) -> list[Candidate]:
    """Without the commits that a first known deploy is not charged with: the newest is, and what is recent before it."""
    newest: dict[int, int] = {}
    for one in made:
        if one.first and one.carried_by is not None:
            newest[id(one.carried_by)] = max(newest.get(id(one.carried_by), 0), one.fact.event.at or 0)
    return [
        one
        for one in made
        if not one.first or (one.fact.event.at or 0) >= min(newest[id(one.carried_by)], one.at - RECENT)
    ]


def _judge(fact: Fact) -> DiffJudgement | None:
    attributes = fact.event.attributes
    if not attributes.get("diff") and not attributes.get("files"):
        return None
    return diff.judge(attributes.get("diff", ""), tuple(attributes.get("files", "").split("\n")), fact.event.text)


def _carrier(commit: Fact, deploys: Sequence[Fact]) -> Fact | None:
    """The first deploy after a commit that can have carried it: same component, or any when it touches shared code."""
    files = commit.event.attributes.get("files", "")
    shared = bool(SHARED.search(files))
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
