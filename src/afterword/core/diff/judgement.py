"""The judgement of one change: all that was found in its diff, strongest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.diff.effect import DiffJudgement, Effect, effect_of
from afterword.core.diff.harmless import why_harmless
from afterword.core.diff.mechanism import bumps, checks, contract, early_return, query_per_item, remainder, unguarded
from afterword.core.diff.patch import Patch, file_kind, parse
from afterword.core.diff.rule import balance
from afterword.core.diff.setting import changed_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MECHANISMS = (changed_settings, balance, unguarded, query_per_item, early_return, contract, checks, bumps)


def judge(diff: str, files: Sequence[str], message: str) -> DiffJudgement:
    """What a change can do, from its unified diff (with or without file headers), its paths and its message."""
    lines = tuple(parse(diff, files))
    patch = Patch(lines)
    paths = tuple(p for p in dict.fromkeys((*files, *(x.path for x in lines))) if p)
    kinds = {kind: tuple(p for p in paths if file_kind(p) == kind) for kind in dict.fromkeys(map(file_kind, paths))}
    harmless = why_harmless(patch, kinds, message, seen=bool(diff.strip()))
    effects: tuple[Effect, ...] = ()
    if not harmless and not diff.strip():
        effects = (effect_of("unseen", "the diff is not given", 0, 0.1, f"{message} {' '.join(paths)}"),)
    elif not harmless:
        effects = _strongest(e for find in _MECHANISMS for e in find(patch)) or (remainder(patch, message),)
    return DiffJudgement(effects, harmless, kinds)


def _strongest(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    best: dict[tuple[str, int], Effect] = {}
    for effect in effects:
        key = (effect.kind, effect.line)
        if key not in best or best[key].weight < effect.weight:
            best[key] = effect
    return tuple(sorted(best.values(), key=lambda e: (-e.weight, e.line, e.kind)))
