"""Incident: what it is called, where it stands, and the points of its life."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from afterword.model.answer import Answer
from afterword.model.edit import Edit
from afterword.model.evidence import Citation, Seal


class PointName(StrEnum):
    """The points of an incident's life, in their usual order."""

    TRIGGER = "trigger"
    STARTED = "started"
    DETECTABLE = "detectable"
    DETECTED = "detected"
    PAGED = "paged"
    ACKNOWLEDGED = "acknowledged"
    ENGAGED = "engaged"
    DECLARED = "declared"
    IDENTIFIED = "identified"
    MITIGATION_APPLIED = "mitigation_applied"
    MITIGATION_EFFECTIVE = "mitigation_effective"
    RECOVERED = "recovered"
    RESOLVED = "resolved"
    CLOSED = "closed"


class By(StrEnum):
    """Who says so: telemetry read by the machine, or a person."""

    ESTIMATE = "estimate"
    STATED = "stated"


@dataclass(frozen=True, slots=True)
class Point:
    """One point with its bounds, in ns. An estimate and a stated point stand side by side."""

    name: PointName
    at: int
    earliest: int
    latest: int
    by: By
    #: One sentence: what the value rests on.
    basis: str
    cites: tuple[Citation, ...]
    offset: int | None = 0
    #: How sure it is that the moment lies inside the bounds; None: it was recorded or stated, not estimated.
    confidence: float | None = None


class Measured(StrEnum):
    RECORDED = "recorded"
    PENDING = "pending"
    NOT_APPLICABLE = "not applicable"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Duration:
    """A stretch between two points; ``ns`` is None unless the state is recorded."""

    name: str
    start: PointName
    end: PointName
    state: Measured
    ns: int | None = None
    shortest: int | None = None
    longest: int | None = None


#: Every duration the house prints, with its endpoints (words.md).
DURATIONS: tuple[tuple[str, PointName, PointName], ...] = (
    ("time to detect", PointName.STARTED, PointName.DETECTED),
    ("time to acknowledge", PointName.PAGED, PointName.ACKNOWLEDGED),
    ("time to engage", PointName.PAGED, PointName.ENGAGED),
    ("time to mitigate", PointName.STARTED, PointName.MITIGATION_EFFECTIVE),
    ("time to recover", PointName.STARTED, PointName.RECOVERED),
    ("time to resolve", PointName.STARTED, PointName.RESOLVED),
)


class Status(StrEnum):
    OPEN = "open"
    ANALYSED = "analysed"
    REVIEWED = "reviewed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class StatedPoint:
    """A point as a person gave it, in their own record; the estimate is never overwritten by it."""

    name: PointName
    at: str
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who asked for the analysis stated. All in ns; None: find it."""

    at: int | None = None
    window: tuple[int, int] | None = None
    baseline: tuple[int, int] | None = None
    zone: str = ""
    #: Service level objectives by name, as shares. What they are changes no finding, and so not which incident it is.
    objectives: tuple[tuple[str, float], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Incident:
    """The record of one incident in a workspace."""

    id: str
    title: str
    status: Status
    #: SHA-256 of the artefacts, in the order of their ids E1, E2, …
    evidence: tuple[str, ...]
    options: Options
    severity: str = ""
    services: tuple[str, ...] = ()
    stated: tuple[StatedPoint, ...] = ()
    #: Sections that people write: background, lessons, accepted risks.
    notes: tuple[tuple[str, str], ...] = ()
    #: How secrets are replaced in everything of this incident, also in what is added to it later.
    seal: Seal | None = None
    #: What people decided about the graph of causes, in order.
    edits: tuple[Edit, ...] = ()
    #: What they said when questions about it were put to them.
    answers: tuple[Answer, ...] = ()
