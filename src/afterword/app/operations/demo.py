"""Demo: the incident that ships with afterword, from evidence to a verified document."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from afterword.model.refusal import NotFoundError

if TYPE_CHECKING:
    from afterword.app.report import Report
    from afterword.app.workspace import Workspace
    from afterword.model.claim import Verification


@dataclass(frozen=True, slots=True)
class Demo:
    """The report, the check of its document, and what to look at."""

    report: Report
    verification: Verification
    look: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return self.verification.holds


def run(ws: Workspace, *, out: Annotated[str, "folder for the document and the bundle"] = "afterword-out/demo") -> Demo:
    """Analyse the incident that ships with afterword, and verify its document."""
    from afterword.app.operations import incident

    report = incident.analyze(ws, evidence=(str(recordings()),), out=out)
    verification = incident.verify(ws, path=report.outputs["bundle"])
    id_ = report.incident["id"]
    look = (
        f"open {report.outputs['html']}",
        f"afterword incident show {id_}",
        f"afterword timeline {id_}",
        f"afterword action list --incident {id_}",
        "afterword serve",
    )
    return Demo(report, verification, look)


def recordings() -> Path:
    """The example in a checkout, else the copy inside the package."""
    package = Path(__file__).resolve().parents[2]
    for place in (package.parents[1] / "examples", package / "examples"):
        found = place / "shop" / "recordings"
        if found.is_dir():
            return found
    raise NotFoundError("This installation came without its example (examples/shop/recordings).")
