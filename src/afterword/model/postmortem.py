"""Postmortem: everything the machine proposes about one incident, from its frozen evidence."""

from __future__ import annotations

from dataclasses import dataclass, field

from afterword.model.action import ActionItem
from afterword.model.cause import Explanation, Finding, Why
from afterword.model.evidence import Citation
from afterword.model.incident import Duration, Point
from afterword.model.ledger import DetectionLedger
from afterword.model.loss import Loss
from afterword.model.skew import Skew
from afterword.model.time import Span
from afterword.model.timeline import Moment
from afterword.model.tree import FaultTree


@dataclass(frozen=True, slots=True)
class Signal:
    """A series that left its baseline: the ones worth a picture. Values in the unit of the source."""

    component: str
    indicator: str
    baseline: float
    peak: float
    #: Robust distance from the baseline, in its own spread.
    shift: float
    onset: int | None
    earliest: int | None
    latest: int | None
    #: None: still outside its baseline at the end of the data.
    back: int | None
    cite: Citation
    derived: str = ""
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Impact:
    """What users felt, as far as the evidence tells."""

    says: tuple[tuple[str, tuple[Citation, ...]], ...]
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Postmortem:
    """Ranked, dated and cited; nothing in it was decided by a person."""

    incident: str
    title: str
    #: All that was looked at, the healthy stretch, and the incident itself (None: none was found).
    covered: Span
    baseline: Span | None
    window: Span | None
    points: tuple[Point, ...]
    durations: tuple[Duration, ...]
    signals: tuple[Signal, ...]
    moments: tuple[Moment, ...]
    explanation: Explanation
    findings: tuple[Finding, ...]
    whys: tuple[Why, ...]
    tree: FaultTree | None
    actions: tuple[ActionItem, ...]
    #: Signals still outside their baseline at the end: the incident is not over while there is one.
    not_over: tuple[str, ...]
    impact: Impact
    #: Causes and gaps that no proposed action answers.
    unanswered: tuple[str, ...] = ()
    #: How the clocks of the evidence stand to each other.
    skews: tuple[Skew, ...] = ()
    #: Where the time went from the first harm to its end.
    ledger: DetectionLedger = field(default_factory=DetectionLedger)
    #: What users went without, above what is usual.
    loss: Loss = field(default_factory=Loss)
