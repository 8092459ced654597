"""Words that vary: skeletons that differ only in one place, where enough different words stand, are one template."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from afterword.core.mask import HOLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CUT: Final = re.compile(r"([\s,;=|\"'`()\[\]{}:]|\.{2,})")
_TELLING: Final = re.compile(
    r"trace|debug|info|notice|warn|warning|error|err|severe|fatal|critical|crit|alert|emerg|panic"
    r"|get|post|put|delete|head|patch|options|on|off|up|down|in|out|open|closed|yes|no|start|stop|begin|end|read|write|success|failure"
    r"|(?:in)?active|enabled?|disabled?|ipv[46]",
    re.IGNORECASE,
)
"""Words that tell two sentences apart wherever they stand: levels, verbs of HTTP, states."""
_HAPPENED: Final = re.compile(r"[A-Za-z]+(?:ed|ing)")
_PERIOD: Final = 3
_LIST: Final = re.compile(r"(?<!\S)\w+\(<\*>\)(?![^\s,;])|<\*>(?:[ :,]<\*>)+")
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
    _apply(found, _runs(set(found.values())))
    return found


def _apply(found: dict[str, str], changed: Mapping[str, str]) -> None:
    for text, now in found.items():
        found[text] = changed.get(now, now)


def _runs(texts: set[str]) -> dict[str, str]:
    """Lists of different lengths are one list: ``delete <*>``, ``delete <*> <*> <*>``."""
    seen: dict[str, list[str]] = defaultdict(list)
    for text in sorted(texts):
        if HOLE in text:
            seen[" ".join(_once(_LIST.sub(HOLE, text).split(" ")))].append(text)
    return {text: short for short, several in seen.items() if len(several) > 1 and short != HOLE for text in several}


def _once(words: list[str]) -> list[str]:
    """The words with what repeats directly behind itself, up to three words with a value among them, said once."""
    for width in range(1, _PERIOD + 1):
        kept: list[str] = []
        for word in words:
            kept.append(word)
            tail = kept[-width:]
            if len(kept) >= 2 * width and tail == kept[-2 * width : -width] and any(HOLE in one for one in tail):
                del kept[-width:]
        words = kept
    return words


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
    """Holes in the rows that share all words but one; a context is known by the sum of its words' hashes."""
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row, (_, parts) in enumerate(several):
        hashes = [hash((at, parts[at])) for at in range(0, len(parts), 2)]
        total = sum(hashes)
        for at, one in enumerate(hashes):
            groups[2 * at, total - one].append(row)
    holes: dict[int, set[int]] = defaultdict(set)
    for (at, _), rows in groups.items():
        if len(rows) > 1 and _varies(at, several[rows[0]][1], [several[row][1][at] for row in rows]):
            for row in rows:
                holes[row].add(at)
    changed = {}
    for row, places in holes.items():
        text, parts = several[row]
        changed[text] = "".join([HOLE if at in places else part for at, part in enumerate(parts)])
    return changed


def _varies(at: int, parts: Words, values: list[str]) -> bool:
    """Enough evidence that the place holds a value and is not what tells two sentences apart."""
    if any(_TELLING.fullmatch(value) for value in values) or all(_HAPPENED.fullmatch(value) for value in values):
        return False
    context = (*parts[:at], HOLE, *parts[at + 1 :])
    words = sum(part.isalpha() and len(part) > 1 for part in context[::2])
    if any(HOLE in value for value in values):
        return words >= 1
    if "" in values:
        return False
    if _numbered(values):
        return True
    before = context[at - 1] if at else ""
    if not before:
        return len(values) >= (6 if words >= 2 and HOLE in context[1:] else 16)
    if before in ("=", "[", "(", "'", '"'):
        return len(values) >= 2 and words >= 1
    return len(values) >= (4 if words >= 2 else 5) and words >= 1


def _numbered(values: list[str]) -> bool:
    """The same name with another number: ``eth0``, ``eth1``."""
    return all(value[-1].isdigit() for value in values) and len({value[:-1] for value in values}) == 1
