"""Faults of placing pods: resources, taints, affinity, cordons, volumes, and what admission refuses.

The scheduler's words are those of its filters (kubernetes.io: "Scheduling Framework", "Taints and Tolerations", "Assigning
Pods to Nodes", "Persistent Volumes: binding"); each node is counted under the first filter that turns it down. Quotas are
refused in the words of "Resource Quotas".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.cause.fault import MISFIT, SAID_ONCE, STATED, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.core.cause.cluster import App, Cluster, Thing
    from afterword.model.event import Fact

_CORDONED = re.compile(r"(?<!\d)(\d++) node\(s\) were unschedulable")
_TAINT = re.compile(r"untolerated taint \{(?!node\.kubernetes\.io/|node-role)")
_OLD_TAINT = re.compile(r"node\(s\) had taints? (?:\{|that)")
_UNBOUND = re.compile(
    r"unbound (immediate )?PersistentVolumeClaims|persistentvolumeclaim.*(not found|not bound|unbound)", re.IGNORECASE
)
_NO_CLAIM = re.compile(r"persistentvolumeclaim \"?([\w.-]+)\"? not found", re.IGNORECASE)
_QUOTA = re.compile(
    r"exceeded quota: (?P<quota>[\w.-]+), requested: (?P<asked>.*?), used: (?P<used>.*?), limited: (?P<most>.*)$",
    re.MULTILINE,
)
_ACCOUNT = re.compile(r"service ?account \"?(?P<name>[\w./-]++)\"?.{0,300}?not found", re.IGNORECASE)
_UNITS = {
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "m": 1e-3,
    "": 1.0,
}
#: What a quota limits, and the class of the fault when it is used up.
_QUOTAS = (
    ("storage", re.compile(r"storage|persistentvolumeclaims")),
    ("cpu", re.compile(r"cpu")),
    ("memory", re.compile(r"memory")),
    ("pod", re.compile(r"pods")),
    ("service", re.compile(r"^(count/)?services")),
)


def faults(app: App, cluster: Cluster) -> Iterator[Fault]:
    """Why pods of the app have no node, or are not made at all."""
    yield from _refused(app, cluster)
    homeless = {one.name for one in app.of("pod") if not one.one("node").replace("<none>", "")}
    waiting = [fact for fact in app.complaints("FailedScheduling") if fact.event.subject.partition("/")[2] in homeless]
    if waiting:
        yield from _unplaced(app, cluster, waiting)


def _made(
    app: App, kind: str, found: Sequence[Fact], says: str, category: str = "config", bits: float = STATED
) -> Fault:
    strength = bits if not app.well else min(bits, SAID_ONCE)
    return Fault(
        f"app/{app.name}", kind, strength, says, tuple(dict.fromkeys(fact.cite for fact in found))[:4], category
    )


def _refused(app: App, cluster: Cluster) -> Iterator[Fault]:
    found = [*app.complaints("FailedCreate", "ReplicaFailure")]
    for fact in found:
        quota = _QUOTA.search(fact.event.text)
        if quota:
            name = _limited(quota["asked"])
            if name:
                component = f"namespace/{cluster.namespace}"
                bits = STATED if not app.well else SAID_ONCE
                yield Fault(
                    component,
                    f"namespace_{name}_quota_exceeded",
                    bits,
                    fact.event.text[:240],
                    (fact.cite,),
                    "capacity",
                    "exhausted",
                )
            return
    for fact in found if not app.placed else ():
        account = _ACCOUNT.search(fact.event.text)
        if account:
            yield _made(
                app,
                "missing_service_account",
                [fact],
                f"its service account is not there: {fact.event.text[:200]}",
                "certificate/secret/identity",
            )
            return


def _limited(asked: str) -> str:
    names = re.findall(r"(?<![\w./])([\w./]++)=", asked)
    return next((kind for kind, pattern in _QUOTAS if any(pattern.search(name) for name in names)), "")


def _unplaced(app: App, cluster: Cluster, waiting: list[Fact]) -> Iterator[Fault]:
    text = "\n".join(fact.event.text.split("preemption:")[0] for fact in waiting)
    known = (
        ("cpu_capacity_mismatch", "capacity", "Insufficient cpu"),
        ("memory_capacity_mismatch", "capacity", "Insufficient memory"),
    )
    for kind, category, words in known:
        if words in text:
            yield _made(app, kind, waiting, f"no node has as much left as it asks for: {text[:200]}", category)
            return
    yield from _constrained(app, cluster, waiting, text)


def _constrained(app: App, cluster: Cluster, waiting: list[Fact], text: str) -> Iterator[Fault]:
    cordoned = max((int(found) for found in _CORDONED.findall(text)), default=0)
    usual = sum(1 for node in cluster.of("node") if _control(node)) or 1
    if _TAINT.search(text) or _OLD_TAINT.search(text):
        yield _made(
            app,
            "taint_toleration_mismatch",
            waiting,
            f"it does not tolerate the taint of the nodes it could run on: {text[:200]}",
        )
    elif cordoned > usual:
        yield _made(app, "node_cordon_mismatch", waiting, f"the nodes it could run on are cordoned: {text[:200]}")
    elif "anti-affinity" in text:
        yield _made(
            app,
            "pod_anti_affinity_conflict",
            waiting,
            f"its rules keep its pods apart, and there are too few nodes: {text[:200]}",
        )
    elif re.search(r"affinity|selector", text):
        selects = [one for one in app.facts("node_selector") if "=" in one]
        kind = "node_selector_mismatch" if selects else "node_affinity_mismatch"
        yield _made(
            app, kind, waiting, f"no node has what it asks for ({', '.join(selects) or 'node affinity'}): {text[:160]}"
        )
    elif _UNBOUND.search(text):
        yield from _volumes(app, cluster, waiting, text)
    elif cordoned:
        yield _made(
            app, "node_cordon_mismatch", waiting, f"the nodes it could run on are cordoned: {text[:200]}", bits=MISFIT
        )


def _control(node: Thing) -> bool:
    """A node of the control plane is kept free on purpose."""
    return (
        "control-plane" in "".join(node.all("labels"))
        or "role=master" in "".join(node.all("labels"))
        or node.name in ("master", "control-plane")
    )


def _volumes(app: App, cluster: Cluster, waiting: list[Fact], text: str) -> Iterator[Fault]:
    absent = _NO_CLAIM.search(text)
    quota = _storage_quota(cluster)
    if absent and cluster.get("persistentvolumeclaim", absent[1]) is None:
        if quota is not None:
            says = f"the claim {absent[1]} was not admitted: {quota.one('quota')}"
            yield Fault(
                f"namespace/{cluster.namespace}",
                "namespace_storage_quota_exceeded",
                STATED,
                says,
                tuple(quota.cites[:2]),
                "capacity",
                "exhausted",
            )
        else:
            yield _made(
                app, "missing_volume_claim", waiting, f"it mounts a claim that is not there: {absent[1]}", "storage"
            )
        return
    claims = [
        one
        for one in cluster.of("persistentvolumeclaim")
        if _waits(one) and (one.name in app.facts("claims") or not app.facts("claims"))
    ]
    for claim in claims:
        cites = tuple(dict.fromkeys((*(fact.cite for fact in waiting[:2]), *claim.cites[:2])))
        for place, (kind, says) in enumerate(unbound(claim, cluster)):
            bits = STATED if place == 0 else MISFIT - 2
            yield Fault(
                f"app/{app.name}", kind, bits, f"its claim {claim.name} finds no volume: {says}", cites, "storage"
            )


def _storage_quota(cluster: Cluster) -> Thing | None:
    return next(
        (
            one
            for one in cluster.of("resourcequota")
            if any("storage" in line or "persistentvolumeclaims" in line for line in one.all("quota"))
        ),
        None,
    )


def _waits(claim: Thing) -> bool:
    return "Pending" in claim.all("phase") or any(True for _ in claim.complaints)


def unbound(claim: Thing, cluster: Cluster) -> list[tuple[str, str]]:
    """What a claim asks for that no volume has: the one thing that is certain, else what may be, likelier first."""
    volumes, complaints = cluster.of("persistentvolume"), " ".join(fact.event.text for fact in claim.complaints)
    wanted, known = claim.one("storage_class"), {one.one("storage_class") for one in volumes}
    unknown = bool(wanted and volumes and wanted not in known and cluster.get("storageclass", wanted) is None)
    if unknown or ("storageclass" in complaints and "not found" in complaints):
        return [("pvc_storage_class_mismatch", f"there is no storage class {wanted}")]
    free = [one for one in volumes if "Bound" not in one.all("phase")]
    if not volumes:
        return [("missing_volume", "there is no volume")]
    if not free:
        return [("pv_binding_occupied", f"{volumes[0].name} is bound to {volumes[0].one('claim')}")]
    return _unfit(claim, free) or _maybe(claim, free)


def _unfit(claim: Thing, free: list[Thing]) -> list[tuple[str, str]]:
    """What the claim states and no free volume has."""
    modes = set(claim.stated.get("access_modes", ())) or set(claim.facts.get("access_modes", ()))
    if modes and not any(modes <= set(one.all("access_modes")) for one in free):
        says = f"it asks for {', '.join(sorted(modes))}; {free[0].name} has {', '.join(free[0].all('access_modes'))}"
        return [("pvc_access_mode_mismatch", says)]
    fit = [one for one in free if modes <= set(one.all("access_modes"))]
    asked = claim.pairs("requests").get("storage", "")
    if asked and not any(size(one.pairs("capacity").get("storage", "")) >= size(asked) for one in fit):
        largest = fit[0].pairs("capacity").get("storage", "?")
        return [("pvc_capacity_mismatch", f"it asks for {asked}; {fit[0].name} has {largest}")]
    selects = claim.pairs("selector")
    if selects and not any(selects.items() <= one.pairs("labels").items() for one in fit):
        return [
            ("pvc_selector_mismatch", f"it selects {', '.join(claim.all('selector'))}; {fit[0].name} has other labels")
        ]
    return []


def _maybe(claim: Thing, free: list[Thing]) -> list[tuple[str, str]]:
    """What the claim asks for is not known: by what is unusual about the volumes."""
    del claim
    modes = {mode for one in free for mode in one.all("access_modes")}
    labelled = any(one.all("labels") for one in free)
    weights = (
        (
            2.0 if "ROX" in modes else 0.5,
            "pvc_access_mode_mismatch",
            f"the volumes can be used as {', '.join(sorted(modes))}",
        ),
        (1.5 if labelled else 0.2, "pvc_selector_mismatch", "the volumes have labels of their own"),
        (1.0, "pvc_capacity_mismatch", f"the volumes hold {', '.join(one.one('capacity') for one in free)}"),
    )
    return [(kind, says) for _, kind, says in sorted(weights, reverse=True)]


def size(text: str) -> float:
    """``10Gi`` as a number; 0 where it is none."""
    found = re.fullmatch(r"([\d.]+)(Ki|Mi|Gi|Ti|[kMGTm]?)", text.strip())
    return float(found[1]) * _UNITS[found[2]] if found and found[1].replace(".", "", 1).isdigit() else 0.0
