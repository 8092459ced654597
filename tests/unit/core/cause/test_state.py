"""Faults of a cluster from what its objects say, each with the case next to it that must not be taken for it."""

from __future__ import annotations

import numpy as np
import pytest

from afterword.core.case import Case, Logs, Rows, Spans
from afterword.core.cause import state
from afterword.core.cause.cluster import SAYS
from afterword.model.event import Event, Fact, Kind
from afterword.model.evidence import Citation, Place
from afterword.model.incident import Options
from afterword.model.time import Span

PLACE = Place(0, 1)
POD = "pod/mailer-7d9f8b6c5d-x2x4z"


def says(subject: str, **facts: str) -> Fact:
    return Fact(Event(Kind.STATE, PLACE, None, subject, SAYS, attributes=facts), Citation("E1", PLACE))


def complaint(subject: str, reason: str, text: str, **more: str) -> Fact:
    return Fact(Event(Kind.STATE, PLACE, None, subject, reason, text, attributes=more), Citation("E1", PLACE))


def case(*states: Fact, alerts: tuple[Fact, ...] = ()) -> Case:
    none, flags = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.bool_)
    rows = Rows(none.astype(np.int32), none, none, none, none, (), flags)
    logs = Logs(
        none,
        none.astype(np.int32),
        none.astype(np.int32),
        none.astype(np.int8),
        (),
        (),
        (),
        (),
        (),
        rows,
        none.astype(np.int16),
    )
    spans = Spans(
        none,
        none,
        none.astype(np.int32),
        none.astype(np.int32),
        flags,
        none.astype(np.int32),
        none.astype(np.int32),
        (),
        (),
        (),
        (),
        rows,
    )
    facts = dict.fromkeys(("changes", "pages", "messages", "statuses", "edges", "rules", "owners", "patterns"), ())
    return Case("inc", (), Options(), Span(0, 1), (), logs, spans, states=states, alerts=alerts, **facts)  # type: ignore[arg-type]


def first(*states: Fact, alerts: tuple[Fact, ...] = ()) -> tuple[str, str]:
    found = state.faults(case(*states, alerts=alerts))
    return (found[0].component, found[0].kind) if found else ("", "")


DOWN = says("deployment/mailer", desired="1", available="0", labels="app=mailer", pod_labels="app=mailer")
PLACED = says(POD, node="node-1", labels="app=mailer", phase="Running", image="mailer:12", ports="2525/TCP")
HOMELESS = says(POD, labels="app=mailer", phase="Pending", image="mailer:12", ports="2525/TCP")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            'Failed to pull image "m:12": dial tcp: lookup r.example on 10.0.0.2:53: no such host',
            "image_registry_dns_failure",
        ),
        (
            'Failed to pull image "m:12": failed to authorize: failed to fetch anonymous token',
            "missing_image_pull_secret",
        ),
        ('Failed to pull image "m:12": rpc error: code = NotFound desc = m:12: not found', "incorrect_image_reference"),
    ],
)
def test_an_image_that_cannot_be_pulled(text: str, kind: str) -> None:
    assert first(DOWN, PLACED, complaint(POD, "Failed", text)) == ("app/mailer", kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient memory.", "memory_capacity_mismatch"),
        ("0/3 nodes are available: 2 Insufficient cpu.", "cpu_capacity_mismatch"),
        ("0/3 nodes are available: 1 node(s) had untolerated taint {gpu: true}, 2 node(s) didn't match Pod's node affinity/selector.", "taint_toleration_mismatch"),
        ("0/3 nodes are available: 3 node(s) were unschedulable.", "node_cordon_mismatch"),
        ("0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match pod anti-affinity rules.", "pod_anti_affinity_conflict"),
        ("0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.", "node_affinity_mismatch"),
    ],
)  # fmt: skip
def test_a_pod_without_a_node(text: str, kind: str) -> None:
    assert first(DOWN, HOMELESS, complaint(POD, "FailedScheduling", text)) == ("app/mailer", kind)


def test_a_pod_that_has_its_node_now_is_not_unplaced() -> None:
    text = "0/3 nodes are available: 2 Insufficient cpu."
    assert first(DOWN, PLACED, complaint(POD, "FailedScheduling", text)) == ("", "")


def test_a_pod_that_nobody_has_looked_at_waits_for_the_scheduler() -> None:
    node = says("node/m1", labels="node-role.kubernetes.io/control-plane=")
    assert first(DOWN, HOMELESS, node) == ("node/m1", "kube_scheduler_unavailable")


def test_what_a_claim_asks_for_and_no_volume_has() -> None:
    waiting = complaint(
        POD, "FailedScheduling", "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims."
    )
    pod = says(POD, labels="app=mailer", phase="Pending", claims="letters")
    asked = says(
        "persistentvolumeclaim/letters",
        manifest="true",
        access_modes="RWO",
        requests="storage=5Gi",
        selector="disk=fast",
    )
    claim = says("persistentvolumeclaim/letters", phase="Pending")

    def with_volume(**facts: str) -> str:
        return first(DOWN, pod, waiting, asked, claim, says("persistentvolume/v", **facts))[1]

    assert with_volume(access_modes="ROX", capacity="storage=9Gi") == "pvc_access_mode_mismatch"
    assert with_volume(access_modes="RWO", capacity="storage=1Gi") == "pvc_capacity_mismatch"
    assert with_volume(access_modes="RWO", capacity="storage=9Gi", labels="disk=slow") == "pvc_selector_mismatch"
    assert with_volume(access_modes="RWO", capacity="storage=9Gi", phase="Bound") == "pv_binding_occupied"


def test_a_quota_belongs_to_the_namespace() -> None:
    text = 'Error creating: pods "x" is forbidden: exceeded quota: q, requested: requests.cpu=1, used: requests.cpu=4, limited: requests.cpu=4'
    states = (
        DOWN,
        says("resourcequota/q", namespace="mail", quota="requests.cpu 4/4"),
        complaint("replicaset/mailer-7d9f8b6c5d", "FailedCreate", text),
    )
    assert first(*states) == ("namespace/mail", "namespace_cpu_quota_exceeded")


def test_an_account_that_came_late_is_no_fault() -> None:
    text = 'Error creating: pods "mailer-" is forbidden: error looking up service account mail/m: serviceaccount "m" not found'
    late = complaint("replicaset/mailer-7d9f8b6c5d", "FailedCreate", text)
    assert first(DOWN, late) == ("app/mailer", "missing_service_account")
    well = says("deployment/mailer", desired="1", available="1", labels="app=mailer")
    assert first(well, PLACED, late) == ("", "")


def service(**facts: str) -> Fact:
    return says(
        "service/mailer",
        **{
            "labels": "app=mailer",
            "selector": "app=mailer",
            "service_port": "25/TCP",
            "service_target": "2525/TCP",
            **facts,
        },
    )


def test_how_a_service_is_wired() -> None:
    assert first(PLACED, service()) == ("", "")
    assert first(PLACED, service(selector="app=mialer")) == ("app/mailer", "service_selector_mismatch")
    assert first(PLACED, service(service_target="2526/TCP")) == ("app/mailer", "service_port_mapping_mismatch")
    assert first(PLACED, service(service_target="2525/UDP")) == ("app/mailer", "service_protocol_mismatch")


def test_an_address_that_no_service_has() -> None:
    shop = says("deployment/shop", labels="app=shop", env="MAILER_ADDR=mailer-old:25\nHOME=/root:80")
    assert first(PLACED, service(), shop) == ("app/shop", "service_env_var_address_mismatch")
    right = says("deployment/shop", labels="app=shop", env="MAILER_ADDR=mailer:25\nDB_HOST=db.example.com:5432")
    assert first(PLACED, service(), right) == ("", "")


@pytest.mark.parametrize(
    ("probe", "text", "kind"),
    [
        ("grpc 2526 delay=5s", "Liveness probe failed: timeout: failed to connect", "liveness_probe_incorrect_port"),
        (
            "http-get 2525 delay=5s",
            "Liveness probe failed: malformed HTTP response",
            "liveness_probe_incorrect_protocol",
        ),
        ("grpc 2525 delay=0s period=1s failure=1", "Liveness probe failed: timeout", "liveness_probe_incorrect_timing"),
    ],
)
def test_a_probe_that_asks_wrongly(probe: str, text: str, kind: str) -> None:
    pod = says(POD, node="node-1", labels="app=mailer", ports="2525/TCP", liveness=probe)
    restarted = complaint(POD, "Restarted", "restarted 3 times", restarts="3")
    assert first(DOWN, pod, complaint(POD, "Unhealthy", text), restarted) == ("app/mailer", kind)


def test_memory_and_replicas() -> None:
    assert first(DOWN, PLACED, complaint(POD, "OOMKilled", "ended with exit code 137")) == ("app/mailer", "oom_killed")
    assert first(says("deployment/mailer", desired="0", labels="app=mailer")) == (
        "app/mailer",
        "deployment_zero_replicas",
    )


def test_a_node_and_what_runs_on_it() -> None:
    stopped = complaint("node/n1", "ServiceDown", "kube-proxy is inactive", unit="kube-proxy")
    assert first(stopped) == ("node/n1", "kube_proxy_unavailable")
    silent = says("node/n1", conditions="Ready=Unknown NodeStatusUnknown Kubelet stopped posting node status.")
    assert first(silent) == ("node/n1", "kubelet_unavailable")
    runtime = says("node/n1", conditions="Ready=False KubeletNotReady container runtime is down")
    assert first(runtime) == ("node/n1", "containerd_unavailable")
    assert first(says("node/n1", conditions="Ready=True KubeletReady ready\nMemoryPressure=False")) == ("", "")


def test_load_that_alerts_tell() -> None:
    def alert(subject: str, text: str) -> Fact:
        return Fact(Event(Kind.ALERT, PLACE, None, subject, subject, text), Citation("E2", PLACE))

    busy = alert("mailer", "RESOURCE_SATURATION [cpu core] | Normal=0.02 cores -> Current=0.16 cores")
    assert first(PLACED, alerts=(busy,)) == ("app/mailer", "pod_cpu_overload")
    slow = alert("mailer", "LATENCY | p95latency: Normal=4ms -> Current=400ms")
    assert first(PLACED, alerts=(slow,)) == ("app/mailer", "pod_network_delay")
    lossy = alert("node-1", "TCP retransmission | Normal=0.01 -> Current=8.5")
    assert first(PLACED, alerts=(slow, lossy)) == ("node/node-1", "node_network_packet_loss")


def test_every_cause_names_its_object_and_its_class_and_cites() -> None:
    found = state.faults(case(DOWN, PLACED, complaint(POD, "OOMKilled", "ended with exit code 137")))
    [cause] = state.causes(found)
    assert (cause.component, cause.indicator, cause.layer) == ("app/mailer", "oom_killed", "platform")
    assert cause.cites
    assert state.causes(()) == ()


def test_who_calls_whom_is_told_by_addresses_where_nothing_states_it() -> None:
    """All of five apps are slow and no call graph is given; each names books in its environment: the delay is there."""
    names = ("desk", "loans", "members", "search", "books")
    states = [says(f"pod/{name}-7d9f8b6c5d-x2x4z", node="n1", ready="1/1", env="" if name == "books" else "BOOKS_URL=http://books.reading.svc:9101/") for name in names]  # fmt: skip
    alerts = tuple(
        Fact(
            Event(Kind.ALERT, PLACE, None, name, "Slow", "latency p90: Normal=5 -> Current=900"), Citation("E2", PLACE)
        )
        for name in names
    )
    best = state.faults(case(*states, alerts=alerts))[0]
    assert (best.component, best.kind) == ("app/books", "pod_network_delay")
