"""Square matrices in NumPy's format, as research on alarms publishes topologies and what is known of causes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.model.refusal import UnreadableError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_MOST_BYTES = 1 << 28


def is_matrix(path: Path) -> bool:
    """By its first bytes."""
    try:
        with path.open("rb") as stream:
            return stream.read(6) == b"\x93NUMPY"
    except OSError:
        return False


def read(path: Path) -> NDArray[np.float64]:
    """Raises UnreadableError for what is no square matrix of numbers. Nothing in the file is run (no pickles)."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UnreadableError(f"{path} is too large for a matrix of components or alerts")
        found = np.load(path, allow_pickle=False)
        numbers = np.asarray(found, np.float64)
    except (OSError, ValueError, TypeError, EOFError) as error:
        raise UnreadableError(f"{path} cannot be read as a matrix: {error}") from error
    if numbers.ndim != 2 or numbers.shape[0] != numbers.shape[1]:
        raise UnreadableError(f"{path} is no square matrix")
    return numbers


def cells(matrix: NDArray[np.float64], value: float) -> list[tuple[str, str]]:
    """Row and column of each cell with this value, beside the diagonal; rows are called by their numbers."""
    return [(str(row), str(column)) for row, column in np.argwhere(matrix == value).tolist() if row != column]
