"""How far components are from one another, in steps of a topology."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray


def joined(components: Sequence[str], edges: Iterable[tuple[str, str]]) -> NDArray[np.bool_]:
    """A symmetric matrix: two components touch where an edge of either direction joins them."""
    position = {name: number for number, name in enumerate(components)}
    made = np.zeros((len(components), len(components)), np.bool_)
    for one, other in edges:
        if one in position and other in position and one != other:
            made[position[one], position[other]] = made[position[other], position[one]] = True
    return made


def steps(touching: NDArray[np.bool_], most: int) -> NDArray[np.int8]:
    """Steps from one component to another, ``most + 1`` where there are more than ``most``."""
    size = len(touching)
    found = np.full((size, size), most + 1, np.int8)
    reached = np.eye(size, dtype=np.bool_)
    found[reached] = 0
    beside = (touching | reached).astype(np.float32)
    for step in range(1, most + 1):
        wider = (reached.astype(np.float32) @ beside) > 0
        found[wider & ~reached] = step
        reached = wider
    return found
