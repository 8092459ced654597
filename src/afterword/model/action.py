"""Action item: what is to be done, by whom, until when, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActionState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in progress"
    IMPLEMENTED = "implemented"
    VERIFIED = "verified"
    EFFECTIVE = "effective"
    INEFFECTIVE = "ineffective"
    DECLINED = "declined"
    ACCEPTED_RISK = "accepted risk"


class ActionKind(StrEnum):
    """The kind of change (the seed kinds of the project)."""

    CODE_FIX = "code fix"
    ALERT_THRESHOLD = "alert threshold"
    CHANGE_CONTROL = "change-management control"
    RUNBOOK = "runbook"
    ARCHITECTURE = "architecture"
    TEST = "test"
    OWNERSHIP = "ownership"


class ActionCategory(StrEnum):
    INVESTIGATE = "investigate"
    MITIGATE_NOW = "mitigate now"
    REPAIR = "repair"
    DETECT = "detect"
    MITIGATE = "mitigate (future)"
    PREVENT = "prevent"
    PROCESS = "process"


class Strength(StrEnum):
    """Strength of the control, strongest first."""

    ELIMINATE = "eliminate"
    ENGINEER_OUT = "engineer out"
    AUTOMATIC_GUARD = "automatic guard"
    DETECT = "detect"
    DOCUMENT = "document"
    TRAIN = "train"


class Priority(StrEnum):
    P0 = "P0"
    P1 = "P1"
    P2 = "P2"


@dataclass(frozen=True, slots=True)
class ActionItem:
    """One item. It starts with a verb, says how to tell that it is finished, and answers a cause or a gap."""

    id: str
    incident: str
    title: str
    kind: ActionKind
    category: ActionCategory
    strength: Strength
    #: Ids of causes, findings or gap moments of the incident.
    answers: tuple[str, ...]
    done_when: str
    state: ActionState = ActionState.PROPOSED
    owner: str = ""
    priority: Priority = Priority.P1
    #: Date, ``2026-12-24``; empty until it is accepted.
    due: str = ""
    reason: str = ""
    #: What shows that it is done: citations, links, commit ids.
    proof: tuple[str, ...] = ()
    ticket: str = ""
    by: str = "afterword"
    component: str = ""
    #: The pattern it would prevent (see Lesson): how later incidents are matched to it.
    pattern: str = ""
    opened: str = ""
    #: What trying it out showed, as rows of a table with their head: for an alert rule, when it would have fired.
    trial: tuple[tuple[str, ...], ...] = ()
