"""A small incident analysed for real, by all sources and analyses, once for all tests that only look at it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from afterword.app.operations import incident
from afterword.app.workspace import Workspace, open_workspace
from afterword.testing import small_incident

if TYPE_CHECKING:
    from afterword.app.report import Report

NOW = "2026-03-20T10:00:00Z"


@dataclass
class Analysed:
    ws: Workspace
    report: Report

    @property
    def id(self) -> str:
        return str(self.report.incident["id"])

    @property
    def bundle(self) -> Path:
        return Path(self.report.outputs["bundle"])


def analysed(root: Path) -> Analysed:
    ws = open_workspace(root / ".afterword", actor="maria", now=lambda: NOW)
    return Analysed(ws, incident.analyze(ws, evidence=(str(small_incident(root / "evidence")),)))
