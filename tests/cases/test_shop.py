"""The example that ships: what was injected is found, the document holds, and a changed document does not."""

from __future__ import annotations

import json
import shutil
import zipfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from afterword.app.operations import action, incident, lesson
from afterword.app.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from afterword.app.report import Report
    from afterword.model.claim import Verification

RECORDINGS = Path(__file__).resolve().parents[2] / "examples" / "shop" / "recordings"
NAMES = sorted(one.parent.name for one in RECORDINGS.glob("*/truth.json"))
POOL, AGAIN, FLAG = "2026-11-24-pool-exhaustion", "pool-exhaustion-again", "cache-flag"


class Analysed:
    """The three incidents in one workspace, analysed once for all tests of this file."""

    def __init__(self, root: Path) -> None:
        self.ws: Workspace = open_workspace(root / ".afterword", actor="tests")
        self.reports: dict[str, Report] = {}
        for name in NAMES:
            evidence = (str(RECORDINGS / name / "evidence"),)
            self.reports[name] = incident.analyze(self.ws, evidence=evidence, out=str(root / name))


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Analysed:
    return Analysed(tmp_path_factory.mktemp("shop"))


def truth(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDINGS / name / "truth.json").read_text())
    return found


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize("name", NAMES)
def test_the_trigger_is_named_and_no_decoy(analysed: Analysed, name: str) -> None:
    named = [c["ref"] for c in analysed.reports[name].causes if c["role"] == "trigger" and c["grade"] >= 2]
    assert named == [truth(name)["trigger"]["ref"]]
    assert not set(named) & set(truth(name)["decoys"])


@pytest.mark.parametrize("name", NAMES)
def test_the_component_that_was_changed_and_the_one_that_gave_way_lead(analysed: Analysed, name: str) -> None:
    """Where the two differ (a flag of catalog floods pricing), both stand before everything that merely suffered."""
    wanted = {truth(name)["trigger"]["service"], truth(name)["fault_component"].split()[0]}
    leading = [one["component"] for one in analysed.reports[name].components[: len(wanted)]]
    assert set(leading) == wanted


@pytest.mark.parametrize("name", NAMES)
def test_the_points_lie_where_things_happened(analysed: Analysed, name: str) -> None:
    """The truth was written down by the script that broke the shop; a minute is four samples of its monitoring."""
    said, points = truth(name), analysed.reports[name].incident["points"]
    for point, key, seconds in (
        ("started", "impact_started_at", 60),
        ("detected", "detected_at", 30),
        ("mitigation_applied", "mitigation_applied_at", 60),
        ("recovered", "recovered_at", 120),
    ):
        assert points[point], point
        assert abs(at(points[point]["at"]) - at(said[key])) <= seconds, (point, points[point], said[key])


@pytest.mark.parametrize("name", NAMES)
def test_every_claim_can_be_executed_again(analysed: Analysed, name: str) -> None:
    found = incident.verify(analysed.ws, path=analysed.reports[name].outputs["bundle"])
    assert found.holds, (found.contradicted[:3], found.missing[:3], found.unsupported[:3])
    assert found.claims > 200


def copied(analysed: Analysed, tmp_path: Path) -> Path:
    source = Path(analysed.reports[POOL].outputs["bundle"]).parent
    return Path(shutil.copytree(source, tmp_path / "copy"))


def verified(analysed: Analysed, folder: Path) -> Verification:
    return incident.verify(analysed.ws, path=str(folder / "postmortem.afterword"))


@pytest.mark.parametrize("name", ["postmortem.md", "postmortem.html"])
def test_a_changed_digit_in_the_document_is_found(analysed: Analysed, tmp_path: Path, name: str) -> None:
    """Somebody makes the incident look two minutes shorter."""
    folder = copied(analysed, tmp_path)
    path, text = folder / name, (folder / name).read_text()
    recovered = analysed.reports[POOL].incident["points"]["recovered"]["at"][11:19]
    hour, minute, second = map(int, recovered.split(":"))
    assert recovered in text
    path.write_text(text.replace(recovered, f"{hour:02d}:{(minute - 2) % 60:02d}:{second:02d}"))
    found = verified(analysed, folder)
    assert not found.holds
    assert any(recovered in one.found for one in found.contradicted)


def test_a_changed_byte_of_the_evidence_is_found(analysed: Analysed, tmp_path: Path) -> None:
    """One byte of one artefact inside the bundle is another one; nothing else is touched."""
    folder = copied(analysed, tmp_path)
    bundle = folder / "postmortem.afterword"
    with zipfile.ZipFile(bundle) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    name = max((one for one in members if one.startswith("evidence/")), key=lambda one: len(members[one]))
    body = bytearray(members[name])
    body[len(body) // 2] ^= 1
    members[name] = bytes(body)
    with zipfile.ZipFile(bundle, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    found = verified(analysed, folder)
    assert not found.holds
    assert found.missing


def test_the_same_evidence_gives_the_same_bytes(analysed: Analysed, tmp_path: Path) -> None:
    evidence = (str(RECORDINGS / POOL / "evidence"),)
    for name in ("one", "two"):
        ws = open_workspace(tmp_path / name / ".afterword", actor="tests", now=lambda: "2026-03-20T10:00:00Z")
        incident.analyze(ws, evidence=evidence, out=str(tmp_path / name / "out"))
    for file in ("postmortem.md", "postmortem.html", "postmortem.afterword"):
        assert (tmp_path / "one" / "out" / file).read_bytes() == (tmp_path / "two" / "out" / file).read_bytes(), file


def test_the_repeat_is_recognised(analysed: Analysed) -> None:
    """The second exhausted pool is the first one again; the flag is another story."""
    again = analysed.reports[AGAIN].incident["id"]
    found = {one.incident: one for one in lesson.similar(analysed.ws, to=again)}
    assert found[analysed.reports[POOL].incident["id"]].repeat
    other = found.get(analysed.reports[FLAG].incident["id"])
    assert other is None or not other.repeat


def test_trends_say_n_and_that_three_incidents_prove_nothing(analysed: Analysed) -> None:
    found = {one.name: one for one in lesson.trends(analysed.ws)}
    assert found["time to recover"].n == 3
    assert found["time to recover"].median is not None
    assert "chance" in found["time to recover"].says


def test_each_action_answers_something_and_closing_needs_evidence(analysed: Analysed) -> None:
    items = action.list_(analysed.ws, incident=analysed.reports[POOL].incident["id"])
    assert items
    assert all(item.answers and item.done_when for item in items)
