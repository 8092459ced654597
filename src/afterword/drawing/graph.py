"""The graph of causes (first slice)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.drawing import svg

if TYPE_CHECKING:
    from afterword.model.cause import Explanation


def draw(explanation: Explanation) -> str:
    lines = [svg.text(8, 20 + 18 * n, cause.statement) for n, cause in enumerate(explanation.causes)]
    return svg.picture("aw-graph", 1120, 40 + 18 * len(lines), "Graph of causes", "", "", lines)
