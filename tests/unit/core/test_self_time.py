"""Self time: a span is charged with what it spends, not with what it waits for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from afterword.core.self_time import self_time
from afterword.model.event import Event, Kind
from afterword.testing import case_from, event


def spans(*rows: tuple[int, int, str, str]) -> list[Event]:
    """Start, duration, id and parent of each; what has no parent is the shop's."""
    return [
        event(Kind.SPAN, at, "shop" if not parent else "db", name="op", took=took, trace="t", span=own, parent=parent)
        for at, took, own, parent in rows
    ]


def measured(*rows: tuple[int, int, str, str]) -> list[float]:
    return list(self_time(case_from(spans(*rows)).spans))


def test_the_time_of_a_call_belongs_to_what_was_called() -> None:
    """Two calls one after the other: what is between and around them is the caller's own."""
    assert measured((0, 100, "a", ""), (10, 30, "b", "a"), (50, 40, "c", "a")) == [30, 30, 40]


def test_children_that_run_side_by_side_count_once() -> None:
    assert measured((0, 100, "a", ""), (10, 80, "b", "a"), (20, 80, "c", "a")) == [10, 80, 80]


def test_a_child_by_another_clock_still_counts() -> None:
    """The clock of the database is 50 behind: its span seems to begin before it was called."""
    assert measured((100, 100, "a", ""), (50, 90, "b", "a")) == [90, 10]


def test_what_runs_on_by_itself_was_not_waited_for() -> None:
    """A message is handled after the request that sent it was answered."""
    assert measured((0, 100, "a", ""), (200, 500, "b", "a")) == [100, 500]


def test_a_span_that_waits_for_its_sibling() -> None:
    """A gateway's handler and the request that it sends hang on the same span; nothing below tells that one waits.

    Negative control: a sibling that is not inside of it leaves the handler its time.
    """
    rows = [event(Kind.SPAN, at, who, name="op", took=took, trace="t", span=own, parent=parent) for at, took, who, own, parent in (
        (0, 100, "gate", "root", ""), (1, 98, "gate", "handler", "root"), (2, 95, "gate", "sends", "root"), (5, 80, "shop", "serves", "sends"))]  # fmt: skip
    assert self_time(case_from(rows).spans).tolist() == [2, 3, 15, 80]
    apart = measured((0, 100, "a", ""), (1, 40, "b", "a"), (50, 45, "c", "a"))
    assert apart == [15, 40, 45]


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90), st.integers(0, 5)), min_size=1, max_size=12))
def test_never_negative_and_never_more_than_it_took(rows: list[tuple[int, int, int]]) -> None:
    made = [(at, took, str(n), str(min(of, n - 1)) if n else "") for n, (at, took, of) in enumerate(rows)]
    case = case_from(spans(*made))
    assert all(0 <= own <= took for own, took in zip(self_time(case.spans), case.spans.took, strict=True))
