"""What taking a change back did: whether the harm broke there, went on as before, or people say that it did not help."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.derive import ERROR
from afterword.model.time import MINUTE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Case
    from afterword.core.window import Found
    from afterword.model.event import Fact

#: What is taken back takes so long to reach every instance, and caches so long to drain, without saying anything.
SETTLES = 5 * MINUTE
#: Harm that goes on at so much of its rate has not been touched.
_UNTOUCHED = 0.6
#: With fewer bad events before it, no rate is known.
_ENOUGH = 10
_DENIED = re.compile(
    r"\b(did ?n[o']t|did not|does ?n[o']t|does not|has ?n[o']t|has not)\s+(help|work|fix|change|matter|do anything|make (a|any) difference)"
    r"|\b(did|does|changed|made)\s+(nothing|no difference)|no (effect|improvement|change|difference)\b"
    r"|\bstill (failing|broken|down|erroring|seeing|happening|the same)|\b(was|is) ?n[o']t (the|that|this|it|us|our)\b|\bred herring\b",
    re.IGNORECASE,
)
#: It has to be about what was taken back, in words that people use for it.
_TAKEN_BACK = re.compile(r"roll(ed|ing)?[ -]?back|rollback|revert|undo|switched? (it )?off|turned (it )?off|deploy|release|flag", re.IGNORECASE)  # fmt: skip


def bad_events(case: Case, found: Found) -> NDArray[np.int64]:
    """When error lines were written and requests failed during the incident, in order."""
    logs, spans = case.logs, case.spans
    lines = logs.at[(logs.severity >= ERROR) & (logs.at >= found.window.start) & (logs.at <= found.window.end)]
    failed = spans.at[spans.failed & (spans.at >= found.window.start) & (spans.at <= found.window.end)] if len(spans) else lines[:0]  # fmt: skip
    made: NDArray[np.int64] = np.sort(np.concatenate([lines, failed]))
    return made


def went_on(bad: NDArray[np.int64], onset: int, undo: int, recovered: int) -> bool:
    """Whether the harm went on after the undo as before, for longer than an undo takes to settle."""
    if recovered - undo <= SETTLES or undo <= onset:
        return False
    settled = undo + min(SETTLES, (recovered - undo) // 2)
    before = _rate(bad, onset, undo)
    enough = np.searchsorted(bad, undo) - np.searchsorted(bad, onset) >= _ENOUGH
    return bool(enough and _rate(bad, settled, recovered) >= _UNTOUCHED * before)


def _rate(bad: NDArray[np.int64], start: int, end: int) -> float:
    count = int(np.searchsorted(bad, end) - np.searchsorted(bad, start))
    return count / max(end - start, 1)


def denials(messages: Sequence[Fact], undo: int, until: int) -> tuple[Fact, ...]:
    """Messages after the undo that say that it did not help."""
    return tuple(
        fact
        for fact in messages
        if fact.event.at is not None
        and undo <= fact.event.at <= until
        and _DENIED.search(fact.event.text)
        and _TAKEN_BACK.search(fact.event.text)
    )
