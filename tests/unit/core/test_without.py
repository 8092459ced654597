"""Taking one lane away leaves the others as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from afterword.core.analyse import analyse
from afterword.core.without import LANES, lanes_of, without
from afterword.model.event import Kind
from afterword.testing import case_from, event

if TYPE_CHECKING:
    from afterword.core.case import Case


def _shop() -> Case:
    """Half a minute of one shop: error lines, spans, a metric, an alert, a deploy, a state of a pod and a call."""
    facts = [event(kind, at, "cart", name="n", text="t") for kind, at in (
        (Kind.ALERT, 20), (Kind.CHANGE, 5), (Kind.STATE, 21), (Kind.EDGE, 1), (Kind.PATTERN, 22),
    )]  # fmt: skip
    counts = [event(Kind.METRIC, second, "cart", name="cpu", value=float(second % 3)) for second in range(30)]
    lines = [event(Kind.LOG, second, "cart", severity="error", text="no pool") for second in range(20, 30)]
    calls = [event(Kind.SPAN, second, "cart", name="GET", took=5) for second in range(30)]
    return case_from([*facts, *counts, *lines, *calls])


def test_every_lane_can_be_taken_and_only_that_one_goes() -> None:
    """All seven lanes have evidence; each goes alone, and what is left is what was there."""
    case = _shop()
    assert set(lanes_of(case)) == set(LANES)
    for lane in lanes_of(case):
        less = without(case, lane)
        assert set(lanes_of(less)) == set(lanes_of(case)) - {lane}
        untouched = {name for other, names in LANES.items() if other != lane for name in names}
        assert all(getattr(less, name) is getattr(case, name) for name in untouched)


@pytest.mark.parametrize("lane", sorted(LANES))
def test_what_is_left_can_be_analysed(lane: str) -> None:
    """Also where nothing of the lane was there, and where nothing else is."""
    analyse(without(_shop(), lane))


def test_a_lane_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError):
        without(_shop(), "weather")
