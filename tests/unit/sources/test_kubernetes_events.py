"""Events of Kubernetes."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, truncated

from afterword.model.event import Kind
from afterword.sources.kubernetes_events import SOURCE, owner

NS = 1_772_442_000 * 10**9
OLD: dict[str, Any] = {
    "apiVersion": "v1", "kind": "Event", "metadata": {"name": "x", "creationTimestamp": "2026-03-02T09:00:00Z"}, "type": "Warning", "reason": "BackOff", "count": 12,
    "involvedObject": {"kind": "Pod", "namespace": "mail", "name": "mailer-7d9f8b6c5d-x2x4z", "fieldPath": "spec.containers{smtp}"}, "message": "Back-off restarting",
    "firstTimestamp": "2026-03-02T09:00:00Z", "lastTimestamp": "2026-03-02T09:10:00Z", "eventTime": None, "source": {"component": "kubelet", "host": "node-1"},
}  # fmt: skip
NEW: dict[str, Any] = {
    "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "y"}, "type": "Normal", "reason": "Scheduled", "note": "assigned", "eventTime": "2026-03-02T09:00:00.123456Z",
    "regarding": {"kind": "Pod", "name": "mailer-0"}, "deprecatedFirstTimestamp": None, "series": {"count": 3, "lastObservedTime": "2026-03-02T09:05:00.000000Z"}, "reportingController": "scheduler",
}  # fmt: skip
SAMPLE = json.dumps({"kind": "List", "apiVersion": "v1", "items": [OLD, NEW]}, indent=2).encode()


def test_an_event_is_a_stretch_of_time_with_a_number() -> None:
    old, new = events(SOURCE, SAMPLE)
    assert (old.kind, old.subject, old.name, old.text) == (
        Kind.STATE,
        "pod/mailer-7d9f8b6c5d-x2x4z",
        "BackOff",
        "Back-off restarting",
    )
    assert (old.at, old.until, old.attributes["count"], old.severity) == (NS, NS + 600 * 10**9, "12", "warn")
    assert {k: old.attributes[k] for k in ("component", "container", "namespace", "by", "node")} == {"component": "mailer", "container": "smtp", "namespace": "mail", "by": "kubelet", "node": "node-1"}  # fmt: skip
    assert (new.at, new.until, new.attributes["count"], new.text) == (
        NS + 123_456_000,
        NS + 300 * 10**9,
        "3",
        "assigned",
    )
    assert json.loads(said(SAMPLE, new)) == NEW
    assert SOURCE.sniff(SAMPLE) > 0.9


def test_what_watches_prints_one_a_line() -> None:
    raw = b"".join(json.dumps({"type": "ADDED", "object": one}).encode() + b"\n" for one in (OLD, NEW))
    assert len(events(SOURCE, raw)) == 2
    assert SOURCE.sniff(raw) > 0.9


def test_an_event_without_any_time_is_kept_undated() -> None:
    raw = json.dumps([{**NEW, "eventTime": None}]).encode()
    assert events(SOURCE, raw)[0].at is None
    assert [p.code for p in problems(SOURCE, raw)] == ["time"]


def test_the_workload_of_a_pod_is_told_by_its_name() -> None:
    assert owner("pod", "mailer-7d9f8b6c5d-x2x4z") == "mailer"
    assert owner("replicaset", "mailer-7d9f8b6c5d") == "mailer"
    assert owner("pod", "mailer-0") == "mailer-0"
    assert owner("node", "node-7d9f8b6c5d") == "node-7d9f8b6c5d"


def test_other_objects_and_logs_are_left_to_others() -> None:
    for raw in (b'{"kind":"Pod","metadata":{},"status":{"reason":"x"}}', b'{"reason":"x","message":"y","time":"z"}\n'):
        assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE, step=3)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)
