"""Trino, BigQuery and Snowflake through Ibis: they hold, or read in place, a table with the columns of the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from afterword.queries.portable import EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence


class EngineWarehouse:
    """``table`` is a table or view on the warehouse with the columns of the lake. Nothing is created there."""

    def __init__(self, dialect: str, name: str, url: str, table: str) -> None:
        self.dialect, self.name, self._table = dialect, name, table
        self._connection = ibis.connect(url)

    def lake(self, files: Sequence[str]) -> Any:
        """The table that was set up over the lake; it knows its files itself."""
        del files
        return self._connection.table(self._table).select(*EVENTS.names)

    def refer(self, select: str) -> Any:
        """What this SELECT gives as the table that queries read."""
        return self._connection.sql(select, schema=EVENTS)

    def columns(self, table: str) -> dict[str, str] | None:
        """No layout of foreign tables is written for warehouses."""
        del table
        return None

    def sql(self, expression: Any) -> str:
        return str(self._connection.compile(expression))

    def rows(self, expression: Any, sql: str) -> Any:
        """The answer as an Arrow table."""
        del sql
        return self._connection.to_pyarrow(expression)

    def close(self) -> None:
        self._connection.disconnect()
