"""Manifests of Kubernetes as YAML: ``kubectl get -o yaml``, files of a repository, rendered charts. Facts of each object, undated."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import kube_manifest, strict_yaml
from afterword.reading.strict_json import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.event import Event
    from afterword.ports import Reading

_VERSION = re.compile(r"^[ \t-]*apiVersion:[ \t]*[\"']?[\w./-]+", re.MULTILINE)
_KIND = re.compile(
    r"^[ \t-]*kind:[ \t]*[\"']?(?:List|Pod|Deployment|ReplicaSet|StatefulSet|DaemonSet|Node|Job|CronJob|PersistentVolume|PersistentVolumeClaim|Service|Endpoints|Ingress|VirtualService|HTTPRoute|ResourceQuota|ConfigMap|Secret|ServiceAccount|NetworkPolicy|HorizontalPodAutoscaler|Namespace|StorageClass)\b",
    re.MULTILINE,
)


def sniff(head: bytes) -> float:
    """Sure of a version and a kind of Kubernetes at the beginning of lines."""
    text = head.decode("utf-8", "replace")
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") or "metadata:" not in text:
        return 0.0
    return 0.9 if _VERSION.search(text) and _KIND.search(text) else 0.0


def read(stream: BinaryIO, _reading: Reading) -> Iterator[Event | Problem | Skipped]:
    raw = stream.read(strict_yaml.LONGEST + 1)
    size = len(raw) + len(stream.read())
    try:
        for node in strict_yaml.documents(raw):
            yield from kube_manifest.events(node)
    except Malformed as error:
        place = Place(0, size, 1, raw.count(b"\n") + (not raw.endswith(b"\n")) or 1)
        yield Problem(f"not YAML that can be relied on: {error}", place, Gravity.ERROR, error.code)


SOURCE = Source("kubernetes-yaml", "manifests of Kubernetes as YAML", sniff, read)
