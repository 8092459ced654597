"""Labels of a series (Prometheus and its kin, resources of OpenTelemetry): which component it is of, and its name."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Labels = Mapping[str, str]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Labels that name the component: what is called, then the logical service, then where it runs.
_COMPONENT = (
    "destination_canonical_service", "destination_workload", "destination_app", "destination_service_name",
    "exported_service", "service_name", "service.name", "service", "exported_app", "app", "app_kubernetes_io_name",
    "application", "component", "microservice", "k8s_app", "deployment", "statefulset", "daemonset", "workload", "k8s_deployment_name",
    "exported_container", "container", "container_name", "container_label_com_docker_compose_service", "exported_job", "job",
    "exported_pod", "pod", "pod_name", "k8s_pod_name", "dbinstance_identifier", "dbinstanceidentifier", "load_balancer",
    "function_name", "queue_name", "cmdb_id", "exported_node", "node", "host", "hostname", "host_name", "nodename", "server", "instance",
)  # fmt: skip
_PODS = ("exported_pod", "pod", "pod_name")
#: What scrapes and exports for others: its own name says nothing of whom the series is about.
_EXPORTER = re.compile(
    r"(?i)(^|[-_/.])(kube-?state-?metrics|kubelet|cadvisor|node-?exporter|blackbox(-exporter)?|pushgateway|push-gateway|statsd(-exporter)?|"
    r"otel-?col(lector)?|opentelemetry-collector|telegraf|vmagent|grafana-agent|alloy|prometheus|cloudwatch-exporter|yace|process-exporter|"
    r"kubernetes-(pods|nodes|nodes-cadvisor|cadvisor|service-endpoints|services|apiservers)|istiod|istio-mesh|envoy-stats|federate)"
    r"(-[a-z0-9]{4,10}){0,2}$"
)
#: Labels that say where a series was taken, not what it measures.
_WHERE = _words(
    "instance job pod pod_name pod_template_hash node nodename host hostname host_name namespace kubernetes_namespace container "
    "container_name endpoint service service_name app application component cluster prometheus prometheus_replica replica region zone az "
    "availability_zone env environment stage image image_id id uid name metrics_path monitor chart release heritage account account_id "
    "kubernetes_pod_name kubernetes_node kubernetes_name kubernetes_io_hostname kubernetes_io_arch kubernetes_io_os exported_job "
    "exported_instance exported_pod exported_namespace exported_container exported_service exported_node exported_app k8s_app "
    "app_kubernetes_io_name app_kubernetes_io_instance app_kubernetes_io_component app_kubernetes_io_part_of app_kubernetes_io_version "
    "controller_revision_hash internal_ip provider_id server_zone telemetry_sdk_language telemetry_sdk_name telemetry_sdk_version "
    "service_instance_id service_namespace service_version k8s_pod_name k8s_namespace_name k8s_node_name k8s_pod_uid k8s_container_name "
    "k8s_cluster_name deployment_environment otel_scope_name otel_scope_version receive tenant_id __tenant_id__ source_service"
)
_SERIES = re.compile(r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:.\-/]*)?\s*(?:\{(?P<labels>.*)\})?", re.DOTALL)
#: One label, or (since names may be any text) the quoted name of the metric alone.
_LABEL = re.compile(
    r'\s*(?:(?P<key>[^\s"=,{}]+)|"(?P<quoted>(?:[^"\\]|\\.)*+)")\s*=\s*"(?P<value>(?:[^"\\]|\\.)*+)"\s*(?:,|$)'
    r'|\s*"(?P<only>(?:[^"\\]|\\.)*+)"\s*(?:,|$)|\s+$',
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


class Named(NamedTuple):
    """A series by its component and its indicator: ``http_requests_total{code="500"}``."""

    component: str
    indicator: str


def named(series: Iterable[Labels], fallback: str = "value") -> list[Named]:
    """Component and indicator of every series of one answer.

    The indicator keeps all labels that say what is measured. Those that say where stay only if the series of one
    component differ in them. A series without ``__name__`` is called by ``fallback``, or by its labels alone.
    """
    rows = [_row(labels) for labels in series]
    groups: dict[tuple[str, str], list[Labels]] = defaultdict(list)
    for name, of, rest in rows:
        groups[of, name].append(rest)
    same = {group: _same(found) for group, found in groups.items()}
    return [Named(of, _indicator(name, rest, same[of, name], fallback)) for name, of, rest in rows]


def _same(found: Iterable[Labels]) -> frozenset[str]:
    """Labels of place that have one and the same value in all of these."""
    rows = list(found)
    keys = {key for key in rows[0] if plain(key) in _WHERE}
    return frozenset(key for key in keys if all(row.get(key) == rows[0][key] for row in rows))


def component(labels: Labels) -> str:
    """The component that the labels name, empty when they name none."""
    key = _component_key(labels)
    return labels[key] if key is not None else ""


def component_key(labels: Labels) -> str | None:
    """The label that names the component."""
    return _component_key(labels)


def text(name: str, labels: Labels) -> str:
    """``name{a="1",b="2"}``, labels in order of their names."""
    if not labels:
        return name
    inner = ",".join(f'{key}="{labels[key].translate(_QUOTED)}"' for key in sorted(labels))
    return f"{name}{{{inner}}}"


def parse(text: str) -> dict[str, str] | None:
    """The labels of ``name{a="1",b="2"}`` with the name under ``__name__``; None when the text is no such thing."""
    found = _SERIES.fullmatch(text.strip())
    if not found or found["labels"] is None:
        return None
    labels: dict[str, str] = {"__name__": found["name"]} if found["name"] else {}
    at, inner = 0, found["labels"]
    while at < len(inner):
        pair = _LABEL.match(inner, at)
        if not pair or pair.end() == at:
            return None
        if pair["value"] is None:
            labels["__name__"] = unquoted(pair["only"])
        else:
            labels[pair["key"] or unquoted(pair["quoted"])] = unquoted(pair["value"])
        at = pair.end()
    return labels


def unquoted(text: str) -> str:
    return _ESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], text) if "\\" in text else text


def plain(key: str) -> str:
    return key.lower().replace(".", "_").replace("-", "_")


def _row(labels: Labels) -> tuple[str, str, Labels]:
    """Name, component, and the other labels."""
    key = _component_key(labels)
    rest = {k: v for k, v in labels.items() if k not in ("__name__", key) and v}
    return labels.get("__name__", ""), labels[key] if key is not None else "", rest


def _component_key(labels: Labels) -> str | None:
    by_plain = {plain(key): key for key, value in labels.items() if value and value != "POD"}
    found = [by_plain[name] for name in _COMPONENT if name in by_plain]
    pod = next((labels[by_plain[name]] for name in _PODS if name in by_plain), "")
    return next((key for key in found if not _speaks_for_others(plain(key), labels[key], pod)), next(iter(found), None))


def _speaks_for_others(key: str, value: str, pod: str) -> bool:
    """An exporter, a library that was never told its name, or a job that scrapes pods of other names."""
    if _EXPORTER.search(value) or value.startswith("unknown_service"):
        return True
    return key in ("job", "exported_job") and bool(pod) and not pod.startswith(value.rpartition("/")[2])


def _indicator(name: str, rest: Labels, same: frozenset[str], fallback: str) -> str:
    kept = {key: value for key, value in rest.items() if key not in same}
    if not name and (fallback != "value" or not kept):
        name = fallback
    return text(name, kept)
