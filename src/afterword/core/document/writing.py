"""The sections in their order, written twice: the document says how many claims it makes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from afterword.core.document import facts, followup, happening, reasons, watching
from afterword.core.document.teller import Teller, p, w
from afterword.model.action import ActionState
from afterword.model.document import Document, Picture, Section

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.core.claim import Ground, Ledger
    from afterword.model.action import ActionItem
    from afterword.model.incident import Incident

#: Sections that people write, with what is asked there.
WRITTEN = (
    ("background", "Background", "What a reader has to know of the system. Nobody has written it yet."),
    ("went-well", "What went well", "Nobody has written it yet."),
    ("went-poorly", "What went poorly", "Nobody has written it yet."),
    ("luck", "Where we were lucky", "Nobody has written it yet."),
    ("lessons", "Lessons", "Nobody has written it yet."),
    ("risks", "Accepted risks", "None is recorded."),
)


def compose(
    ground: Ground, incident: Incident, pictures: Mapping[str, Picture], actions: Sequence[ActionItem] = ()
) -> Document:
    """Write the document. The count of its own claims needs a second pass, so the ledger is filled twice."""
    first = _sections(Teller(ground, incident, pictures, _open_first(actions)))
    counted = replace(ground, claims=len(first[1].claims))
    sections, ledger = _sections(Teller(counted, incident, pictures, _open_first(actions)))
    return Document(incident.id, incident.title or ground.postmortem.title, sections, tuple(ledger.claims.values()))


def _open_first(actions: Sequence[ActionItem]) -> tuple[ActionItem, ...]:
    shut = (ActionState.DECLINED, ActionState.ACCEPTED_RISK)
    return tuple(sorted(actions, key=lambda a: (a.state in shut, a.priority, a.id)))


def _sections(teller: Teller) -> tuple[tuple[Section, ...], Ledger]:
    written = {name: Section(name, title, tuple(teller.notes(name)) or (p(w(ask)),)) for name, title, ask in WRITTEN}
    made = [
        Section("summary", "Summary", tuple(facts.summary(teller))),
        Section("impact", "Impact", tuple(facts.impact(teller))),
        Section("points", "Points and durations", tuple(facts.points(teller))),
        written["background"],
        Section("timeline", "Timeline", tuple(happening.timeline(teller))),
        Section(
            "detection", "Detection and escalation", (*happening.detection(teller), *watching.alert_trials(teller))
        ),
        Section("causes", "Causes", tuple(reasons.causes(teller))),
        Section("whys", "Five whys", tuple(reasons.whys(teller))),
        Section("tree", "Fault tree", tuple(reasons.tree(teller))),
        Section("weaknesses", "Systemic weaknesses", tuple(reasons.weaknesses(teller))),
        written["went-well"],
        written["went-poorly"],
        written["luck"],
        Section("recurrence", "Recurrence", tuple(reasons.recurrence(teller))),
        written["lessons"],
        Section("actions", "Action items", tuple(followup.action_items(teller))),
        written["risks"],
        Section("communications", "Communications", tuple(happening.communications(teller))),
        Section("evidence", "Evidence index", tuple(followup.evidence_index(teller))),
        Section("verification", "Verification", tuple(followup.verification(teller))),
    ]
    return tuple(made), teller.ledger
