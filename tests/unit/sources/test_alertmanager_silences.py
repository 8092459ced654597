"""Silences of Alertmanager."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, truncated

from afterword.model.event import Kind, Meaning
from afterword.sources.alertmanager_silences import SOURCE

NS = 1_772_442_000 * 10**9
ACTIVE: dict[str, Any] = {
    "id": "5b5f-1",
    "status": {"state": "active"},
    "comment": "known, being fixed",
    "createdBy": "maria",
    "startsAt": "2026-03-02T09:00:00.000Z",
    "endsAt": "2026-03-02T11:00:00.000Z",
    "updatedAt": "2026-03-02T09:00:00.000Z",
    "matchers": [
        {"name": "alertname", "value": "HighErrors", "isRegex": False, "isEqual": True},
        {"name": "service", "value": "cart|pay", "isRegex": True, "isEqual": False},
        {"name": "team", "value": "shop"},
    ],
}
EXPIRED = {
    **ACTIVE,
    "id": "5b5f-2",
    "status": {"state": "expired"},
    "comment": "",
    "endsAt": "2026-03-02T09:30:00.000Z",
    "matchers": [],
}
SAMPLE = json.dumps([ACTIVE, EXPIRED]).encode()


def test_a_silence_is_what_somebody_said() -> None:
    """Maria silences HighErrors at nine until eleven, and says why."""
    one, begun, over = events(SOURCE, SAMPLE)
    assert (one.kind, one.meaning, one.subject, one.name) == (Kind.MESSAGE, Meaning.REPORTED, "silences", "maria")
    assert one.text == 'silenced alertname="HighErrors", service!~"cart|pay", team="shop": known, being fixed'
    assert (one.at, one.until) == (NS, NS + 7200 * 10**9)
    assert json.loads(said(SAMPLE, one)) == ACTIVE
    assert (begun.text, begun.at) == ("silenced everything", NS)
    assert (over.text, over.at, over.until) == ("the silence of everything ended", NS + 1800 * 10**9, None)


def test_what_is_no_silence_is_set_aside() -> None:
    assert [one.code for one in problems(SOURCE, b'[{"matchers": []}]')] == ["silence-shape"]
    assert SOURCE.sniff(b'[{"labels": {"alertname": "x"}, "startsAt": "2026-03-02T09:00:00Z"}]') == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)
