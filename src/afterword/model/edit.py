"""Edits: what people decided about the graph of causes, one after the other; the machine's proposal stays as it was."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from afterword.model.cause import Held, LinkKind, Needs, NodeKind
from afterword.model.evidence import Citation


class EditKind(StrEnum):
    ACCEPT = "accept"
    REJECT = "reject"
    ADD = "add"
    RESTATE = "restate"
    LINK = "link"
    UNLINK = "unlink"
    MERGE = "merge"
    SPLIT = "split"
    NEEDS = "needs"


@dataclass(frozen=True, slots=True)
class Edit:
    """One decision. ``id`` is ``g1``, ``g2``, … in the order in which they were taken.

    ``about`` names nodes: the one that is judged, added to, restated or split; cause and effect of a link; of a merge the
    one that stays and those that go into it.
    """

    id: str
    kind: EditKind
    about: tuple[str, ...]
    by: str
    at: str
    reason: str = ""
    #: The words of what is new: one, or two and more of a split.
    statements: tuple[str, ...] = ()
    node: NodeKind | None = None
    held: Held | None = None
    link: LinkKind | None = None
    needs: Needs | None = None
    least: int = 0
    component: str = ""
    #: When it was, in ns; None where nobody says.
    moment: int | None = None
    cites: tuple[Citation, ...] = ()
    #: Taken back later, by whom and why; the edit stays in the history and has no effect.
    withdrawn: str = ""
    #: What the person was in the incident (responder, owner, …); empty where it was not said.
    role: str = ""
