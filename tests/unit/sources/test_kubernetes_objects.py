"""The state of objects of Kubernetes."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, truncated

from afterword.model.event import Event, Kind
from afterword.reading import kube_print
from afterword.sources.kubernetes_objects import SOURCE

NS = 1_772_442_000 * 10**9
KILLED = {"name": "smtp", "image": "mailer:12", "restartCount": 4, "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}, "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-03-02T09:00:00Z"}}}  # fmt: skip
POD: dict[str, Any] = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "mailer-7d9f8b6c5d-x2x4z", "namespace": "mail", "labels": {"app": "mailer"}}, "spec": {"nodeName": "node-1"},
    "status": {"phase": "Running", "containerStatuses": [KILLED], "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "smtp", "lastTransitionTime": "2026-03-02T09:00:05Z"}, {"type": "Initialized", "status": "True"}]},
}  # fmt: skip
DEPLOYMENT = {
    "kind": "Deployment",
    "metadata": {"name": "mailer"},
    "spec": {"replicas": 3},
    "status": {"readyReplicas": 1},
}
NODE = {"kind": "Node", "metadata": {"name": "node-1"}, "status": {"conditions": [{"type": "MemoryPressure", "status": "True", "reason": "KubeletHasInsufficientMemory", "lastTransitionTime": "2026-03-02T09:00:00Z"}, {"type": "DiskPressure", "status": "False"}, {"type": "Ready", "status": "True"}]}}  # fmt: skip
HEALTHY = {"kind": "Pod", "metadata": {"name": "web-0"}, "status": {"containerStatuses": [{"name": "a", "state": {"running": {}}, "restartCount": 0}], "conditions": [{"type": "Ready", "status": "True"}]}}  # fmt: skip
SAMPLE = json.dumps({"apiVersion": "v1", "kind": "List", "items": [POD, DEPLOYMENT, NODE, HEALTHY]}, indent=1).encode()


def unwell(raw: bytes) -> list[Event]:
    """The events without the facts that objects say of themselves."""
    return [one for one in events(SOURCE, raw) if one.name != kube_print.SAYS]


def test_a_container_that_was_killed_says_when_and_why() -> None:
    killed, waiting, unready, replicas, pressure = unwell(SAMPLE)
    assert (killed.kind, killed.subject, killed.name, killed.at) == (
        Kind.STATE,
        "pod/mailer-7d9f8b6c5d-x2x4z",
        "OOMKilled",
        NS,
    )
    assert killed.attributes == {"namespace": "mail", "component": "mailer", "node": "node-1", "container": "smtp", "restarts": "4", "image": "mailer:12", "exit_code": "137"}  # fmt: skip
    assert (waiting.name, waiting.at, waiting.text) == ("CrashLoopBackOff", None, "smtp waits: back-off")
    assert (unready.name, unready.at) == ("ContainersNotReady", NS + 5 * 10**9)
    assert (replicas.subject, replicas.text) == ("deployment/mailer", "1 of 3 replicas are ready")
    assert (pressure.subject, pressure.name, pressure.at) == ("node/node-1", "KubeletHasInsufficientMemory", NS)
    assert SOURCE.sniff(SAMPLE) > 0.9
    check(SOURCE, SAMPLE)


def test_what_is_in_good_health_says_only_its_facts() -> None:
    facts = [one for one in events(SOURCE, SAMPLE) if one.name == kube_print.SAYS]
    assert [one.subject for one in facts] == [
        "pod/mailer-7d9f8b6c5d-x2x4z",
        "deployment/mailer",
        "node/node-1",
        "pod/web-0",
    ]
    assert facts[0].attributes["labels"] == "app=mailer"
    assert (facts[1].attributes["desired"], facts[1].attributes["available"]) == ("3", "1")


def test_a_list_of_the_api_says_the_kind_once_for_all() -> None:
    """``kubectl -o json`` repeats it in every object."""
    bare = [{key: value for key, value in one.items() if key not in ("kind", "apiVersion")} for one in (POD, HEALTHY)]
    raw = json.dumps({"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "7"}, "items": bare}, indent=1).encode()  # fmt: skip
    check(SOURCE, raw)
    assert SOURCE.sniff(raw) > 0.9
    assert SOURCE.sniff(raw[:300]) in (0.0, SOURCE.sniff(raw))
    told = [(e.subject, e.name, e.at, e.text) for e in events(SOURCE, raw)]
    assert told == [(e.subject, e.name, e.at, e.text) for e in events(SOURCE, json.dumps([POD, HEALTHY]).encode())]
    assert not problems(SOURCE, raw)


def test_a_job_that_ended_well_is_in_good_health() -> None:
    done = {**HEALTHY, "status": {"phase": "Succeeded", "containerStatuses": [{"name": "a", "state": {"terminated": {"exitCode": 0, "reason": "Completed", "finishedAt": "2026-03-02T09:00:00Z"}}}], "conditions": [{"type": "Ready", "status": "False", "reason": "PodCompleted"}]}}  # fmt: skip
    assert not unwell(json.dumps(done).encode())


def test_other_json_is_left_to_others() -> None:
    for raw in (
        b'{"kind":"Event","involvedObject":{},"reason":"x","message":"y","metadata":{}}',
        b'{"kind":"flag","metadata":{}}',
        b"{}",
    ):
        assert SOURCE.sniff(raw) == 0.0
    assert [p.code for p in problems(SOURCE, b'[{"a":1}]')] == ["kubernetes-shape"]


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE, step=3)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)
