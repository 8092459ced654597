"""What guards calls between services: Istio's DestinationRule and VirtualService, clusters of Envoy, resilience4j in Spring's YAML.

A guard is a timeout, a bound on tries, a circuit breaker (with outlier detection), a bound on what runs at once. Undated.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import fact, strict_yaml
from afterword.reading.strict_json import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.ports import Reading
    from afterword.reading.strict_yaml import Node

_ISTIO = re.compile(r"^[ \t-]*kind:[ \t]*[\"']?DestinationRule\b", re.MULTILINE)
_WORKLOAD = re.compile(
    r"^[ \t-]*kind:[ \t]*[\"']?(?:Pod|Deployment|ReplicaSet|StatefulSet|DaemonSet|Job|CronJob|Node|Service|ConfigMap|Ingress)[\"']?\s*$",
    re.MULTILINE,
)
_ENVOY = re.compile(r"^[ \t-]*(?:static_resources|cluster_name|lb_policy|load_assignment):", re.MULTILINE)
_CLUSTERS = re.compile(r"^[ \t]*clusters:", re.MULTILINE)
_R4J = re.compile(r"^[ \t]*resilience4j(?:\.[\w.-]+)?:", re.MULTILINE)
_R4J_KINDS = {
    "circuitbreaker": "breaker", "bulkhead": "pool", "thread-pool-bulkhead": "pool", "timelimiter": "timeout", "retry": "retry",
    "ratelimiter": "rate",
}  # fmt: skip
#: Envoy's words for a part of a cluster, and the guard that it is.
_ENVOY_KINDS = {"circuit_breakers": "pool", "outlier_detection": "breaker"}


def sniff(head: bytes) -> float:
    """Sure of the kind of a mesh's object, of clusters of a proxy, or of the library's own section."""
    text = head.decode("utf-8", "replace")
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return 0.0
    if _ISTIO.search(text) or _R4J.search(text):
        # Among workloads a guard is one object of many: who reads them all reads more.
        return 0.5 if _WORKLOAD.search(text) else 0.92
    return 0.9 if _ENVOY.search(text) and _CLUSTERS.search(text) else 0.0


def read(stream: BinaryIO, _reading: Reading) -> Iterator[Event | Problem | Skipped]:
    raw = stream.read(strict_yaml.LONGEST + 1)
    size = len(raw) + len(stream.read())
    whole = Place(0, size, 1, raw.count(b"\n") + (not raw.endswith(b"\n")) or 1)
    try:
        for document in strict_yaml.documents(raw):
            made = list(_told(document))
            yield from made
            if not made:
                yield Skipped("a document that guards no call", document.place())
    except Malformed as error:
        yield Problem(f"not YAML that can be relied on: {error}", whole, Gravity.ERROR, error.code)


def _told(document: Node) -> Iterator[Event]:
    kind = document.said("kind")
    if kind.endswith("List") and (items := document.get("items")) is not None:
        for item in items.items():
            yield from _told(item)
        return
    if kind == "DestinationRule":
        yield from _destination(document)
    elif kind == "VirtualService":
        yield from _virtual(document)
    else:
        clusters = document.get("static_resources", "clusters") or document.get("clusters")
        for cluster in clusters.items() if clusters is not None else []:
            yield from _cluster(cluster)
        yield from _library(document)


def _event(node: Node, guard: str, target: str, name: str, **said: str) -> Event:
    """``target`` without what a cluster's DNS puts behind it."""
    plain = (
        target.split(".svc", maxsplit=1)[0].split(".", maxsplit=1)[0] if re.search(r"\.svc(?:\.|$)", target) else target
    )
    attributes = fact.attributes({"policy": guard, "host": target if target != plain else "", **said})
    return Event(
        Kind.POLICY, node.place(guard), None, plain, name, f"{guard} for {plain}", offset=None, attributes=attributes
    )


def _destination(document: Node) -> Iterator[Event]:
    host, name = document.said("spec", "host"), document.said("metadata", "name")
    policy = document.get("spec", "trafficPolicy")
    if not host:
        return
    if policy is not None and (outlier := policy.get("outlierDetection")) is not None and outlier.members():
        yield _event(outlier, "breaker", host, name)
    pool = policy.get("connectionPool") if policy is not None else None
    if pool is not None and pool.members():
        yield _event(pool, "pool", host, name)
    if policy is None or not policy.members():
        yield _event(document, "none", host, name)


def _virtual(document: Node) -> Iterator[Event]:
    name, hosts = document.said("metadata", "name"), document.get("spec", "hosts")
    targets = [one.value for one in hosts.items() if isinstance(one.value, str)] if hosts is not None else []
    routes = document.get("spec", "http")
    for route in routes.items() if routes is not None else []:
        for key, guard in (("timeout", "timeout"), ("retries", "retry")):
            found = route.get(key)
            if found is not None and found.value and targets:
                length = route.said("timeout") if guard == "timeout" else ""
                yield _event(found, guard, targets[0], name, tries=found.said("attempts"), length=length)


def _cluster(cluster: Node) -> Iterator[Event]:
    name = cluster.said("name")
    found = [(part, guard) for key, guard in _ENVOY_KINDS.items() if (part := cluster.get(key)) is not None and (part.members() or part.items())]  # fmt: skip
    for part, guard in found:
        yield _event(part, guard, name, name)
    if name and not found:
        yield _event(cluster, "none", name, name)


def _library(document: Node) -> Iterator[Event]:
    """``resilience4j.circuitbreaker.instances.payment``; the name of an instance is the name of what is called."""
    for key, top in document.members().items():
        if key != "resilience4j" and not key.startswith("resilience4j."):
            continue
        kinds = {key.removeprefix("resilience4j."): top} if "." in key else top.members()
        for kind, section in kinds.items():
            guard, instances = _R4J_KINDS.get(kind.lower(), ""), section.get("instances") or section.get("backends")
            listed = instances.members() if instances is not None and guard else {}
            for name, one in ((name, one) for name, one in listed.items() if one.value):
                yield _event(one, guard, name, name, tries=one.said("maxAttempts") or one.said("max-attempts"))


SOURCE = Source("call-guards", "what guards calls: Istio, Envoy, resilience4j", sniff, read)
