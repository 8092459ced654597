"""Answers as files: every digit stays, and each file is read by the source that it is meant for."""

from __future__ import annotations

import io
from typing import Any

import pytest

from afterword.app import plugs
from afterword.app import reference_form as form
from afterword.app.answer import Answer
from afterword.model.event import Event
from afterword.ports import Reading

NOON = 1_773_489_600 * 10**9


def answer(*rows: dict[str, Any]) -> Answer:
    columns = tuple(rows[0]) if rows else ()
    return Answer("any", "any", columns, tuple(tuple(row.values()) for row in rows), "", "")


def read(body: bytes, name: str) -> list[Event]:
    source = max(plugs.sources(), key=lambda one: one.sniff(body))
    assert source.name == name
    return [one for one in source.read(io.BytesIO(body), Reading()) if isinstance(one, Event)]


def test_spans_become_series_with_every_digit() -> None:
    row = {
        "component": "cart",
        "minute": NOON,
        "spans": 7,
        "failures": 1,
        "timed": 7,
        "took_sum": 9,
        "p50": 1_234_567,
        "p95": 5,
        "p99": None,
    }
    body = form.component_minutes(answer(row, {**row, "component": ""}))
    assert b"latency_p50_ms,1.234567\n" in body
    assert b"latency_p95_ms,0.000005\n" in body
    assert b"p99" not in body
    events = read(body, "metrics-csv")
    assert {one.subject for one in events} == {"cart", "unknown"}
    assert {one.at for one in events} == {NOON}


@pytest.mark.parametrize(("ns", "text"), [(0, "0.000000"), (-1, "-0.000001"), (2**63 - 1, "9223372036854.775807")])
def test_nanoseconds_never_pass_through_floats(ns: int, text: str) -> None:
    assert form._ms(ns) == text


def test_error_lines_keep_their_nanoseconds() -> None:
    row = {
        "component": "cart",
        "template": "x",
        "at": NOON + 1,
        "severity": "error",
        "text": 'no "pool"\nleft',
        "trace": "5b8efff798038103d269b633813fc60c",
        "span": "",
    }
    (one,) = read(form.errors(answer(row)) + form.errors(answer({**row, "at": NOON + 2})), "json-lines")[:1]
    assert (one.at, one.subject, one.severity, one.text) == (NOON + 1, "cart", "error", 'no "pool"\nleft')
    assert one.attributes["trace"] == row["trace"]


def test_changes_become_patterns() -> None:
    row = {
        "component": "cart",
        "template": "no pool <*>",
        "change": "new",
        "baseline": 0,
        "window": 9,
        "errors": 9,
        "first_seen": NOON,
        "last_seen": NOON + 5,
    }
    (one,) = read(form.templates(answer(row)), "patterns-json")
    assert (one.at, one.until, one.subject, one.text, one.value) == (NOON, NOON + 5, "cart", "no pool <*>", 9)
    assert one.attributes == {"delta": "new (0 in the baseline)", "sentiment": "negative"}


def test_calls_become_edges() -> None:
    rows = ({"caller": a, "callee": b, "calls": 3, "failures": 0} for a, b in (("web", "cart"), ("", "cart")))
    assert [(one.subject, one.name) for one in read(form.calls(answer(*rows)), "edges-csv")] == [("web", "cart")]


def test_only_the_templates_with_most_errors_become_series() -> None:
    rows = [{"component": "cart", "template": f"t{i}", "minute": NOON, "lines": 9, "errors": i} for i in range(60)]
    body = form.template_minutes(answer(*rows)).decode()
    assert body.count("\n") == 51
    assert "{template=t59}" in body
    assert "{template=t9}" not in body


def test_an_answer_without_rows_is_no_file() -> None:
    forms = (
        form.log_minutes,
        form.template_minutes,
        form.component_minutes,
        form.metric_minutes,
        form.errors,
        form.templates,
        form.calls,
    )
    assert [one(answer()) for one in forms] == [b""] * 7
