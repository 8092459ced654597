"""Faults of load and network that alerts with their evidence tell: a pod out of processor time, packets lost or late.

Throttling by the scheduler's quota is cgroups' ``cpu.stat`` (kernel: "CFS Bandwidth Control"); segments sent again are the
kernel's sign of packets that were lost (RFC 6298). What is slow without being short of anything waits: the deepest of those
is where the delay is; where many of one node are slow and the rest is not, it is the node.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from afterword.core.cause.fault import MISFIT, STATED, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from afterword.core.cause.cluster import App, Cluster
    from afterword.model.event import Fact

_CHANGE = re.compile(r"(?:Normal|baseline|before|from)\s*+[=:]?\s*+(?P<usual>[\d.]++)\s*+[%\w/]{0,20}\s*+(?:->|→|to)\s*+(?:Cur\w{0,20}|now)?\s*+[=:]?\s*+(?P<now>[\d.]+)", re.IGNORECASE)  # fmt: skip
_CPU = re.compile(r"cpu|throttl", re.IGNORECASE)
_LOSS = re.compile(r"retrans|packet[ _-]?loss|dropped packets", re.IGNORECASE)
_LATENCY = re.compile(r"latency|slow|duration|response time|p9\d", re.IGNORECASE)
#: Fewer segments a second sent again are everyday life.
_MANY = 2.0
#: So many slow apps are more than one slow app and what waits for it.
_SPREAD = 5


class _Sign(NamedTuple):
    """One line of evidence: what it is about, how much it changed (log2), what is observed."""

    about: str
    factor: float
    now: float
    text: str
    fact: Fact


def faults(
    alerts: Sequence[Fact], apps: Mapping[str, App], cluster: Cluster, calls: Mapping[str, frozenset[str]]
) -> Iterator[Fault]:
    """What alerts say of the load of apps and nodes; ``calls`` is caller → callees."""
    signs = [sign for fact in alerts for sign in _signs(fact)]
    nodes = {node.name for node in cluster.of("node")} | {name for pod in cluster.of("pod") for name in pod.all("node")}
    lossy = [one for one in signs if _LOSS.search(one.text) and one.about in nodes]
    for one in lossy:
        bits = STATED if one.now >= _MANY else MISFIT - 3
        yield Fault(
            f"node/{one.about}",
            "node_network_packet_loss",
            bits + one.factor / 20,
            one.text,
            (one.fact.cite,),
            "network",
            "unhandled error",
        )
    busy = [one for one in signs if _CPU.search(one.text) and one.about in apps]
    for one in busy:
        yield Fault(
            f"app/{one.about}",
            "pod_cpu_overload",
            STATED - 1 + one.factor / 20,
            one.text,
            (one.fact.cite,),
            "compute",
            "contended",
        )
    slow = [one for one in signs if _LATENCY.search(one.text) and one.about in apps]
    if slow and not any(one.now >= _MANY for one in lossy) and not busy:
        yield from _waiting(slow, apps, calls, _touched(signs, apps))


def _signs(fact: Fact) -> Iterator[_Sign]:
    for line in fact.event.text.split("\n"):
        changes = [
            (float(found["usual"].strip(".") or 0), float(found["now"].strip(".") or 0))
            for found in _CHANGE.finditer(line)
        ]
        factor = max((abs(math.log2((now + 1e-3) / (usual + 1e-3))) for usual, now in changes), default=1.0)
        yield _Sign(fact.event.subject, factor, max((now for _, now in changes), default=0.0), line, fact)


def _touched(signs: Sequence[_Sign], apps: Mapping[str, App]) -> set[str]:
    return {one.about for one in signs if one.about in apps}


def _waiting(
    slow: Sequence[_Sign], apps: Mapping[str, App], calls: Mapping[str, frozenset[str]], touched: set[str]
) -> Iterator[Fault]:
    names = {one.about for one in slow}
    deepest = [one for one in slow if not (calls.get(one.about, frozenset()) & names)] or list(slow)
    best = max(deepest, key=lambda one: (one.factor, one.about))
    sources = {one.about for one in deepest}
    if len(touched) >= _SPREAD and (len(sources) > 1 or not calls):
        yield from _node_delay(slow, apps, touched)
    yield Fault(
        f"app/{best.about}",
        "pod_network_delay",
        MISFIT + best.factor / 20,
        best.text,
        (best.fact.cite,),
        "network",
        "unhandled error",
    )


def _node_delay(slow: Sequence[_Sign], apps: Mapping[str, App], touched: set[str]) -> Iterator[Fault]:
    """The node whose apps are slower than those of the others."""
    score: dict[str, float] = defaultdict(float)
    size: dict[str, int] = defaultdict(int)
    factors = {one.about: one.factor for one in slow}
    for name, app in apps.items():
        for node in {node for pod in app.of("pod") for node in pod.all("node")}:
            size[node] += 1
            score[node] += factors.get(name, 1.0 if name in touched else 0.0)
    if score:
        node = max(score, key=lambda one: (score[one] / size[one], one))
        cites = tuple(dict.fromkeys(one.fact.cite for one in slow))[:3]
        says = f"{len(touched)} apps are slow or starved at once, those on {node} most"
        yield Fault(f"node/{node}", "node_network_delay", MISFIT + 1, says, cites, "network", "unhandled error")
