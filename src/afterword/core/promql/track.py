"""Recorded series with all their labels, and what is seen of them at a moment or over a range.

A sample of the value STALE says that from here on the series was not there, as Prometheus writes it when a target or an
answer loses a series. Look-back: the latest sample counts for five minutes unless it is such a mark.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.promql.node import Matcher, Selector, UnsupportedError
from afterword.model.time import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

LOOKBACK = 5 * MINUTE
#: The very bits that Prometheus marks the end of a series with (model/value of its source tree).
_STALE_BITS = np.uint64(0x7FF0000000000002)
STALE = float(np.array([_STALE_BITS]).view(np.float64)[0])

#: Labels of a series in the order of their names, ``__name__`` among them.
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Track:
    """One recorded series. ``at`` sorted ns without repeats; ``source`` the artefact it stands in."""

    labels: Labels
    at: NDArray[np.int64]
    value: NDArray[np.float64]
    source: str = ""
    #: Its labels are those that Prometheus had; else they were made from a component and an indicator.
    exact: bool = True

    @property
    def name(self) -> str:
        return dict(self.labels).get("__name__", "")


def labels_of(named: Mapping[str, str]) -> Labels:
    """An empty label is none."""
    return tuple(sorted((key, value) for key, value in named.items() if value))


def stale(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    marks: NDArray[np.bool_] = np.ascontiguousarray(values).view(np.uint64) == _STALE_BITS
    return marks


class Tracks:
    """The recorded series, found by name."""

    def __init__(self, tracks: Iterable[Track] = ()) -> None:
        self._by_name: dict[str, list[Track]] = {}
        self.add(tracks)

    def add(self, tracks: Iterable[Track]) -> None:
        for one in tracks:
            self._by_name.setdefault(one.name, []).append(one)

    def all(self) -> list[Track]:
        return [one for tracks in self._by_name.values() for one in tracks]

    def named(self, name: str) -> Sequence[Track]:
        return self._by_name.get(name, ())

    def chosen(self, selector: Selector) -> list[Track]:
        """The series that a selector takes. Raises UnsupportedError where two of them answer to the same labels."""
        pool = self.named(selector.name) if selector.name else self.all()
        found = [one for one in pool if _takes(selector.matchers, dict(one.labels), exact=one.exact)]
        if len({one.labels for one in found}) < len(found):
            raise UnsupportedError(f"two recorded series answer to {selector.name!r} with the same labels")
        return found


def _takes(matchers: Sequence[Matcher], labels: Mapping[str, str], *, exact: bool) -> bool:
    if not exact:
        for matcher in matchers:
            if matcher.label not in labels and not matcher.holds(""):
                raise UnsupportedError(f"the recorded series have no label {matcher.label!r}")
    return all(matcher.holds(labels.get(matcher.label, "")) for matcher in matchers)


def instants(
    track: Track, times: NDArray[np.int64], *, closed: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]:
    """The latest sample at each time, whether there is one, and when it was taken. ``closed``: at five minutes it still counts."""
    if not len(track.at):
        return np.zeros(len(times)), np.zeros(len(times), dtype=bool), times
    at = np.searchsorted(track.at, times, side="right") - 1
    known = np.maximum(at, 0)
    there = (at >= 0) & (times - track.at[known] < LOOKBACK + closed) & ~stale(track.value[known])
    return np.where(there, track.value[known], 0.0), there, track.at[known]


@dataclass(frozen=True, slots=True)
class Windows:
    """The samples ``low`` to ``high`` (exclusive) of each range; ranges end at ``end`` and are ``width`` long.

    ``now`` is when they are looked at, which an offset sets apart from their end.
    """

    at: NDArray[np.int64]
    value: NDArray[np.float64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    end: NDArray[np.int64]
    width: int
    now: NDArray[np.int64]

    @property
    def count(self) -> NDArray[np.int64]:
        return self.high - self.low

    def __len__(self) -> int:
        return len(self.end)


def windows(track: Track, now: NDArray[np.int64], width: int, offset: int = 0, *, closed: bool) -> Windows:
    """``closed``: a sample at the very start of a range belongs to it, as before Prometheus 3."""
    ends = now - offset
    kept = ~stale(track.value)
    at, value = track.at[kept], track.value[kept]
    low = np.searchsorted(at, ends - width, side="left" if closed else "right")
    high = np.searchsorted(at, ends, side="right")
    return Windows(at, value, low, high, ends, width, now)
