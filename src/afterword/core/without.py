"""A case with one lane of evidence taken away: what would have been concluded without it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from afterword.core.case import Inside, Logs, Spans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from afterword.core.case import Case

#: The lanes, and the fields of a case that each is fed by. Spans and logs are columns and are emptied apart.
LANES: Mapping[str, tuple[str, ...]] = {
    "metrics": ("series",),
    "logs": ("logs", "patterns", "undated"),
    "traces": ("spans",),
    "alerts": ("alerts", "pages"),
    "changes": ("changes",),
    "states": ("states", "statuses"),
    "graph": ("edges",),
}


def without(case: Case, lane: str) -> Case:
    """The same case without a lane of ``LANES``; ``graph`` is what states who calls whom, traces still tell it."""
    given: dict[str, Any] = {}
    for name in LANES[lane]:
        held = getattr(case, name)
        given[name] = _emptied(held) if isinstance(held, Logs | Spans) else ()
    if lane in ("logs", "traces"):
        given["inside"] = Inside()
    return replace(case, **given)


def lanes_of(case: Case) -> tuple[str, ...]:
    """The lanes that the case has evidence for; taking away another one changes nothing."""
    return tuple(lane for lane, names in LANES.items() if any(len(getattr(case, name)) for name in names))


def _emptied(columns: Logs | Spans) -> Logs | Spans:
    """No rows and nobody who wrote any; the texts stay where they are, nothing points at them."""
    arrays: dict[str, Any] = {
        one.name: held[:0] for one in fields(columns) if isinstance(held := getattr(columns, one.name), np.ndarray)
    }
    return replace(columns, **arrays, components=())
