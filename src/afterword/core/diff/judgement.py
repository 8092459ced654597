"""The judgement of one change: all that was found in its diff, strongest first."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from afterword.core.diff.effect import DiffJudgement, Effect, effect_of
from afterword.core.diff.guard import blocking, lost_arguments, lost_defaults, lost_guards, lost_scopes
from afterword.core.diff.handler import silent_handlers
from afterword.core.diff.harmless import together, why_harmless, why_harmless_files
from afterword.core.diff.key import changed_keys
from afterword.core.diff.manifest import dependencies
from afterword.core.diff.mechanism import (
    checks,
    contract,
    early_return,
    health_that_asks,
    other_key,
    query_per_item,
    remainder,
    told_early,
    unguarded,
)
from afterword.core.diff.patch import HARMLESS_FILES, Patch, file_kind, parse
from afterword.core.diff.place import placed
from afterword.core.diff.reading import read
from afterword.core.diff.reference import environment, fields, locations
from afterword.core.diff.rename import renaming
from afterword.core.diff.repeat import for_each, keeps, under_lock
from afterword.core.diff.rule import balance
from afterword.core.diff.setting import changed_literals, changed_settings
from afterword.core.diff.statement import changed_queries
from afterword.core.diff.waiting import lock_order, spinning, unwaited
from afterword.core.diff.whole import unshown, whole_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from afterword.core.diff.patch import Line
    from afterword.core.diff.reading import Read

#: So many lines of a diff are looked at; nothing is said about the rest but that there is more.
MOST_LINES = 20_000
#: Of the lines that change behaviour so many are judged one by one.
MOST_CHANGED = 3_000
MOST_EFFECTS = 60
#: Mechanisms that the type of a value decides.
_BY_TYPE = frozenset(["lock", "contention", "number", "memory"])
#: By words and lines, in any language.
_OF_LINES = (
    changed_settings,
    balance,
    unguarded,
    query_per_item,
    early_return,
    contract,
    checks,
    environment,
    health_that_asks,
    other_key,
    told_early,
)
#: By syntax before and after.
_OF_SYNTAX = (
    lost_guards, lost_scopes, lost_arguments, lost_defaults, for_each, under_lock, keeps, blocking, changed_literals, unwaited,
    spinning, lock_order, fields, locations, changed_keys, silent_handlers,
)  # fmt: skip


def judge(diff: str, files: Sequence[str], message: str) -> DiffJudgement:
    """What a change can do, from its unified diff (with or without file headers), its paths and its message."""
    lines = tuple(x for x, _ in zip(parse(diff, files), range(MOST_LINES), strict=False))
    paths = tuple(p for p in dict.fromkeys((*files, *(x.path for x in lines))) if p)
    kinds = {kind: tuple(p for p in paths if file_kind(p) == kind) for kind in dict.fromkeys(map(file_kind, paths))}
    harmless = why_harmless_files(kinds, message, lines if diff.strip() else ())
    if not harmless and not diff.strip():
        effects: tuple[Effect, ...] = (
            effect_of("unseen", "the diff is not given", 0, 0.1, f"{message} {' '.join(paths)}"),
        )
        return DiffJudgement(effects, "", kinds)
    return DiffJudgement((), harmless, kinds) if harmless else _judged(diff, files, lines, kinds, message)


def _judged(
    diff: str, files: Sequence[str], lines: Sequence[Line], kinds: Mapping[str, tuple[str, ...]], message: str
) -> DiffJudgement:
    reads = read(lines)
    reasons = {id(one): why_harmless(one) for one in reads}
    left = tuple(one for one in reads if not reasons[id(one)])
    beside = (*whole_files(diff, MOST_LINES), *unshown(files, lines))
    if not left and not beside:
        quiet = all(kind in HARMLESS_FILES for kind in kinds)
        silent = together("touches only " + HARMLESS_FILES[k] for k in kinds) if quiet else "changes no line"
        return DiffJudgement((), together(reasons.values()) or silent, kinds)
    names = {id(one): renaming(one) for one in left}
    renamed = [one for one in left if names[id(one)]]
    beside += tuple(_renaming(one, names[id(one)]) for one in renamed)
    # Another type of a library may look like another name: what it stands for is known from itself.
    beside += tuple(e for one in renamed for e in balance(Patch(one.hunk.lines)) if e.kind in _BY_TYPE)
    left = tuple(one for one in left if not names[id(one)])
    patch, beside = _within(left, beside)
    found = _strongest((*_found(patch, left), *beside)) or (remainder(patch, message),)
    return DiffJudgement(tuple(placed(e, reads) for e in found), "", kinds)


def _within(reads: Sequence[Read], beside: tuple[Effect, ...]) -> tuple[Patch, tuple[Effect, ...]]:
    """The lines that are judged; of a change that is larger than anybody reads, the first, and a word on the rest."""
    lines: list[Line] = []
    changed = 0
    for line in chain.from_iterable(one.hunk.lines for one in reads):
        changed += line.sign != " "
        if changed > MOST_CHANGED:
            says = f"of its lines the first {MOST_CHANGED} that changed are judged"
            return Patch(tuple(lines)), (*beside, effect_of("unseen", says, line.row, 0.15, ""))
        lines.append(line)
    return Patch(tuple(lines)), beside


def _renaming(one: Read, names: str) -> Effect:
    row = next(x.row for x in one.hunk.lines if x.sign != " ")
    return effect_of("renaming", f"renames {names}; a use outside of the diff would break", row, 0.15, names)


def _found(patch: Patch, reads: Sequence[Read]) -> Iterator[Effect]:
    for of_lines in _OF_LINES:
        yield from of_lines(patch)
    for one in reads:
        yield from dependencies(one.hunk)
        yield from changed_queries(one)
        if one.old is not None and one.new is not None:
            for of_syntax in _OF_SYNTAX:
                yield from of_syntax(one)


def _strongest(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    best: dict[tuple[str, int], Effect] = {}
    for effect in effects:
        key = (effect.kind, effect.line)
        if key not in best or best[key].weight < effect.weight:
            best[key] = effect
    return tuple(sorted(best.values(), key=lambda e: (-e.weight, e.line, e.kind)))[:MOST_EFFECTS]
