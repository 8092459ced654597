"""The runtime of a container writes its time before every line, also of a stack trace."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, said, truncated

from afterword.core.clock import Stamp, parse_time
from afterword.sources.container_stamp import SOURCE

SAMPLE = b"""\
2026-03-02T09:04:00.123456789Z 2026-03-02 09:04:00,120 ERROR [main] com.acme.Pay - cannot charge
2026-03-02T09:04:00.123456790Z java.lang.IllegalStateException: pool is dry
2026-03-02T09:04:00.123456791Z \tat com.acme.Pool.get(Pool.java:7)
2026-03-02T09:04:00.123456792Z \tat com.acme.Pay.charge(Pay.java:9)
2026-03-02T09:04:01.000000001Z {"level":"warn","msg":"retrying","logger":"pay"}
2026-03-02T09:04:02.000000001Z <nothing>
2026-03-02T09:04:03.000000001+01:00 plain words
""".replace(b"<nothing>", b"")


def ns(text: str) -> int:
    found = parse_time(text)
    assert isinstance(found, Stamp)
    return found.ns


def test_a_stack_trace_belongs_to_its_line_and_json_is_read() -> None:
    check(SOURCE, SAMPLE)
    assert SOURCE.sniff(SAMPLE) > 0.6
    first, second, third = events(SOURCE, SAMPLE)
    assert (first.at, first.subject, first.severity) == (ns("2026-03-02T09:04:00.123456789Z"), "com.acme.Pay", "error")
    assert first.text.splitlines()[:2] == ["cannot charge", "java.lang.IllegalStateException: pool is dry"]
    assert said(SAMPLE, first).count("\n") == 4
    assert (second.text, second.severity) == ("retrying", "warn")
    assert (third.text, third.at, third.offset) == ("plain words", ns("2026-03-02T08:04:03.000000001Z"), 60)


def test_the_time_is_that_of_the_runtime_though_the_program_states_one() -> None:
    """A program's clock may have no zone; the runtime's has."""
    made = events(SOURCE, b"2026-03-02T09:04:00.123456789Z 2026-03-02 11:04:00,120 ERROR no zone\n")
    assert [(one.at, one.offset) for one in made] == [(ns("2026-03-02T09:04:00.123456789Z"), 0)]


def test_nine_digits_of_a_program_that_writes_them_itself_are_left_to_others() -> None:
    """The control: nothing stands inside."""
    assert SOURCE.sniff(b"2026-03-02T09:04:00.123456789Z INFO shop: hello\n" * 20) == 0.0
    assert SOURCE.sniff(b"2026-03-02T09:04:00.123Z  at x\n" * 20) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.lists(st.sampled_from([*SAMPLE.splitlines(keepends=True), b"\n", b"\xff\n", b"\tat x\n"]), max_size=8))
def test_any_lines(some: list[bytes]) -> None:
    check(SOURCE, b"".join(some))
