"""Sentences of the pages: grades, roles and points explained in words, times and durations as people read them."""

from __future__ import annotations

import re

from afterword.model.time import SECOND, minutes

GRADES = (
    ("asserted", "Somebody says so; nothing in the evidence supports it yet."),
    ("precedes", "It came before, and a known path of dependency joins the two. That alone proves nothing."),
    ("mechanism seen", "A log line, a span or a metric names the mechanism."),
    ("intervention", "Undoing it undid the symptom."),
    ("reproduced", "It was made to happen again."),
)
ROLES = {
    "impact": "what users felt",
    "trigger": "the event that set it off",
    "proximate": "the condition that directly produced the failure",
    "contributing": "without it: not at all, smaller or shorter",
    "latent": "a weakness that lay dormant",
    "defence": "what should have stopped it",
    "amplifier": "what made it bigger or longer",
    "mitigator": "what made it smaller or shorter",
    "luck": "what limited the harm by chance",
    "ruled out": "examined and rejected",
}
POINTS = {
    "trigger": "Trigger",
    "started": "Impact started",
    "detectable": "Detectable",
    "detected": "Detected",
    "paged": "Paged",
    "acknowledged": "Acknowledged",
    "engaged": "Engaged",
    "declared": "Declared",
    "identified": "Cause identified",
    "mitigation_applied": "Mitigation applied",
    "mitigation_effective": "Mitigation effective",
    "recovered": "Recovered",
    "resolved": "Resolved",
    "closed": "Closed",
}
#: Moments by tone: what moved, what hurt, what called, who spoke, what helped, what is not known.
TONES = {
    "trigger": "moved",
    "change": "moved",
    "impact": "hurt",
    "symptom": "hurt",
    "alert": "called",
    "page": "called",
    "acknowledgement": "spoke",
    "declaration": "spoke",
    "escalation": "spoke",
    "communication": "spoke",
    "diagnosis": "spoke",
    "mitigation": "helped",
    "recovery": "helped",
    "resolution": "helped",
    "gap": "gap",
}
KINDS = tuple(TONES)
SECTIONS = {
    "background": "Background",
    "went-well": "What went well",
    "went-poorly": "What went poorly",
    "luck": "Where we were lucky",
    "lessons": "Lessons",
    "risks": "Accepted risks",
}
_DONE = {
    "action.add": "{on} was proposed.",
    "action.accept": "{on} was accepted.",
    "action.edit": "{on} was changed.",
    "action.decline": "{on} was declined.",
    "action.move": "{on} was moved.",
    "action.verify": "{on} was verified.",
    "cause.judge": "Your decision about {on} was recorded.",
    "cause.answer": "Your answer was recorded; the next question follows.",
    "cause.add": "It stands in the graph now, and can be withdrawn.",
    "cause.link": "The link stands in the graph now, and can be withdrawn.",
    "cause.withdraw": "The decision was withdrawn; it stays in the history.",
    "point.state": "Your statement about {on} was recorded; the estimate stays beside it.",
    "document.note": "Your words are in the document ({on}).",
    "incident.close": "The incident is closed.",
    "incident.export": "The document and its bundle were written anew.",
    "evidence.drop": "The bytes of {on} were removed; that they were there stays on record.",
    "evidence.reread": "The evidence was read again.",
    "lesson.learn": "Finished actions were compared with later incidents ({on} changed).",
}
_CITATION = re.compile(r"E\d++:\d++[-@\d]*+(#.*)?$")
_ON = re.compile(r"[\w .-]{1,60}")


def done(name: str, on: str) -> str:
    """What a redirect reports. From a closed list: a link must not be able to put words on our pages."""
    says = _DONE.get(name, "")
    return says.format(on=on if _ON.fullmatch(on) else "It") if says else ""


def looks_like_citation(text: str) -> bool:
    return bool(_CITATION.match(text)) and len(text) < 200


def span(seconds: float | None) -> str:
    """A length of time as the document writes it; below a second in milliseconds."""
    if seconds is None:
        return "—"
    if seconds < 0:
        return f"−{span(-seconds)}"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms" if seconds else "0 s"
    return minutes(round(seconds * SECOND))


def short_time(text: str) -> str:
    """``2026-03-14 09:12:05`` of an RFC 3339 time; the zone is said beside it."""
    return text.rstrip("Z").replace("T", " ")[:19]


def size(count: int) -> str:
    """Bytes as people read them."""
    if count < 1000:
        return f"{count} B"
    value, unit = count / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.3g} {unit}"
