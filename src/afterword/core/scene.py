"""Scene: a case with what has been worked out so far; what a weakness analysis reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.model.cause import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.core.case import Case
    from afterword.model.cause import Cause, Explanation
    from afterword.model.event import Fact
    from afterword.model.incident import Point, PointName
    from afterword.model.lesson import Fingerprint
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
    #: Incidents that were analysed before, with the work that they promised and that is still open.
    earlier: tuple[Fingerprint, ...] = ()

    def triggers(self) -> Iterator[tuple[Cause, Fact]]:
        """Every cause that set it off, with each change that it cites."""
        for cause in self.explanation.causes:
            if cause.role is Role.TRIGGER:
                yield from ((cause, fact) for fact in self.case.changes if fact.cite in cause.cites)
