"""Reasons why a change cannot change behaviour. Each hunk needs one of its own."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from afterword.core.diff.language import LINE_ENDS, free_of_lines
from afterword.core.diff.manifest import only_tools
from afterword.core.diff.patch import HARMLESS_FILES, LONGEST, STRINGS, TOKEN, Line, file_kind
from afterword.core.diff.same import FORMAT, why_same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from afterword.core.diff.reading import Read

LOG_CALL = re.compile(
    r"(?i)^\s*(?:\w+\.)*(?:log|logger|slog|logging|console|zap|LOG)\w*(?:\.\w+(?:\([^)]*\))?)*\.?\w*\(|^\s*(?:fmt\.)?print(?:f|ln)?\(|^\s*LOG_\w+\(|^\s*System\.out\.print"
)
_SAYS_HARMLESS = re.compile(
    r"(?i)^\s*+(?:#?(docs?|documentation|tests?|ci|style|lint|typo|changelog)\b[:(\s]|.*\b(gofmt|goimports|codeowners|golangci-lint|prettier)\b)"
)
#: Markup that a program fills in, or that a browser runs.
_ALIVE = re.compile(
    r"\{\{|\{%|<%|<\?|\$\{|<script|</script|\bon\w+\s*=|\b(?:src|href|action|name|type|method)\s*=|th:|v-|ng-|\bx-"
)
#: Pipelines that put something into production, and what in them decides how it runs there.
_DEPLOYS = re.compile(r"(?i)deploy|release|publish|rollout|prod|(^|/)(jenkinsfile|\.gitlab-ci\.yml)$")


def why_harmless_files(kinds: Mapping[str, tuple[str, ...]], message: str, lines: Sequence[Line]) -> str:
    """The reason that the names of the files give, where no line says more; without a diff that of the message."""
    if kinds and all(kind in HARMLESS_FILES for kind in kinds) and not any(x.path for x in lines):
        return "touches only " + " and ".join(HARMLESS_FILES[k] for k in kinds)
    if not lines and _SAYS_HARMLESS.match(message):
        return "its message says that no behaviour changes (the diff is not given)"
    return ""


def why_harmless(read: Read) -> str:
    """The reason why one hunk cannot change behaviour, or empty."""
    kind = file_kind(read.hunk.path)
    if kind in HARMLESS_FILES:
        return _by_kind(read, kind)
    changed = [x for x in read.hunk.lines if x.sign != " "]
    if read.old is not None and read.new is not None:
        return why_same(read.hunk, read.old, read.new)
    if any(len(x.text) > LONGEST or "\0" in x.text for x in changed):
        return ""
    return _same_text(read) or only_tools(read.hunk) or ("" if read.language else _logged(read))


def _by_kind(read: Read, kind: str) -> str:
    changed = [x.text for x in read.hunk.lines if x.sign != " "]
    if (
        kind == "style"
        and not read.hunk.path.endswith((".css", ".scss", ".sass", ".less"))
        and any(map(_ALIVE.search, changed))
    ):
        return ""
    return "" if kind == "ci" and _DEPLOYS.search(read.hunk.path) else "touches only " + HARMLESS_FILES[kind]


def together(reasons: Iterable[str]) -> str:
    """All reasons in one sentence: ``touches only tests and documentation; changes only formatting or comments``."""
    found = list(dict.fromkeys(reasons))
    files = [r.removeprefix("touches only ") for r in found if r.startswith("touches only ")]
    rest = [r for r in found if not r.startswith("touches only ")]
    return "; ".join((["touches only " + " and ".join(files)] if files and not rest else [f"touches {' and '.join(files)}"] if files else []) + rest)  # fmt: skip


def _same_text(read: Read) -> str:
    """Equal words in equal order; line by line and equally deep, where lines mean something."""
    path = read.hunk.path
    old, new = (_words(read.hunk.changed(sign), path) for sign in "-+")
    if path and free_of_lines(path) and read.language not in LINE_ENDS:
        same = list(chain(*(t for _, t in old))) == list(chain(*(t for _, t in new)))
    else:
        same = old == new
    return FORMAT if same else ""


def _words(lines: Sequence[Line], path: str) -> list[tuple[int, list[str]]]:
    sql, quotes = path.endswith(".sql"), path.endswith((".yaml", ".yml"))
    found = []
    for line in lines:
        if not line.code.strip():
            continue
        tokens = TOKEN.findall(line.code)
        if sql:
            tokens = [t if t[0] in "\"'`" else t.lower() for t in tokens]
        if quotes:
            tokens = [f'"{t[1:-1]}"' if re.fullmatch(r"'[^'\"\\]*'", t) else t for t in tokens]
        found.append((len(line.text) - len(line.text.lstrip()), tokens))
    return found


def _logged(read: Read) -> str:
    """In a language that nobody parses: every line belongs to a log statement; one that stays open takes the lines with it."""
    sides = [[x for x in read.hunk.changed(sign) if x.code.strip()] for sign in "-+"]
    plain = not any(
        re.search(r"\w\.\w+[.(]\w*.*\(|\[|await\b", re.sub(STRINGS, "", x.code).partition("(")[2]) for x in sides[1]
    )
    return "changes only what is written to the log" if plain and all(map(_all_logged, sides)) else ""


def _all_logged(side: Sequence[Line]) -> bool:
    depth = 0
    for line in side:
        if depth <= 0 and not LOG_CALL.match(line.code):
            return False
        bare = re.sub(STRINGS, "", line.code)
        depth = max(0, depth + bare.count("(") - bare.count(")"))
    return True
