"""Events and issues of Sentry."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, truncated

from afterword.model.event import Kind
from afterword.sources.sentry import SOURCE

NS = 1_772_442_000 * 10**9
EVENT: dict[str, Any] = {
    "event_id": "aa", "platform": "python", "timestamp": 1_772_442_000.25, "level": "error", "release": "v12", "project": "mailer", "tags": [["service", "smtp"]],
    "exception": {"values": [{"type": "KeyError", "value": "'to'", "stacktrace": {"frames": [{"function": "main", "filename": "a.py", "lineno": 1}, {"function": "send", "filename": "b.py", "lineno": 2}]}}]},
    "contexts": {"trace": {"trace_id": "t", "span_id": "s"}},
}  # fmt: skip
ISSUE = {"id": "1", "shortId": "MAIL-1", "title": "KeyError", "culprit": "send", "count": "312", "userCount": 9, "firstSeen": "2026-03-02T09:00:00Z", "lastSeen": "2026-03-02T10:00:00Z", "level": "error", "project": {"slug": "mailer"}}  # fmt: skip
SAMPLE = json.dumps([EVENT, ISSUE]).encode()


def test_an_event_is_a_log_of_its_exception() -> None:
    event, issue = events(SOURCE, SAMPLE)
    assert (event.kind, event.subject, event.severity, event.at) == (Kind.LOG, "smtp", "error", NS + 250_000_000)
    assert event.text == "KeyError: 'to'\n  at send (b.py:2)\n  at main (a.py:1)"
    assert {k: event.attributes[k] for k in ("exception", "trace", "span", "version")} == {"exception": "KeyError", "trace": "t", "span": "s", "version": "v12"}  # fmt: skip
    assert json.loads(said(SAMPLE, event)) == EVENT
    assert (issue.kind, issue.subject, issue.value, issue.at, issue.until) == (
        Kind.PATTERN,
        "mailer",
        312.0,
        NS,
        NS + 3_600 * 10**9,
    )
    assert SOURCE.sniff(SAMPLE) > 0.9


def test_what_is_no_event_is_set_aside() -> None:
    assert [p.code for p in problems(SOURCE, b'[{"a":1}]')] == ["sentry-shape"]
    assert SOURCE.sniff(b'{"event_id":"x","message":"y","level":"info"}\n') == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE)


def test_releases_are_changes() -> None:
    release = {"version": "pay@2", "ref": "6ba09a7c53235ee8a8fa5ee4c1ca8ca886e7fdbb", "status": "open", "dateReleased": None, "dateCreated": "2026-03-02T09:01:00.000Z", "projects": [{"slug": "pay"}, {"slug": "cart"}]}  # fmt: skip
    raw = json.dumps([release]).encode()
    assert SOURCE.sniff(raw) > 0.9
    (made,) = events(SOURCE, raw)
    assert (made.kind.value, made.subject, made.name, made.at) == ("change", "pay", "pay@2", 1772442060 * 10**9)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)
