"""The state of objects of Kubernetes, as ``kubectl get pods,deployments,nodes -o json`` prints it.

What is said of a moment is an event at that moment: a container that was ended, a condition that changed. What is only so
now (restarts, a container that waits) has no time. An object in good health is skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, json_value, kube_object, kube_print, moment, name
from afterword.reading.element import dig
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading

_ENVELOPES = ("items",)
_KINDS = frozenset(["Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Node", "Job", "CronJob", "HorizontalPodAutoscaler", "PersistentVolumeClaim", "Service", "ConfigMap", "Namespace", "Ingress", "Endpoints", "Secret", "ResourceQuota", "PersistentVolume"])  # fmt: skip
#: Conditions that are good news when they are false.
_BAD = frozenset(
    [
        "MemoryPressure",
        "DiskPressure",
        "PIDPressure",
        "NetworkUnavailable",
        "ReplicaFailure",
        "Failed",
        "Stalled",
        "FrequentKubeletRestart",
        "KernelDeadlock",
        "ReadonlyFilesystem",
    ]
)
_QUIET = frozenset(
    [
        "PodReadyToStartContainers",
        "Initialized",
        "PodScheduled",
        "Complete",
        "AbleToScale",
        "ScalingActive",
        "SuccessCriteriaMet",
    ]
)


class _Said(NamedTuple):
    """One thing that an object says of itself; without a time it is so when it was asked."""

    reason: str
    text: str
    at: Any = None
    severity: str = "warn"
    more: Mapping[str, Any] = {}


def sniff(head: bytes) -> float:
    """Sure of a kind, metadata and a status or specification."""
    found = [one for value in json_value.samples(head)[:10] for one in _sampled(value)][:10]
    good = sum(name.text(one.get("kind")) in _KINDS and isinstance(one.get("metadata"), dict) for one in found)
    return 0.93 if found and good * 2 > len(found) else 0.0


def _sampled(value: Any) -> list[Mapping[str, Any]]:
    """Objects of a value under the kind that they have; those of a list of the API have it from the list."""
    kind = _listed(value)
    items = value.get("items") if isinstance(value, dict) else value
    inner = items if isinstance(items, list) else [value]
    return [{"kind": kind, **one} if kind else one for one in inner[:10] if isinstance(one, dict)]


def _listed(value: Any) -> str:
    """``Pod`` for a ``PodList``: the API does not repeat the kind in each object, as kubectl does."""
    kind = name.text(value.get("kind")) if isinstance(value, dict) else ""
    return (
        kind.removesuffix("List")
        if kind != "List" and kind.endswith("List") and isinstance(value.get("items"), list)
        else ""
    )


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in _objects(stream):
        if not isinstance(node, Node):
            yield node
        elif not isinstance(node.value.get("metadata"), dict) or "kind" not in node.value:
            yield Problem("no object of Kubernetes", node.place(), Gravity.WARNING, "kubernetes-shape")
        else:
            yield from _object(node, reading)


def _objects(stream: BinaryIO) -> Iterator[Node | Problem | Skipped]:
    for found in json_value.values(stream):
        kind = _listed(found.value) if isinstance(found, Node) else ""
        items = found.get("items") if isinstance(found, Node) and kind else None
        if isinstance(found, Node) and items is not None:
            for one in items.items():
                known = {**one.value, "kind": one.value.get("kind", kind)} if isinstance(one.value, dict) else one.value
                yield from element.inside(Node(one.text, one.start, one.end, known))
        elif isinstance(found, Node):
            yield from element.inside(found, *_ENVELOPES)
        else:
            yield found


def _object(node: Node, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    value = node.value
    said = [*_containers(value), *_replicas(value), *_conditions(value)]
    facts = kube_object.facts(value)
    if facts:
        more = {key: "\n".join(lines) for key, lines in facts.items()}
        said.append(_Said(kube_print.SAYS, "", None, "info", more))
    if not said:
        yield Skipped("an object that says nothing of itself", node.place())
    kind, called = name.text(value["kind"]).lower(), name.text(dig(value, "metadata", "name"))
    around = {
        "namespace": dig(value, "metadata", "namespace"),
        "component": _component(value),
        "node": dig(value, "spec", "nodeName"),
    }
    for count, one in enumerate(said, 1):
        event = Event(
            Kind.STATE, fact.part(node.place(), "" if len(said) == 1 else f"{one.reason} {count}"), None, f"{kind}/{called}", one.reason, one.text,
            severity=one.severity, offset=None, attributes=fact.attributes({**around, **one.more}),
        )  # fmt: skip
        yield from (event,) if one.at is None else fact.dated(event, moment.stamp(one.at, reading))


def _component(value: Mapping[str, Any]) -> str:
    """The logical service: the labels that name it, else the object's own name."""
    labels = dig(value, "metadata", "labels")
    known = ("app.kubernetes.io/name", "app", "k8s-app", "app.kubernetes.io/component", "component")
    return next((name.text(labels[key]) for key in known if labels.get(key)), "") if isinstance(labels, dict) else ""


def _containers(value: Mapping[str, Any]) -> Iterator[_Said]:
    for key in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
        statuses = dig(value, "status", key)
        for one in statuses if isinstance(statuses, list) else ():
            if isinstance(one, dict):
                yield from _container(one)
    reason = name.text(dig(value, "status", "reason"))
    if reason and value.get("kind") == "Pod":
        yield _Said(reason, name.text(dig(value, "status", "message")))


def _container(one: Mapping[str, Any]) -> Iterator[_Said]:
    called, restarts = name.text(one.get("name")), one.get("restartCount")
    more = {
        "container": called,
        "restarts": restarts if isinstance(restarts, int) and restarts else "",
        "image": one.get("image"),
    }
    for state in (one.get("lastState"), one.get("state")):
        ended = dig(state, "terminated")
        if isinstance(ended, dict) and not (ended.get("exitCode") == 0 and ended.get("reason") in (None, "Completed")):
            code = name.text(ended.get("exitCode"))
            text = f"{called} was ended, exit code {code}" + (
                f": {name.text(ended.get('message'))}" if ended.get("message") else ""
            )
            yield _Said(name.text(ended.get("reason")) or "Terminated", text, ended.get("finishedAt") or ended.get("startedAt"), "error", {**more, "exit_code": code})  # fmt: skip
    waiting = dig(one, "state", "waiting")
    if isinstance(waiting, dict) and waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
        text = f"{called} waits" + (f": {name.text(waiting.get('message'))}" if waiting.get("message") else "")
        yield _Said(name.text(waiting.get("reason")), text, more=more)


def _replicas(value: Mapping[str, Any]) -> Iterator[_Said]:
    """A workload that has fewer replicas ready than it wants."""
    wanted = dig(value, "spec", "replicas")
    ready = dig(value, "status", "readyReplicas") or 0
    if (
        value.get("kind") in ("Deployment", "StatefulSet")
        and isinstance(wanted, int)
        and isinstance(ready, int)
        and ready < wanted
    ):
        yield _Said("NotReady", f"{ready} of {wanted} replicas are ready", more={"replicas": wanted, "ready": ready})


def _conditions(value: Mapping[str, Any]) -> Iterator[_Said]:
    """Conditions that are not as they should be, from when they changed."""
    found = dig(value, "status", "conditions")
    for one in found if isinstance(found, list) else ():
        kind, status = name.text(dig(one, "type")), name.text(dig(one, "status"))
        if not kind or kind in _QUIET - {"PodScheduled"} or (status == "True") != (kind in _BAD):
            continue
        if dig(one, "reason") in ("PodCompleted", "Completed"):
            continue
        text = f"{kind} is {status}" + (f": {name.text(dig(one, 'message'))}" if dig(one, "message") else "")
        yield _Said(
            name.text(dig(one, "reason")) or kind, text, dig(one, "lastTransitionTime") or dig(one, "lastUpdateTime")
        )


SOURCE = Source(
    "kubernetes-objects", "the state of pods, deployments, nodes and other objects of Kubernetes", sniff, read, 2
)
