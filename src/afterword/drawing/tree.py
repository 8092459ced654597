"""The fault tree (first slice)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.drawing import svg

if TYPE_CHECKING:
    from afterword.model.tree import FaultTree


def draw(tree: FaultTree) -> str:
    labels = [*(g.label or g.name for g in tree.gates), *(e.label or e.name for e in tree.events)]
    lines = [svg.text(8, 20 + 18 * n, one) for n, one in enumerate(labels)]
    return svg.picture("aw-tree", 1120, 40 + 18 * len(lines), "Fault tree", "", "", lines)
