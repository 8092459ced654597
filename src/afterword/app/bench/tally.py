"""Outcomes added up: by set, by group of faults, by variant of the evidence."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.app.bench.carry import Outcome

#: The group that stands for all of a set.
ALL = "all"


@dataclass(frozen=True, slots=True)
class Tally:
    """Shares of trials that were right, by mark; each of those that the mark was asked of."""

    set: str
    group: str
    #: What was taken away or moved; empty: nothing.
    variant: str
    n: int
    marks: dict[str, float]
    #: CPU seconds a case and bytes of memory, median and most; None for variants, which are analysed in memory.
    cpu: float | None = None
    cpu_most: float | None = None
    memory: int | None = None
    memory_most: int | None = None


@dataclass(frozen=True, slots=True)
class Miss:
    """A trial that was not right, and how."""

    set: str
    trial: str
    says: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A trial that fares otherwise with something taken away or moved: what is right only then, and what no longer is."""

    set: str
    trial: str
    variant: str
    won: tuple[str, ...]
    lost: tuple[str, ...]


def tallies(name: str, outcomes: Sequence[Outcome]) -> list[Tally]:
    """The set as a whole and by group, then the variants of the set as a whole and by group."""
    by: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    depth = {ALL: 0}
    for one in outcomes:
        for deep, group in enumerate((ALL, *one.groups)):
            by[one.variant, group].append(one)
            depth.setdefault(group, deep)
    order = {variant: number for number, variant in enumerate(dict.fromkeys(one.variant for one in outcomes))}
    keys = sorted(by, key=lambda key: (order[key[0]], depth[key[1]], key[1]))
    return [_tally(name, group, variant, by[variant, group]) for variant, group in keys]


def misses(name: str, outcomes: Sequence[Outcome]) -> list[Miss]:
    return [Miss(name, one.trial, one.wrong) for one in outcomes if one.wrong and not one.variant]


def turns(name: str, outcomes: Sequence[Outcome]) -> list[Turn]:
    """Where a variant is better or worse than the whole of the evidence, trial by trial."""
    whole = {one.trial: one.marks for one in outcomes if not one.variant}
    made = []
    for one in outcomes:
        before = whole.get(one.trial, {})
        won = tuple(mark for mark, right in one.marks.items() if right > before.get(mark, right))
        lost = tuple(mark for mark, right in one.marks.items() if right < before.get(mark, right))
        if won or lost:
            made.append(Turn(name, one.trial, one.variant, won, lost))
    return made


def _tally(name: str, group: str, variant: str, outcomes: Sequence[Outcome]) -> Tally:
    asked: dict[str, list[float]] = defaultdict(list)
    for one in outcomes:
        for mark, right in one.marks.items():
            asked[mark].append(right)
    shares = {mark: round(sum(said) / len(said), 4) for mark, said in asked.items()}
    if variant:
        return Tally(name, group, variant, len(outcomes), shares)
    cpu, peak = [one.cpu for one in outcomes], [one.peak for one in outcomes]
    return Tally(
        name, group, variant, len(outcomes), shares, round(median(cpu), 3), round(max(cpu), 3), int(median(peak)), max(peak)
    )  # fmt: skip
