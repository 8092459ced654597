"""A gateway fails at 11:00; its alert waits ten minutes. From the evidence to a rule that would have told in two."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from afterword.app import desk, prometheus
from afterword.app.workspace import Workspace, open_workspace
from afterword.core.rule import AlertRule
from afterword.model.action import ActionItem, ActionKind
from afterword.model.refusal import InvalidError, UnreadableError
from afterword.reading import rule_file

if TYPE_CHECKING:
    from pathlib import Path

    from afterword.app.operations.rule import RuleProposal

START = 1_772_359_200  # 2026-03-01T10:00:00Z
STEP, COUNT = 15, 480
BROKEN = slice(240, 320)
RULES = """
groups:
  - name: shop
    interval: 15s
    rules:
      - alert: GatewayErrors
        expr: >-
          sum by (service) (rate(http_requests_total{code=~"5.."}[1m])) / sum by (service) (rate(http_requests_total[1m])) > 0.05
        for: 10m
        labels: {severity: page}
      - alert: Unseen
        expr: nosuch > 1
"""


def answer(*series: tuple[dict[str, str], Any]) -> str:
    result = [
        {"metric": labels, "values": [[START + i * STEP, f"{v:g}"] for i, v in enumerate(values) if not np.isnan(v)]}
        for labels, values in series
    ]
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}})


def requests(code: str, values: Any) -> tuple[dict[str, str], Any]:
    return {"__name__": "http_requests_total", "service": "gateway", "job": "shop", "code": code}, np.cumsum(values)


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evidence")
    noise = np.random.default_rng(7).integers(-8, 9, COUNT)
    bad, ratio, latency = np.zeros(COUNT), np.zeros(COUNT), 0.2 + noise / 200
    bad[BROKEN], ratio[BROKEN], latency[BROKEN] = 60.0, 0.4, 2.5
    fired = np.full(COUNT, np.nan)
    # True from the first failure on, and ten minutes later it fires.
    fired[280:323] = 1.0
    alert = {"__name__": "ALERTS", "alertname": "GatewayErrors", "alertstate": "firing", "service": "gateway"}
    (folder / "counters.json").write_text(answer(requests("200", 90.0 + noise), requests("503", bad), (alert, fired)))
    gauges = [
        ({"__name__": name, "service": "gateway"}, v)
        for name, v in (("gateway:error_ratio", ratio), ("gateway:latency_p95_seconds", latency))
    ]
    (folder / "gauges.json").write_text(answer(*gauges))
    (folder / "rules.yml").write_text(RULES)
    return folder


@pytest.fixture(scope="module")
def analysed(evidence: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    ws = open_workspace(tmp_path_factory.mktemp("ws") / ".afterword", actor="maria", now=lambda: "2026-03-20T10:00:00Z")
    report = desk.ask(ws, "incident.analyze", {"evidence": (str(evidence),)})
    return ws, str(report.incident["id"])


@pytest.mark.parametrize("installed", [True, False])
def test_the_alert_that_fired_fires_again_at_its_moment(
    evidence: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: bool
) -> None:
    if installed and not prometheus.binary():
        pytest.skip("no prometheus is installed")
    if not installed:
        monkeypatch.setattr(prometheus, "binary", lambda: "")
    ws = open_workspace(tmp_path / ".afterword", actor="maria", now=lambda: "2026-03-20T10:00:00Z")
    given = {"rules": str(evidence / "rules.yml"), "evidence": (str(evidence),)}
    found, unseen = desk.ask(ws, "lesson.backtest", given)
    assert "no recorded series is called 'nosuch'" in unseen.cannot
    assert found.engine.startswith("Prometheus" if installed else "afterword")
    assert found.cannot == ""
    assert abs(found.apart_seconds) <= STEP
    assert found.minutes_earlier == pytest.approx(0, abs=STEP / 60)
    assert (found.extra, found.held_seconds, found.every_seconds) == (0, 600.0, 15.0)
    assert found.healthy_hours > 1


def test_a_group_that_states_no_interval_is_evaluated_as_one_says(
    analysed: tuple[Workspace, str], evidence: Path, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text(RULES.replace("    interval: 15s\n", ""))
    given = {"rules": str(rules), "evidence": (str(evidence),)}
    for every, seconds in (("", 15.0), ("1m", 60.0)):
        found, _ = desk.ask(analysed[0], "lesson.backtest", {**given, "every": every})
        assert found.every_seconds == seconds
    with pytest.raises(InvalidError, match="a length such as 30s"):
        desk.ask(analysed[0], "lesson.backtest", {**given, "every": "often"})


def test_a_rule_is_proposed_written_and_carried_by_an_action(analysed: tuple[Workspace, str], tmp_path: Path) -> None:
    ws, id_ = analysed
    out = tmp_path / "rules.yml"
    found: RuleProposal = desk.ask(ws, "alert.propose", {"incident": id_, "out": str(out), "objective": "99.9"})
    assert [one.alert for one in found.existing] == ["GatewayErrors", "Unseen"]
    assert found.proposed
    for one in found.proposed:
        assert one.minutes_earlier is not None
        assert one.minutes_earlier > 2
        assert one.extra == 0
    assert any(one.alert.startswith("GatewayErrorBudgetBurn") for one in found.proposed)
    assert out.read_text() == found.text
    assert {one.name for one in rule_file.rules(out.read_bytes())} == {one.alert for one in found.proposed}
    item = ws.get("action", found.action, ActionItem)
    assert item.incident == id_
    assert len(item.trial) == len(found.proposed) + 1
    again = desk.ask(ws, "alert.propose", {"incident": id_, "out": str(out), "objective": "99.9"})
    assert again == found


def test_the_item_that_the_analysis_proposes_carries_the_table_from_the_start(analysed: tuple[Workspace, str]) -> None:
    items = desk.ask(analysed[0], "action.list", {"incident": analysed[1]})
    (alert,) = [one for one in items if one.kind is ActionKind.ALERT_THRESHOLD]
    assert alert.trial[0][0] == "rule"
    assert len(alert.trial) > 1


def test_every_figure_of_it_in_the_document_is_verified(analysed: tuple[Workspace, str], tmp_path: Path) -> None:
    ws, id_ = analysed
    outputs = desk.ask(ws, "incident.export", {"incident": id_, "out": str(tmp_path)})
    text = (tmp_path / "postmortem.md").read_text()
    assert "Alert rules in the evidence, evaluated again over the recorded series" in text
    assert "Rules that would have told earlier" in text
    assert "Their series were not recorded, or not all of their words are understood: Unseen" in re.sub(
        r"<[^>]*>|[\[\]`]", "", text
    )
    found = desk.ask(ws, "incident.verify", {"path": outputs["bundle"]})
    assert found.verified == found.claims
    assert (found.contradicted, found.missing, found.unsupported) == ((), (), ())
    written = rule_file.rules((tmp_path / "proposed-rules.yml").read_bytes())
    assert all(isinstance(one, AlertRule) and one.name in text for one in written)
    changed = text.replace("GatewayErrorRatioHigh", "GatewayErrorRatioHuge", 1)
    assert changed != text
    (tmp_path / "postmortem.md").write_text(changed)
    assert desk.ask(ws, "incident.verify", {"path": outputs["bundle"]}).contradicted


def test_an_objective_that_is_none_and_evidence_without_series_are_refused(
    analysed: tuple[Workspace, str],
) -> None:
    with pytest.raises(InvalidError, match=r"a share such as 99\.9"):
        desk.ask(analysed[0], "alert.propose", {"incident": analysed[1], "objective": "very good"})
    with pytest.raises(InvalidError, match="cannot be written"):
        desk.ask(analysed[0], "alert.propose", {"incident": analysed[1], "out": "/proc/nothing/rules.yml"})


def test_evidence_without_such_series_is_told(tmp_path: Path) -> None:
    from analysed import analysed as make

    made = make(tmp_path)
    with pytest.raises(UnreadableError, match="no series with the labels"):
        desk.ask(made.ws, "alert.propose", {"incident": made.id})
