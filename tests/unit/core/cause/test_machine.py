"""What instances report of the machine that they run on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from rolled import MAIL, NEW, OLD, errors, minute, released, samples, told

from afterword.core.cause import machine

if TYPE_CHECKING:
    from afterword.core.case import Case

SHARED = {at: 10.0 + at % 7 for at in range(60)}


def moved() -> Case:
    """The first instances of shop and mail share a machine; the slot of the shop's goes on, on another machine."""
    usage = [e for pod in (OLD[0], OLD[1], MAIL[0], MAIL[1], NEW[0]) for e in samples(pod, "memory_usage", 1.0)]
    case = told(usage, errors(0.01), [released("shop", f"{NEW[0]} in for {OLD[0]}")])
    at = np.array([minute(one) for one in range(60)])
    after = np.array([50.0 + one % 5 for one in range(60)])
    before = np.array(list(SHARED.values()))
    values = {
        OLD[0]: np.where(np.arange(60) < 21, before, after),
        MAIL[0]: before,
        MAIL[1]: after,
        NEW[0]: after,
    }
    series = tuple(
        replace(one, at=at[21:], value=values[NEW[0]][21:])
        if (one.indicator, one.statistic) == ("memory_usage", NEW[0])
        else replace(one, at=at, value=values[one.statistic])
        if one.indicator == "memory_usage" and one.statistic in values
        else one
        for one in case.series
        if not (one.indicator == "error_ratio" and one.statistic == NEW[0])
    )
    return replace(case, series=series)


def test_the_same_values_at_the_same_time_are_the_machines() -> None:
    case = moved()
    found = machine.machines(case.series)
    told_ = {one.statistic for one in case.series if id(one) in found}
    assert told_ == {OLD[0], NEW[0]}, "all that they report is reported by others"
    assert OLD[1] not in told_, "its memory is its own"


def test_after_an_instance_moved_the_machine_is_another_one() -> None:
    case = moved()
    kept = {one.statistic: one for one in machine.unmoved(case) if one.indicator == "memory_usage"}
    assert int(kept[OLD[0]].at[-1]) == minute(20)
    assert len(kept[OLD[1]].at) == 60


def test_without_changes_or_machines_the_series_stay() -> None:
    plain = told(errors(0.01))
    assert machine.unmoved(plain) is plain.series
    released_ = told(errors(0.01), [released("shop", NEW[0])])
    assert machine.unmoved(released_) is released_.series
