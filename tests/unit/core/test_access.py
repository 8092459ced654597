"""Requests in access logs: what they date and count, where traces are a sample, and what must not be counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pool
import pytest

from afterword.core import analyse
from afterword.model.event import Event, Kind
from afterword.model.incident import By, Point, PointName
from afterword.model.time import MILLISECOND, SECOND
from afterword.testing import case_from, event

if TYPE_CHECKING:
    from collections.abc import Callable

    from afterword.model.loss import Loss
    from afterword.model.postmortem import Postmortem

#: The hour has an incident in the twenty minutes from here on.
BAD, OVER = 1800, 3000


def status(second: int) -> int:
    """A quarter of what comes in the bad minutes is answered with 502; one in 400 with 500, always."""
    if BAD <= second < OVER and second % 4 == 0:
        return 502
    return 500 if second % 400 == 7 else 200


def line(second: int, code: int, component: str = "web", after: int = 0, text: str = "", ms: float = 30.0) -> Event:
    """The line of one request, written when it was answered."""
    return event(
        Kind.LOG, pool.minute(0) + second * SECOND + after, component, severity="error" if code >= 500 else "info",
        text=text or f'"GET / HTTP/1.1" {code} 512', status=str(code), method="GET", path="/", ms=str(ms),
    )  # fmt: skip


def log(code: Callable[[int], int] = status, component: str = "web") -> list[Event]:
    return [line(second, code(second), component) for second in range(3600)]


def trace(second: int, *, failed: bool, took: int = 30) -> Event:
    return event(
        Kind.SPAN, pool.minute(0) + second * SECOND, "web", name="GET /", took=(took + second % 7) * MILLISECOND,
        severity="error" if failed else "", trace=f"t{second}", span=f"s{second}",
    )  # fmt: skip


def kept_because_they_failed() -> list[Event]:
    """One trace in ten of what goes well; all of what fails."""
    return [trace(s, failed=status(s) == 502) for s in range(3600) if s % 10 == 1 or status(s) == 502]


def told(events: list[Event]) -> Postmortem:
    return analyse.analyse(case_from(events))


def lost(events: list[Event]) -> Loss:
    return told(events).loss


def point(found: Postmortem, name: PointName) -> Point:
    return next(p for p in found.points if p.name is name and p.by is By.ESTIMATE)


def test_every_line_of_the_log_is_counted_where_traces_were_kept_because_they_failed() -> None:
    """300 of 1,200 requests failed. Of the traces of that time, more than 7 in 10 did: that is no share of anything."""
    found = lost([*log(), *kept_because_they_failed()])
    assert found.requests is not None
    assert found.minutes is not None
    assert found.of == pytest.approx(1200, abs=5)
    assert found.requests.value == pytest.approx(300, abs=3)
    assert found.minutes.value == pytest.approx(5.0, rel=0.05)
    assert found.worst is not None
    assert found.worst < 0.4
    assert "a sample" in found.method


def test_without_a_log_such_traces_do_not_say_of_how_many() -> None:
    """The control: the same traces alone. What failed is known, its share is not, and no minutes are made of it."""
    found = lost(kept_because_they_failed())
    assert found.requests is not None
    assert found.requests.value == pytest.approx(300, abs=3)
    assert (found.of, found.minutes, found.worst) == (None, None, None)
    assert "kept because they failed" in found.method


def test_a_recorded_rate_of_requests_gives_such_traces_their_share() -> None:
    found = lost([*kept_because_they_failed(), *pool.metric("web", "request_rate", lambda _: 1.0)])
    assert found.of == pytest.approx(1200, rel=0.04)
    assert found.minutes is not None
    assert found.minutes.value == pytest.approx(5.0, rel=0.05)


def test_a_fair_sample_of_traces_keeps_its_share_and_stands_for_all() -> None:
    """One request in five was traced, whatever became of it."""
    made = [trace(s, failed=BAD <= s < OVER and s % 20 == 0) for s in range(0, 3600, 5)]
    found = lost([*made, *pool.metric("web", "request_rate", lambda _: 1.0)])
    assert found.requests is not None
    assert found.requests.value == pytest.approx(300, rel=0.06)
    assert found.of == pytest.approx(1200, rel=0.05)


def test_all_traces_are_counted_as_they_are() -> None:
    """The control: as many traces as requests."""
    made = [trace(s, failed=BAD <= s < OVER and s % 4 == 0) for s in range(3600)]
    found = lost([*made, *pool.metric("web", "request_rate", lambda _: 1.0)])
    assert found.requests is not None
    assert found.requests.value == pytest.approx(300, abs=3)
    assert "sample" not in found.method


def test_more_users_are_no_sample() -> None:
    """Traffic trebles, and some of it fails: good traces come more often as well, so that all of them were kept."""
    made = [trace(s, failed=False) for s in range(3600)]
    more = [
        event(
            Kind.SPAN, pool.minute(0) + s * SECOND + k * 300 * MILLISECOND, "web", name="GET /", took=30 * MILLISECOND,
            severity="error" if k == 1 else "", trace=f"m{s}.{k}", span=f"m{s}.{k}",
        )
        for s in range(BAD, OVER)
        for k in (1, 2)
    ]  # fmt: skip
    found = lost([*made, *more])
    assert found.of == pytest.approx(3600, rel=0.01)
    assert found.minutes is not None
    assert found.minutes.value == pytest.approx(20 / 3, rel=0.05)


def test_the_first_request_that_fails_dates_the_start_and_everyday_failures_do_not() -> None:
    """A 500 that comes as often as ever, six seconds before the first 502, begins nothing."""
    found = told([*log(), line(BAD - 6, 500)])
    started, recovered = point(found, PointName.STARTED), point(found, PointName.RECOVERED)
    assert started.at == pool.minute(0) + BAD * SECOND - 30 * MILLISECOND
    assert started.earliest <= started.at <= started.latest <= started.at + SECOND
    assert abs(recovered.at - (pool.minute(0) + (OVER - 4) * SECOND)) <= SECOND


def test_statuses_part_the_kinds_of_errors() -> None:
    """Lines that differ in nothing else: 300 of a kind that was never seen, not 303 of one that was."""
    found = told(log())
    said = [r.says for one in found.explanation.components for r in one.reasons]
    assert any("300 error lines of a kind seen never before" in one for one in said), said


def test_an_error_beside_its_line_is_one_failure() -> None:
    """Many programs write the error and then the line of the request."""
    twice = [line(s, 502, after=-2 * MILLISECOND, text="no answer from behind") for s in range(BAD, OVER, 4)]
    found = lost([*log(), *twice])
    assert found.requests is not None
    assert found.requests.value == pytest.approx(300, abs=3)


def test_what_lies_behind_the_front_is_not_counted_again() -> None:
    """The front calls the back, which logs as well, and more often: users come in at the front."""
    back = [one for s in range(3600) for one in (line(s, status(s), "back", -9), line(s, 200, "back", -8))]
    edge = event(Kind.EDGE, None, "web", name="back")
    found = lost([*log(), *back, edge])
    assert found.component == "web"
    assert found.of == pytest.approx(1200, abs=5)


def test_slow_is_told_beside_failed() -> None:
    """Half of the requests take two seconds in the bad minutes, and none fails: nobody was cut off."""
    made = [line(s, status(s), ms=2000.0 if BAD <= s < OVER and s % 2 else 30.0) for s in range(3600)]
    found = lost(made)
    assert found.requests is not None
    assert found.requests.value == pytest.approx(300, abs=3)
    assert found.slow == pytest.approx(600, abs=5)
