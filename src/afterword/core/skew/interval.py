"""The stretch that most of many intervals share: Marzullo's algorithm, as NTP uses it to agree on a time.

K. Marzullo, S. Owicki: Maintaining the time in a distributed system (1983); RFC 5905 section 11.2.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Agreed(NamedTuple):
    """The shared stretch, how many intervals hold all of it, and how many there were."""

    least: int
    most: int
    agreeing: int
    pairs: int


def agreed(low: NDArray[np.int64], high: NDArray[np.int64]) -> Agreed | None:
    """The narrowest stretch inside the largest number of the closed intervals ``[low, high]``; None without any.

    Intervals that end before they begin are left out, but counted.
    """
    whole = low <= high
    starts, ends = np.sort(low[whole]), np.sort(high[whole])
    if not len(starts):
        return None
    # A point is covered by those that have begun minus those that have ended before it; only at a start can that grow.
    covered = np.arange(1, len(starts) + 1) - np.searchsorted(ends, starts, side="left")
    best = int(np.argmax(covered))
    least = int(starts[best])
    most = int(ends[np.searchsorted(ends, least, side="left")])
    return Agreed(least, most, int(covered[best]), len(low))
