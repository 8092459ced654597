"""A second method for the finalists: the one change of level that least squares put into a series, exactly.

It assumes what the posterior of ``core/onset.py`` does not: a single step, and noise that is the same on both sides. Where both
say the same, neither's assumptions decided it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def split(values: NDArray[np.float64], least: int = 1) -> int | None:
    """The row with which the later of two levels begins, each at least so many samples long; None where there is no room.

    All places are tried: the sum of squares between the parts is their sums' alone (Fisher 1958, for two groups).
    """
    n = len(values)
    if n < 2 * least or n < 2:
        return None
    # Where the step is does not depend on the unit; squares of what is huge would not be numbers.
    most = float(np.abs(values).max()) or 1.0
    scaled = values / most
    centred = scaled - scaled.mean()
    cuts = np.arange(least, n - least + 1)
    before = np.cumsum(centred)[cuts - 1]
    gained = before * before * n / (cuts * (n - cuts))
    return int(cuts[int(np.argmax(gained))]) if float(gained.max()) > 0 else None
