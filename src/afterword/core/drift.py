"""How far levels are off between two times of which only these were recorded: by all the series that tell of both.

Before an incident begins most series are as usual: what they are off by is what a time so far away does to a level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.core import statistics
from afterword.model.time import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from afterword.core.case import Series
    from afterword.core.window import Found

#: So many series say how far they drift; where fewer do, a level is taken to be off by so many spreads.
_ENOUGH, _UNKNOWN = 20, 2.0
#: The same series has so many samples in the healthy stretch.
_LEAST_USUAL = 20
#: 95 % of a normal distribution lie within so many of its standard deviations: tails are what matters here.
_NORMAL_95 = 1.96
#: A level is off by its own spread at least, and by no more than these many: beyond that it was another state.
_LEAST, _MOST = 1.0, 6.0


def of(series: Iterable[Series], found: Found) -> float:
    """Standard deviation of a level between the healthy stretch and the time just before the incident, in usual spreads."""
    if found.window.start <= found.block.start:
        return _UNKNOWN
    before = Span(found.block.start, found.window.start - 1)
    off = [away for one in series if (away := _away(one, found.baseline, before)) is not None]
    if len(off) < _ENOUGH:
        return _UNKNOWN
    return min(max(float(np.percentile(off, 95)) / _NORMAL_95, _LEAST), _MOST)


def _away(series: Series, healthy: Span, before: Span) -> float | None:
    usual, now = series.within(healthy), series.within(before)
    # What never moves is not off by chance.
    if len(usual) < _LEAST_USUAL or not len(now) or np.ptp(usual) == 0:
        return None
    return abs(float(now.mean() - np.median(usual))) / statistics.scale(usual, statistics.least_spread(series))
