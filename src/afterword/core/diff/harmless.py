"""Reasons why a change cannot change behaviour."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from afterword.core.diff.patch import HARMLESS_FILES, STRINGS, TOKEN, Line, Patch, file_kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LOG_CALL = re.compile(
    r"(?i)^\s*(?:\w+\.)*(?:log|logger|slog|logging|console|zap|LOG)\w*(?:\.\w+(?:\([^)]*\))?)*\.?\w*\(|^\s*(?:fmt\.)?print(?:f|ln)?\(|^\s*LOG_\w+\(|^\s*System\.out\.print"
)
_IMPORT = re.compile(
    r"^\s*(?:import\b|from\s+\S+\s+import\b|#include\b|using\s+[\w.]+;|use\s+[\w:]+|const\s+.*=\s*require\(|\w*\s*\"[\w./\-]+\"\s*$|[()]\s*$|package\b)"
)
VERSION = re.compile(r"(?i)\b\w*version\w*\s*[:=]")
_PROSE = re.compile(r"""["'`][^"'`]*[A-Za-z]{2,} [A-Za-z]{2,}[^"'`]*["'`]""")
_SQL = re.compile(r"(?i)\b(select|insert|update|delete|create|alter|drop|from|where|limit)\b|https?://")
_SAYS_HARMLESS = re.compile(
    r"(?i)^\s*+(?:#?(docs?|documentation|tests?|ci|style|lint|typo|changelog)\b[:(\s]|.*\b(gofmt|goimports|typo|codeowners|golangci-lint|prettier|whitespace)\b)"
)


def why_harmless(patch: Patch, kinds: Mapping[str, tuple[str, ...]], message: str, *, seen: bool) -> str:
    if kinds and all(kind in HARMLESS_FILES for kind in kinds):
        return "touches only " + " and ".join(HARMLESS_FILES[k] for k in kinds)
    if not seen:
        return (
            "its message says that no behaviour changes (the diff is not given)"
            if _SAYS_HARMLESS.match(message)
            else ""
        )
    if not patch.removed and not patch.added:
        return "changes only comments, blank lines, tests or documentation"
    return _same_code(patch) or _only_text(patch)


def _same_code(patch: Patch) -> str:
    old, new = ([TOKEN.findall(x.code) for x in side] for side in (patch.removed, patch.added))
    indented = any(x.path.endswith((".py", ".yaml", ".yml")) for x in patch.removed)
    shape = [(len(x.text) - len(x.text.lstrip()), t) for x, t in zip(patch.removed, old, strict=True)]
    after = [(len(x.text) - len(x.text.lstrip()), t) for x, t in zip(patch.added, new, strict=True)]
    if (shape == after) if indented else (list(chain(*old)) == list(chain(*new))):
        return "changes only formatting or comments"
    if all(_IMPORT.match(x.text) for x in (*patch.removed, *patch.added)) and Counter(map(tuple, old)) == Counter(
        map(tuple, new)
    ):
        return "changes only the order of imports"
    return "renames a local name, nothing else" if _renamed(patch, old, new) else ""


def _renamed(patch: Patch, old: list[list[str]], new: list[list[str]]) -> bool:
    """One-to-one exchange of names that the removed lines themselves declare; strings and keys stay."""
    if [len(t) for t in old] != [len(t) for t in new] or any(file_kind(x.path) != "code" for x in patch.removed):
        return False
    pairs = {(a, b) for was, now in zip(old, new, strict=True) for a, b in zip(was, now, strict=True) if a != b}
    if len({a for a, _ in pairs}) != len(pairs) or len({b for _, b in pairs}) != len(pairs):
        return False
    before = "\n".join(x.code for x in patch.removed)
    local = r"(?:\b(?:var|let|const|def|func|fn|val)\s+{0}\b|\b{0}(?:\s*,\s*\w+)*\s*:=|^\s*{0}\s*=[^=])"
    return all(
        a.isidentifier() and b.isidentifier() and re.search(local.format(re.escape(a)), before, re.MULTILINE)
        for a, b in pairs
    )


def _only_text(patch: Patch) -> str:
    if all(_logged(side) for side in (patch.removed, patch.added)):
        return "changes only what is written to the log"
    both = (*patch.removed, *patch.added)
    if all(VERSION.search(x.code) and file_kind(x.path) == "code" for x in both):
        return "changes only a version text"
    masked = [[re.sub(STRINGS, "''", x.code).strip() for x in side] for side in (patch.removed, patch.added)]
    if masked[0] == masked[1] and all(_PROSE.search(x.code) and not _SQL.search(x.code) for x in both):
        return "changes only the wording of a message"
    return ""


def _logged(side: Sequence[Line]) -> bool:
    """Every line belongs to a log statement; one that stays open takes the lines up to its end with it."""
    depth = 0
    for line in side:
        if depth <= 0 and not LOG_CALL.match(line.code):
            return False
        bare = re.sub(STRINGS, "", line.code)
        depth = max(0, depth + bare.count("(") - bare.count(")"))
    return True
