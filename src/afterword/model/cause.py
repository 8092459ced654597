"""Causes and links: one graph, read as a ranking, as five whys and as a fault tree."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from afterword.model.evidence import Citation


class Role(StrEnum):
    IMPACT = "impact"
    TRIGGER = "trigger"
    PROXIMATE = "proximate"
    CONTRIBUTING = "contributing"
    LATENT = "latent"
    DEFENCE = "defence"
    AMPLIFIER = "amplifier"
    MITIGATOR = "mitigator"
    LUCK = "luck"
    RULED_OUT = "ruled out"


class Grade(IntEnum):
    """How well a causal link is supported; computed, never typed (words.md)."""

    ASSERTED = 0
    PRECEDES = 1
    MECHANISM = 2
    INTERVENTION = 3
    REPRODUCED = 4


class Judgement(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Needs(StrEnum):
    """What an effect needs of its causes: any one of them, all together, or at least some number of them."""

    ANY = "any"
    ALL = "all"
    SOME = "some"


class NodeKind(StrEnum):
    """What a node of the graph is, apart from the part that it played."""

    EVENT = "event"
    CONDITION = "condition"
    DECISION = "decision"
    DEFENCE = "defence"
    LUCK = "luck"


class Held(StrEnum):
    """What became of a defence."""

    HELD = "held"
    FAILED = "failed"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence for or against: a sentence, its weight in bits, where it stands."""

    says: str
    weight: float
    cites: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """A node of the graph: the impact itself, an event, a condition, a weakness."""

    id: str
    statement: str
    role: Role
    component: str
    cites: tuple[Citation, ...]
    #: The object at fault (words.md): code, config, feature flag, dependency, capacity, load, …
    category: str = ""
    defect: str = ""
    layer: str = ""
    indicator: str = ""
    #: Identity of a change: commit, deployment, flag, ticket.
    ref: str | None = None
    score: float = 0.0
    grade: Grade = Grade.ASSERTED
    needs: Needs = Needs.ANY
    at: int | None = None
    earliest: int | None = None
    latest: int | None = None
    reasons_for: tuple[Reason, ...] = ()
    reasons_against: tuple[Reason, ...] = ()
    state: Judgement = Judgement.PROPOSED
    by: str = "afterword"
    kind: NodeKind = NodeKind.EVENT
    #: Of a defence only.
    held: Held | None = None
    #: How many of its causes it needs, where ``needs`` is some of them.
    least: int = 0


class LinkKind(StrEnum):
    TRIGGERS = "triggers"
    PRODUCES = "produces"
    PROPAGATES = "propagates"
    ENABLES = "enables"
    FAILS_TO_STOP = "fails to stop"
    UNDOES = "undoes"
    AMPLIFIES = "amplifies"
    LIMITS = "limits"


@dataclass(frozen=True, slots=True)
class Link:
    """Cause to effect, with the tests it passed."""

    cause: str
    effect: str
    kind: LinkKind
    grade: Grade
    #: Why the grade: one sentence a test that passed or failed.
    tests: tuple[str, ...]
    cites: tuple[Citation, ...]
    #: From cause to effect in ns, as estimated and as bounded by the intervals of both.
    delay: int | None = None
    shortest: int | None = None
    longest: int | None = None
    by: str = "afterword"


class Verdict(StrEnum):
    EXPLAINED = "explained"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Scored:
    """A component with its score, in the order of the ranking."""

    component: str
    score: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The graph and what is said of it. ``causes`` are ranked; ``top`` is the id of the impact."""

    top: str
    causes: tuple[Cause, ...]
    links: tuple[Link, ...]
    components: tuple[Scored, ...]
    verdict: Verdict
    #: True when changes were looked at and none of them was convicted.
    none_of_the_changes: bool
    #: Observations that would decide, in words.
    would_decide: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one analysis says: a systemic weakness, with its limits and its citations."""

    id: str
    analysis: str
    #: tests, monitoring, ownership, change control, resilience, knowledge, recovery.
    area: str
    says: str
    about: str
    cites: tuple[Citation, ...]
    #: What this finding cannot see.
    limits: str = ""
    weight: float = 0.5
    #: Its class in each published classification that has one: ``HFACS: inadequate supervision``.
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """One question and its answer in the five whys; branches follow."""

    question: str
    answer: str
    cause: str
    grade: Grade
    cites: tuple[Citation, ...]
    then: tuple[Why, ...] = ()
    #: Why this branch ends here; empty while it goes on.
    stop: str = ""
