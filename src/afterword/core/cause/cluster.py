"""A cluster as the evidence describes it: objects with their facts, what was said against them, and the apps they make up."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from afterword.model.event import Fact
    from afterword.model.evidence import Citation

#: Name of the events that carry facts of an object instead of a complaint about it.
SAYS = "Described"
WORKLOADS = ("deployment", "statefulset", "daemonset", "job", "cronjob")
#: The random end that a workload gives its replica sets and a replica set its pods.
_GENERATED = re.compile(r"(-[a-z0-9]{7,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}$|-[0-9a-f]{7,10}$")
_LABELS = ("app.kubernetes.io/name", "app", "k8s-app", "app.kubernetes.io/instance", "name", "service", "component")


@dataclass(slots=True)
class Thing:
    """One object: what it says of itself, and what was said against it."""

    kind: str
    name: str
    facts: dict[str, list[str]] = field(default_factory=dict)
    stated: dict[str, list[str]] = field(default_factory=dict)
    complaints: list[Fact] = field(default_factory=list)
    cites: list[Citation] = field(default_factory=list)

    def all(self, key: str) -> list[str]:
        """The lines of a fact: as the cluster answers, else as a manifest asks for."""
        return self.facts.get(key) or self.stated.get(key) or []

    def one(self, key: str) -> str:
        return next(iter(self.all(key)), "")

    def pairs(self, key: str) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.all(key) if "=" in line)

    @property
    def app(self) -> str:
        """The app it belongs to, by its labels, else by its own name without what was generated."""
        labels = {**self.pairs("pod_labels"), **self.pairs("labels")}
        label = next((labels[key] for key in _LABELS if labels.get(key)), "")
        return label or plain_name(self.kind, self.name)


def plain_name(kind: str, name: str) -> str:
    """``cart`` for the pod ``cart-7d9f8b6c5d-x2x4z``."""
    return _GENERATED.sub("", name) if kind in ("pod", "replicaset", "job") else name


@dataclass(slots=True)
class App:
    """What belongs together: workloads, pods, services."""

    name: str
    things: list[Thing] = field(default_factory=list)

    def of(self, *kinds: str) -> list[Thing]:
        return [one for one in self.things if one.kind in kinds]

    def complaints(self, *reasons: str) -> Iterator[Fact]:
        """What was said against its parts, of these reasons; all when none is given. Pods that are gone no longer count."""
        pods = [one for one in self.of("pod") if one.facts]
        for thing in self.things:
            if thing.kind == "pod" and pods and not thing.facts:
                continue
            for fact in thing.complaints:
                if not reasons or fact.event.name in reasons:
                    yield fact

    def text(self) -> str:
        return "\n".join(f"{fact.event.name} {fact.event.text}" for fact in self.complaints())

    def facts(self, key: str) -> list[str]:
        """The lines of a fact over its pods and workloads, each once."""
        kinds = ("pod", *WORKLOADS, "replicaset")
        return list(dict.fromkeys(line for one in self.of(*kinds) for line in one.all(key)))

    @property
    def cites(self) -> list[Citation]:
        return [cite for thing in self.things for cite in thing.cites[:1]]

    @property
    def desired(self) -> int | None:
        """Replicas that its workloads want; None when nothing says it."""
        said = [int(found) for one in self.of(*WORKLOADS) for found in one.all("desired")[:1] if found.isdigit()]
        return sum(said) if said else None

    @property
    def placed(self) -> bool | None:
        """As many pods as wanted are there; None when nothing tells."""
        pods = [one for one in self.of("pod") if one.facts]
        return len(pods) >= self.desired if self.desired is not None else None if not pods else True

    @property
    def well(self) -> bool | None:
        """All of its replicas are there and ready; None when nothing tells."""
        said = [
            (int(one.one("available") or 0), int(one.one("desired")))
            for one in self.of(*WORKLOADS)
            if one.one("desired").isdigit() and "available" in one.facts
        ]
        if any(True for _ in self.complaints("CrashLoopBackOff", "Killing")) or self._restarts >= 2:
            return False
        if said:
            return all(available >= desired > 0 for available, desired in said)
        ready = [one.one("ready").split("/") for one in self.of("pod") if one.one("ready")]
        return all(now == of for now, of in ready) if ready else None

    @property
    def _restarts(self) -> int:
        """How often the containers of one of its pods were started again."""
        said = [fact.event.attributes.get("restarts", "") for fact in self.complaints()]
        return max((int(one) for one in said if one.isdigit()), default=0)


@dataclass(slots=True)
class Cluster:
    """All objects by kind and name."""

    things: dict[tuple[str, str], Thing]

    def of(self, *kinds: str) -> list[Thing]:
        """Objects of these kinds that are there; where nothing but manifests is known, those that should be."""
        live = self.live
        return [
            thing for (kind, _), thing in sorted(self.things.items()) if kind in kinds and (not live or _there(thing))
        ]

    def get(self, kind: str, name: str) -> Thing | None:
        return next((one for one in self.of(kind) if one.name == name), None)

    @property
    def live(self) -> bool:
        """Something was read from a cluster, not only from files that ask for it."""
        return any(thing.facts for thing in self.things.values())

    def apps(self) -> dict[str, App]:
        made: dict[str, App] = {}
        for thing in self.of("pod", "replicaset", "service", "endpoints", "replicationcontroller", *WORKLOADS):
            made.setdefault(thing.app, App(thing.app)).things.append(thing)
        return made

    @property
    def namespace(self) -> str:
        """The namespace that most of it is in."""
        counts: dict[str, int] = defaultdict(int)
        for thing in self.things.values():
            if thing.one("namespace"):
                counts[thing.one("namespace")] += 1
        return max(counts, key=lambda one: (counts[one], one), default="default")


def _there(thing: Thing) -> bool:
    """A service or a claim that only others speak of need not exist; a pod that something happened to did."""
    return bool(thing.facts) or (bool(thing.complaints) and thing.kind not in ("service", "persistentvolumeclaim"))


def build(states: Iterable[Fact]) -> Cluster:
    """Objects from everything that was said about one; ``pod/cart-1`` is the subject of each."""
    things: dict[tuple[str, str], Thing] = {}
    for fact in states:
        kind, slash, name = fact.event.subject.partition("/")
        if not slash or not name:
            continue
        thing = things.setdefault((kind, name), Thing(kind, name))
        if fact.event.name == SAYS:
            _learn(thing, fact)
        else:
            thing.complaints.append(fact)
        thing.cites.append(fact.cite)
    return Cluster(things)


def _learn(thing: Thing, fact: Fact) -> None:
    into = thing.stated if fact.event.attributes.get("manifest") else thing.facts
    for key, text in fact.event.attributes.items():
        known = into.setdefault(key, [])
        known.extend(line for line in text.split("\n") if line and line not in known)
