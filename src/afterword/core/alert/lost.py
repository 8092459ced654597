"""Links that alerts which were lost would fake.

Where A leads to B and B to C, and some alerts of B were lost, A seems to lead to C by itself. Where A leads to B and to C, and
some of A were lost, B seems to lead to C. A share p of lost alerts leaves p / (1 - p) of such an indirect influence unexplained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: p / (1 - p) where two alerts of seven are lost.
LEFT = 0.4


def explained(links: NDArray[np.bool_], strength: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each link its strength as a multiple of what reaches the effect in other ways; infinite where nothing does."""
    kept = np.where(links, strength, 0.0)
    found = np.full(kept.shape, np.inf)
    for cause, effect in np.argwhere(links):
        indirect = _indirect(kept, counts, int(cause), int(effect))
        if indirect > 0:
            found[cause, effect] = kept[cause, effect] / indirect
    return found


def _indirect(kept: NDArray[np.float64], counts: NDArray[np.float64], cause: int, effect: int) -> float:
    """Alerts of the effect per alert of the cause, over a third kind between them or a common cause of both."""
    other = kept.copy()
    other[cause, effect] = 0
    total = _total(other)
    over = float(total[cause, effect])
    other[cause] = 0
    common = counts * total[:, cause] * _total(other)[:, effect]
    common[[cause, effect]] = 0
    return over + float(common.sum()) / max(float(counts[cause]), 1.0)


def _total(strength: NDArray[np.float64]) -> NDArray[np.float64]:
    """Descendants per alert, over ways of any length: the series ends, since there are no circles."""
    return np.asarray(np.linalg.inv(np.eye(len(strength)) - strength))
