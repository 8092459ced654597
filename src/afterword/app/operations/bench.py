"""Benchmarks: what can be measured with this checkout, and the one of causes."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from afterword.model.refusal import InvalidError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from afterword.app.bench.carry import Outcome
    from afterword.app.bench.sets import CaseSet
    from afterword.app.bench.tally import Miss, Tally, Turn
    from afterword.app.bench.trial import Trial
    from afterword.app.workspace import Workspace


#: Which of the files beside the benchmarks can be run; the others serve them.
_MAIN = 'if __name__ == "__main__"'


@dataclass(frozen=True, slots=True)
class Benchmark:
    name: str
    about: str
    #: How to run it.
    command: str


@dataclass(frozen=True, slots=True)
class CauseBench:
    """How many trials were right, what each kind of evidence was worth, and what went wrong."""

    tallies: tuple[Tally, ...]
    misses: tuple[Miss, ...]
    #: Trials that fare otherwise with something taken away or moved.
    turns: tuple[Turn, ...] = ()


def list_(ws: Workspace) -> tuple[Benchmark, ...]:
    """List the benchmarks of this checkout and how to run them."""
    del ws
    folder = Path(__file__).resolve().parents[4] / "benchmarks"
    found = sorted(folder.glob("*.py")) if folder.is_dir() else []
    texts = {path: path.read_text(encoding="utf-8") for path in found}
    return tuple(Benchmark(path.stem, _about(text), f"python {path}") for path, text in texts.items() if _MAIN in text)


def _about(text: str) -> str:
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def rca(
    ws: Workspace,
    *,
    folder: Annotated[str, "folder with sets of cases and their answers; each is told by how it lies there"],
    set: Annotated[tuple[str, ...], "only sets of these folder names"] = (),  # noqa: A002 - the word people type
    every: Annotated[int, "only every so many-th case"] = 1,
    case: Annotated[str, "only cases whose names hold this"] = "",
    ablate: Annotated[bool, "also with each lane of evidence off, and with the time withheld or moved"] = False,
    untold: Annotated[bool, "state no time for any case"] = False,
    jobs: Annotated[int, "so many cases at once"] = 1,
) -> CauseBench:
    """Rank causes in cases whose answers are known, and count how often the answer stands where it should."""
    from afterword.app.bench import tally

    found = sets_below(ws, folder, set)
    if every < 1 or jobs < 1:
        raise InvalidError("every and jobs are at least 1", ("every", "jobs"))
    tallies: list[Tally] = []
    misses: list[Miss] = []
    turns: list[Turn] = []
    for one in found:
        # The first of a set is always taken: a set with few cases does not vanish from the table.
        trials = islice((trial for trial in one.trials() if case in trial.name), 0, None, every)
        outcomes = outcomes_of(ws, one.name, trials, ablate=ablate, told=not untold, jobs=jobs)
        tallies += tally.tallies(one.name, outcomes)
        misses += tally.misses(one.name, outcomes)
        turns += tally.turns(one.name, outcomes)
    return CauseBench(tuple(tallies), tuple(misses), tuple(turns))


def sets_below(ws: Workspace, folder: str, names: tuple[str, ...] = ()) -> list[CaseSet]:
    """The sets below a folder, of these names where some are given."""
    from afterword.app.bench import sets

    path = ws.path(folder)
    if not path.is_dir():
        raise NotFoundError(f"There is no folder {folder}.")
    found = list(sets.find(path, ws.root / "bench"))
    if len(found) == 1 and frozenset(names) == {path.name}:
        return found  # the folder is that set, whatever an archive inside of it is called
    if unknown := sorted(frozenset(names) - {one.name for one in found}):
        there = ", ".join(one.name for one in found) or "none"
        raise NotFoundError(f"There is no set {', '.join(unknown)} below {folder}; there is: {there}.")
    if not found:
        raise NotFoundError(f"Nothing below {folder} lies as sets of cases with answers do.")
    return [one for one in found if not names or one.name in names]


def outcomes_of(
    ws: Workspace, name: str, trials: Iterable[Trial], *, ablate: bool, told: bool, jobs: int
) -> list[Outcome]:
    """What the trials of one set gave, with progress."""
    from afterword.app.bench import run

    return run.outcomes(
        trials, jobs=jobs, ablate=ablate, told=told, progress=lambda done: ws.progress(f"cases of {name}", done, None)
    )
