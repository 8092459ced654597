"""Faults of nodes and of what runs on each of them: kubelet, container runtime, proxy, scheduler, pressure.

Conditions and the words of the node controller are those of kubernetes.io, "Node Status" and "Nodes"; a scheduler that does
not act is seen by pods that wait without ever having been turned down.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.cause.fault import MISFIT, STATED, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.cause.cluster import Cluster, Thing

_RUNTIME = re.compile(
    r"container ?runtime (is )?(down|not ready|network not ready)|containerd\.sock|crio\.sock|docker\.sock|PLEG is not healthy|dockershim",
    re.IGNORECASE,
)
_GONE = re.compile(r"NodeStatusUnknown|stopped posting node status|NodeStatusNeverUpdated", re.IGNORECASE)
_PRESSURE = re.compile(r"(Memory|Disk|PID)Pressure=True")
_UNITS = {"containerd": "containerd", "docker": "containerd", "crio": "containerd", "kubelet": "kubelet", "kube-proxy": "kube_proxy", "kube-scheduler": "kube_scheduler", "kube-apiserver": "kube_apiserver", "kube-controller-manager": "kube_controller_manager", "etcd": "etcd"}  # fmt: skip


def faults(cluster: Cluster) -> Iterator[Fault]:
    """What is wrong with the nodes."""
    down: set[str] = set()
    for node in cluster.of("node"):
        for fault in _node(node, cluster):
            down.add(fault.kind)
            yield fault
    if "kube_scheduler_unavailable" not in down:
        yield from _no_scheduler(cluster)


def _node(node: Thing, cluster: Cluster) -> Iterator[Fault]:
    stopped = [fact for fact in node.complaints if fact.event.name == "ServiceDown"]
    for fact in stopped:
        unit = _UNITS.get(
            fact.event.attributes.get("unit", ""), fact.event.attributes.get("unit", "").replace("-", "_")
        )
        yield Fault(
            f"node/{node.name}",
            f"{unit}_unavailable",
            STATED + 3,
            fact.event.text,
            (fact.cite,),
            "compute",
            "unhandled error",
        )
    if stopped:
        return
    conditions = "\n".join(node.all("conditions"))
    unready = re.search(r"^Ready=(False|Unknown)", conditions, re.MULTILINE) or any(
        fact.event.name.startswith("NotReady") for fact in node.complaints
    )
    words = conditions + "\n".join(fact.event.text for fact in (*node.complaints, *_on(node, cluster)))
    cites = tuple(node.cites[:3])
    if unready and (runtime := _RUNTIME.search(words)):
        says = f"its container runtime does not answer: {runtime[0]}"
        yield Fault(
            f"node/{node.name}", "containerd_unavailable", STATED + 2, says, cites, "compute", "unhandled error"
        )
    elif unready:
        why = "its kubelet has stopped posting" if _GONE.search(words) else "it is not ready"
        yield Fault(f"node/{node.name}", "kubelet_unavailable", STATED + 2, why, cites, "compute", "unhandled error")
    for found in _PRESSURE.finditer(conditions):
        yield Fault(
            f"node/{node.name}",
            f"node_{found[1].lower()}_pressure",
            MISFIT,
            f"it is under {found[1].lower()} pressure",
            cites,
            "capacity",
            "exhausted",
        )


def _on(node: Thing, cluster: Cluster) -> Iterator:  # type: ignore[type-arg]
    for pod in cluster.of("pod"):
        if node.name in pod.all("node"):
            yield from pod.complaints


def _no_scheduler(cluster: Cluster) -> Iterator[Fault]:
    """Pods wait, have no node, and were not turned down: nobody looks for one."""
    waiting = [
        pod
        for pod in cluster.of("pod")
        if "Pending" in pod.all("phase") + [fact.event.name for fact in pod.complaints]
        and (pod.one("image") or pod.one("ports"))
        and not pod.one("node").replace("<none>", "")
        and not any(fact.event.name == "FailedScheduling" for fact in pod.complaints)
    ]
    control = [
        node
        for node in cluster.of("node")
        if re.search(r"control-plane|role=master|/master", "".join(node.all("labels"))) or node.name == "master"
    ]
    if waiting and control:
        says = f"{waiting[0].name} waits for a node and no scheduler has looked at it"
        cites = (*waiting[0].cites[:2], *control[0].cites[:1])
        yield Fault(
            f"node/{control[0].name}", "kube_scheduler_unavailable", STATED, says, cites, "compute", "unhandled error"
        )
