"""The audit log of Kubernetes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, said, skipped, truncated

from afterword.model.event import Kind
from afterword.sources.kubernetes_audit import SOURCE

ENTRY: dict[str, Any] = {
    "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Request", "auditID": "a-1", "stage": "ResponseComplete", "verb": "patch", "user": {"username": "nora@x.example"},
    "objectRef": {"resource": "deployments", "namespace": "mail", "name": "mailer"}, "responseStatus": {"code": 200}, "userAgent": "kubectl/v1.30",
    "requestObject": {"spec": {"template": {"spec": {"containers": [{"name": "smtp", "image": "mailer:12"}]}}}},
    "requestReceivedTimestamp": "2026-03-02T08:59:59.900000Z", "stageTimestamp": "2026-03-02T09:00:00.000000Z",
}  # fmt: skip
SAMPLE = json.dumps(ENTRY).encode() + b"\n" + json.dumps({**ENTRY, "objectRef": {"resource": "configmaps", "name": "mail-env", "namespace": "mail"}}).encode() + b"\n"  # fmt: skip


def test_a_request_that_was_done_is_a_change() -> None:
    first, second = events(SOURCE, SAMPLE)
    assert (first.kind, first.subject, first.name, first.at) == (Kind.CHANGE, "mailer", "a-1", 1_772_442_000 * 10**9)
    assert first.text == "patch deployments/mailer in mail"
    assert {k: first.attributes[k] for k in ("change", "who", "version", "namespace")} == {"change": "deploy", "who": "nora@x.example", "version": "mailer:12", "namespace": "mail"}  # fmt: skip
    assert '+    "containers": [' in first.attributes["diff"]
    assert (second.attributes["change"], second.subject) == ("config", "mail-env")
    assert json.loads(said(SAMPLE, first)) == ENTRY
    assert SOURCE.sniff(SAMPLE) > 0.95


@pytest.mark.parametrize(
    "odd",
    [
        {"stage": "RequestReceived"},
        {"verb": "get"},
        {"responseStatus": {"code": 409}},
        {"objectRef": {"resource": "leases", "name": "x"}},
        {"objectRef": {"resource": "pods", "name": "x", "subresource": "status"}},
        {"user": {"username": "system:node:n1"}},
    ],
)
def test_what_changed_nothing_is_skipped_with_a_reason(odd: dict[str, Any]) -> None:
    raw = json.dumps({**ENTRY, **odd}).encode() + b"\n"
    assert not events(SOURCE, raw)
    assert len(skipped(SOURCE, raw)) == 1


def test_other_json_is_left_to_others() -> None:
    assert SOURCE.sniff(b'{"verb":"get","stage":"x","message":"y"}\n') == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE, step=5)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


def test_a_person_who_was_refused_is_told_and_a_robot_that_was_is_not() -> None:
    def refused(user: str) -> bytes:
        entry = {"kind": "Event", "auditID": "a", "stage": "ResponseComplete", "verb": "delete", "user": {"username": user}, "objectRef": {"resource": "pods", "name": "cart-1", "namespace": "shop"}, "responseStatus": {"code": 403}, "stageTimestamp": "2026-03-02T09:00:00Z"}  # fmt: skip
        return json.dumps(entry).encode()

    (one,) = events(SOURCE, refused("nora@acme.example"))
    assert (one.kind, one.name, one.attributes["check"], one.attributes["state"]) == (
        Kind.CHECK,
        "delete pods",
        "access",
        "denied",
    )
    assert events(SOURCE, refused("system:serviceaccount:shop:robot")) == []
