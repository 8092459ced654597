"""The answer of an engine in a form that can be compared: the same rows are the same bytes, whoever was asked."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows in their order, with the SQL that was asked and the SHA-256 of ``canonical`` of them."""

    query: str
    engine: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sha256: str
    sql: str


def made(query: str, engine: str, table: Any, sql: str) -> Answer:
    """The answer in an Arrow table. Engines give counts as int64, uint64 or decimal: here they are whole numbers."""
    columns = tuple(table.column_names)
    rows = tuple(zip(*([_cell(one) for one in column.to_pylist()] for column in table.columns), strict=True))
    return Answer(query, engine, columns, rows, hashlib.sha256(canonical(columns, rows)).hexdigest(), sql)


def canonical(columns: tuple[str, ...], rows: Iterable[tuple[Cell, ...]]) -> bytes:
    """The columns, then the rows: one JSON array a line."""
    return "".join(map(_line, (columns, *rows))).encode()


def _line(row: tuple[Cell, ...]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


def _cell(value: Any) -> Cell:
    if isinstance(value, Decimal):
        whole = int(value)
        assert whole == value, f"{value} is no whole number"
        return whole
    assert value is None or isinstance(value, str | int | float), f"{type(value)} in an answer"
    return value
