"""Few samples: a short healthy time tells the usual level, hardly the usual spread, so what leaves it has to be clearer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from afterword.core.case import Series
    from afterword.model.time import Span

#: From so many samples on a stretch tells its own spread.
ENOUGH = 8
#: Where a normal deviate and Student's t are compared: about one in a thousand.
_DEVIATE = 3.09


def usual(series: Series, healthy: Span, block: Span, trouble: int) -> NDArray[np.float64]:
    """Samples of the healthy time; where they are too few, with those of the block before the trouble.

    Of a told healthy minute a series that is sampled every minute shows a sample or two.
    """
    found = series.within(healthy)
    if len(found) >= ENOUGH:
        return found
    inside = (series.at >= healthy.start) & (series.at <= healthy.end)
    before = (series.at >= block.start) & (series.at < trouble)
    return series.value[inside | before]


def sure(samples: int) -> float:
    """What a distance in spreads of so many samples is worth beside one in a spread that is known, 0 to 1.

    The quotient of a normal deviate and of Student's t of the same probability (Wallace's approximation, inverted).
    """
    nu = max(samples - 1, 1)
    scaled = _DEVIATE * (8 * nu + 3) / (8 * nu + 1)
    return _DEVIATE / math.sqrt(nu * math.expm1(min(scaled * scaled / nu, 50.0)))
