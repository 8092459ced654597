"""A history of alerts as columns: which kind, on which component, when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

SECOND = 10**9


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert that fired: times are ns since the epoch, ``until`` is None while it fires or where nobody says."""

    kind: str
    component: str
    at: int
    until: int | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Alerts in the order of time. ``kind`` and ``component`` are positions in the names; times are seconds.

    ``row`` is the position in what the history was made from. ``tick`` is the step of the clock: every time is a whole
    number of it after the first.
    """

    kinds: tuple[str, ...]
    components: tuple[str, ...]
    kind: NDArray[np.int64]
    component: NDArray[np.int64]
    at: NDArray[np.float64]
    until: NDArray[np.float64]
    row: NDArray[np.int64]
    tick: float
    #: The time of the first alert, ns since the epoch.
    start: int = 0

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many alerts there are of each kind."""
        return np.bincount(self.kind, minlength=len(self.kinds))

    @property
    def seconds(self) -> float:
        """How long was watched; the last tick counts whole."""
        return float(self.at[-1] - self.at[0]) + self.tick if len(self) else 0.0

    def latest(self, most: int) -> History:
        """Only the last ``most`` alerts; names stay, so that positions mean the same."""
        if len(self) <= most:
            return self
        cut = slice(len(self) - most, None)
        columns = (self.kind[cut], self.component[cut], self.at[cut], self.until[cut], self.row[cut])
        return History(self.kinds, self.components, *columns, self.tick, self.start)


def history(alerts: Sequence[Alert]) -> History:
    """Columns of alerts in any order. The same kind on the same component at the same moment is one alert."""
    order = sorted(range(len(alerts)), key=lambda row: (alerts[row].at, alerts[row].kind, alerts[row].component, row))
    first: dict[tuple[int, str, str], int] = {}
    ends: dict[tuple[int, str, str], int | None] = {}
    for row in order:
        identity = (alerts[row].at, alerts[row].kind, alerts[row].component)
        first.setdefault(identity, row)
        ends[identity] = _later(ends.get(identity), alerts[row].until)
    rows = list(first.values())
    kinds, kind = _named(alerts[row].kind for row in rows)
    components, component = _named(alerts[row].component for row in rows)
    at = np.array([alerts[row].at for row in rows], np.int64)
    start = int(at[0]) if rows else 0
    until = np.array([np.nan if end is None else (end - start) / SECOND for end in ends.values()], np.float64)
    return History(
        kinds, components, kind, component, (at - start) / SECOND, until, np.array(rows, np.int64), _tick(at), start
    )


def _later(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else max(one, other)


def _named(names: Iterable[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    found = list(names)
    order = sorted(set(found))
    position = {name: number for number, name in enumerate(order)}
    return tuple(order), np.array([position[name] for name in found], np.int64)


def _tick(at: NDArray[np.int64]) -> float:
    """The largest step that all times are a whole number of apart, in seconds."""
    steps = np.diff(at)
    step = int(np.gcd.reduce(steps)) if len(steps) else 0
    return step / SECOND if step else 1.0
