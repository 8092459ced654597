"""One request a second; from a moment on they go wrong, until another. When was that?"""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from afterword.core.request import Harm, bad_rows, harm
from afterword.core.window import Found
from afterword.model.event import Event, Kind
from afterword.model.time import MILLISECOND, MINUTE, SECOND, Span
from afterword.testing import case_from, event

T = 1_773_479_520 * SECOND


def requests(kinds: str, *, operation: str = "GET /cart") -> list[Event]:
    """One request a second: ``.`` goes well, ``x`` fails, ``s`` is slow."""
    took = {".": 40 * MILLISECOND, "x": 20 * MILLISECOND, "s": 900 * MILLISECOND}
    return [
        event(
            Kind.SPAN, T + i * SECOND, "gateway", name=operation, took=took[kind], severity="error" if kind == "x" else "",
            trace=f"t{i}{operation}", span=f"s{i}{operation}",
        )
        for i, kind in enumerate(kinds)
    ]  # fmt: skip


def found(healthy: int, bad: int) -> Found:
    window = Span(T + healthy * SECOND, T + (healthy + bad) * SECOND)
    return Found(window, Span(T, window.start - 1), (), Span(T, window.end + MINUTE))


def told(kinds: str, healthy: int, bad: int) -> Harm | None:
    return harm(case_from(requests(kinds)).spans, found(healthy, bad))


def test_the_first_and_the_last_failure_bound_the_harm() -> None:
    one = told("." * 60 + "xxx.xxxx" + "." * 30, 60, 8)
    assert one is not None
    assert one.began.at == T + 60 * SECOND
    assert one.ended is not None
    assert one.ended.earliest == T + 67 * SECOND
    assert one.ended.at == T + 67 * SECOND + 20 * MILLISECOND
    assert one.ended.at < one.ended.latest
    assert (one.bad, one.of, one.components) == (7, 8, ("gateway",))


def test_slow_is_what_took_far_longer_than_the_slowest_healthy_one() -> None:
    one = told("." * 60 + "sssss" + "." * 10, 60, 5)
    assert one is not None
    assert one.began.at == T + 60 * SECOND


def test_one_accident_is_no_beginning() -> None:
    """A single failure twenty-five seconds before the rest is left out; two failures make no harm at all."""
    one = told("." * 40 + "x" + "." * 25 + "xxxxx" + "." * 9, 66, 5)
    assert one is not None
    assert one.began.at == T + 66 * SECOND
    assert told("." * 60 + "xx" + "." * 9, 60, 2) is None


def test_it_is_not_over_while_nothing_of_the_kind_went_well() -> None:
    one = told("." * 60 + "xxxxx" + "..", 60, 5)
    assert one is not None
    assert one.ended is None


def test_what_always_failed_says_nothing() -> None:
    """A probe of a missing page has failed for years; it is not what broke."""
    events = requests("x" * 60, operation="GET /favicon.ico") + requests("." * 50 + "." * 10)
    assert harm(case_from(events).spans, found(50, 10)) is None


@given(st.integers(30, 60), st.integers(3, 40), st.integers(5, 30))
def test_a_clean_outage_is_dated_to_the_request(before: int, during: int, after: int) -> None:
    one = told("." * before + "x" * during + "." * after, before, during)
    assert one is not None
    assert one.ended is not None
    assert one.began.at == T + before * SECOND
    assert one.ended.earliest == T + (before + during - 1) * SECOND
    assert one.bad == during


def test_kinds_that_were_hardly_seen_have_no_limit() -> None:
    case = case_from(requests("...", operation="GET /rare") + requests("s", operation="GET /rare"))
    rows = np.arange(len(case.spans))
    assert not bad_rows(case.spans, rows, Span(T, T + 2 * SECOND)).any()
