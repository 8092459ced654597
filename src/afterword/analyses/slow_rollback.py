"""Rolling back was slower than what helped at last, or it did not work: the way back was no way out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding, Role
from afterword.model.incident import PointName
from afterword.model.time import MINUTE, clock, minutes
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.evidence import Citation

NAME = "slow-rollback"
LIMITS = "When a rollback began is taken from what was said or recorded; one that went on in silence is not seen."
_BACK = r"(?:roll(?:ing|ed)?[- ]?back|rollback|revert(?:ing|ed)?)"
_FAILED = re.compile(
    rf"\b{_BACK}\b[^.!?\n]{{0,50}}?\b(?:fail(?:ed|s|ing)?|stuck|blocked|hang(?:s|ing)?|timed out|did(?:n'?t| not) (?:work|help|complete|apply)|not possible|is slow|takes? (?:too|forever|ages)|taking (?:too|forever|ages|long))"
    rf"|\b(?:can'?t|cannot|couldn'?t|unable to) (?:roll ?back|revert)\b|\bno way (?:to roll|of rolling) back\b",
    re.IGNORECASE,
)
_STARTED = re.compile(
    r"\b(?:rolling back|reverting|starting (?:the |a )?(?:rollback|revert)|rollback (?:started|in progress|under way|running))\b",
    re.IGNORECASE,
)
_DONE = re.compile(rf"\b{_BACK}\b", re.IGNORECASE)
_QUESTION = re.compile(r"\?\s*$|\b(?:should|could|shall|if|may|might|would)\b", re.IGNORECASE)


def run(scene: Scene) -> Iterator[Finding]:
    noticed = scene.points.get(PointName.DETECTED) or scene.points.get(PointName.STARTED)
    if noticed is None:
        return
    found = _said_to_fail(scene, noticed.earliest) or _overtaken(scene, noticed.earliest)
    if found:
        says, cites = found
        about = next((c.component for c in scene.explanation.causes if c.role is Role.TRIGGER), "")
        yield Finding(identity(NAME, about), NAME, "change control", says, about, cites, LIMITS, 0.6)


def _said_to_fail(scene: Scene, since: int) -> tuple[str, tuple[Citation, ...]] | None:
    for fact in scene.case.messages:
        at, text = fact.event.at, fact.event.text
        if at is not None and at >= since and _FAILED.search(text) and not _QUESTION.search(text):
            return f"At {clock(at)} somebody wrote that the rollback did not work or was too slow.", (fact.cite,)
    return None


def _overtaken(scene: Scene, since: int) -> tuple[str, tuple[Citation, ...]] | None:
    """A rollback was begun, and another change ended the harm before it was done."""
    ended = scene.points.get(PointName.MITIGATION_EFFECTIVE) or scene.points.get(PointName.RECOVERED)
    begun = next((f for f in scene.case.messages if (f.event.at or -1) >= since and _STARTED.search(f.event.text) and not _QUESTION.search(f.event.text)), None)  # fmt: skip
    if ended is None or begun is None or begun.event.at is None or begun.event.at >= ended.earliest:
        return None
    after = [f for f in scene.case.changes if f.event.at is not None and f.event.at > begun.event.at and f.event.attributes.get("change") != "commit"]  # fmt: skip
    back = next((f for f in after if _DONE.search(f"{f.event.text} {f.event.attributes.get('task', '')}")), None)
    other = next((f for f in after if f is not back and (f.event.at or 0) <= ended.latest), None)
    if back is None or back.event.at is None or other is None or back.event.at <= ended.latest + MINUTE:
        return None
    took = minutes(back.event.at - begun.event.at)
    says = (
        f"A rollback begun at {clock(begun.event.at)} was done at {clock(back.event.at)}, {took} later; {other.event.subject or 'another change'}"
        f" was changed at {clock(other.event.at or 0)} and the harm had ended by {clock(ended.at)}."
    )
    return says, (begun.cite, back.cite, other.cite)


ANALYSIS = Analysis(NAME, "a rollback that failed, or was slower than what helped", run)
