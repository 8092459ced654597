"""Links that alerts which were lost would fake.

Where A leads to B and B to C, and some alerts of B were lost, A seems to lead to C by itself. Where A leads to B and to C, and
some of A were lost, B seems to lead to C. A share p of lost alerts leaves p / (1 - p) of such an indirect influence unexplained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A link that is weaker than this, compared with the ways around it, is not believed in any case.
_LEAST, _MOST = 0.2, 0.7
#: How far above what is usual a faked link may lie.
_ROOM = 1.5
#: Ways that bring about fewer alerts than this tell nothing of how many are lost.
_FEWEST = 50.0


def limit(links: NDArray[np.bool_], strength: NDArray[np.float64], counts: NDArray[np.float64]) -> float:
    """Links below this multiple of the ways around them are faked by lost alerts.

    Where none are lost, hardly any two kinds that a way joins have a link of their own besides; where a share p is lost,
    every such two seem to have one of p / (1 - p) of the way. The median over all of them is how much that is here.
    """
    kept = np.where(links, strength, 0.0)
    total = _total(kept)
    over = total - np.eye(len(kept)) - kept
    told = over * counts[:, None] >= _FEWEST
    usual = float(np.median(kept[told] / over[told])) if told.any() else 0.0
    return min(max(_LEAST, _ROOM * usual), _MOST)


def explained(
    links: NDArray[np.bool_], strength: NDArray[np.float64], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of each link its strength as a multiple of what reaches the effect in other ways; infinite where nothing does."""
    kept = np.where(links, strength, 0.0)
    total = _total(kept)
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


def _total(strength: NDArray[np.float64]) -> NDArray[np.float64]:
    """Descendants per alert, over ways of any length: the series ends, since there are no circles."""
    return np.asarray(np.linalg.inv(np.eye(len(strength)) - strength), np.float64)
