"""Somebody who responded lacked the access that the response needed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.model.incident import PointName
from afterword.model.time import clock
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "missing-access"
LIMITS = "Only what somebody wrote down is seen; how long it held up the response is not measured."
_LACKS = re.compile(
    r"\b(?:don'?t|do not|doesn'?t|no longer|didn'?t) have (?:the )?(?:access|permissions?|rights|credentials)|\bno access to\b"
    r"|\b(?:need|needs|waiting for|request(?:ed|ing)?) (?:\w+ )?(?:access|permissions?|credentials)\b|\bwho has (?:\w+ )?access\b|\blocked out of\b|\bcan(?:'?t|not) (?:ssh|log ?in|sudo)\b(?! ?as a user)",
    re.IGNORECASE,
)
_USERS = re.compile(r"\b(?:customers?|users?|clients?|merchants?)\b", re.IGNORECASE)


def run(scene: Scene) -> Iterator[Finding]:
    noticed = scene.points.get(PointName.DETECTED)
    if noticed is None:
        return
    for fact in scene.case.messages:
        at, text = fact.event.at, fact.event.text
        # Users who cannot log in are a symptom, not a responder without a key.
        if at is not None and at >= noticed.at and _LACKS.search(text) and not _USERS.search(text):
            says = f"At {clock(at)} the response lacked an access that it needed."
            yield Finding(identity(NAME, ""), NAME, "recovery", says, "", (fact.cite,), LIMITS, 0.55)
            return


ANALYSIS = Analysis(NAME, "access that was missing during the response", run)
