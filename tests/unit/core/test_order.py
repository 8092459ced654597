"""Two things happened close together; the document may only say which came first where that is known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from afterword.core.order import KEPT, Stand, between, told
from afterword.model.evidence import Citation, Place
from afterword.model.skew import Order, Skew
from afterword.model.time import HOUR, SECOND
from afterword.model.timeline import Moment, MomentKind

AT = 1_773_479_520 * SECOND


def moment(id_: str, at: int, *, clock: str = "cart", width: int = 1, offset: int | None = 0) -> Moment:
    place = Place(int(id_[1:]), int(id_[1:]) + 1)
    return Moment(
        id_, at, id_, MomentKind.CHANGE, "cart", (Citation("E1", place),), clock=clock, granularity=width, offset=offset
    )


def test_within_one_second_of_a_syslog_nothing_is_first() -> None:
    """``09:12:00`` and ``09:12:00``: both lie somewhere in that second; ``09:12:01`` comes after both."""
    found = told(
        [moment("m1", AT, width=SECOND), moment("m2", AT, width=SECOND), moment("m3", AT + SECOND, width=SECOND)], ()
    )
    assert [one.order for one in found] == [Order.CERTAIN, Order.UNKNOWN, Order.CERTAIN]
    assert [one.unsure for one in found] == [(), ("m1",), ()]


def test_a_minute_on_a_whiteboard_may_be_before_the_line_above_it() -> None:
    """The chat says 09:12, the log 09:12:40: the message may have come after the line, or before."""
    found = told([moment("m1", AT, clock="chat", width=60 * SECOND), moment("m2", AT + 40 * SECOND)], ())
    assert found[1].order is Order.UNKNOWN


def test_clocks_that_nothing_ties_are_trusted_to_a_second() -> None:
    one = Stand("cart", AT, AT)
    assert between(one, Stand("pager", AT + KEPT, AT + KEPT), {}) is Order.UNKNOWN
    assert between(one, Stand("pager", AT + 2 * KEPT, AT + 2 * KEPT), {}) is Order.PROBABLE


def test_tied_clocks_are_certain_beyond_what_their_calls_leave_open() -> None:
    skews = {
        "cart": Skew("cart", "gateway", -(10**6), 2 * 10**6, 0, 60, 60, ("calls",)),
        "gateway": Skew("gateway", "gateway", 0, 0, 0, 0, 0, ()),
    }
    one = Stand("gateway", AT, AT)
    assert between(one, Stand("cart", AT + 3 * 10**6, AT + 3 * 10**6), skews) is Order.CERTAIN
    assert between(one, Stand("cart", AT + 10**6, AT + 10**6), skews) is Order.PROBABLE
    assert between(one, Stand("cart", AT, AT), skews) is Order.UNKNOWN


def test_a_wall_clock_without_a_zone_is_before_and_after_everything_of_that_day() -> None:
    one = Stand("notes", AT, AT, zoned=False)
    assert between(one, Stand("cart", AT + 3 * HOUR, AT + 3 * HOUR), {}) is Order.UNKNOWN
    assert between(one, Stand("cart", AT + 30 * HOUR, AT + 30 * HOUR), {}) is Order.PROBABLE


@given(
    truth=st.lists(st.integers(0, 30), min_size=2, max_size=2),
    error=st.integers(-5, 5),
    slack=st.tuples(st.integers(0, 4), st.integers(0, 4)),
)
def test_what_is_called_certain_is_true(truth: list[int], error: int, slack: tuple[int, int]) -> None:
    """A law: whatever the true skew inside of its interval, a certain order is the true order."""
    least, most = error - slack[0], error + slack[1]
    applied = 0 if least <= 0 <= most else -((least + most) // 2)
    skews = {"a": Skew("a", "a", 0, 0, 0, 0, 0, ()), "b": Skew("b", "a", least, most, applied, 9, 9, ("calls",))}
    shown = truth[1] + error + applied
    first, second = Stand("a", truth[0], truth[0]), Stand("b", shown, shown)
    if between(first, second, skews) is Order.CERTAIN:
        assert truth[0] < truth[1]
    if between(second, first, skews) is Order.CERTAIN:
        assert truth[1] < truth[0]
