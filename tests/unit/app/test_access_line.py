"""What log lines state of requests: a status, what was asked, how long it took; and what only looks like it."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from afterword.app import access_line


def told(*attributes: dict[str, str]) -> access_line.Told:
    return access_line.told(pa.array([json.dumps(one, sort_keys=True) for one in attributes]))


@pytest.mark.parametrize(
    "line",
    [
        {"method": "GET", "path": "/orders/17?page=2", "status": "502"}, {"http.method": "GET", "http.route": "/orders/#", "http.status_code": "502"},
        {"method": "GET", "status": "502", "url": "/orders/3f9c2a7b1d4e"},
    ],
    ids=["access log", "OpenTelemetry", "JSON"],
)  # fmt: skip
def test_a_line_that_answers_a_request(line: dict[str, str]) -> None:
    found = told(line)
    assert found.status.tolist() == [502]
    assert found.requests == ("GET /orders/#",)


def test_how_long_it_took_where_the_field_states_its_unit() -> None:
    found = told(
        {"path": "/", "status": "200", "duration_ms": "12.5"}, {"path": "/", "status": "200", "duration": "12.5"}
    )
    assert found.took.tolist() == [12_500_000, 0]


@pytest.mark.parametrize(
    "line",
    [{"exit_status": "137", "path": "/bin/sh"}, {"status": "200"}, {"status": "2000", "path": "/"}, {"path": "/", "job_status": "404"}],
    ids=["of a process", "of nothing that was asked", "four digits", "of a job"],
)  # fmt: skip
def test_what_only_looks_like_it_is_none(line: dict[str, str]) -> None:
    assert not told(line).status.any()


def test_nothing_is_kept_where_no_line_answers() -> None:
    assert len(told({"msg": "started"}).status) == 0


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("POST /checkout failed with 502: checkout answered 503", 502), ("upstream returned 504", 504), ('"GET / HTTP/1.1" 500 31', 500),
        ("status: 429, backing off", 429), ("waited with 500 others in the queue", 500), ("took 502 ms", 0), ("retry in 404 s", 0),
    ],
)  # fmt: skip
def test_the_words_of_a_failure_tell_its_status(text: str, status: int) -> None:
    """The first that is told. A number that merely stands behind such a word parts a kind of error in two, and harms nothing."""
    none = access_line.Told(np.empty(0, np.int16), np.empty(0, np.int64), np.empty(0, np.int32), ())
    assert access_line.failed_with(pa.array([text, text]), np.array([True, False]), none).tolist() == [status, 0]
