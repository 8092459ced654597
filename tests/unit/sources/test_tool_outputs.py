"""Recorded outputs of tools: what each is, is told by its shape."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, skipped, truncated

from afterword.model.event import Kind
from afterword.reading import kube_print
from afterword.sources.tool_outputs import SOURCE

PODS = "NAME       READY   STATUS    RESTARTS   AGE\nmailer-0   0/1     Pending   0          9m\n"
UNIT = "Service: kubelet\nNode: node-1\nStatus: \u25cb kubelet.service - Kubelet\n     Active: inactive (dead) since Mon 2026-03-02 09:00:00 UTC; 2min ago\n"
TREE = "[Service]: shop\nshop\n\u251c\u2500\u2500 cart\n\u2502   \u2514\u2500\u2500 store   <-- (Database)\n\u2514\u2500\u2500 mailer\n"
SAMPLE = json.dumps(
    {
        "taken": "2026-03-02",
        'List:{"resource_type":"pods"}': PODS,
        'List:{"resource_type":"pods","wide":true}': PODS,
        'Unit:{"node":"node-1"}': UNIT,
        'Manifest:{"app":"mailer"}': "apiVersion: v1\nkind: Service\nmetadata:\n  name: mailer\nspec:\n  ports:\n  - port: 25\n",
        'Tree:{"service_name":"shop"}': TREE,
        'Dial:{"service_name":"mailer","port":25}': "Connection Failed",
        "Alerts:{}": {
            "alerts": [
                {
                    "type": "Service",
                    "name": "mailer",
                    "time_range": "2026-03-02 09:00:00 ~ 2026-03-02 09:05:00",
                    "evidence": ["LATENCY up"],
                }
            ]
        },
        'Errors:{"service_name":"mailer"}': {"patterns": [{"count": 3, "sample": "permission denied"}]},
    },
    indent=1,
).encode()


def test_each_output_is_known_by_its_shape() -> None:
    by = {(one.kind, one.subject): one for one in events(SOURCE, SAMPLE)}
    assert by[Kind.STATE, "pod/mailer-0"].kind is Kind.STATE
    down = by[Kind.STATE, "node/node-1"]
    assert (down.name, down.attributes) == ("ServiceDown", {"unit": "kubelet", "state": "inactive (dead)"})
    assert by[Kind.ALERT, "mailer"].text == "LATENCY up"
    assert (by[Kind.PATTERN, "mailer"].text, by[Kind.PATTERN, "mailer"].value) == ("permission denied", 3.0)
    assert {(one.subject, one.name) for one in events(SOURCE, SAMPLE) if one.kind is Kind.EDGE} == {
        ("shop", "cart"), ("cart", "store"), ("shop", "mailer"),
    }  # fmt: skip
    states = [(one.subject, one.name) for one in events(SOURCE, SAMPLE) if one.kind is Kind.STATE]
    assert ("service/mailer", "ConnectionFailed") in states
    assert ("service/mailer", kube_print.SAYS) in states
    assert SOURCE.sniff(SAMPLE) > 0.8
    check(SOURCE, SAMPLE)


def test_what_is_said_twice_is_told_once() -> None:
    assert len([one for one in events(SOURCE, SAMPLE) if one.name == "Pending"]) == 1
    assert len(skipped(SOURCE, SAMPLE)) == 2


def test_other_objects_are_left_to_others() -> None:
    for raw in (b'{"a": 1, "b": 2}', b'{"kubectl get pods": "x", "kubectl get nodes": "y"}', b"[]"):
        assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE, step=7)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)
