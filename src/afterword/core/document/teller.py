"""The small words of the document: a figure, a point, a cause, a citation, each as a claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.claim import Ledger
from afterword.model.cause import Role
from afterword.model.document import Block, Inline, Note, Paragraph, Picture, Words
from afterword.model.incident import By, Incident, Measured, PointName

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from afterword.core.claim import Ground
    from afterword.model.action import ActionItem
    from afterword.model.cause import Cause
    from afterword.model.evidence import Citation
    from afterword.model.postmortem import Postmortem


def w(text: str, *, strong: bool = False) -> Words:
    return Words(text, strong=strong)


def p(*inlines: Inline) -> Paragraph:
    return Paragraph(inlines)


class Teller:
    """Holds the ledger while the sections are written."""

    def __init__(
        self, ground: Ground, incident: Incident, pictures: Mapping[str, Picture], actions: Sequence[ActionItem]
    ) -> None:
        self.ground = ground
        self.pm: Postmortem = ground.postmortem
        self.ledger = Ledger(ground)
        self.incident = incident
        self.pictures = pictures
        self.actions = actions

    def point(self, name: PointName, part: str = "at", by: By | None = None, *, strong: bool = False) -> Inline | None:
        """A part of a point: the estimate where there is one, else what was stated."""
        for wanted in (by,) if by else (By.ESTIMATE, By.STATED):
            for one in self.pm.points:
                if one.name is name and one.by is wanted:
                    return self.ledger.say(
                        "point", {"name": name.value, "by": wanted.value, "part": part}, one.cites, strong=strong
                    )
        return None

    def cause(self, cause: Cause, part: str = "statement", *, strong: bool = False) -> Inline:
        cites: Iterable[Citation] = cause.cites
        if ":" in part:
            reasons = cause.reasons_for if part.startswith("for") else cause.reasons_against
            cites = reasons[int(part.split(":")[1])].cites or cause.cites
        return self.ledger.say("cause", {"id": cause.id, "part": part}, cites, strong=strong)

    def duration(self, name: str) -> Inline | None:
        found = next((d for d in self.pm.durations if d.name == name), None)
        if found is None or found.state is not Measured.RECORDED:
            return None
        cites = [c for one in self.pm.points if one.name in (found.start, found.end) for c in one.cites]
        return self.ledger.say("duration", {"name": name}, cites, strong=True)

    def cites(self, citations: Sequence[Citation], most: int = 3) -> tuple[Inline, ...]:
        """Citations as links to their very lines."""
        made: list[Inline] = []
        for citation in citations[:most]:
            made += [w(" "), self.ledger.cite(citation)]
        return tuple(made[1:])

    def of_role(self, *roles: Role) -> list[Cause]:
        return [cause for cause in self.pm.explanation.causes if cause.role in roles]

    def notes(self, section: str) -> list[Block]:
        return [Note(text, "the team") for name, text in self.incident.notes if name == section]

    def impact_cites(self) -> tuple[Citation, ...]:
        return next((c.cites for c in self.pm.explanation.causes if c.role is Role.IMPACT), ())
