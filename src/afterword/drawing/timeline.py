"""The incident in one picture (first slice)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.drawing import svg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.core.case import Series
    from afterword.model.postmortem import Postmortem


def draw(pm: Postmortem, series: Sequence[Series]) -> str:
    del series
    return svg.picture("aw-timeline", 1120, 60, "Timeline", pm.title, "", [svg.text(8, 30, pm.title)])
