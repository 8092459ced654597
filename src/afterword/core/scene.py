"""Scene: a case with what has been worked out so far; what a weakness analysis reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from afterword.core.case import Case
    from afterword.model.cause import Explanation
    from afterword.model.incident import Point, PointName
    from afterword.model.postmortem import Signal
    from afterword.model.time import Span


@dataclass(frozen=True, slots=True)
class Scene:
    """``points`` holds the estimated ones by name; a point that nobody knows is absent."""

    case: Case
    baseline: Span | None
    window: Span | None
    points: Mapping[PointName, Point]
    signals: tuple[Signal, ...]
    explanation: Explanation
