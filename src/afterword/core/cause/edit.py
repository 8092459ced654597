"""What people decided about the graph, put upon the machine's proposal. The same edits on the same graph give the same one.

Time is law here as well: a link whose cause surely began after its effect is refused, and so is one that closes a circle.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from afterword.core.cause import delay, faults, role, whys
from afterword.model.cause import Cause, Grade, Judgement, Link, LinkKind, Needs, NodeKind, Reason, Role, Verdict
from afterword.model.edit import Edit, EditKind
from afterword.model.incident import By, PointName
from afterword.model.time import MINUTE
from afterword.model.timeline import MomentKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from afterword.model.cause import Explanation
    from afterword.model.incident import Point
    from afterword.model.postmortem import Postmortem
    from afterword.model.timeline import Moment

#: Clocks of different systems differ by less than this where nothing more is known of them.
SLACK = MINUTE


@dataclass(frozen=True, slots=True)
class Edited:
    """The graph after the edits, and those that do not fit it any more, with the reason."""

    explanation: Explanation
    lost: tuple[tuple[Edit, str], ...]


def applied(explanation: Explanation, edits: Sequence[Edit]) -> Edited:
    """Every edit in order. One that does not fit (its node is gone, time forbids it) is left out and told."""
    lost: list[tuple[Edit, str]] = []
    for edit in edits:
        if edit.withdrawn:
            continue
        why = refusal(explanation, edit)
        if why:
            lost.append((edit, why))
        else:
            explanation = _APPLY[edit.kind](explanation, edit)
    return Edited(role.assigned(explanation) if edits else explanation, tuple(lost))


def upon(postmortem: Postmortem, edits: Sequence[Edit]) -> Postmortem:
    """The postmortem with the edits in its graph, and the graph read anew as whys and as a fault tree."""
    if not any(not edit.withdrawn for edit in edits):
        return postmortem
    before = postmortem.explanation
    explanation = _judged(before, applied(before, edits).explanation)
    made = replace(postmortem, explanation=explanation)
    if _rejected(before, explanation):
        made = replace(made, points=_untriggered(made.points), moments=tuple(map(_plain_change, made.moments)))
    if explanation.top not in {one.id for one in explanation.causes}:
        return made
    return replace(made, whys=whys.read(explanation), tree=faults.build(explanation))


def _rejected(before: Explanation, after: Explanation) -> list[Cause]:
    """The triggers that people have rejected, where none is left."""
    told = {one.id for one in before.causes if one.role is Role.TRIGGER}
    if not told or any(one.role is Role.TRIGGER for one in after.causes):
        return []
    return [one for one in after.causes if one.id in told and one.state is Judgement.REJECTED]


def _judged(before: Explanation, after: Explanation) -> Explanation:
    """With its trigger rejected nothing is explained any more: what set it off is open again."""
    rejected = _rejected(before, after)
    if not rejected or after.verdict is not Verdict.EXPLAINED:
        return after
    wanted = f"what set it off, now that “{rejected[0].statement}” was rejected"
    return replace(after, verdict=Verdict.INCONCLUSIVE, would_decide=(wanted, *after.would_decide))


def _untriggered(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Without the estimated moment of a trigger; what a person stated stands."""
    return tuple(one for one in points if one.name is not PointName.TRIGGER or one.by is By.STATED)


def _plain_change(moment: Moment) -> Moment:
    return replace(moment, kind=MomentKind.CHANGE) if moment.kind is MomentKind.TRIGGER else moment


def answered_in_vain(explanation: Explanation, answers: Sequence[str]) -> bool:
    """Whether everything that an action answers was rejected."""
    rejected = {one.id for one in explanation.causes if one.state is Judgement.REJECTED}
    return bool(answers) and set(answers) <= rejected


def refusal(explanation: Explanation, edit: Edit) -> str:
    """Why an edit cannot be put upon this graph; empty when it can."""
    nodes = {one.id: one for one in explanation.causes}
    missing = [one for one in edit.about if one not in nodes]
    if missing:
        return f"there is no {missing[0]} in the graph"
    checks: dict[EditKind, Callable[[], str]] = {
        EditKind.REJECT: lambda: "the impact itself cannot be rejected" if edit.about[0] == explanation.top else "",
        EditKind.ADD: lambda: _refused_node(explanation, edit, nodes),
        EditKind.LINK: lambda: _refused_link(explanation, nodes[edit.about[0]], nodes[edit.about[1]]),
        EditKind.UNLINK: lambda: "" if _between(explanation, edit) else "there is no such link",
        EditKind.MERGE: lambda: _refused_merge(explanation, edit),
        EditKind.SPLIT: lambda: _refused_split(explanation, edit),
        EditKind.NEEDS: lambda: _refused_needs(explanation, edit),
    }
    return checks.get(edit.kind, lambda: "")()


def _refused_node(explanation: Explanation, edit: Edit, nodes: Mapping[str, Cause]) -> str:
    made = _node(edit)
    if made.id in nodes:
        return f"it is in the graph already, as {made.id}"
    return _refused_link(explanation, made, nodes[edit.about[0]])


def _refused_link(explanation: Explanation, cause: Cause, effect: Cause) -> str:
    if cause.id == effect.id:
        return "nothing causes itself"
    if cause.earliest is not None and effect.latest is not None and cause.earliest > effect.latest + SLACK:
        seconds = (cause.earliest - effect.latest) / 1e9
        return f"time is law: the cause began at least {seconds:.0f} s after its effect"
    if cause.id in _after(explanation, effect.id):
        return "it would close a circle: what is to be the effect already leads to the cause"
    return ""


def _refused_merge(explanation: Explanation, edit: Edit) -> str:
    if len(set(edit.about)) < 2:
        return "a merge needs two different nodes"
    if explanation.top in edit.about[1:]:
        return "the impact can take others in, not go into one"
    others = set(edit.about)
    for one in others:
        if (_after(explanation, one) - others) & {name for name in _before(explanation, others) if name not in others}:
            return "it would close a circle: something stands between the two"
    return ""


def _refused_split(explanation: Explanation, edit: Edit) -> str:
    if edit.about[0] == explanation.top:
        return "there is one impact: what else users met is another incident"
    return "" if len(set(edit.statements)) > 1 else "a split needs at least two statements"


def _refused_needs(explanation: Explanation, edit: Edit) -> str:
    if edit.needs is not Needs.SOME:
        return ""
    causes = {link.cause for link in explanation.links if link.effect == edit.about[0] and link.kind in role.LEADING}
    return "" if 1 <= edit.least <= len(causes) else f"it has {len(causes)} causes; some of them is 1 to {len(causes)}"


def _after(explanation: Explanation, start: str) -> set[str]:
    """Everything that a node leads to, itself among it."""
    return _reached(start, [(link.cause, link.effect) for link in explanation.links if link.kind in role.LEADING])


def _before(explanation: Explanation, ends: set[str]) -> set[str]:
    pairs = [(link.effect, link.cause) for link in explanation.links if link.kind in role.LEADING]
    return set().union(*(_reached(end, pairs) for end in ends))


def _reached(start: str, pairs: Sequence[tuple[str, str]]) -> set[str]:
    found, more = {start}, [start]
    while more:
        here = more.pop()
        for one, other in pairs:
            if one == here and other not in found:
                found.add(other)
                more.append(other)
    return found


def _between(explanation: Explanation, edit: Edit) -> list[Link]:
    return [link for link in explanation.links if (link.cause, link.effect) == tuple(edit.about)]


def identity(edit: Edit, statement: str) -> str:
    """The id of a node that people made: a hash of where it was put and of what it says."""
    return "c" + hashlib.sha256("|".join([edit.kind, *edit.about, statement]).encode()).hexdigest()[:10]


def _node(edit: Edit) -> Cause:
    [statement] = edit.statements[:1] or ("",)
    return Cause(
        identity(edit, statement), statement, Role.CONTRIBUTING, edit.component, edit.cites,
        grade=Grade.ASSERTED, at=edit.moment, earliest=edit.moment, latest=edit.moment, state=Judgement.ACCEPTED, by=edit.by,
        kind=edit.node or NodeKind.CONDITION, held=edit.held, layer="",
    )  # fmt: skip


def _joined(edit: Edit, cause: Cause, effect: Cause) -> Link:
    """A link with a computed grade: it says what the evidence supports, never what somebody would like it to be."""
    grade, tests = Grade.ASSERTED, [f"{edit.by} says so" + (f": {edit.reason}" if edit.reason else "")]
    dated = cause.at is not None and effect.at is not None
    if dated:
        tests.append("precedes: yes, within what the clocks allow")
    if edit.cites:
        grade = Grade.MECHANISM if dated else Grade.PRECEDES
        tests.append("the evidence cited names it")
    took = effect.at - cause.at if cause.at is not None and effect.at is not None else None
    bounds = delay.between(cause, effect)
    return Link(
        cause.id, effect.id, edit.link or LinkKind.ENABLES, grade, tuple(tests), edit.cites, took, *bounds, edit.by
    )


def _changed(explanation: Explanation, id_: str, **values: object) -> Explanation:
    causes = tuple(replace(one, **values) if one.id == id_ else one for one in explanation.causes)  # type: ignore[arg-type]
    return replace(explanation, causes=causes)


def _accept(explanation: Explanation, edit: Edit) -> Explanation:
    return _changed(explanation, edit.about[0], state=Judgement.ACCEPTED, by=edit.by)


def _reject(explanation: Explanation, edit: Edit) -> Explanation:
    found = next(one for one in explanation.causes if one.id == edit.about[0])
    against = (*found.reasons_against, Reason(edit.reason, 0.0, edit.cites))
    return _changed(explanation, found.id, state=Judgement.REJECTED, by=edit.by, reasons_against=against)


def _restate(explanation: Explanation, edit: Edit) -> Explanation:
    values: dict[str, object] = {"by": edit.by, "state": Judgement.ACCEPTED}
    values |= {"statement": edit.statements[0]} if edit.statements else {}
    values |= {"kind": edit.node} if edit.node else {}
    values |= {"held": edit.held} if edit.held else {}
    return _changed(explanation, edit.about[0], **values)


def _needs(explanation: Explanation, edit: Edit) -> Explanation:
    return _changed(explanation, edit.about[0], needs=edit.needs or Needs.ANY, least=edit.least)


def _add(explanation: Explanation, edit: Edit) -> Explanation:
    effect = next(one for one in explanation.causes if one.id == edit.about[0])
    joined = _joined(edit, _node(edit), effect)
    node = replace(_node(edit), grade=joined.grade)
    causes = explanation.causes
    # Before the impact, which stands at the very end.
    at = next(
        (n for n, one in enumerate(causes) if one.role is Role.RULED_OUT or one.id == explanation.top), len(causes)
    )
    return replace(explanation, causes=(*causes[:at], node, *causes[at:]), links=(*explanation.links, joined))


def _link(explanation: Explanation, edit: Edit) -> Explanation:
    nodes = {one.id: one for one in explanation.causes}
    kept = tuple(one for one in explanation.links if (one.cause, one.effect) != tuple(edit.about))
    return replace(explanation, links=(*kept, _joined(edit, nodes[edit.about[0]], nodes[edit.about[1]])))


def _unlink(explanation: Explanation, edit: Edit) -> Explanation:
    return replace(
        explanation, links=tuple(one for one in explanation.links if (one.cause, one.effect) != tuple(edit.about))
    )


def _merge(explanation: Explanation, edit: Edit) -> Explanation:
    """One node with what all of them cite; links to any of them lead to it, and none between them is left."""
    nodes = {one.id: one for one in explanation.causes}
    stays, others = nodes[edit.about[0]], [nodes[one] for one in edit.about[1:]]
    every = [stays, *others]
    dated = [one for one in every if one.at is not None]
    first = min(dated, key=lambda one: (one.at or 0, one.id)) if dated else stays
    merged = replace(
        stays, by=edit.by, state=Judgement.ACCEPTED, statement=edit.statements[0] if edit.statements else stays.statement,
        cites=tuple(dict.fromkeys(cite for one in every for cite in one.cites)),
        reasons_for=tuple(dict.fromkeys(reason for one in every for reason in one.reasons_for)),
        reasons_against=tuple(dict.fromkeys(reason for one in every for reason in one.reasons_against)),
        at=first.at, earliest=first.earliest, latest=first.latest, grade=max(one.grade for one in every),
        score=max(one.score for one in every),
    )  # fmt: skip
    gone = {one.id: stays.id for one in others}
    causes = tuple(merged if one.id == stays.id else one for one in explanation.causes if one.id not in gone)
    return replace(explanation, causes=causes, links=_redirected(explanation.links, gone))


def _redirected(links: Sequence[Link], gone: Mapping[str, str]) -> tuple[Link, ...]:
    """Links to and from what went into another node; of two that have become one the better supported stays."""
    best: dict[tuple[str, str], Link] = {}
    for link in links:
        moved = replace(link, cause=gone.get(link.cause, link.cause), effect=gone.get(link.effect, link.effect))
        key = moved.cause, moved.effect
        if moved.cause != moved.effect and (key not in best or moved.grade > best[key].grade):
            best[key] = moved
    return tuple(best.values())


def _split(explanation: Explanation, edit: Edit) -> Explanation:
    """Several nodes in the place of one, each with its evidence and its links; the effect needs them all."""
    whole = next(one for one in explanation.causes if one.id == edit.about[0])
    parts = [
        replace(whole, id=identity(edit, one), statement=one, by=edit.by, state=Judgement.ACCEPTED)
        for one in dict.fromkeys(edit.statements)
    ]
    causes = tuple(new for one in explanation.causes for new in (parts if one.id == whole.id else [one]))
    links = tuple(
        replace(link, cause=part.id) if link.cause == whole.id else replace(link, effect=part.id) if link.effect == whole.id else link
        for link in explanation.links
        for part in (parts if whole.id in (link.cause, link.effect) else parts[:1])
    )  # fmt: skip
    return replace(explanation, causes=causes, links=links)


_APPLY: Mapping[EditKind, Callable[[Explanation, Edit], Explanation]] = {
    EditKind.ACCEPT: _accept,
    EditKind.REJECT: _reject,
    EditKind.RESTATE: _restate,
    EditKind.NEEDS: _needs,
    EditKind.ADD: _add,
    EditKind.LINK: _link,
    EditKind.UNLINK: _unlink,
    EditKind.MERGE: _merge,
    EditKind.SPLIT: _split,
}
