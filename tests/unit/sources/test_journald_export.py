"""A host is gone; its journal was uploaded in the export format, with a message of two lines in it."""

from __future__ import annotations

import source_laws as laws

from afterword.sources.journald_export import SOURCE


def sized(name: str, value: bytes) -> bytes:
    return name.encode() + b"\n" + len(value).to_bytes(8, "little") + value + b"\n"


SAMPLE = (
    b"__CURSOR=s=1;i=1\n__REALTIME_TIMESTAMP=1773479520000000\n_HOSTNAME=web-1\nPRIORITY=3\nSYSLOG_IDENTIFIER=cart\n"
    b"MESSAGE=pool exhausted\n\n"
    b"__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1773479521000001\n_HOSTNAME=web-1\nPRIORITY=6\nSYSLOG_IDENTIFIER=cart\n"
    + sized("MESSAGE", b"first line\nsecond line")
    + b"_PID=7\n\n"
)


def test_entries_are_read_with_the_clock_of_their_host() -> None:
    one, two = laws.events(SOURCE, SAMPLE)
    assert (one.at, one.subject, one.severity, one.text) == (1773479520_000000000, "cart", "error", "pool exhausted")
    assert (two.at, two.text) == (1773479521_000001000, "first line\nsecond line")
    assert {one.clock, two.clock} == {"web-1"}
    assert one.granularity == 1000


def test_a_message_with_an_empty_line_does_not_end_its_entry() -> None:
    """The length decides, not what the value looks like."""
    raw = (
        b"__REALTIME_TIMESTAMP=1773479520000000\n"
        + sized("MESSAGE", b"a\n\n__REALTIME_TIMESTAMP=1\n")
        + b"PRIORITY=4\n\n"
    )
    (one,) = laws.events(SOURCE, raw)
    assert (one.text, one.severity) == ("a\n\n__REALTIME_TIMESTAMP=1", "warn")


def test_a_length_that_promises_too_much_is_a_problem_with_a_place() -> None:
    raw = b"__REALTIME_TIMESTAMP=1773479520000000\nMESSAGE\n" + (1 << 40).to_bytes(8, "little") + b"short\n"
    assert laws.events(SOURCE, raw) == []
    (problem,) = laws.problems(SOURCE, raw)
    assert problem.code == "journal-entry"
    assert problem.quarantined


def test_places_are_those_of_whole_entries() -> None:
    one, two = laws.events(SOURCE, SAMPLE)
    assert SAMPLE[one.place.start : one.place.end].startswith(b"__CURSOR=s=1;i=1\n")
    assert (one.place.first, one.place.last) == (1, 7)
    assert (two.place.start, two.place.end) == (one.place.end, len(SAMPLE))


def test_no_cut_breaks_it() -> None:
    laws.truncated(SOURCE, SAMPLE)
