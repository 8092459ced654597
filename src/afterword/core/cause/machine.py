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
    from collections.abc import Iterable, Iterator, Sequence

    from afterword.core.case import Case, Series

#: So much of a series has to be seen elsewhere to be called shared, and so many values have to differ to tell.
_SHARED, _TELLING = 0.8, 4


def machines(all_of: Iterable[Series]) -> frozenset[int]:
    """Ids of series that other components report with the very same values at the same time: they are the machine's."""
    groups: dict[str, list[Series]] = defaultdict(list)
    for one in all_of:
        if one.statistic and len(one.at) and indicator.family(one.indicator) is Family.SATURATION:
            groups[one.indicator].append(one)
    return frozenset(found for same in groups.values() for found in _of_machines(same))


def _of_machines(same: Sequence[Series]) -> Iterator[int]:
    """Of series of one indicator, those whose samples nearly all stand in another component's as well."""
    codes = {name: code for code, name in enumerate(sorted({one.component for one in same}))}
    if len(codes) < 2:
        return
    lengths = [len(one.at) for one in same]
    minute = np.concatenate([(one.at + MINUTE // 2) // MINUTE for one in same])
    value = np.concatenate([one.value for one in same])
    component = np.repeat([codes[one.component] for one in same], lengths)
    order = np.lexsort((component, value, minute))
    # Runs of the same value at the same time; what stands first and last in one differs where several components have it.
    fresh = np.diff(minute[order], prepend=-1).astype(bool) | np.diff(value[order], prepend=np.nan).astype(bool)
    run = np.cumsum(fresh) - 1
    start = np.flatnonzero(fresh)
    end = np.append(start[1:], len(order)) - 1
    several = component[order][start] != component[order][end]
    elsewhere = np.empty(len(order), dtype=np.bool_)
    elsewhere[order] = several[run]
    for one, mine in zip(same, np.split(elsewhere, np.cumsum(lengths)[:-1]), strict=True):
        if mine.sum() >= _SHARED * len(mine) and len(np.unique(one.value[mine])) >= _TELLING:
            yield id(one)


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
