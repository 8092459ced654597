"""Incidents nobody here made: each gives a whole document from its evidence alone, and the document holds."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from afterword.app.operations import incident
from afterword.app.workspace import open_workspace
from afterword.model.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from afterword.app.report import Report

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "rca"
BENCH = sorted((DATA / "rootcausebench").glob("*/evidence"))
SHOP = sorted((DATA / "petshop").glob("*/*/issue_*/metrics.csv"))
SECTIONS = {
    "summary", "impact", "points", "background", "timeline", "detection", "causes", "whys", "tree", "weaknesses",
    "recurrence", "lessons", "actions", "communications", "evidence", "verification",
}  # fmt: skip

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason="the research data lies beside the project, and is not here"),
]


def analyse(tmp_path: Path, files: Iterable[Path]) -> tuple[Report, Document]:
    """Under neutral names: neither a name nor a folder may help."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    for number, path in enumerate(files):
        shutil.copy(path, folder / str(number))
    ws = open_workspace(tmp_path / ".afterword", actor="tests")
    report = incident.analyze(ws, evidence=(str(folder),))
    return report, ws.get("document", report.incident["id"], Document)


def check(report: Report, doc: Document) -> None:
    assert {section.id for section in doc.sections} >= SECTIONS
    assert report.timeline
    assert report.causes
    assert report.components
    assert all(cause["cites"] for cause in report.causes)
    assert all(moment["cites"] for moment in report.timeline)
    assert all(Path(path).stat().st_size for path in report.outputs.values())


@pytest.mark.parametrize("folder", BENCH, ids=[one.parent.name for one in BENCH])
def test_a_whole_incident_with_changes(folder: Path, tmp_path: Path) -> None:
    report, doc = analyse(tmp_path, [one for one in sorted(folder.rglob("*")) if one.is_file()])
    check(report, doc)
    assert report.incident["points"]["started"]
    found = incident.verify(open_workspace(tmp_path / "other"), path=report.outputs["bundle"])
    assert found.holds, (found.contradicted[:3], found.missing[:3], found.unsupported[:3])


@pytest.mark.parametrize("metrics", SHOP, ids=[f"{one.parents[1].name}-{one.parent.name}" for one in SHOP])
def test_an_incident_of_metrics_alone(metrics: Path, tmp_path: Path) -> None:
    root = metrics.parents[2]
    report, doc = analyse(tmp_path, [metrics, root / "noissue" / "metrics.csv", root / "graph.csv"])
    check(report, doc)
