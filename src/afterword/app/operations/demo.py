"""Demo: the incidents that ship with afterword, from evidence to verified documents."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from afterword.model.refusal import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.app.report import Report
    from afterword.app.workspace import Workspace
    from afterword.model.claim import Verification


@dataclass(frozen=True, slots=True)
class Demo:
    """The report of the first incident, the check of its document, the others, and what to look at."""

    report: Report
    verification: Verification
    #: Titles of the further incidents of the example: with them there are trends, and a repeat to be found.
    others: tuple[str, ...]
    look: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return self.verification.holds


def run(ws: Workspace, *, out: Annotated[str, "folder for the documents and bundles"] = "afterword-out/demo") -> Demo:
    """Analyse the incidents that ship with afterword, and verify the document of the first."""
    from afterword.app.operations import incident

    reports = [
        incident.analyze(ws, evidence=(str(folder),), out=str(Path(out) / folder.parent.name)) for folder in _evidence()
    ]
    first = reports[0]
    verification = incident.verify(ws, path=first.outputs["bundle"])
    return Demo(first, verification, tuple(one.incident["title"] for one in reports[1:]), tuple(_look(first)))


def _look(report: Report) -> Iterator[str]:
    id_, say = report.incident["id"], command()
    yield f"{say} timeline {id_}"
    yield f"{say} action list --incident {id_}"
    yield f"{say} trends"
    yield f"the postmortem as a page: {Path(report.outputs['html']).resolve().as_uri()}"
    yield f"this workspace in a browser: {say} serve, then http://127.0.0.1:8710/"


def command() -> str:
    """How this program is called from here: by its name where the shell would find it, else by its path."""
    called = Path(sys.argv[0])
    if called.name != "afterword" or shutil.which("afterword"):
        return "afterword"
    return os.path.relpath(called)


def _evidence() -> Iterator[Path]:
    """Evidence folders of the example, in the order of their names."""
    found = sorted(one for one in recordings().glob("*/evidence") if one.is_dir())
    if not found:
        raise NotFoundError("The example of this installation is empty (examples/shop/recordings).")
    yield from found


def recordings() -> Path:
    """The example in a checkout, else the copy inside the package."""
    package = Path(__file__).resolve().parents[2]
    for place in (package.parents[1] / "examples", package / "examples"):
        found = place / "shop" / "recordings"
        if found.is_dir():
            return found
    raise NotFoundError("This installation came without its example (examples/shop/recordings).")
