"""Which column of a table of metrics is what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.reading.metric_columns import plan, stacked


def test_long_tidy_and_wide() -> None:
    long = plan(["value", "kpi_name", "cmdb_id", "timestamp"], [["1", "cpu", "cart", "1700000000"]])
    assert long is not None
    assert (long.time, long.component, long.indicator, long.values) == (3, 2, 1, (0,))
    tidy = plan(["time", "pod", "cpu", "mem"], [["1700000000", "cart-1", "1", "2"]])
    assert tidy is not None
    assert (tidy.component, tidy.indicator, tidy.values) == (1, None, (2, 3))
    wide = plan(["", "time", "cart_cpu", "cart_mem"], [["0", "1700000000", "1", ""]])
    assert wide is not None
    assert (wide.time, wide.component, wide.values) == (1, None, (2, 3))


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        (["time", "service", "message"], ["1700000000", "cart", "it is 5 o'clock"]),
        (["trace_id", "span_id", "timestamp", "duration"], ["a", "b", "1700000000", "5"]),
        (["a", "b"], ["1", "2"]),
        (["time", "what"], ["1700000000", "deploy"]),
        (["time", "cpu"], ["soon", "5"]),
    ],
)
def test_tables_of_something_else(columns: list[str], row: list[str]) -> None:
    assert plan(columns, [row]) is None


def test_levels_of_a_stacked_header_are_told_by_their_names_or_their_words() -> None:
    named = stacked([["metric", "cpu", "cpu"], ["microservice", "a", "b"], ["time", "", ""], ["1700000000", "1", "2"]])
    assert named is not None
    assert [(one.subject, one.name) for one in named.stated] == [("a", "cpu"), ("b", "cpu")]
    assert named.headers == 3
    bare = stacked([["", "a", "b"], ["", "cpu", "latency"], ["2024-05-01T00:00:00Z", "1", "2"]])
    assert bare is not None
    assert [(one.subject, one.name) for one in bare.stated] == [("a", "cpu"), ("b", "latency")]


@given(st.lists(st.lists(st.text(max_size=6), min_size=1, max_size=4), max_size=5))
def test_nothing_raises(records: list[list[str]]) -> None:
    stacked(records)
    if records and all(len(one) == len(records[0]) for one in records):
        plan(records[0], records[1:])


def test_a_first_record_without_a_cell_is_no_header() -> None:
    """Found by the fuzzer: the first record was empty."""
    assert stacked([(), ("a", "b"), ("1", "2")]) is None
    assert stacked([("",), ("a",)]) is None
