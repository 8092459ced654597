"""What instances report of the machine they run on: it is the machine's, and another one's after they moved."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import indicator
from afterword.core.cause import rollout
from afterword.core.indicator import Family
from afterword.model.time import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from afterword.core.case import Case, Series

#: So much of a series has to be seen elsewhere to be called shared, and so many values have to differ to tell.
_SHARED, _TELLING = 0.8, 4


def machines(all_of: Iterable[Series]) -> frozenset[int]:
    """Ids of series that other components report with the very same values at the same time: they are the machine's."""
    seen: dict[tuple[str, int, float], set[str]] = defaultdict(set)
    able = [one for one in all_of if one.statistic and indicator.family(one.indicator) is Family.SATURATION]
    for one in able:
        for key in _keys(one):
            seen[key].add(one.component)
    found = set()
    for one in able:
        elsewhere = {key for key in _keys(one) if len(seen[key]) > 1}
        if len({key[2] for key in elsewhere}) >= _TELLING and len(elsewhere) >= _SHARED * len(one.at):
            found.add(id(one))
    return frozenset(found)


def _keys(series: Series) -> Iterator[tuple[str, int, float]]:
    minutes = ((series.at + MINUTE // 2) // MINUTE).tolist()
    for minute, value in zip(minutes, series.value.tolist(), strict=True):
        yield series.indicator, minute, value


def unmoved(case: Case) -> tuple[Series, ...]:
    """The series of a case, what is of a machine only as long as the instance that reports it is itself."""
    if not case.changes or not (shared := machines(case.series)):
        return case.series
    by = rollout.strands(case.series)
    ends: dict[int, int] = {}
    for one in rollout.rollouts(case, by):
        for each in by.get(one.component, ()):
            end = one.stayed.get(each.instance, 2**62)
            if id(each.series) in shared and end <= int(each.series.at[-1]):
                ends[id(each.series)] = min(end, ends.get(id(each.series), end))
    return tuple(_until(series, ends[id(series)]) if id(series) in ends else series for series in case.series)


def _until(series: Series, end: int) -> Series:
    kept = int(np.searchsorted(series.at, end))
    return replace(series, at=series.at[:kept], value=series.value[:kept]) if kept else series
