"""The first records of a table with a header of any kind."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from afterword.reading.table_head import begin


def test_the_delimiter_and_the_records() -> None:
    found = begin(b'\xef\xbb\xbfa;"b;c"\r\n1;2\n')
    assert found is not None
    assert (found.delimiter, found.records) == (";", (("a", "b;c"), ("1", "2")))


def test_a_record_that_the_head_cuts_off_is_left_out() -> None:
    found = begin(b"a,b\n1,2\n" + b"x," * (1 << 15))
    assert found is not None
    assert found.records == (("a", "b"), ("1", "2"))


def test_no_table() -> None:
    assert begin(b"") is None
    assert begin(b"hello\n") is None
    assert begin(b"a\0,b\n") is None


@given(st.binary(max_size=60))
def test_nothing_raises(head: bytes) -> None:
    begin(head)
