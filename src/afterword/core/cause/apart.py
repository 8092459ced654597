"""Where the incident is, by series and by requests, and what was on at about the same time and is another incident."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import meant, window
from afterword.core.case import Series
from afterword.core.cause import episode, heard
from afterword.core.window import Onset
from afterword.model.time import MINUTE, Span, iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.core.case import Case
    from afterword.core.cause.episode import Episode
    from afterword.core.window import Found

#: Bits of a departure are as good as so many sigmas.
_MOST = 25.0
#: The first so much of the spans is taken as usual, where no time is stated and nothing was cut out.
_FIRST = 1 / 3
#: Another incident is looked for so long before the stated moment.
_EARLIER = 5 * MINUTE


def find(case: Case, series: Sequence[Series]) -> Found | None:
    """The incident of a case; None when nothing stands out."""
    options = case.options
    case = heard.visited(case)
    if options.window is not None:
        return window.find(series, case.covered, options)
    if options.at is None:
        cut = (meant.stretches(case) or (None,))[-1]
        return window.find(series, case.covered, options, _votes(case, cut), cut)
    found = window.find(series, case.covered, options)
    if found is not None and _before_recorded(found, meant.stretches(case), options.at):
        found = window.noticed(
            options.at, found.block, replace(options, baseline=(found.baseline.start, found.baseline.end))
        )
    return _alone(case, found, options.at) if found is not None else None


def _before_recorded(found: Found, stretches: Sequence[Span], stated: int) -> bool:
    """Whether what was found was over before anything was recorded in full around the stated moment."""
    near = [one for one in stretches if one.start - meant.STATED_OFF <= stated <= one.end + meant.STATED_OFF]
    return any(found.window.end <= one.start for one in near)


def _votes(case: Case, cut: Span | None) -> list[Onset]:
    """Onsets of what departs from its course; healthy is what came first, or what was recorded apart."""
    spans = case.spans
    if not len(spans):
        return []
    since = cut.start if cut is not None and cut.start > spans.at[0] else int(np.quantile(spans.at, _FIRST))
    now = spans.at >= since
    return [_onset(one, case) for one in episode.episodes(case, ~now, now)]


def _onset(one: Episode, case: Case) -> Onset:
    """An episode as the onset of a series: for each visit, whether it went another way."""
    cite = case.spans.rows.cite(one.row)
    made = Series(
        one.component,
        "requests off their course",
        one.at,
        one.off.astype(np.float64),
        cite,
        derived="measured from spans",
    )
    bits = min(one.bits, _MOST)
    return Onset(made, one.begin, one.earliest, one.until, bits, bits, window.weight(made, bits, bits))


def _alone(case: Case, found: Found, stated: int) -> Found:
    """The incident without the part of the time in which another one was on."""
    spans = case.spans
    now = (spans.at >= min(found.window.start, stated - _EARLIER)) & (spans.at <= found.window.end)
    before = (spans.at >= found.baseline.start) & (spans.at <= found.baseline.end) & ~now
    episodes = episode.episodes(case, before, now)
    onsets = [_onset(one, case) for one in episodes]
    over = [(episodes[row], onsets[row]) for row in meant.over(onsets, stated)]
    if not over:
        return found
    until = max(onset.until for _, onset in over if onset.until is not None)
    others = tuple(_other(one, case) for one, _ in over)
    return replace(
        found,
        window=Span(min(max(until, found.window.start), found.window.end), found.window.end),
        others=(*others, *found.others),
    )


def _other(one: Episode, case: Case) -> meant.Other:
    says = f"{one.traces} requests went another way from {iso(one.begin)} to {iso(one.last)} and the usual one again after that"
    return meant.Other(one.component, one.begin, one.until or one.last, says, case.spans.rows.cite(one.row))
