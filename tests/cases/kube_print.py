"""A small library on Kubernetes as kubectl prints it (kubernetes.io: "kubectl Quick Reference"), to break in one way at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAMESPACE = "reading-room"
_SUFFIX = "6d8f7c9b5d-k2x7z"


@dataclass
class App:
    """One deployment with one pod: what describe says of it, and what its container wrote."""

    name: str
    port: int
    image: str = "registry.example/library/app:4.2"
    env: dict[str, str] = field(default_factory=dict)
    status: str = "Running"
    ready: bool = True
    restarts: int = 0
    replicas: int = 1
    reason: str = ""
    events: list[tuple[str, str]] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    containers: dict[str, int] = field(default_factory=dict)
    service_port: int = 0
    last: str = ""

    @property
    def pod(self) -> str:
        return f"{self.name}-{_SUFFIX}"


def library() -> dict[str, App]:
    """Three apps in front of one MySQL; each finds it by host and port in its environment."""
    env = {"DB_HOST": "shelf-mysql", "DB_PORT": "3306", "DB_USER": "reader"}
    apps = [
        App("reading-desk", 8080, env={"CATALOG_ADDR": "catalog-api:9101", "LOANS_ADDR": "loans-api:9102"}),
        App("catalog-api", 9101, env=dict(env)),
        App("loans-api", 9102, env=dict(env)),
        App("members-api", 9103, env=dict(env)),
        App("shelf-mysql", 3306, image="mysql:8.0"),
    ]
    return {one.name: one for one in apps}


def crash(app: App, *logs: str) -> None:
    """It starts, says these lines, and ends again."""
    app.status, app.ready, app.restarts, app.reason = "CrashLoopBackOff", False, 6, "CrashLoopBackOff"
    app.events = [("BackOff", f"Back-off restarting failed container app in pod {app.pod}_{NAMESPACE}")]
    app.logs = list(logs)
    app.last = "Error"


def written(apps: dict[str, App], folder: Path, **more: str) -> Path:
    """The evidence: outputs of kubectl by command, and the lines of each app."""
    folder.mkdir(parents=True, exist_ok=True)
    n = f"-n {NAMESPACE}"
    live = [one for one in apps.values() if one.replicas]
    said = {
        f"kubectl get pods {n}": _table(("NAME", "READY", "STATUS", "RESTARTS", "AGE"), [_row(one) for one in live]),
        f"kubectl get deployments {n}": _table(
            ("NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"),
            [(one.name, f"{int(one.ready) * one.replicas}/{one.replicas}", str(one.replicas), str(int(one.ready) * one.replicas), "9m") for one in apps.values()],
        ),
        f"kubectl get services {n}": _table(
            ("NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"),
            [(one.name, "ClusterIP", "10.4.0.9", "<none>", f"{one.service_port or one.port}/TCP", "9m") for one in apps.values()],
        ),
        **{f"kubectl describe pods {one.pod} {n}": _described(one) for one in live},
        **more,
    }  # fmt: skip
    (folder / "a").write_text(json.dumps(said))
    (folder / "b").write_text(json.dumps({one.name: one.logs for one in apps.values() if one.logs}))
    return folder


def _row(one: App) -> tuple[str, ...]:
    size = max(1, len(one.containers))
    return (one.pod, f"{size if one.ready else size - 1}/{size}", one.status, str(one.restarts), "9m")


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    wide = [max(len(row[i]) for row in [heads, *rows]) + 3 for i in range(len(heads))]
    return (
        "\n".join("".join(cell.ljust(wide[i]) for i, cell in enumerate(row)).rstrip() for row in [heads, *rows]) + "\n"
    )


def _described(one: App) -> str:
    containers = one.containers or {"app": one.port}
    boxes = "\n".join(_container(one, name, port) for name, port in containers.items())
    events = "\n".join(f"  Warning  {reason}  20s (x5 over 3m)  kubelet  {text}" for reason, text in one.events)
    return f"""Name:             {one.pod}
Namespace:        {NAMESPACE}
Service Account:  default
Node:             pool-a-7/10.2.0.7
Start Time:       Tue, 10 Mar 2026 09:00:00 +0000
Labels:           app={one.name}
                  pod-template-hash=6d8f7c9b5d
Status:           {"Running" if one.ready else "Pending"}
Controlled By:    ReplicaSet/{one.name}-6d8f7c9b5d
Containers:
{boxes}
Conditions:
  Type              Status
  Ready             {one.ready}
  PodScheduled      True
Events:
  Type     Reason   Age                From     Message
  ----     ------   ----               ----     -------
{events}
"""


def _container(one: App, name: str, port: int) -> str:
    waiting = (
        f"    State:          Waiting\n      Reason:       {one.reason}"
        if one.reason
        else "    State:          Running"
    )
    last = (
        f"\n    Last State:     Terminated\n      Reason:       {one.last}\n      Exit Code:    1" if one.last else ""
    )
    env = "\n".join(f"      {key}:  {value}" for key, value in one.env.items()) or "      <none>"
    return f"""  {name}:
    Image:          {one.image}
    Port:           {port}/TCP
    Host Port:      0/TCP
{waiting}{last}
    Ready:          {one.ready}
    Restart Count:  {one.restarts}
    Environment:
{env}
    Mounts:         <none>"""
