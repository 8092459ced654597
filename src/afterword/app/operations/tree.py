"""Fault trees: solve one that stands in a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from afterword.model.refusal import InvalidError, NotFoundError, UnreadableError

if TYPE_CHECKING:
    from afterword.app.workspace import Workspace
    from afterword.model.tree import FaultTree, Importance, TreeResult


@dataclass(frozen=True, slots=True)
class CutSets:
    """``count`` is exact, and text: it may be larger than a number of JSON can hold."""

    count: str
    by_order: dict[str, str]
    list: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class TreeReport:
    """What ``tree --json`` prints: the shape that scripts rely on."""

    tree: str
    top: str
    gates: int
    basic_events: int
    top_probability: float | None
    cut_sets: CutSets
    importance: tuple[Importance, ...]
    method: str
    exact: bool
    fired: tuple[tuple[str, ...], ...]
    ignored: tuple[str, ...]
    #: What the gates and events are called, where that says more than their names.
    labels: dict[str, str] = field(default_factory=dict)


def solve(
    ws: Workspace,
    *,
    file: Annotated[str, "a fault tree in Open-PSA MEF XML, or the id of an incident"],
    limit_order: Annotated[int | None, "only cut sets of so many events or fewer"] = None,
    cut_off: Annotated[float | None, "only cut sets at least this probable"] = None,
) -> TreeReport:
    """Solve a fault tree: exact top probability, minimal cut sets, importance of each event."""
    from afterword.core.cause.tree import solve as work_out

    reasons = []
    if limit_order is not None and limit_order < 1:
        reasons.append("limit_order: at least 1")
    if cut_off is not None and not 0 <= cut_off <= 1:
        reasons.append("cut_off: a probability, from 0 to 1")
    if reasons:
        raise InvalidError("; ".join(reasons), tuple(reasons))
    return shaped(work_out(_tree(ws, file), limit_order=limit_order, cut_off=cut_off))


def read_tree(path: Path) -> FaultTree:
    """Raises UnreadableError when the file cannot be read."""
    from afterword.app import openpsa

    try:
        return openpsa.read(path.read_bytes())
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}") from error


def shaped(result: TreeResult) -> TreeReport:
    return TreeReport(
        tree=result.tree.name,
        top=result.tree.top,
        gates=len(result.tree.gates),
        basic_events=len(result.tree.events),
        top_probability=result.top_probability,
        cut_sets=CutSets(
            str(result.cut_set_count),
            {str(order): str(count) for order, count in result.by_order},
            result.cut_sets,
        ),
        importance=result.importance,
        method=result.method,
        exact=result.exact,
        fired=result.fired,
        ignored=result.tree.ignored,
        labels=_labels(result.tree),
    )


def _labels(tree: FaultTree) -> dict[str, str]:
    said = [(one.name, one.label) for one in tree.gates] + [(one.name, one.label) for one in tree.events]
    return {name: label for name, label in said if label not in ("", name)}


def _tree(ws: Workspace, file: str) -> FaultTree:
    from afterword.app.operations.cause import tree_of
    from afterword.model.postmortem import Postmortem

    path = Path(file)
    if path.exists():
        return read_tree(path)
    postmortem = ws.find("postmortem", file, Postmortem)
    if postmortem is None:
        raise NotFoundError(f"{file} is no file and no incident of this workspace.")
    return tree_of(postmortem)
