"""A history of alerts in files: learnt from, and written out."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "core" / "alert"))

from alert_world import EDGES, TRUE, alerts

from afterword.app import desk
from afterword.app.workspace import Workspace, open_workspace
from afterword.model.refusal import InvalidError, UnreadableError

FIRST = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "ws", actor="maria", face="cli")


def ask(ws: Workspace, **arguments: Any) -> Any:
    return desk.ask(ws, "alert.graph", {"evidence": arguments.pop("evidence"), **arguments})


def when(ns: int) -> str:
    return (FIRST + timedelta(seconds=ns / 1e9)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def alertmanager(tmp_path: Path) -> Path:
    """What Alertmanager answered, and a call graph beside it."""
    folder = tmp_path / "alerts"
    folder.mkdir()
    listed = [
        {
            "labels": {"alertname": one.kind, "instance": one.component, "severity": "critical"},
            "annotations": {}, "startsAt": when(one.at), "endsAt": when(one.until or 0), "updatedAt": when((one.until or 0) + 10**9),
            "fingerprint": f"{n:016x}", "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
        }
        for n, one in enumerate(alerts())
    ]  # fmt: skip
    (folder / "alerts.json").write_text(json.dumps(listed))
    (folder / "calls.csv").write_text("caller,callee\n" + "".join(f"{a},{b}\n" for a, b in EDGES))
    return folder


def pairs(found: Any) -> set[tuple[str, str]]:
    return {(one.cause, one.effect) for one in found.links}


def test_alerts_of_alertmanager_and_a_call_graph(ws: Workspace, alertmanager: Path, tmp_path: Path) -> None:
    found = ask(ws, evidence=[str(alertmanager)], out=str(tmp_path / "out"))
    assert pairs(found) == TRUE
    assert found.topology == "given"
    assert found.links[0].cites
    assert {one.equal for one in found.inhibit} == {("instance",)}
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {Path(one).name for one in found.outputs}
    assert len(json.loads((tmp_path / "out" / "alert-graph.json").read_text())["links"]) == len(TRUE)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """An export of an alarm system: numbers for kinds and devices, seconds from nobody knows when."""
    told = alerts()
    kinds, components = sorted({one.kind for one in told}), sorted({one.component for one in told})
    rows = [
        f"{kinds.index(one.kind)},{components.index(one.component)},{1000 + one.at // 10**9},{1000 + (one.until or 0) // 10**9}\n"
        for one in told
    ]
    (tmp_path / "alarm.csv").write_text("alarm_id,device_id,start_timestamp,end_timestamp\n" + "".join(rows))
    topology = np.zeros((len(components), len(components)))
    for a, b in EDGES:
        topology[components.index(a), components.index(b)] = topology[components.index(b), components.index(a)] = 1
    np.save(tmp_path / "topology.npy", topology)
    known = np.full((len(kinds), len(kinds)), -1.0)
    known[kinds.index("DiskFull"), kinds.index("DbStalls")] = 0
    known[kinds.index("CertExpires"), kinds.index("Unrelated")] = 1
    np.save(tmp_path / "prior.npy", known)
    return tmp_path


def test_a_table_with_matrices_beside_it(ws: Workspace, table: Path) -> None:
    found = ask(ws, evidence=[str(table / "alarm.csv")], topology=str(table / "topology.npy"))
    kinds = sorted({one.kind for one in alerts()})
    assert {(kinds[int(a)], kinds[int(b)]) for a, b in pairs(found)} == TRUE
    known = ask(
        ws, evidence=[str(table / "alarm.csv")], topology=str(table / "topology.npy"), prior=str(table / "prior.npy")
    )
    said = {(kinds[int(a)], kinds[int(b)]) for a, b in pairs(known)}
    assert ("CertExpires", "Unrelated") in said
    assert ("DiskFull", "DbStalls") not in said


def test_what_is_known_as_a_table(ws: Workspace, alertmanager: Path, tmp_path: Path) -> None:
    prior = tmp_path / "known.csv"
    prior.write_text("cause,effect,holds\nCertExpires,Unrelated,yes\nDiskFull,DbStalls,no\n")
    found = ask(ws, evidence=[str(alertmanager)], prior=str(prior))
    assert ("CertExpires", "Unrelated") in pairs(found)
    assert ("DiskFull", "DbStalls") not in pairs(found)
    prior.write_text("cause,effect,holds\nA,B,perhaps\n")
    with pytest.raises(InvalidError, match="yes or no"):
        ask(ws, evidence=[str(alertmanager)], prior=str(prior))
    prior.write_text("from,to\nA,B\n")
    with pytest.raises(UnreadableError, match="no columns"):
        ask(ws, evidence=[str(alertmanager)], prior=str(prior))


def test_a_matrix_is_never_run(ws: Workspace, alertmanager: Path, tmp_path: Path) -> None:
    """A pickle in NumPy's clothes can run anything: it is refused; so is what is no square, and what is missing."""
    np.save(tmp_path / "pickle.npy", np.array([[print]], dtype=object), allow_pickle=True)
    np.save(tmp_path / "long.npy", np.zeros((2, 3)))
    for name in ("pickle.npy", "long.npy", "missing.npy"):
        with pytest.raises(UnreadableError):
            ask(ws, evidence=[str(alertmanager)], topology=str(tmp_path / name))


def test_evidence_without_alerts_is_refused(ws: Workspace, alertmanager: Path) -> None:
    with pytest.raises(UnreadableError, match="no dated alerts"):
        ask(ws, evidence=[str(alertmanager / "calls.csv")])
