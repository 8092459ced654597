"""Fault trees: solve one that stands in a file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from afterword.model.refusal import InvalidError, NotFoundError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.app.workspace import Workspace
    from afterword.core.cause.engine import Engine
    from afterword.model.tree import FaultTree, Importance, PrimeImplicants, TreeResult, Uncertainty

#: A tree of fewer gates is solved before a compiler would have started.
_SMALL = 60
_LONGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class CutSets:
    """``count`` is exact, and text: it may be larger than a number of JSON can hold. Empty: there is no such figure."""

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
    modules: int = 1
    #: Only where the top probability is not known exactly: it lies between these for certain.
    bounds: tuple[float, float] | None = None
    #: Only of a tree with negation; what must not happen is written ``not NAME``.
    prime_implicants: CutSets | None = None
    uncertainty: Uncertainty | None = None


def solve(
    ws: Workspace,
    *,
    file: Annotated[str, "a fault tree in Open-PSA MEF XML, or the id of an incident"],
    limit_order: Annotated[int | None, "only cut sets of so many events or fewer"] = None,
    cut_off: Annotated[float | None, "only cut sets at least this probable"] = None,
    by: Annotated[Literal["order", "probability"], "which cut sets are listed first"] = "order",
    limit: Annotated[int, "list so many cut sets; all are counted"] = 10_000,
    top: Annotated[str | None, "the gate to solve, where it is not the only one that no other uses"] = None,
    more: Annotated[tuple[str, ...], "further files of the same model: its numbers, other trees"] = (),
    hours: Annotated[float, "the mission time, where numbers rest on it"] = 8760.0,
    trials: Annotated[int, "how often uncertain numbers are drawn; 0: never"] = 1000,
    seed: Annotated[int, "the same seed gives the same draws"] = 1,
) -> TreeReport:
    """Solve a fault tree: exact top probability, minimal cut sets, importance of each event, uncertainty."""
    from afterword.core.cause.tree import solve as work_out

    _refuse_wrong(limit_order, cut_off, limit, trials, seed)
    tree = _tree(ws, file, top, more, hours)
    return shaped(
        work_out(
            tree,
            limit_order=limit_order,
            cut_off=cut_off,
            limit=limit,
            likeliest=by == "probability",
            trials=trials,
            seed=seed,
            engine=engine_for(tree),
            told=lambda done, total: ws.progress("modules", done, total),
        )
    )


def _refuse_wrong(limit_order: int | None, cut_off: float | None, limit: int, trials: int, seed: int) -> None:
    reasons = []
    if limit_order is not None and limit_order < 1:
        reasons.append("limit_order: at least 1")
    if cut_off is not None and not 0 <= cut_off <= 1:
        reasons.append("cut_off: a probability, from 0 to 1")
    if not 0 <= limit <= _LONGEST:
        reasons.append(f"limit: from 0 to {_LONGEST}")
    if not 0 <= trials <= _LONGEST:
        reasons.append(f"trials: from 0 to {_LONGEST}")
    if seed < 0:
        reasons.append("seed: 0 or more")
    if reasons:
        raise InvalidError("; ".join(reasons), tuple(reasons))


def engine_for(tree: FaultTree) -> Engine | None:
    """The compiled engine for a large tree, where there is a compiler; None: plain Python."""
    from afterword.app.accelerator import accelerator

    return accelerator() if len(tree.gates) > _SMALL else None


def read_tree(path: Path, top: str | None = None, more: Sequence[Path] = (), hours: float = 8760.0) -> FaultTree:
    """Raises UnreadableError when a file cannot be read."""
    from afterword.app import openpsa

    return openpsa.read(_bytes(path), top, more=[_bytes(one) for one in more], hours=hours)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}") from error


def shaped(result: TreeResult) -> TreeReport:
    return TreeReport(
        tree=result.tree.name,
        top=result.tree.top,
        gates=len(result.tree.gates),
        basic_events=len(result.tree.events),
        top_probability=result.top_probability,
        cut_sets=_counted(result.cut_set_count, result.by_order, result.cut_sets),
        importance=result.importance,
        method=result.method,
        exact=result.exact,
        fired=result.fired,
        ignored=result.tree.ignored,
        labels=_labels(result.tree),
        modules=result.modules,
        bounds=result.bounds,
        prime_implicants=_primes(result.primes) if result.primes else None,
        uncertainty=result.uncertainty,
    )


def _counted(count: int | None, by_order: tuple[tuple[int, int], ...], listed: tuple[tuple[str, ...], ...]) -> CutSets:
    return CutSets("" if count is None else str(count), {str(order): str(number) for order, number in by_order}, listed)


def _primes(primes: PrimeImplicants) -> CutSets:
    listed = tuple(
        tuple(f"not {one.event}" if one.absent else one.event for one in literals) for literals in primes.listed
    )
    return _counted(primes.count, primes.by_order, listed)


def _labels(tree: FaultTree) -> dict[str, str]:
    return {name: label for name, label in _said(tree) if label not in ("", name)}


def _said(tree: FaultTree) -> Iterator[tuple[str, str]]:
    yield from ((one.name, one.label) for one in tree.gates)
    yield from ((one.name, one.label) for one in tree.events)


def _tree(ws: Workspace, file: str, top: str | None, more: Sequence[str], hours: float) -> FaultTree:
    from afterword.app.operations import graph
    from afterword.app.operations.cause import tree_of
    from afterword.model.postmortem import Postmortem

    path = Path(file)
    if path.exists():
        return read_tree(path, top, [Path(one) for one in more], hours)
    if ws.find("postmortem", file, Postmortem) is None:
        raise NotFoundError(f"{file} is no file and no incident of this workspace.")
    tree = tree_of(graph.of(ws, file))
    return replace(tree, top=top) if top else tree
