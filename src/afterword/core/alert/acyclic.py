"""No alert leads to itself on a way round: the weakest link of a circle is the one that is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def without_circles(gain: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Links with a gain above 0, the strongest first, as far as none of them closes a circle."""
    found = np.zeros(gain.shape, np.bool_)
    reach = np.eye(len(gain), dtype=np.bool_)
    for link in np.argsort(-gain, axis=None, kind="stable"):
        cause, effect = divmod(int(link), len(gain))
        if gain[cause, effect] <= 0:
            break
        if not reach[effect, cause]:
            found[cause, effect] = True
            reach |= np.outer(reach[:, cause], reach[effect])
    return found


def reachable(links: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """From which kind which others are reached over links; each reaches itself."""
    found = links | np.eye(len(links), dtype=np.bool_)
    while True:
        wider = (found.astype(np.float32) @ found.astype(np.float32)) > 0
        if (wider == found).all():
            return found
        found = wider
