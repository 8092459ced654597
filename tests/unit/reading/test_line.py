"""Lines: only a line feed ends one, and every byte belongs to one."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from afterword.reading.line import lines


@given(st.binary(max_size=200))
def test_every_byte_belongs_to_exactly_one_line(raw: bytes) -> None:
    found = list(lines(io.BytesIO(raw), longest=16))
    assert b"".join(raw[one.start : one.end] for one in found) == raw
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert len(found) == raw.count(b"\n") + (bool(raw) and not raw.endswith(b"\n"))


def test_other_separators_do_not_make_a_new_line() -> None:
    """A log line that holds U+2028, a form feed and a lone carriage return is one line."""
    raw = "a\u2028b\u0085c\x0cd\re\n".encode()
    assert [one.text for one in lines(io.BytesIO(raw))] == ["a\u2028b\u0085c\x0cd\re"]


def test_a_line_without_end_stays_in_bounds() -> None:
    [one, two] = lines(io.BytesIO(b"x" * 100 + b"\ny\n"), longest=10)
    assert (one.body, one.cut, one.end) == (b"x" * 10, True, 101)
    assert (two.body, two.cut, two.number) == (b"y", False, 2)
