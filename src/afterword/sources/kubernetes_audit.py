"""The audit log of Kubernetes: who created, changed or deleted what. Only ``ResponseComplete`` says that it was done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import commit, element, fact, moment, name
from afterword.reading.element import dig
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading

_ENVELOPES = ("items",)
_WRITES = frozenset(["create", "update", "patch", "delete", "deletecollection"])
#: Objects that controllers write all the time; they change nothing that a person decided.
_NOISE = frozenset(["events", "leases", "endpoints", "endpointslices", "tokenreviews", "subjectaccessreviews", "localsubjectaccessreviews", "selfsubjectaccessreviews", "selfsubjectrulesreviews", "bindings", "nodes", "controllerrevisions"])  # fmt: skip
_DEPLOYS = frozenset(
    ["deployments", "statefulsets", "daemonsets", "replicasets", "pods", "jobs", "cronjobs", "rollouts"]
)
_SERVANTS = ("system:node:", "system:serviceaccount:kube-system:", "system:kube-", "system:apiserver")


def sniff(head: bytes) -> float:
    """Sure of an audit identifier beside a stage and a verb."""
    found = element.peek(head, *_ENVELOPES)[:10]
    good = sum({"auditID", "stage", "verb"} <= one.keys() for one in found)
    return 0.97 if found and good * 2 > len(found) else 0.0


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, *_ENVELOPES):
        if not isinstance(node, Node):
            yield node
        elif "verb" not in node.value:
            yield Problem("no entry of an audit log", node.place(), Gravity.WARNING, "audit-shape")
        elif _refused(node.value):
            yield from _refusal(node, reading)
        elif reason := _unchanged(node.value):
            yield Skipped(reason, node.place())
        else:
            yield from _change(node, reading)


def _unchanged(value: Mapping[str, Any]) -> str:
    """Why an entry tells of no change; empty when it tells of one."""
    code = dig(value, "responseStatus", "code")
    if value.get("stage") not in ("ResponseComplete", "Panic"):
        return "a stage before the response was complete"
    if name.text(value.get("verb")) not in _WRITES:
        return "a request that only reads"
    if isinstance(code, int) and code >= 300:
        return "a request that was refused"
    if name.text(dig(value, "objectRef", "resource")) in _NOISE or dig(value, "objectRef", "subresource") in (
        "status",
        "binding",
        "eviction",
        "token",
    ):
        return "an object that controllers write all the time"
    user = name.text(dig(value, "user", "username"))
    return "a request of Kubernetes itself" if user.startswith(_SERVANTS) else ""


def _refused(value: Mapping[str, Any]) -> bool:
    """A person who was not allowed to do it: robots that ask for too much are refused all day."""
    user = name.text(dig(value, "user", "username"))
    forbidden = dig(value, "responseStatus", "code") in (401, 403) and value.get("stage") == "ResponseComplete"
    return forbidden and bool(user) and not user.startswith("system:")


def _refusal(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    value = node.value
    what = f"{name.text(value.get('verb'))} {name.text(dig(value, 'objectRef', 'resource'))}"
    said = {"check": "access", "state": "denied", "who": fact.called(value.get("user")), "namespace": dig(value, "objectRef", "namespace")}  # fmt: skip
    event = Event(Kind.CHECK, node.place(), None, name.text(dig(value, "objectRef", "name")), what, f"{what}: forbidden", attributes=fact.attributes(said))  # fmt: skip
    yield from fact.dated(
        event, moment.stamp(value.get("stageTimestamp") or value.get("requestReceivedTimestamp"), reading)
    )


def _change(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    value = node.value
    resource, called = (name.text(dig(value, "objectRef", key)) for key in ("resource", "name"))
    called = called or name.text(
        dig(value, "requestObject", "metadata", "name") or dig(value, "responseObject", "metadata", "name")
    )
    namespace, sub = (name.text(dig(value, "objectRef", key)) for key in ("namespace", "subresource"))
    asked = value.get("requestObject")
    body = (
        json.dumps(asked, indent=1, ensure_ascii=False, sort_keys=True)[: commit.LONGEST]
        if isinstance(asked, dict)
        else ""
    )
    said = {
        "change": "deploy" if resource in _DEPLOYS and sub != "scale" else "config", "who": fact.called(value.get("user")), "namespace": namespace,
        "object": f"{resource}/{called}", "diff": "\n".join("+" + line for line in body.splitlines()), "files": f"{resource}/{called}.yaml",
        "version": ", ".join(_images(asked)), "agent": value.get("userAgent"),
    }  # fmt: skip
    text = (
        f"{name.text(value.get('verb'))} {resource}/{called}"
        + (f" ({sub})" if sub else "")
        + (f" in {namespace}" if namespace else "")
    )
    component = (
        called if resource not in ("pods", "replicasets") else called.rsplit("-", 2 if resource == "pods" else 1)[0]
    )
    event = Event(
        Kind.CHANGE,
        node.place(),
        None,
        component,
        name.text(value.get("auditID")),
        text,
        attributes=fact.attributes(said),
    )
    yield from fact.dated(
        event, moment.stamp(value.get("stageTimestamp") or value.get("requestReceivedTimestamp"), reading)
    )


def _images(value: Any, depth: int = 0) -> Iterator[str]:
    """The images that a requested object names, in order."""
    if isinstance(value, dict) and depth < 12:
        if isinstance(value.get("image"), str):
            yield value["image"]
        for key in sorted(value):
            yield from _images(value[key], depth + 1)
    elif isinstance(value, list) and depth < 12:
        for one in value:
            yield from _images(one, depth + 1)


SOURCE = Source("kubernetes-audit", "the audit log of Kubernetes: who changed what", sniff, read, 2)
