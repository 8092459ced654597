"""Timeline: what happened, moment by moment, gaps included."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from afterword.model.evidence import Citation
from afterword.model.skew import Order


class MomentKind(StrEnum):
    TRIGGER = "trigger"
    CHANGE = "change"
    IMPACT = "impact"
    SYMPTOM = "symptom"
    ALERT = "alert"
    PAGE = "page"
    ACKNOWLEDGEMENT = "acknowledgement"
    DECLARATION = "declaration"
    ESCALATION = "escalation"
    COMMUNICATION = "communication"
    DIAGNOSIS = "diagnosis"
    MITIGATION = "mitigation"
    RECOVERY = "recovery"
    RESOLUTION = "resolution"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing worth telling; its id is a hash of what it cites, so that curation survives a re-read."""

    id: str
    at: int
    title: str
    kind: MomentKind
    component: str
    cites: tuple[Citation, ...]
    until: int | None = None
    earliest: int | None = None
    latest: int | None = None
    offset: int | None = 0
    #: How much it matters, 0 to 1: the short timeline shows the top of it.
    weight: float = 0.5
    #: Words of somebody else, quoted; never ours.
    quote: str = ""
    #: The clock that stamped it, how wide the stated time is, and what was added to it, both in ns.
    clock: str = ""
    granularity: int = 1
    skew: int = 0
    #: How sure it is that this came after the moment before it.
    order: Order = Order.CERTAIN
    #: Ids of earlier moments of the timeline that may have come after this one, the nearest last.
    unsure: tuple[str, ...] = ()
