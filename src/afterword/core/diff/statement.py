"""Queries before and after: what they read, what narrows them, what bounds them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.core.diff.effect import Effect, effect_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.diff.patch import Line
    from afterword.core.diff.reading import Read

_SELECT = re.compile(r"(?i)\b(?:select|update|delete\s+from)\b")
_CLAUSE = re.compile(
    r"(?i)\b(select|from|where|group\s+by|having|order\s+by|limit|offset|returning|set|for\s+update)\b"
)
_CONDITION = re.compile(r"(?i)\b(?:and|or)\b")
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class _Query:
    table: str
    row: int
    everything: bool
    conditions: tuple[str, ...]
    limit: str
    joins: int
    locks: bool


def changed_queries(read: Read) -> Iterator[Effect]:
    old, new = ({q.table: q for q in _queries(read.hunk.side(sign))} for sign in "-+")
    for table in sorted(old.keys() & new.keys()):
        yield from _compared(old[table], new[table], table)


def _queries(lines: tuple[Line, ...]) -> Iterator[_Query]:
    """Statements of SQL, in files of their own or in the texts of a program: from SELECT to the end of the text."""
    text = "\n".join(x.code for x in lines)[: _LONGEST * 4]
    rows = [x.row for x in lines]
    starts = [m.start() for m in _SELECT.finditer(text)]
    for start, following in zip(starts, [*starts[1:], len(text)], strict=False):
        body = re.split(r";|\"\"\"|`", text[start : min(following, start + _LONGEST)])[0]
        table = re.search(r"(?i)\b(?:from|update)\s+([\w.\"`\[\]]+)", body)
        if table:
            yield _query(body, table.group(1).strip('"`[]').lower(), rows[text.count("\n", 0, start)])


def _query(body: str, table: str, row: int) -> _Query:
    marks = [(m.group(1).lower().split()[0], m.start(), m.end()) for m in _CLAUSE.finditer(body)]
    parts = {
        name: body[end : marks[i + 1][1] if i + 1 < len(marks) else len(body)] for i, (name, _, end) in enumerate(marks)
    }
    where = tuple(" ".join(c.split()).lower() for c in _CONDITION.split(parts.get("where", "")) if c.strip())
    limit = re.match(r"\s*([\w$:?%()]+)", parts.get("limit", ""))
    everything = bool(re.match(r"\s*(?:\w+\.)?\*", parts.get("select", "")))
    joins = len(re.findall(r"(?i)\bjoin\b", body))
    return _Query(table, row, everything, where, limit.group(1) if limit else "", joins, "for" in parts)


def _compared(old: _Query, new: _Query, table: str) -> Iterator[Effect]:
    lost = [c for c in old.conditions if c not in new.conditions]
    if lost and len(new.conditions) < len(old.conditions):
        yield effect_of(
            "unbounded", f"query of {table} no longer narrowed by “{lost[0][:60]}”", new.row, 0.8, f"{table} {lost[0]}"
        )
    elif lost and len(new.conditions) == len(old.conditions):
        gained = (
            next(c for c in new.conditions if c not in old.conditions)
            if set(new.conditions) - set(old.conditions)
            else ""
        )
        kind = "index" if re.search(r"(?i)like\s+'%|\b(?:lower|upper|date|cast|coalesce)\s*\(|::", gained) else "logic"
        weight = 0.6 if kind == "index" else 0.3
        yield effect_of(
            kind, f"query of {table}: “{lost[0][:60]}” became “{gained[:60]}”", new.row, weight, f"{table} {gained}"
        )
    if new.everything and not old.everything:
        yield effect_of("unbounded", f"query of {table} reads all columns", new.row, 0.45, table)
    if old.limit and not new.limit:
        yield effect_of("unbounded", f"query of {table} lost its limit of {old.limit}", new.row, 0.85, table)
    if new.joins > old.joins:
        yield effect_of("index", f"query of {table} joins one more table", new.row, 0.4, table)
    if old.locks and not new.locks:
        yield effect_of("lock", f"query of {table} no longer locks its rows", new.row, 0.75, table)
