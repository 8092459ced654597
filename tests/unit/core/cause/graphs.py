"""Graphs of causes at random: one impact, and below it whatever leads to it, circles included."""

from __future__ import annotations

from hypothesis import strategies as st

from afterword.model.cause import Cause, Explanation, Grade, Link, LinkKind, Needs, Role, Verdict
from afterword.testing import cause, cite

ROLES = [Role.TRIGGER, Role.PROXIMATE, Role.CONTRIBUTING, Role.LATENT, Role.RULED_OUT]


def node(number: int, role: Role, needs: Needs = Needs.ANY) -> Cause:
    return cause(role, f"c{number}", cite(number + 1), needs=needs, grade=Grade.MECHANISM)


def explanation(causes: list[Cause], links: list[Link]) -> Explanation:
    impact = cause(Role.IMPACT, "web", cite(1))
    return Explanation(
        impact.id, (*causes, impact), tuple(links), (), Verdict.EXPLAINED, none_of_the_changes=False, would_decide=()
    )


def link(one: Cause, other: Cause, kind: LinkKind = LinkKind.PROPAGATES) -> Link:
    return Link(one.id, other.id, kind, Grade.MECHANISM, ("precedes: yes",), one.cites)


@st.composite
def explanations(draw: st.DrawFn) -> Explanation:
    count = draw(st.integers(0, 7))
    causes = [node(n, draw(st.sampled_from(ROLES)), draw(st.sampled_from(Needs))) for n in range(count)]
    impact = cause(Role.IMPACT, "web", cite(1))
    ends = [*causes, impact]
    pairs = draw(st.lists(st.tuples(st.sampled_from(causes), st.sampled_from(ends)), max_size=12)) if causes else []
    links = [link(one, other, draw(st.sampled_from(LinkKind))) for one, other in pairs if one is not other]
    return explanation(causes, links)
