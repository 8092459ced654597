"""One order has no name in it: the worker dies on it, comes back, takes it again, and dies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pool
import pytest

from afterword.core import analyse
from afterword.core.cause import crashing
from afterword.model.cause import Role, Verdict
from afterword.model.event import Event, Kind
from afterword.testing import case_from, event

if TYPE_CHECKING:
    from afterword.core.cause.alternative import Alternative

TRACE = "the worker stops\nTraceback (most recent call last):\n  File \"w.py\", line 5, in f\nAttributeError: 'NoneType' object has no attribute 'lower'"  # fmt: skip
QUIET = [*pool.metric("worker", "queue_oldest_seconds", pool.sick(1, 900)), event(Kind.LOG, pool.minute(1), "keeper", text="started", severity="info")]  # fmt: skip


def lines(text: str, who: str, count: int = 8, severity: str = "error") -> list[Event]:
    return [event(Kind.LOG, pool.minute(41 + n), who, text=text.format(n=n), severity=severity) for n in range(count)]


def found(*more: Event) -> list[Alternative]:
    case = case_from([*QUIET, *more])
    where, signals = pool.found(case)
    return list(crashing.loops(case, where, signals))


ENDED = lines("worker (4{n}) exited with 1", "keeper", severity="warn")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (TRACE, "AttributeError: 'NoneType' object has no attribute 'lower'"),
        ("java.lang.NullPointerException: name\n\tat shop.Worker.run(Worker.java:5)", "java.lang.NullPointerException: name"),
        ("thread 'main' panicked at src/main.rs:5:9", "thread 'main' panicked at src/main.rs:5:9"),
        ("panic: runtime error: index out of range [3] with length 3", "panic: runtime error: index out of range [3] with length 3"),
    ],
)  # fmt: skip
def test_the_error_that_it_ends_on_is_told_as_it_was_raised(text: str, error: str) -> None:
    (made,) = found(*ENDED, *lines(text.replace("{", "{{").replace("}", "}}"), "worker"))
    assert made.component == "worker"
    assert error in made.statement
    assert len(made.cites) == 2


def test_an_exception_that_is_only_reported_is_an_answer_like_any_other() -> None:
    assert found(*lines(TRACE, "worker")) == []


def test_ends_without_an_error_of_their_own_are_no_loop_on_one() -> None:
    assert found(*ENDED, *lines("done", "worker", severity="info")) == []


def test_a_counter_of_restarts_says_it_as_well() -> None:
    counted = pool.metric("worker", "restarts_total", lambda at: 0 if at < 40 else at - 39)
    (made,) = found(*lines(TRACE, "worker"), *counted)
    assert "restarts_total" in made.reasons[1].says


def test_different_errors_are_not_one() -> None:
    texts = [
        TRACE.replace("lower", name) for name in ("lower", "upper", "strip", "title", "split", "join", "count", "find")
    ]
    each = [event(Kind.LOG, pool.minute(41 + n), "worker", text=text, severity="error") for n, text in enumerate(texts)]
    assert found(*ENDED, *each) == []


def test_it_explains_an_incident_without_any_change() -> None:
    told = analyse.analyse(case_from([*QUIET, *ENDED, *lines(TRACE, "worker")]), ()).explanation
    assert told.verdict is Verdict.EXPLAINED
    assert [one.component for one in told.causes if one.role is Role.TRIGGER] == ["worker"]
    assert "its code does not handle" in told.would_decide[0]
