"""Detection ledger: from the first harm to the end of it, moment by moment, and which part of it could have been shorter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from afterword.model.evidence import Citation
from afterword.model.incident import By


class Stage(StrEnum):
    """The moments of a detection and of what followed, in their usual order."""

    IMPACT = "impact"
    VISIBLE = "visible in data"
    COULD_FIRE = "a rule could fire"
    FIRED = "a rule fired"
    PAGED = "paged"
    ACKNOWLEDGED = "acknowledged"
    ENGAGED = "the right person engaged"
    DIAGNOSED = "diagnosed"
    MITIGATION_STARTED = "mitigation started"
    EFFECTIVE = "effective"


@dataclass(frozen=True, slots=True)
class Entry:
    """One moment with its bounds, in ns; ``at`` None: not known, and ``basis`` says what is missing."""

    stage: Stage
    at: int | None
    earliest: int | None
    latest: int | None
    by: By | None
    basis: str
    cites: tuple[Citation, ...]
    #: The latest known moment before it, and how long after that it came; None where there is none. Never negative.
    after: Stage | None = None
    took: int | None = None
    #: How much of that was avoidable, by how long it takes where it is done well; and what would have shortened it.
    avoidable: int | None = None
    lever: str = ""
    offset: int | None = 0


@dataclass(frozen=True, slots=True)
class DetectionLedger:
    """Every stage, known or not. ``largest``: the one before which most time was avoidable; None where nothing says so."""

    entries: tuple[Entry, ...] = ()
    largest: Stage | None = None

    def entry(self, stage: Stage) -> Entry | None:
        return next((one for one in self.entries if one.stage is stage), None)
