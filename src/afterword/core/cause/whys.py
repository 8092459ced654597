"""Five whys: the same graph read upward from the impact. It branches where an effect has several causes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.model.cause import Grade, LinkKind, Role, Why

if TYPE_CHECKING:
    from afterword.model.cause import Cause, Explanation, Link

_DEPTH = 6
#: What a weakness answers that let it go on, by its area.
_STOPPED = "Why was it not stopped sooner?"
_LASTED = {
    "monitoring": "Why was it not noticed sooner?",
    "resilience": "Why was it not contained?",
    "change control": "What made it harder to stop?",
    "ownership": "Why did it take so long to reach the right people?",
    "recovery": "Why did it take so long to recover?",
}


def read(explanation: Explanation) -> tuple[Why, ...]:
    """One tree of questions for why it happened; a second for why it lasted, where the evidence tells."""
    nodes = {cause.id: cause for cause in explanation.causes}
    impact = nodes[explanation.top]
    up: dict[str, list[Link]] = {}
    for link in explanation.links:
        if nodes[link.cause].role is not Role.RULED_OUT and link.kind not in (LinkKind.UNDOES, LinkKind.LIMITS):
            up.setdefault(link.effect, []).append(link)
    longer = (LinkKind.FAILS_TO_STOP, LinkKind.AMPLIFIES)
    lasting = [link for link in up.get(impact.id, []) if link.kind in longer]
    happened = [link for link in up.get(impact.id, []) if link.kind not in longer]
    branches = [
        _why(f"Why did it happen that {_lower(impact.statement)}?", link, nodes, up, (impact.id,)) for link in happened
    ]
    branches += [
        _why(_LASTED.get(nodes[link.cause].category, _STOPPED), link, nodes, up, (impact.id,)) for link in lasting
    ]
    return tuple(branches)


def _why(question: str, link: Link, nodes: dict[str, Cause], up: dict[str, list[Link]], seen: tuple[str, ...]) -> Why:
    cause = nodes[link.cause]
    above = [one for one in up.get(cause.id, []) if one.cause not in seen]
    following: tuple[Why, ...] = ()
    if above and len(seen) < _DEPTH:
        asked = f"Why was it that {_lower(cause.statement)}?"
        following = tuple(_why(asked, one, nodes, up, (*seen, cause.id)) for one in sorted(above, key=_order))
    cites = link.cites or cause.cites
    return Why(
        question,
        cause.statement,
        cause.id,
        link.grade,
        cites,
        following,
        "" if following else _stop(cause, deep=len(seen) >= _DEPTH),
    )


def _order(link: Link) -> tuple[int, int, str]:
    kinds = [LinkKind.TRIGGERS, LinkKind.PROPAGATES, LinkKind.PRODUCES, LinkKind.ENABLES]
    return (kinds.index(link.kind) if link.kind in kinds else 9, -link.grade, link.cause)


def _stop(cause: Cause, *, deep: bool) -> str:
    """Why a branch ends: never at a person, and never silently at the edge of what is known."""
    if deep:
        return "the chain is longer than what is shown here"
    if cause.role is Role.LATENT:
        return "a standing weakness: the next question is for the people who own it"
    if cause.role is Role.TRIGGER and cause.layer == "external":
        return "it came from outside; what let it through is asked in the other branches"
    if cause.role is Role.TRIGGER:
        return "the trigger; what let it through is asked in the other branches"
    return "the evidence ends here" + (": the link is not proved" if cause.grade < Grade.MECHANISM else "")


def _lower(statement: str) -> str:
    first, rest = statement[:1], statement[1:]
    return (first.lower() if rest[:1].islower() and first in "ATUMNOS" else first) + rest
