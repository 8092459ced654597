"""Words that vary: skeletons that differ only in one place, where enough different words stand, are one template."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from afterword.core.mask import HOLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CUT: Final = re.compile(r"([\s,;=|\"'`()\[\]{}:])")
_LEVELS: Final = frozenset(
    "trace debug info notice warn warning error err severe fatal critical crit alert emerg panic".split()
)
_RUN: Final = re.compile(r"<\*>(?: <\*>)+")
_LONGEST: Final = 96
"""Words of a skeleton beyond which no slot is looked for: a dump, not a sentence."""

Words = tuple[str, ...]


def joined(skeletons: Iterable[str]) -> Mapping[str, str]:
    """Skeleton → template; the order of the skeletons does not matter."""
    found = {text: text for text in skeletons}
    _apply(found, _runs(set(found.values())))
    for _ in range(8):
        changed = _slots(set(found.values()))
        if not changed:
            break
        _apply(found, changed)
    return found


def _apply(found: dict[str, str], changed: Mapping[str, str]) -> None:
    for text, now in found.items():
        found[text] = changed.get(now, now)


def _runs(texts: set[str]) -> dict[str, str]:
    """Lists of values of different lengths are one value."""
    seen: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        if HOLE in text:
            seen[_RUN.sub(HOLE, text)].append(text)
    return {text: short for short, several in seen.items() if len(several) > 1 for text in several}


def _slots(texts: set[str]) -> dict[str, str]:
    shapes: dict[Words, list[tuple[str, Words]]] = defaultdict(list)
    for text in sorted(texts):
        parts = _CUT.split(text)
        if len(parts) < 2 * _LONGEST:
            shapes[tuple(parts[1::2])].append((text, tuple(parts)))
    changed: dict[str, str] = {}
    for several in shapes.values():
        if len(several) > 1:
            changed.update(_one_shape(several))
    return changed


def _one_shape(several: list[tuple[str, Words]]) -> dict[str, str]:
    groups: dict[tuple[int, Words], list[int]] = defaultdict(list)
    for row, (_, parts) in enumerate(several):
        for at in range(0, len(parts), 2):
            groups[at, (*parts[:at], HOLE, *parts[at + 1 :])].append(row)
    holes: dict[int, set[int]] = defaultdict(set)
    for (at, context), rows in groups.items():
        if len(rows) > 1 and _varies(at, context, [several[row][1][at] for row in rows]):
            for row in rows:
                holes[row].add(at)
    changed = {}
    for row, places in holes.items():
        text, parts = several[row]
        changed[text] = "".join([HOLE if at in places else part for at, part in enumerate(parts)])
    return changed


def _varies(at: int, context: Words, values: list[str]) -> bool:
    """Enough evidence that the place holds a value and is not what tells two sentences apart."""
    if any(value.lower() in _LEVELS for value in values):
        return False
    words = sum(part.isalpha() and len(part) > 1 for part in context[::2])
    if any(not value or HOLE in value for value in values):
        return words >= 1
    before = context[at - 1] if at else ""
    if before in ("=", "[", "(", "'", '"'):
        return len(values) >= 2 and words >= 1
    return len(values) >= (4 if words >= 2 else 8) and words >= 1
