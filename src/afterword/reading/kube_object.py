"""Facts of an object of Kubernetes, from its manifest or from what the API answers: what must fit together, as short texts.

==================  ===================================================================================================
fact                holds, a line each
==================  ===================================================================================================
labels, pod_labels  ``app=cart``; those of the object, and of the pods that it makes
selector            ``app=cart``: of a service, a claim or a workload
owner, node, phase  ``ReplicaSet/cart-5f``, name of the node, ``Pending`` and the like
ports               ports of the containers, ``7070/TCP``
service_port        ports that a service offers; service_target: where it sends to, in the same order
endpoints           addresses behind a service
env                 ``CART_ADDR=cart:7070``
liveness, readiness ``grpc 5051 delay=5s timeout=1s period=10s``
requests, limits    ``cpu=100m``; capacity and allocatable likewise
node_selector       ``disk=ssd``; affinity: ``node`` or ``pod anti`` when there is a rule of that kind
claims, secrets     names of what the pod mounts or refers to; pull_secrets, service_account, host_paths, configmaps likewise
desired, available  replicas
access_modes        ``RWO``; storage_class, claim, volume as stated
taints              ``key=value:Effect``; unschedulable ``true``
conditions          ``Ready=False KubeletNotReady message``
quota               ``pods 10/10``: used of hard
backends            services that an ingress or a route leads to, ``cart:80``
==================  ===================================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.reading import name
from afterword.reading.element import dig

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")


def facts(value: Mapping[str, Any]) -> dict[str, list[str]]:
    """Facts of one object by name; values may be the texts of YAML as well as the numbers of JSON."""
    made: dict[str, list[str]] = {}
    for key, text in _all(value):
        if text and text not in made.setdefault(key, []):
            made[key].append(text)
    return {key: values for key, values in made.items() if values}


def _all(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind, spec, status = value.get("kind"), _object(value.get("spec")), _object(value.get("status"))
    yield from (("labels", one) for one in _pairs(dig(value, "metadata", "labels")))
    yield "namespace", name.text(dig(value, "metadata", "namespace"))
    for owner in _objects(dig(value, "metadata", "ownerReferences")):
        yield "owner", f"{name.text(owner.get('kind'))}/{name.text(owner.get('name'))}"
    yield "phase", name.text(status.get("phase"))
    for one in _objects(status.get("conditions")):
        said = " ".join(name.text(one.get(key)) for key in ("reason", "message"))
        yield "conditions", f"{name.text(one.get('type'))}={name.text(one.get('status'))} {said}".strip()
    if kind == "Pod":
        yield "node", name.text(spec.get("nodeName"))
        yield from _pod(spec)
    elif kind in _WORKLOADS:
        yield from _workload(spec, status)
    elif kind == "CronJob":
        yield from _pod(_object(dig(spec, "jobTemplate", "spec", "template", "spec")))
    else:
        yield from _other(name.text(kind), value, spec, status)


def _workload(spec: Mapping[str, Any], status: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from (("selector", one) for one in _pairs(dig(spec, "selector", "matchLabels")))
    yield from (("pod_labels", one) for one in _pairs(dig(spec, "template", "metadata", "labels")))
    yield "desired", name.text(spec.get("replicas"))
    if status:
        yield "available", name.text(status.get("availableReplicas") or status.get("readyReplicas") or 0)
    yield from _pod(_object(dig(spec, "template", "spec")))


def _other(
    kind: str, value: Mapping[str, Any], spec: Mapping[str, Any], status: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    if kind == "Service":
        yield from (("selector", one) for one in _pairs(spec.get("selector")))
        for one in _objects(spec.get("ports")):
            protocol = name.text(one.get("protocol")) or "TCP"
            yield "service_port", f"{name.text(one.get('port'))}/{protocol}"
            yield "service_target", f"{name.text(one.get('targetPort') or one.get('port'))}/{protocol}"
    elif kind == "Endpoints":
        for subset in _objects(value.get("subsets")):
            yield from (("endpoints", name.text(one.get("ip"))) for one in _objects(subset.get("addresses")))
    elif kind in ("PersistentVolume", "PersistentVolumeClaim"):
        yield from _storage(spec, status)
    elif kind == "Node":
        yield from _node(spec, status)
    elif kind == "ResourceQuota":
        hard, used = _object(status.get("hard") or spec.get("hard")), _object(status.get("used"))
        yield from (("quota", f"{key} {name.text(used.get(key))}/{name.text(most)}") for key, most in hard.items())
    elif kind in ("Ingress", "VirtualService", "HTTPRoute"):
        yield from (("backends", one) for one in _backends(spec))


def _storage(spec: Mapping[str, Any], status: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "storage_class", name.text(spec.get("storageClassName"))
    yield from (("access_modes", _MODES.get(name.text(one), name.text(one))) for one in _list(spec.get("accessModes")))
    yield from (("selector", one) for one in _pairs(dig(spec, "selector", "matchLabels")))
    for key, path in (("requests", ("resources", "requests")), ("capacity", ("capacity",))):
        yield from ((key, one) for one in _pairs(dig(spec, *path)))
    yield "volume", name.text(spec.get("volumeName"))
    claim = _object(spec.get("claimRef"))
    if claim:
        yield "claim", f"{name.text(claim.get('namespace'))}/{name.text(claim.get('name'))}"
    yield from (("capacity", one) for one in _pairs(status.get("capacity")))


def _node(spec: Mapping[str, Any], status: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in _objects(spec.get("taints")):
        value = f"={name.text(one.get('value'))}" if one.get("value") else ""
        yield "taints", f"{name.text(one.get('key'))}{value}:{name.text(one.get('effect'))}"
    yield "unschedulable", name.text(spec.get("unschedulable"))
    for key in ("allocatable", "capacity"):
        yield from ((key, one) for one in _pairs(status.get(key)))


def _pod(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "service_account", name.text(spec.get("serviceAccountName") or spec.get("serviceAccount"))
    yield from (("node_selector", one) for one in _pairs(spec.get("nodeSelector")))
    affinity = _object(spec.get("affinity"))
    yield from (
        ("affinity", called)
        for key, called in (("nodeAffinity", "node"), ("podAntiAffinity", "pod anti"), ("podAffinity", "pod"))
        if affinity.get(key)
    )
    yield from (("pull_secrets", name.text(one.get("name"))) for one in _objects(spec.get("imagePullSecrets")))
    for one in _objects(spec.get("tolerations")):
        yield "tolerations", " ".join(name.text(one.get(key)) for key in ("key", "operator", "value", "effect")).strip()
    for one in _objects(spec.get("volumes")):
        yield "claims", name.text(dig(one, "persistentVolumeClaim", "claimName"))
        yield "secrets", name.text(dig(one, "secret", "secretName"))
        yield "configmaps", name.text(dig(one, "configMap", "name"))
        yield "host_paths", name.text(dig(one, "hostPath", "path"))
    for container in _objects(spec.get("containers")):
        yield from _container(container)


def _container(one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "image", name.text(one.get("image"))
    for port in _objects(one.get("ports")):
        yield "ports", f"{name.text(port.get('containerPort'))}/{name.text(port.get('protocol')) or 'TCP'}"
        yield "port_names", name.text(port.get("name"))
    for env in _objects(one.get("env")):
        yield "env", f"{name.text(env.get('name'))}={name.text(env.get('value'))}"
        yield "secrets", name.text(dig(env, "valueFrom", "secretKeyRef", "name"))
        yield "configmaps", name.text(dig(env, "valueFrom", "configMapKeyRef", "name"))
    for source in _objects(one.get("envFrom")):
        yield "secrets", name.text(dig(source, "secretRef", "name"))
        yield "configmaps", name.text(dig(source, "configMapRef", "name"))
    for key in ("requests", "limits"):
        yield from ((key, pair) for pair in _pairs(dig(one, "resources", key)))
    for key in ("liveness", "readiness", "startup"):
        yield key, _probe(_object(one.get(f"{key}Probe")))


def _probe(probe: Mapping[str, Any]) -> str:
    known = (("httpGet", "http-get"), ("tcpSocket", "tcp-socket"), ("grpc", "grpc"), ("exec", "exec"))
    found = next(((called, _object(probe.get(key))) for key, called in known if key in probe), None)
    if found is None:
        return ""
    settings = (
        ("initialDelaySeconds", "delay"),
        ("timeoutSeconds", "timeout"),
        ("periodSeconds", "period"),
        ("failureThreshold", "failure"),
    )
    said = [f"{short}={name.text(probe[key])}" for key, short in settings if key in probe]
    return " ".join(part for part in (found[0], name.text(found[1].get("port")), *said) if part)


def _backends(value: Any) -> Iterator[str]:
    """Every service that is led to, wherever it stands: routes nest in many ways."""
    if isinstance(value, list):
        for one in value:
            yield from _backends(one)
    elif isinstance(value, dict):
        service = value.get("service", value.get("destination"))
        if isinstance(service, dict) and (service.get("name") or service.get("host")):
            port = dig(service, "port", "number")
            yield f"{name.text(service.get('name') or service.get('host'))}:{name.text(port)}"
        elif value.get("serviceName"):
            yield f"{name.text(value['serviceName'])}:{name.text(value.get('servicePort'))}"
        for one in value.values():
            yield from _backends(one)


def _pairs(value: Any) -> list[str]:
    return [f"{key}={name.text(one)}" for key, one in value.items()] if isinstance(value, dict) else []


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in _list(value) if isinstance(one, dict)]
