"""Answers: what people say when a question about the graph is put to them. Testimony by role, kept beside the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Says(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    #: The remark stands, and somebody took it on themselves, with a reason.
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Answer:
    """``about`` is a node's id, a link as ``cause>effect``, or ``graph``. ``rule`` is the one whose question it answers."""

    rule: str
    about: str
    says: Says
    text: str
    #: What the person was in the incident (responder, author of the change, owner, …); names are not asked for.
    role: str
    by: str
    at: str
