"""The strongest check of the back-test: alerts that did fire in the recorded incidents fire again at the same moments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from afterword.app import backtesting, intake, pipeline, prometheus, recorded, rule_text
from afterword.model.incident import Incident, Options, Status
from afterword.model.time import SECOND
from afterword.stores.blobs_folder import BlobsFolder
from afterword.stores.lake_parquet import LakeParquet

if TYPE_CHECKING:
    from afterword.app.pipeline import Worked
    from afterword.app.recorded import Recording

RECORDINGS = Path(__file__).resolve().parents[2] / "examples" / "shop" / "recordings"
#: The rules are evaluated and the series recorded every five seconds.
INTERVAL = 5


@pytest.fixture(scope="module", params=["2026-11-24-pool-exhaustion", "cache-flag", "pool-exhaustion-again"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Worked, Recording]:
    folder = tmp_path_factory.mktemp("replay")
    blobs, lake = BlobsFolder(folder / "objects"), LakeParquet(folder / "lake")
    taken = intake.collect([str(RECORDINGS / request.param / "evidence")], blobs, lake)
    shas = tuple(one.sha256 for one in taken.evidence)
    worked = pipeline.work(Incident("shop", "", Status.OPEN, shas, Options()), taken.evidence, lake, blobs)
    return worked, recorded.recording(worked.case, blobs)


def recorded_starts(worked: Worked) -> dict[str, list[int]]:
    """When each alert began to fire, by the answers of the Prometheus that evaluated the rules then."""
    found: dict[str, list[int]] = {}
    for alert in worked.case.alerts:
        source = worked.case.evidence[int(alert.cite.evidence[1:]) - 1].source
        if source == "prometheus-json" and alert.event.at is not None:
            found.setdefault(alert.event.name, []).append(alert.event.at)
    return found


@pytest.mark.parametrize("own", [True, False], ids=["own engine", "Prometheus"])
def test_every_alert_that_fired_fires_again_within_one_evaluation(shop: tuple[Worked, Recording], own: bool) -> None:
    """Expressions over what the recording rules had made, ``for`` and intervals of the group, labels of every series."""
    if not own and not prometheus.binary():
        pytest.skip("no prometheus is installed")
    worked, recording = shop
    trials = {
        one.alert: one
        for one in backtesting.replayed(recording.rules, recording, worked.case, worked.postmortem, own=own)
    }
    starts = recorded_starts(worked)
    assert len(starts) >= 2
    for name, times in starts.items():
        again = [one.start for one in trials[name].firings]
        assert len(again) == len(times), name
        for at in times:
            assert min(abs(at - start) for start in again) <= INTERVAL * SECOND, name
    silent = [one for name, one in trials.items() if name not in starts and not one.cannot]
    assert silent
    assert all(not one.firings for one in silent)


def test_what_is_proposed_is_earlier_silent_and_a_valid_rule_file(shop: tuple[Worked, Recording]) -> None:
    worked, recording = shop
    found = backtesting.proposed(recording, worked.case, worked.postmortem, {"": 0.999}, own=True)
    assert found
    names = {one.name for one in recording.rules}
    for one in found:
        assert one.trial.minutes_earlier is not None
        assert one.trial.minutes_earlier > 0
        assert one.trial.extra == 0
        assert one.trial.healthy_hours > 0
        assert one.rule.name not in names
    assert found[0].kind in ("burn rate", "error ratio", "latency")
    body = rule_text.text("proposed", [one.rule for one in found])
    assert rule_text.checked(body)


def test_a_proposal_does_in_a_prometheus_what_was_said_of_it(shop: tuple[Worked, Recording]) -> None:
    if not prometheus.binary():
        pytest.skip("no prometheus is installed")
    worked, recording = shop
    found = [
        one
        for one in backtesting.proposed(recording, worked.case, worked.postmortem, {}, own=True)
        if one.kind != "burn rate"
    ]
    again = backtesting.replayed([one.rule for one in found], recording, worked.case, worked.postmortem)
    assert [(one.fired_at, one.extra) for one in again] == [(one.trial.fired_at, one.trial.extra) for one in found]
    assert all(one.engine.startswith("Prometheus ") for one in again)
