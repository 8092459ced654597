"""Recorded series as a monitor had them, out of what a source found: sorted, and marked where they were not there.

An answer over a range holds values at the points of a grid. Where a point is missing the monitor had nothing there,
which its own look-back would hide; a mark keeps it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from afterword.core.promql.track import STALE, Track, labels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray


class Samples(NamedTuple):
    """One series as it stands: times in ns, in any order, with as many values."""

    labels: Mapping[str, str]
    at: Sequence[int]
    value: Sequence[float]


def tracks(found: Iterable[Samples]) -> Iterator[Track]:
    """Series with the times that they were taken at."""
    for one in found:
        at, value = _sorted(one)
        if len(at):
            yield Track(labels_of(one.labels), at, value)


def gridded(found: Iterable[Samples]) -> Iterator[Track]:
    """Series of one answer; where all of them lie on one grid the points at which one is missing are marked."""
    held = [(labels_of(one.labels), *_sorted(one)) for one in found]
    held = [one for one in held if len(one[1])]
    step = _step([at for _, at, _ in held])
    last = max((int(at[-1]) for _, at, _ in held), default=0)
    for labels, at, value in held:
        yield Track(labels, *(_marked(at, value, step, last) if step else (at, value)))


def _sorted(one: Samples) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    at, first = np.unique(np.asarray(one.at, dtype=np.int64), return_index=True)
    return at, np.asarray(one.value, dtype=np.float64)[first]


def _step(times: Sequence[NDArray[np.int64]]) -> int:
    """The distance of the grid that all the times lie on, 0 where there is none."""
    step = min((int(np.diff(at).min()) for at in times if len(at) > 1), default=0)
    if not step:
        return 0
    phase = int(times[0][0]) % step
    return step if all(bool(np.all(at % step == phase)) for at in times) else 0


def _marked(
    at: NDArray[np.int64], value: NDArray[np.float64], step: int, last: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    gone = np.append(np.diff(at) > step, at[-1] < last)
    if not np.any(gone):
        return at, value
    times = np.concatenate((at, at[gone] + step))
    values = np.concatenate((value, np.full(int(gone.sum()), STALE)))
    order = np.argsort(times, kind="stable")
    return times[order], values[order]


def merged(found: Iterable[Track]) -> list[Track]:
    """The same series out of several artefacts is one: the samples of the first win, and marks give way to samples."""
    by_labels: dict[Any, list[Track]] = {}
    for one in found:
        by_labels.setdefault(one.labels, []).append(one)
    return [_joined(same) for _, same in sorted(by_labels.items())]


def _joined(same: Sequence[Track]) -> Track:
    if len(same) == 1:
        return same[0]
    at = np.concatenate([one.at for one in same])
    value = np.concatenate([one.value for one in same])
    marks = np.ascontiguousarray(value).view(np.uint64) == np.array([STALE]).view(np.uint64)[0]
    order = np.lexsort((marks, at))
    times, first = np.unique(at[order], return_index=True)
    return Track(same[0].labels, times, value[order][first], same[0].source)
