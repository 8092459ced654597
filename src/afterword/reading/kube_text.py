"""What ``kubectl describe`` prints of one object, as the facts that ``kube_object`` reads from a manifest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_FIELD = re.compile(r"(?P<indent> *)(?P<key>[^\s:][^:]*?):(?:\s+(?P<value>.*))?$")
_NONE = frozenset(["<none>", "<unset>", "<nil>", ""])
_PROBE = re.compile(
    r"(?P<kind>http-get|tcp-socket|grpc|exec)\s*(?:(?P<scheme>https?)://)?(?P<host>[^:\s\[]*)?:?(?P<port>[\w-]+)?(?P<path>/\S*)?"
)
_SIZED = re.compile(r"(?<!\w)(\w++)=([\w.]+)")
_CLAIM = re.compile(r"ClaimName")
_ROW = re.compile(r"(?P<name>[\w./-]+)\s+(?P<used>\S+)\s+(?P<hard>\S+)$")
_CONDITION = re.compile(
    r"\s*(?P<type>[A-Z]\w+)\s+(?P<status>True|False|Unknown)\b(?:\s{2,}.*?)?(?:\s{2,}(?P<reason>[A-Z]\w+)(?:\s{2,}(?P<message>.*))?)?$"
)


class _Leaf(NamedTuple):
    """A field of the text: the names above it, the outermost first, and its lines."""

    path: tuple[str, ...]
    values: list[str]


def facts(rows: Sequence[str]) -> dict[str, list[str]]:
    """Facts of the described object by name; see ``kube_object`` for what each holds."""
    made: dict[str, list[str]] = {}
    leaves = list(_leaves(rows))
    for leaf in leaves:
        for key, value in _of(leaf):
            if value not in _NONE and value not in made.setdefault(key, []):
                made[key].append(value)
    _conditions(rows, made)
    return {key: values for key, values in made.items() if values}


def _leaves(rows: Iterable[str]) -> Iterator[_Leaf]:
    """Fields with their lines; a line that is deeper than its field and is none itself goes on with it."""
    stack: list[tuple[int, str]] = []
    last: _Leaf | None = None
    for row in rows:
        found = _FIELD.match(row)
        if found is None:
            if last is not None and row[:1] == " " and row.strip():
                last.values.append(row.strip())
            continue
        if found["key"] == "Events" and not found["indent"]:
            break
        indent = len(found["indent"])
        while stack and stack[-1][0] >= indent:
            stack.pop()
        if last is not None:
            yield last
        last = _Leaf((*(key for _, key in stack), found["key"].strip()), [found["value"].strip()] if found["value"] else [])  # fmt: skip
        stack.append((indent, found["key"].strip()))
    if last is not None:
        yield last


#: Fields of the object itself.
_OWN = {
    "Status": "phase", "Node": "node", "Controlled By": "owner", "Selector": "selector", "Endpoints": "endpoints",
    "StorageClass": "storage_class", "Volume": "volume", "Claim": "claim", "Access Modes": "access_modes", "Used By": "used_by",
    "Taints": "taints", "Unschedulable": "unschedulable", "Type": "type", "Namespace": "namespace",
}  # fmt: skip
#: Fields of what a pod is made of, wherever they stand.
_INNER = {
    "Service Account": "service_account", "Image": "image", "ClaimName": "claims", "Node-Selectors": "node_selector", "Tolerations": "tolerations",
    "SecretName": "secrets", "Image Pull Secrets": "pull_secrets",
}  # fmt: skip


def _of(leaf: _Leaf) -> Iterator[tuple[str, str]]:
    path = leaf.path[1:] if leaf.path[0] == "Pod Template" and len(leaf.path) > 1 else leaf.path
    key, templated = path[-1], path is not leaf.path
    if len(path) == 1 and key == "Labels":
        yield from (("pod_labels" if templated else "labels", one) for one in leaf.values)
    elif len(path) == 1 and key in _OWN:
        yield from _own(key, leaf.values)
    elif key in _INNER:
        yield from ((_INNER[key], one) for one in leaf.values)
    elif key == "Replicas" and len(path) == 1:
        yield from _replicas(" ".join(leaf.values))
    elif key in ("Port", "TargetPort", "Ports") and len(path) == 1:
        yield from (
            ("service_target" if key == "TargetPort" else "service_port", one.split()[-1]) for one in leaf.values
        )
    elif key in ("Port", "Ports") and "Containers" in path:
        yield from (("ports", port.strip()) for one in leaf.values for port in one.split(","))
    elif key in ("Liveness", "Readiness", "Startup"):
        yield from ((key.lower(), _probe(one)) for one in leaf.values)
    elif "Environment" in path[:-1]:
        yield "env", f"{key}={' '.join(leaf.values)}"
    elif path[-2:-1] in (("Requests",), ("Limits",)):
        yield path[-2].lower(), f"{key}={''.join(leaf.values)}"
    elif len(path) == 2 and path[0] in ("Allocatable", "Capacity"):
        yield path[0].lower(), f"{key}={''.join(leaf.values)}"
    elif key == "Capacity" and len(path) == 1:
        yield from (("capacity", f"storage={one}") for one in leaf.values if "=" not in one)
    elif key == "Path" and path[0] == "Volumes":
        yield from (("host_paths", one) for one in leaf.values)
    elif key == "Resource" or not leaf.values:
        return


def _own(key: str, values: list[str]) -> Iterator[tuple[str, str]]:
    for one in values:
        if key == "Node":
            yield "node", one.split("/")[0]
        elif key == "Selector":
            yield from (("selector", part.strip()) for part in one.split(","))
        elif key in ("Access Modes", "Endpoints"):
            yield from ((_OWN[key], part.strip()) for part in re.split(r"[,\s]+", one))
        else:
            yield _OWN[key], one


def _replicas(text: str) -> Iterator[tuple[str, str]]:
    """``1 desired | 1 updated | 1 total | 1 available | 0 unavailable`` or ``1 current / 1 desired``."""
    for name in ("desired", "available"):
        if found := re.search(rf"(\d+) {name}", text):
            yield name, found[1]


def _probe(text: str) -> str:
    """``grpc <pod>:5051 delay=5s timeout=1s`` as ``grpc 5051 delay=5s timeout=1s``: kind, port, then settings."""
    found = _PROBE.match(text)
    if found is None:
        return text
    settings = " ".join(f"{key}={value}" for key, value in _SIZED.findall(text))
    return " ".join(part for part in (found["kind"], found["port"] or "", settings) if part)


def _conditions(rows: Sequence[str], made: dict[str, list[str]]) -> None:
    """Rows of the tables of conditions and of quotas."""
    section = ""
    for row in rows:
        if row[:1] not in ("", " ", "-"):
            section = next(iter(row.split(":", 1)[0].split()), "")
            quota = _ROW.match(row)
            if quota and re.search(r"\d", quota["hard"]) and re.search(r"\d", quota["used"]) and ":" not in row:
                made.setdefault("quota", []).append(f"{quota['name']} {quota['used']}/{quota['hard']}")
        elif section == "Conditions" and (found := _CONDITION.match(row)):
            rest = " ".join(part for part in (found["reason"], found["message"]) if part)
            made.setdefault("conditions", []).append(f"{found['type']}={found['status']} {rest}".strip())
