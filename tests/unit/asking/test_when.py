"""A window goes out in whole units, never smaller than it is, and without floats."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from afterword.asking import when
from afterword.core.clock import Stamp, parse_time
from afterword.model.time import SECOND
from afterword.ports import Ask

NS = st.integers(1_000_000_000 * SECOND, 4_000_000_000 * SECOND)


@given(NS, NS, st.sampled_from([1, when.MICRO, when.MILLI, SECOND]))
def test_a_window_never_shrinks(start: int, end: int, unit: int) -> None:
    first, last = when.whole(Ask("", start, end), unit)
    assert first * unit <= start < (first + 1) * unit
    assert (last - 1) * unit < end <= last * unit


@given(NS, NS)
def test_texts_say_the_same(start: int, end: int) -> None:
    """The control: a nanosecond more is another text."""
    said = [when.read(one) for one in when.texts(Ask("", start, end), 1)]
    assert said == [start, end]
    assert when.texts(Ask("", start + 1, end), 1)[0] != when.texts(Ask("", start, end), 1)[0]


def test_decimals_keep_every_digit() -> None:
    assert when.decimal(1_772_442_300_000_100_999, 6) == "1772442300.000100"
    assert when.decimal(1_772_442_300_999_999_999, 9) == "1772442300.999999999"
    assert isinstance(parse_time(when.decimal(1_772_442_300_000_000_001, 9)), Stamp)


def test_what_is_no_time_is_none() -> None:
    assert [when.read(one) for one in (None, 5, "soon", "", {})] == [None] * 5
