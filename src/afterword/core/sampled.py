"""How the samples of a series stand in time, and which of them lie where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Series
    from afterword.core.statistics import Least
    from afterword.core.window import Found
    from afterword.model.time import Span

#: A count that is larger than this on average is told from its spread like any other value.
_RARE = 10.0
#: To date a change, smaller ones count than those that are worth attention.
_SHARE = 0.2


def by_name(series: Sequence[Series]) -> dict[tuple[str, str], Series]:
    return {(s.component, s.indicator + (f" {s.statistic}" if s.statistic else "")): s for s in series}


def is_binned(series: Series) -> bool:
    """A counted bin is stamped with its beginning; a recorded sample, a rate too, speaks of what was before it.

    An aggregate over a period is stamped with its beginning by some monitors (CloudWatch, Azure) and with its end by others:
    where a series has a statistic, both are possible.
    """
    return series.derived.startswith(("counted", "measured"))


def is_rare(series: Series, usual: NDArray[np.float64]) -> bool:
    """Whether these are counts of what hardly ever happens, which have no spread."""
    return series.derived.startswith("counted") and len(usual) > 0 and float(usual.mean()) < _RARE


def rows_in(series: Series, span: Span) -> slice:
    low, high = np.searchsorted(series.at, [span.start, span.end + 1])
    return slice(int(low), int(high))


def together(found: Found) -> bool:
    """Whether the healthy stretch lies in the same block as the incident, before it."""
    return found.baseline.start >= found.block.start and found.baseline.end <= found.window.start


def least_spread(usual: NDArray[np.float64], least: Least) -> float:
    """The least spread with which a change is dated: a little of the level, and more only where nothing moved at all."""
    if not len(usual):
        return 0.0
    middle = float(np.median(usual))
    still = least.still if float(np.median(np.abs(usual - middle))) == 0 else 0.0
    return max(still, _SHARE * least.share * abs(middle))
