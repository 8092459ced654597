"""lcov's tracefiles."""

from __future__ import annotations

from source_laws import check, events, problems, said, truncated

from afterword.sources.lcov import SOURCE

SAMPLE = b"""TN:unit
SF:src/cart.ts
FN:1,add
FNDA:5,add
DA:1,5
DA:2,0
DA:3,0,abc
LF:3
LH:1
end_of_record
SF:src/empty.ts
end_of_record
"""


def test_a_record_is_a_file_with_its_lines() -> None:
    (one,) = events(SOURCE, SAMPLE)
    assert (one.subject, one.attributes["hit"], one.attributes["missed"]) == ("src/cart.ts", "1", "2-3")
    assert said(SAMPLE, one).startswith("SF:src/cart.ts")
    assert SOURCE.sniff(SAMPLE) > 0.8


def test_a_record_without_an_end_and_a_line_of_another_kind_are_set_aside() -> None:
    assert [p.code for p in problems(SOURCE, b"SF:a.c\nDA:1,1\n")] == ["lcov-open"]
    assert [p.code for p in problems(SOURCE, b"SF:a.c\nDA:1,1\nhello world\n")] == ["lcov-open", "lcov-line"]


def test_the_laws() -> None:
    truncated(SOURCE, SAMPLE)
    check(SOURCE, b"SF:a\nDA:99999999999999,1\nDA:1,99999999999999999999\nend_of_record\n")
