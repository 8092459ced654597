"""A suspicion was followed for a while and then ruled out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core import chat
from afterword.core.cause.graph import identity
from afterword.core.diff import words
from afterword.model.cause import Finding
from afterword.model.time import MINUTE, clock, minutes
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.event import Fact

NAME = "wrong-hypothesis"
LIMITS = "Suspicion and rejection are matched by the words they share; following two ideas at once is good practice, not a fault."
_SUSPECT = re.compile(
    r"\b(suspect\w*|looks like|might be|could be|maybe (?:it'?s )?the|i think|probably|my guess|theory|hypothesis)\b",
    re.IGNORECASE,
)
LEAST = 10 * MINUTE
_PLAIN = frozenset(("the", "this", "that", "with", "from", "have", "just", "been", "what", "when", "which", "looks", "like", "think", "suspect", "suspecting", "ruled", "out", "not", "cause", "because", "maybe", "might", "could", "probably", "still", "here", "there", "good", "fine", "normal", "healthy", "problem", "issue"))  # fmt: skip


def run(scene: Scene) -> Iterator[Finding]:
    told = [f for f in scene.case.messages if f.event.at is not None]
    for place, rejected in enumerate(told):
        if not chat.rules_out(rejected.event.text):
            continue
        raised = next((f for f in told[:place] if _same(f, rejected)), None)
        if raised is None or (rejected.event.at or 0) - (raised.event.at or 0) < LEAST:
            continue
        shared = ", ".join(sorted(_subject(raised) & _subject(rejected))[:3])
        spent = minutes((rejected.event.at or 0) - (raised.event.at or 0))
        says = f"A suspicion about {shared}, raised at {clock(raised.event.at or 0)}, was ruled out at {clock(rejected.event.at or 0)}, {spent} later."
        yield Finding(identity(NAME, shared), NAME, "knowledge", says, "", (raised.cite, rejected.cite), LIMITS, 0.45)
        return


def _subject(fact: Fact) -> frozenset[str]:
    return frozenset(w for w in words(fact.event.text) if len(w) > 3 and w not in _PLAIN)


def _same(raised: Fact, rejected: Fact) -> bool:
    text = raised.event.text
    return bool(_SUSPECT.search(text)) and not chat.rules_out(text) and len(_subject(raised) & _subject(rejected)) > 0


ANALYSIS = Analysis(NAME, "a suspicion that was followed and then ruled out", run)
