"""How long an effect took to follow: as estimated, and as the intervals of both ends allow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from afterword.model.cause import Cause, Explanation


def between(cause: Cause, effect: Cause) -> tuple[int | None, int | None]:
    """The shortest and the longest delay in ns; a cause is never after its effect. None where one of them has no bounds."""
    if cause.earliest is None or cause.latest is None or effect.earliest is None or effect.latest is None:
        return None, None
    return max(0, effect.earliest - cause.latest), max(0, effect.latest - cause.earliest)


def bounded(explanation: Explanation) -> Explanation:
    """The graph with both delays on every link."""
    nodes = {one.id: one for one in explanation.causes}
    links = []
    for link in explanation.links:
        shortest, longest = between(nodes[link.cause], nodes[link.effect])
        links.append(replace(link, shortest=shortest, longest=longest))
    return replace(explanation, links=tuple(links))
