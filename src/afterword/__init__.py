"""afterword: postmortems that can be executed again.

What the command line does is one call each, and answers with the frozen words of ``afterword.model``::

    import afterword

    postmortem = afterword.analyze("recordings/", at="2026-03-14T09:12:00Z", out="report")
    remarks = afterword.review(Path("postmortem.md").read_text())
    result = afterword.fault_tree("shutdown.xml")

Everything else that can be asked is asked by name: ``afterword.ask(afterword.open_workspace(), "action.list")``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from afterword.app.workspace import Workspace
    from afterword.core.foreign import ForeignPostmortem
    from afterword.core.remark import Remark
    from afterword.model.claim import Verification
    from afterword.model.collection import Collection
    from afterword.model.postmortem import Postmortem
    from afterword.model.tree import TreeResult

__all__ = ["analyze", "ask", "collect", "fault_tree", "import_postmortem", "open_workspace", "review", "verify"]

# Importing the package loads nothing: each call brings in what it needs.
# ruff: noqa: PLC0415


def open_workspace(path: Path | str | None = None, *, actor: str = "") -> Workspace:
    """Open a workspace; without a path AFTERWORD_WORKSPACE, else the nearest ``.afterword``, else ``./.afterword``."""
    from afterword.app import workspace

    return workspace.open_workspace(path, actor=actor, face="python")


def ask(ws: Workspace, name: str, **arguments: Any) -> Any:
    """Carry out any operation of the table, such as ``action.list``; arguments are JSON values."""
    from afterword.app import desk

    return desk.ask(ws, name, arguments)


def analyze(*evidence: Path | str, workspace: Path | str | None = None, **options: str) -> Postmortem:
    """Read evidence and reconstruct the incident; ``options`` are at, window, baseline, out, title and zone."""
    from afterword.model.postmortem import Postmortem

    ws = open_workspace(workspace)
    report = ask(ws, "incident.analyze", evidence=[str(one) for one in evidence], **options)
    return ws.get("postmortem", report.incident["id"], Postmortem)


def collect(*, workspace: Path | str | None = None, **options: Any) -> Collection:
    """Ask the live systems of afterword.toml; ``options`` are window, config, system, out, incident, resume and again."""
    found: Collection = ask(open_workspace(workspace), "collection.run", **options)
    return found


def verify(path: Path | str, *, workspace: Path | str | None = None) -> Verification:
    """Execute every claim of a document again; ``.holds`` is the answer in one word."""
    found: Verification = ask(open_workspace(workspace), "incident.verify", path=str(path))
    return found


def review(text: str, *, kind: str = "markdown") -> tuple[Remark, ...]:
    """Check the text of a postmortem for blame, hindsight, contradictions and what is missing."""
    from afterword.core.review import review as check

    return check(text, kind=kind)


def import_postmortem(text: str) -> ForeignPostmortem:
    """Read what a foreign postmortem states; what it does not state is None."""
    from afterword.core.foreign import import_

    return import_(text)


def fault_tree(path: Path | str, *, limit_order: int | None = None, cut_off: float | None = None) -> TreeResult:
    """Solve a fault tree in Open-PSA MEF XML."""
    from pathlib import Path as File

    from afterword.app.operations.tree import engine_for, read_tree
    from afterword.core.cause.tree import solve

    tree = read_tree(File(path))
    return solve(tree, limit_order=limit_order, cut_off=cut_off, trials=1000, engine=engine_for(tree))
