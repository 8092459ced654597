"""Alerts as Alertmanager and Prometheus answer and post them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, read, recordings, said, shared, skipped, truncated

from afterword.core.clock import Stamp, parse_time
from afterword.model.event import Event, Kind, Meaning
from afterword.reading import inbox_item
from afterword.sources.alertmanager import SOURCE

NEVER = "0001-01-01T00:00:00Z"


def ns(text: str) -> int:
    found = parse_time(text)
    assert isinstance(found, Stamp)
    return found.ns


def alert(**more: Any) -> dict[str, Any]:
    return {
        "status": "firing",
        "labels": {"alertname": "QueueFull", "service": "mailer", "severity": "critical", "pod": "mailer-7f-x"},
        "annotations": {"summary": "The queue of mailer is full", "runbook_url": "https://runbooks.example/queue"},
        "startsAt": "2026-03-02T09:00:00.5Z",
        "endsAt": NEVER,
        "generatorURL": "http://prom.example/graph?g0.expr=queue_size+%3E+0.9&g0.tab=1",
        "fingerprint": "00ff",
        **more,
    }


def webhook(*alerts: dict[str, Any], status: str = "firing") -> bytes:
    body = {
        "version": "4",
        "groupKey": "{}",
        "status": status,
        "receiver": "pager",
        "groupLabels": {},
        "alerts": alerts,
    }
    return json.dumps(body).encode() + b"\n"


SAMPLE = webhook(alert(), alert(fingerprint="11", labels={"alertname": "Down", "job": "api"})) + webhook(
    alert(status="resolved", endsAt="2026-03-02T09:30:00Z"), status="resolved"
)


def test_a_webhook_says_what_fired_where_and_since_when() -> None:
    first, other, _ = events(SOURCE, SAMPLE)
    assert (first.kind, first.subject, first.name) == (Kind.ALERT, "mailer", "QueueFull")
    assert (first.at, first.until, first.severity) == (ns("2026-03-02T09:00:00.5Z"), None, "fatal")
    assert first.text == "The queue of mailer is full"
    assert first.attributes["state"] == "firing"
    assert first.attributes["metric"] == "queue_size > 0.9"
    assert first.attributes["runbook"] == "https://runbooks.example/queue"
    assert other.subject == "api"
    assert json.loads(said(SAMPLE, other))["fingerprint"] == "11"
    assert SOURCE.sniff(SAMPLE) > 0.9


def test_the_end_that_is_sent_later_is_an_event_of_its_own() -> None:
    end = events(SOURCE, SAMPLE)[-1]
    assert end.attributes["state"] == "resolved"
    assert (end.at, end.until) == (ns("2026-03-02T09:00:00.5Z"), ns("2026-03-02T09:30:00Z"))


def test_an_alert_that_is_sent_each_minute_is_one_alert() -> None:
    raw = webhook(alert()) * 5
    assert len(events(SOURCE, raw)) == 1
    assert len(skipped(SOURCE, raw)) == 4


def test_the_same_alert_that_starts_again_is_another_one() -> None:
    raw = webhook(alert()) + webhook(alert(startsAt="2026-03-02T11:00:00Z"))
    assert [e.at for e in events(SOURCE, raw)] == [ns("2026-03-02T09:00:00.5Z"), ns("2026-03-02T11:00:00Z")]


def test_a_lone_resolved_alert_still_says_that_it_fired() -> None:
    [one] = events(SOURCE, webhook(alert(status="resolved", endsAt="2026-03-02T09:30:00Z")))
    assert (one.attributes["state"], one.until) == ("firing", ns("2026-03-02T09:30:00Z"))


def test_the_end_of_an_active_alert_lies_in_the_future_and_is_none() -> None:
    """The API answers with the moment at which the alert would time out."""
    active = alert(status={"state": "active", "silencedBy": [], "inhibitedBy": []}, endsAt="2026-03-02T09:20:00Z", updatedAt="2026-03-02T09:16:00Z")  # fmt: skip
    [one] = events(SOURCE, json.dumps([active]).encode())
    assert (one.until, one.attributes["state"]) == (None, "firing")


@pytest.mark.parametrize(("status", "state"), [({"silencedBy": ["a"], "inhibitedBy": []}, "silenced"), ({"silencedBy": [], "inhibitedBy": ["b"]}, "inhibited")])  # fmt: skip
def test_an_alert_that_was_held_back_says_by_what(status: dict[str, Any], state: str) -> None:
    [one] = events(SOURCE, json.dumps([alert(status={"state": "suppressed", **status})]).encode())
    assert one.attributes["state"] == state


def test_a_pending_alert_that_fires_later_is_seen_to_fire() -> None:
    pending = {"labels": {"alertname": "A"}, "annotations": {}, "state": "pending", "activeAt": "2026-03-02T09:00:00Z"}
    raw = b"".join(json.dumps({"status": "success", "data": {"alerts": [one]}}).encode() + b"\n" for one in (pending, {**pending, "state": "firing"}))  # fmt: skip
    assert [e.attributes["state"] for e in events(SOURCE, raw)] == ["pending", "firing"]
    assert [p.code for p in problems(SOURCE, raw)] == ["alert-active-at"]


def test_common_labels_without_alerts_are_one_alert_without_a_time() -> None:
    raw = json.dumps({"title": "x", "commonLabels": {"alertname": "Lag", "service": "db"}, "commonAnnotations": {"summary": "lag"}}, indent=1).encode()  # fmt: skip
    [one] = events(SOURCE, raw)
    assert (one.name, one.subject, one.text, one.at) == ("Lag", "db", "lag", None)
    assert [p.code for p in problems(SOURCE, raw)] == ["time"]


def test_logs_and_metrics_with_labels_are_left_to_others() -> None:
    for raw in (
        b'{"labels":{"app":"x"},"message":"hi","timestamp":"2026-01-01T00:00:00Z"}\n',
        b'{"metric":{"__name__":"up"},"values":[1],"timestamps":[1]}\n',
        b'{"status":"success","data":{"resultType":"matrix","result":[]}}',
        b'{"groups":[{"name":"g","rules":[{"labels":{"alertname":"a"},"annotations":{},"query":"up"}]}]}',
    ):
        assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE, step=3)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


@given(st.dictionaries(st.sampled_from(["labels", "annotations", "status", "startsAt", "endsAt", "updatedAt", "generatorURL", "fingerprint", "values"]), st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2) | st.dictionaries(st.sampled_from(["alertname", "state", "silencedBy", "summary"]), st.none() | st.text(max_size=3) | st.integers()), max_size=6))  # fmt: skip
def test_values_of_any_type_never_raise(value: dict[str, Any]) -> None:
    check(SOURCE, json.dumps([value, {"commonLabels": value.get("labels"), **value}]).encode())


@pytest.mark.shared
@pytest.mark.parametrize(
    "name", ["alertmanager_v2_alerts.json", "alertmanager_webhook.jsonl", "prometheus_alerts.json"]
)
def test_what_real_servers_answered(name: str) -> None:
    raw = shared("formats", name).read_bytes()
    check(SOURCE, raw)
    assert SOURCE.sniff(raw) > 0.9
    [one] = events(SOURCE, raw)
    assert (one.name, one.attributes["state"], one.until) == ("AlwaysLoad", "firing", None)


def test_our_own_recordings() -> None:
    for path in recordings("*/evidence/alerts/pager.jsonl"):
        raw = path.read_bytes()
        made = check(SOURCE, raw)
        assert len({(e.subject, e.name, e.at, e.attributes["state"]) for e in events(SOURCE, raw)}) == len(
            events(SOURCE, raw)
        )
        assert len(made) == len(read(SOURCE, raw))


# ------------------------------------------------------------------------------------------------- the inbox


def test_a_webhook_that_was_received_says_when_people_were_told() -> None:
    """The start is when it happened; the time of receipt is when it was reported, and that is the page."""
    body = json.dumps(
        {
            "receiver": "afterword", "status": "firing", "groupLabels": {},
            "alerts": [
                {"status": "firing", "labels": {"alertname": "Slow", "service": "cart"}, "annotations": {"summary": "p99 is 3 s"}, "startsAt": "2026-03-14T09:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "fingerprint": "a"},
                {"status": "resolved", "labels": {"alertname": "Down", "service": "web"}, "startsAt": "2026-03-14T08:00:00Z", "endsAt": "2026-03-14T09:01:00Z", "fingerprint": "b"},
            ],
        }, indent=1,
    ).encode()  # fmt: skip
    raw = inbox_item.line("alertmanager", 1773478980_250000000, {"user-agent": "Alertmanager/0.25"}, body)
    assert SOURCE.sniff(raw) > 0.9
    made = check(SOURCE, raw)
    pages = [one for one in made if isinstance(one, Event) and one.kind is Kind.PAGE]
    assert [(one.subject, one.name, one.at, one.attributes["state"], one.meaning) for one in pages] == [
        ("cart", "Slow", 1773478980_250000000, "triggered", Meaning.REPORTED),
        ("web", "Down", 1773478980_250000000, "resolved", Meaning.REPORTED),
    ]
    assert {said(raw, one) for one in pages} == {'"2026-03-14T09:03:00.25Z"'}
    alerts = [one for one in made if isinstance(one, Event) and one.kind is Kind.ALERT]
    assert [(one.subject, one.at, one.meaning) for one in alerts] == [
        ("cart", 1773478800_000000000, Meaning.OBSERVED),
        ("web", 1773475200_000000000, Meaning.OBSERVED),
    ]
    truncated(SOURCE, raw, 7)
