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


def explained(
    links: NDArray[np.bool_], strength: NDArray[np.float64], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of each link its strength as a multiple of what reaches the effect in other ways; infinite where nothing does."""
    kept = np.where(links, strength, 0.0)
    # Descendants per alert, over ways of any length: the series ends, since there are no circles.
    total = np.asarray(np.linalg.inv(np.eye(len(kept)) - kept), np.float64)
    found = np.full(kept.shape, np.inf)
    for cause, effect in np.argwhere(links):
        indirect = _indirect(total, kept[cause, effect], counts, int(cause), int(effect))
        if indirect > 0:
            found[cause, effect] = kept[cause, effect] / indirect
    return found


def _indirect(total: NDArray[np.float64], direct: float, counts: NDArray[np.float64], cause: int, effect: int) -> float:
    """Alerts of the effect per alert of the cause, over a third kind between them or a common cause of both."""
    over = float(total[cause, effect]) - float(direct)
    to_cause = total[:, cause].copy()
    to_cause[[cause, effect]] = 0
    past_the_cause = total[:, effect] - total[:, cause] * total[cause, effect]
    common = float(counts @ (to_cause * past_the_cause))
    # What is left of a difference of equal sums is no way.
    return max(over, 0.0) * (over > 1e-12) + max(common, 0.0) / max(float(counts[cause]), 1.0)
