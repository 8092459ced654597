"""Kubernetes: lists in chunks, logs of the containers that ran, nothing secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from driver import ask, checks, drive, events, ns, query
from hypothesis import given
from hypothesis import strategies as st

from afterword.connectors.kubernetes import CONNECTOR
from afterword.model.refusal import InvalidError
from afterword.ports import GivenUpError

if TYPE_CHECKING:
    from afterword.ports import Request

URL = "https://10.0.0.1:6443"


def pod(name: str, *, restarts: int = 0, containers: int = 1, created: str = "2026-03-02T08:00:00Z") -> dict[str, Any]:
    """As the list of the API has it: without a kind."""
    names = ["pay", "proxy"][:containers]
    statuses = [
        {"name": one, "ready": True, "restartCount": restarts, "image": "pay:2", "state": {"running": {"startedAt": created}}, **({"lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-03-02T09:04:00Z"}}} if restarts else {})}
        for one in names
    ]  # fmt: skip
    return {
        "metadata": {"name": name, "namespace": "shop", "creationTimestamp": created, "labels": {"app": "payments"}},
        "spec": {"nodeName": "n1", "containers": [{"name": one, "image": "pay:2"} for one in names]},
        "status": {"phase": "Running", "containerStatuses": statuses},
    }


EVENT = {
    "metadata": {"name": "pay-1.17", "namespace": "shop"}, "involvedObject": {"kind": "Pod", "name": "pay-1", "namespace": "shop"}, "reason": "BackOff",
    "message": "Back-off restarting failed container", "type": "Warning", "count": 4, "firstTimestamp": "2026-03-02T09:04:10Z",
    "lastTimestamp": "2026-03-02T09:06:00Z", "source": {"component": "kubelet", "host": "n1"},
}  # fmt: skip


class Server:
    """Lists by path, in chunks of ``page`` with a continue token."""

    def __init__(self, lists: dict[str, list[Any]], page: int = 2) -> None:
        self.lists, self.page = lists, page

    def __call__(self, request: Request) -> Any:
        path = urlsplit(request.url).path
        if path.endswith("/log"):
            assert query(request)["timestamps"] == "true"
            return (
                b"2026-03-02T09:04:00.123456789Z ERROR no memory left\n2026-03-02T09:04:01.000000001Z INFO stopping\n"
            )
        kind = path.rsplit("/", 1)[-1]
        items, at = self.lists.get(kind, []), int(query(request).get("continue", 0))
        more = {"continue": str(at + self.page)} if at + self.page < len(items) else {}
        return {"kind": f"{kind[:-1].capitalize()}List", "apiVersion": "v1", "metadata": {"resourceVersion": "9", **more}, "items": items[at : at + self.page]}  # fmt: skip


def test_what_happened_to_a_pod_is_read_with_its_log() -> None:
    talked = drive(
        CONNECTOR, ask(URL, namespaces=["shop"]), Server({"pods": [pod("pay-1", restarts=2)], "events": [EVENT]})
    )
    checks(CONNECTOR, talked)
    made = events(talked)
    assert [one.name for one in made if one.subject == "pod/pay-1"][:2] == ["BackOff", "OOMKilled"]
    lines = [one for one in made if one.text == "no memory left"]
    assert [(one.subject, one.at, one.severity) for one in lines] == [
        ("payments", ns("2026-03-02T09:04:00.123456789Z"), "error")
    ] * 2
    logs = [query(one) for one in talked.requests if one.url.split("?")[0].endswith("/log")]
    assert [one.get("previous", "") for one in logs] == ["", "true"]
    assert {one["sinceTime"] for one in logs} == {"2026-03-02T09:00:00Z"}


def test_in_a_pod_of_several_containers_the_container_names_the_lines() -> None:
    talked = drive(CONNECTOR, ask(URL, objects="pods"), Server({"pods": [pod("pay-1", containers=2)]}))
    assert [request.subject for request, _ in talked.kept[1:]] == ["pay", "proxy"]


def test_nothing_secret_is_asked_for() -> None:
    talked = drive(CONNECTOR, ask(URL), Server({}))
    assert not [one for one in talked.urls() if "secrets" in one or "configmaps" in one]
    with pytest.raises(InvalidError, match="secrets"):
        drive(CONNECTOR, ask(URL, objects=["secrets"]), [])


def test_a_list_that_is_forbidden_does_not_stop_the_others() -> None:
    rules = [(r"/nodes", GivenUpError("403 Forbidden", 403)), (r".", Server({"pods": [pod("pay-1")]}))]
    talked = drive(CONNECTOR, ask(URL, logs=False), rules)
    assert len(talked.kept) == 6


def test_pods_of_later_are_left_and_too_many_are_told() -> None:
    some = [pod(f"pay-{i}") for i in range(3)] + [pod("late", created="2026-03-02T11:00:00Z")]
    talked = drive(CONNECTOR, ask(URL, objects=["pods"], most_pods=2), Server({"pods": some}))
    assert "the logs of 1 of 3 pods" in talked.short
    assert not [one for one in talked.urls() if "late" in one]


@given(st.integers(0, 12), st.integers(1, 5))
def test_every_object_comes_once(count: int, page: int) -> None:
    talked = drive(
        CONNECTOR, ask(URL, objects=["pods"], logs=False), Server({"pods": [pod(f"p{i}") for i in range(count)]}, page)
    )
    assert [one["metadata"]["name"] for value in talked.values() for one in value["items"]] == [
        f"p{i}" for i in range(count)
    ]
