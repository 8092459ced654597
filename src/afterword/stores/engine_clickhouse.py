"""ClickHouse: the library chDB inside this process, or a server over HTTP.

Settings that its dialect of SQL needs to mean what the others mean: an outer join gives NULL, sums and minima over nothing
are NULL, an integer stays an integer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import ibis
from ibis.backends.sql import compilers

from afterword.queries.portable import EVENTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SETTINGS: Final[Mapping[str, int]] = {
    "join_use_nulls": 1,
    "aggregate_functions_null_for_empty": 1,
    "output_format_arrow_string_as_string": 1,
    "output_format_arrow_low_cardinality_as_dictionary": 0,
}
_TYPES = {"string": "Nullable(String)", "int64": "Nullable(Int64)", "float64": "Nullable(Float64)"}
_STRUCTURE = ", ".join(f"`{name}` {_TYPES[str(type_)]}" for name, type_ in EVENTS.items())
_NAMES = ", ".join(f"`{name}`" for name in EVENTS.names)


class EngineChdb:
    """ClickHouse as a library. One process has one of it. ``path`` is a folder with tables of its own; empty: none."""

    dialect = "clickhouse"

    def __init__(self, name: str = "chdb", path: str = "") -> None:
        import chdb  # noqa: PLC0415 - only who asks it has it

        self.name = name
        connect: Any = chdb.connect
        self._connection = connect(path or ":memory:")
        for key, value in SETTINGS.items():
            self._connection.query(f"SET {key} = {value}")

    def lake(self, files: Sequence[str]) -> Any:
        """The rows of these files of the lake as the table that queries read."""
        return self.refer(lake(files))

    def refer(self, select: str) -> Any:
        """What this SELECT gives as the table that queries read."""
        self._connection.query(f"CREATE OR REPLACE VIEW events AS {select}")
        return ibis.table(EVENTS, name="events")

    def sql(self, expression: Any) -> str:
        return sql(expression)

    def rows(self, expression: Any, sql: str) -> Any:
        """The answer as an Arrow table."""
        del expression
        return self.run(sql)

    def run(self, sql: str) -> Any:
        import pyarrow as pa  # noqa: PLC0415 - slow to load

        body = self._connection.query(sql, "ArrowStream").bytes()
        return pa.ipc.open_stream(body).read_all()

    def columns(self, table: str) -> dict[str, str] | None:
        """The columns of a table with their types; None when there is no such table."""
        return _columns(self, table)

    def close(self) -> None:
        self._connection.close()


class EngineClickhouse:
    """A ClickHouse server. ``table`` is a table or view of it with the columns of the lake."""

    dialect = "clickhouse"

    def __init__(self, name: str, connection: Mapping[str, Any], table: str) -> None:
        import clickhouse_connect  # noqa: PLC0415 - only who asks a server has it

        self.name, self._table = name, table
        self._client = clickhouse_connect.get_client(**connection, settings=dict(SETTINGS))
        self._select = ""

    def lake(self, files: Sequence[str]) -> Any:
        """The table that was set up on the server over the lake; it knows its files itself."""
        del files
        return self.refer(f"SELECT {_NAMES} FROM {self._table}")  # noqa: S608 - a name, checked by app/engine

    def refer(self, select: str) -> Any:
        """What this SELECT gives as the table that queries read. Nothing is created on the server."""
        self._select = select
        return ibis.table(EVENTS, name="events")

    def sql(self, expression: Any) -> str:
        return _with(self._select, sql(expression))

    def rows(self, expression: Any, sql: str) -> Any:
        """The answer as an Arrow table."""
        del expression
        return self.run(sql)

    def columns(self, table: str) -> dict[str, str] | None:
        """The columns of a table with their types; None when there is no such table."""
        return _columns(self, table)

    def run(self, sql: str) -> Any:
        return self._client.query_arrow(sql, use_strings=True)

    def close(self) -> None:
        self._client.close()


def _columns(engine: EngineChdb | EngineClickhouse, table: str) -> dict[str, str] | None:
    if engine.run(f"EXISTS TABLE {table}").column(0).to_pylist() != [1]:
        return None
    found = engine.run(f"DESCRIBE TABLE {table}")
    return dict(zip(found.column("name").to_pylist(), found.column("type").to_pylist(), strict=True))


def sql(expression: Any) -> str:
    return str(compilers.clickhouse.compiler.to_sqlglot(expression).sql("clickhouse"))


def lake(files: Sequence[str]) -> str:
    """A SELECT over these files of the lake."""
    if not files:
        typed = ", ".join(f"CAST(NULL AS {_TYPES[str(type_)]}) AS `{name}`" for name, type_ in EVENTS.items())
        return f"SELECT {typed} WHERE 0"
    return " UNION ALL ".join(
        f"SELECT {_NAMES} FROM file({_text(file)}, Parquet, {_text(_STRUCTURE)})"  # noqa: S608 - quoted
        for file in files
    )


def _with(select: str, query: str) -> str:
    """The query with ``events`` defined in front of it."""
    head = f"WITH events AS ({select})"
    return f"{head}, {query[5:]}" if query.startswith("WITH ") else f"{head} {query}"


def _text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
