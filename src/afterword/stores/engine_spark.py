"""Spark: in this process, on a cluster, or behind Spark Connect; it reads the Parquet of the lake in place.

Answers come back through Arrow. The way over pandas, which Ibis takes, makes floats of whole numbers beside a NULL.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import ibis
from ibis.backends.sql import compilers

from afterword.queries.portable import EVENTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_GLOB = str.maketrans({one: "\\" + one for one in "\\[]{}*?,"})
#: What every session is told: rules that the answers depend on, and no pages for people.
_RULES = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.parser.escapedStringLiterals": "false",
    # Otherwise ${x} inside of a text that is searched for would be replaced.
    "spark.sql.variable.substitute": "false",
}
_START = {"spark.ui.enabled": "false", "spark.log.level": "ERROR", "spark.ui.showConsoleProgress": "false"}


class EngineSpark:
    """``where`` is ``local[2]``, ``spark://host:port`` or ``sc://host:port``; what is not secret of it is ``name``."""

    dialect = "pyspark"

    def __init__(self, where: str, name: str, options: Mapping[str, str]) -> None:
        self.name = name
        with warnings.catch_warnings():
            # PySpark warns of pandas 3, which nothing here goes through.
            warnings.simplefilter("ignore")
            from pyspark.sql import SparkSession  # noqa: PLC0415 - only who asks Spark has it

            _ = ibis.pyspark  # its compiler reads options that loading the backend makes
            builder = SparkSession.builder.appName("afterword")
            connect = where.startswith("sc://")
            builder = builder.remote(where) if connect else builder.master(where)
            for key, value in {**({} if connect else _START), **options}.items():
                builder = builder.config(key, value)
            self._session = builder.getOrCreate()
            for key, value in _RULES.items():
                self._session.conf.set(key, value)

    def lake(self, files: Sequence[str]) -> Any:
        """The rows of these files of the lake as the table that queries read."""
        if files:
            frame = self._session.read.parquet(*(file.translate(_GLOB) for file in files))
        else:
            types = {"string": "string", "int64": "bigint", "float64": "double"}
            schema = ", ".join(f"`{name}` {types[str(type_)]}" for name, type_ in EVENTS.items())
            frame = self._session.createDataFrame([], schema)
        frame.select(*EVENTS.names).createOrReplaceTempView("events")
        return ibis.table(EVENTS, name="events")

    def refer(self, select: str) -> Any:
        """What this SELECT gives as the table that queries read."""
        self._session.sql(select).createOrReplaceTempView("events")
        return ibis.table(EVENTS, name="events")

    def columns(self, table: str) -> dict[str, str] | None:
        """The columns of a table with their types; None when there is no such table."""
        from pyspark.errors import AnalysisException  # noqa: PLC0415

        try:
            fields = self._session.sql(f"SELECT * FROM {table} LIMIT 0").schema.fields  # noqa: S608 - a checked name
        except AnalysisException:
            return None
        return {one.name: one.dataType.simpleString() for one in fields}

    def sql(self, expression: Any) -> str:
        return str(compilers.pyspark.compiler.to_sqlglot(expression).sql(compilers.pyspark.compiler.dialect))

    def rows(self, expression: Any, sql: str) -> Any:
        """The answer as an Arrow table."""
        del expression
        return self.run(sql)

    def run(self, sql: str) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self._session.sql(sql).toArrow()

    def close(self) -> None:
        self._session.stop()
