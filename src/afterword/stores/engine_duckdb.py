"""DuckDB inside this process: reads the lake in place, with a bound on memory and a folder to spill into."""

from __future__ import annotations

import shutil
import tempfile
from typing import TYPE_CHECKING, Any

import duckdb
import ibis
from ibis.backends.sql import compilers

from afterword.queries.portable import EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_GLOB = str.maketrans({"[": "[[]", "*": "[*]", "?": "[?]"})


class EngineDuckdb:
    """``memory`` in bytes bounds what queries hold; beyond it they spill into ``folder``."""

    name = "duckdb"
    dialect = "duckdb"

    def __init__(self, folder: Path, memory: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._spill = tempfile.mkdtemp(prefix="spill-", dir=folder)
        limits = {"memory_limit": f"{memory}B", "temp_directory": self._spill}
        self._connection = duckdb.connect(":memory:", config={**limits, "autoinstall_known_extensions": False})
        # Its own bar would stand among the answers on stdout.
        self._connection.execute("SET enable_progress_bar = false")

    def lake(self, files: Sequence[str]) -> Any:
        """The rows of these files of the lake as the table that queries read."""
        names = ", ".join(f'"{name}"' for name in EVENTS.names)
        if files:
            listed = ", ".join(_text(file.translate(_GLOB)) for file in files)
            select = f"SELECT {names} FROM read_parquet([{listed}], hive_partitioning = false)"  # noqa: S608 - quoted
        else:
            typed = ", ".join(f'CAST(NULL AS {_TYPES[str(type_)]}) AS "{name}"' for name, type_ in EVENTS.items())
            select = f"SELECT {typed} WHERE false"
        return self.refer(select)

    def refer(self, select: str) -> Any:
        """What this SELECT gives as the table that queries read."""
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW events AS {select}")
        return ibis.table(EVENTS, name="events")

    def table(self, rows: Any) -> Any:
        """An Arrow table with the columns of the lake as the table that queries read."""
        self._connection.register("rows", rows)
        return self.refer("SELECT * FROM rows")

    def columns(self, table: str) -> dict[str, str] | None:
        """DuckDB holds no tables of anybody."""
        del table
        return None

    def sql(self, expression: Any) -> str:
        return str(compilers.duckdb.compiler.to_sqlglot(expression).sql("duckdb"))

    def rows(self, expression: Any, sql: str) -> Any:
        """The answer as an Arrow table."""
        del expression
        return self.run(sql)

    def run(self, sql: str) -> Any:
        """Any SQL over ``events``: for what is compared with the queries."""
        return self._connection.sql(sql).to_arrow_table()

    def close(self) -> None:
        self._connection.close()
        shutil.rmtree(self._spill, ignore_errors=True)


_TYPES = {"string": "VARCHAR", "int64": "BIGINT", "float64": "DOUBLE"}


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
