"""Annotations of Grafana."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, truncated

from afterword.model.event import Kind
from afterword.sources.grafana_annotations import SOURCE

NS, MS = 1_772_442_000 * 10**9, 1_772_442_000_000
DEPLOY: dict[str, Any] = {
    "id": 1,
    "dashboardUID": "d",
    "panelId": 2,
    "time": MS,
    "timeEnd": MS + 60_000,
    "tags": ["deploy", "service:mailer"],
    "text": "<b>v12</b>",
    "login": "sam",
}
SAMPLE = json.dumps([DEPLOY, {**DEPLOY, "id": 2, "tags": ["note"], "timeEnd": MS}, {**DEPLOY, "id": 3, "tags": [], "alertId": 9, "alertName": "QueueFull", "newState": "Alerting", "prevState": "Normal"}]).encode()  # fmt: skip


def test_tags_say_whether_an_annotation_is_a_change() -> None:
    deploy, note, alert = events(SOURCE, SAMPLE)
    assert (deploy.kind, deploy.subject, deploy.text, deploy.at, deploy.until) == (
        Kind.CHANGE,
        "mailer",
        "v12",
        NS,
        NS + 60 * 10**9,
    )
    assert (deploy.attributes["change"], deploy.attributes["who"]) == ("deploy", "sam")
    assert (note.kind, note.name, note.until) == (Kind.MESSAGE, "sam", None)
    assert (alert.kind, alert.name, alert.attributes["state"]) == (Kind.ALERT, "QueueFull", "firing")
    assert json.loads(said(SAMPLE, deploy)) == DEPLOY
    assert SOURCE.sniff(SAMPLE) > 0.9


def test_what_is_no_annotation_is_set_aside() -> None:
    assert [p.code for p in problems(SOURCE, b'[{"a":1}]')] == ["annotation-shape"]
    assert SOURCE.sniff(b'[{"time":1772442000000,"text":"x"}]') == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)
