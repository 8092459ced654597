"""The events that an analysis needs of evidence which is too large to be looked at whole.

Of log lines: every error while there are not too many, and of all others the first line of each component, template and
severity in each second (ten seconds, minute), which stands for as many lines as there are of them: its ``weight``. Counts of
a component by the minute stay exact whatever is left out. Of spans: whole traces, one in so many, chosen by their ids. Everything else is kept.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Final

import duckdb

from afterword.stores.lake_columns import EVENT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

#: Rows of logs, and of spans, that an analysis looks at; below the first number it looks at all of them.
ALL, MOST = 1_000_000, 200_000
_MEMORY: Final = "128MB"
_WIDTHS: Final = (1_000_000_000, 10_000_000_000, 60_000_000_000, 600_000_000_000)
_BAD: Final = "coalesce(severity, '') in ('error', 'fatal')"
_ROW: Final = "coalesce(subject, '') as subject, coalesce(template, '') as template, coalesce(severity, '') as severity"


class Sized:
    """Asks DuckDB in bounded memory; what does not fit spills into a folder that is gone afterwards."""

    def __init__(self, spill: Path) -> None:
        spill.mkdir(parents=True, exist_ok=True)
        self._spill = tempfile.TemporaryDirectory(prefix="spill-", dir=spill)
        limits = {"memory_limit": _MEMORY, "temp_directory": self._spill.name, "threads": "2"}
        self._connection = duckdb.connect(":memory:", config={**limits, "autoinstall_known_extensions": False})
        self._connection.execute("set enable_progress_bar = false; set preserve_insertion_order = false")

    def close(self) -> None:
        self._connection.close()
        self._spill.cleanup()

    def logs(self, files: Sequence[Path], most: int) -> pa.Table:
        """At most about so many dated lines with their weights."""
        self._connection.execute(
            f'create temp view logs as select artefact, row, "at", {_ROW} from {_parquet(files)} where "at" is not null'  # noqa: S608 - paths are quoted
        )
        bad = self._one(f"select count(*) from logs where {_BAD}")  # noqa: S608
        self._connection.execute("create temp table picks (artefact varchar, row bigint, weight bigint)")
        if bad <= most // 2:
            self._connection.execute(f"insert into picks select artefact, row, 1 from logs where {_BAD}")  # noqa: S608
        else:
            self._pick(_BAD, most // 2)
        self._pick(f"not {_BAD}", most - min(bad, most // 2))
        return self._picked(files)

    def spans(self, files: Sequence[Path], most: int) -> tuple[pa.Table, int]:
        """Whole traces, and one in how many they are."""
        total = self._one(f"select count(*) from {_parquet(files)}")  # noqa: S608
        share = 1
        while total > most * share and share < 1 << 16:
            share *= 2
        chosen = f"('0x' || substr(md5(coalesce(trace, span, '')), 1, 4))::INTEGER < {65536 // share}"
        names = ", ".join(f'"{name}"' for name in ("artefact", "row", *EVENT.names))
        sql = f"select {names}, {share}::BIGINT as weight from {_parquet(files)} where {chosen} order by artefact, row"  # noqa: S608
        return self._connection.sql(sql).to_arrow_table(), share

    def _pick(self, which: str, most: int) -> None:
        """One line of each kind in each stretch of time, for as many as there are of it; by the minute the counts are exact.

        Where so many kinds leave no room for a line of each in every minute, each has one in ten minutes, for itself, and
        the first line of a component in a minute stands for all others of it.
        """
        width = self._width(which, most)
        if width <= _WIDTHS[-2]:
            self._connection.execute(
                "insert into picks select artefact, min(row), count(*) from logs"  # noqa: S608
                f' where {which} group by artefact, subject, template, severity, "at" // {width}'
            )
            return
        bin_ = f'"at" // {_WIDTHS[-2]} as bin'
        self._table(
            "kinds",
            f'min(row) as row, artefact from logs where {which} group by artefact, subject, template, severity, "at" // {width}',
        )
        self._table(
            "bins",
            f"artefact, min(row) as row, count(*) as lines, subject, severity, {bin_} from logs where {which} group by all",
        )
        joins = "semi join kinds using (artefact, row) anti join bins using (artefact, row)"
        self._table("others", f"artefact, row, subject, severity, {bin_} from logs {joins}")
        self._connection.execute(
            "insert into picks select artefact, row, 1 from others union all"
            " select bins.artefact, bins.row, lines - coalesce(taken, 0) from bins left join"
            " (select artefact, subject, severity, bin, count(*) as taken from others group by all) using (artefact, subject, severity, bin)"
        )

    def _table(self, name: str, selected: str) -> None:
        self._connection.execute(f"create or replace temp table {name} as select {selected}")

    def _width(self, which: str, most: int) -> int:
        """The finest stretch of time that leaves about ``most`` groups, all of them estimated in one pass.

        Counted exactly, the groups of the finest alone would need more memory than there is (HyperLogLog, a few percent off).
        """
        key = "hash(artefact, subject, template, severity)"
        counts = ", ".join(f'approx_count_distinct(hash({key}, "at" // {width}))' for width in _WIDTHS)
        [found] = self._connection.execute(f"select {counts} from logs where {which}").fetchall()  # noqa: S608
        return next((width for width, groups in zip(_WIDTHS, found, strict=True) if groups <= most), _WIDTHS[-1])

    def _picked(self, files: Sequence[Path]) -> pa.Table:
        # Whole rows of many columns: one reader needs half the memory of two.
        self._connection.execute("set threads = 1")
        names = ", ".join(f'whole."{name}"' for name in ("artefact", "row", *EVENT.names))
        sql = (
            f"select {names}, picks.weight from {_parquet(files)} as whole join picks using (artefact, row)"  # noqa: S608
            " order by whole.artefact, whole.row"
        )
        return self._connection.sql(sql).to_arrow_table()

    def _one(self, sql: str) -> int:
        [[found]] = self._connection.execute(sql).fetchall()
        return int(found)


def _parquet(files: Sequence[Path]) -> str:
    quoted = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    return f"read_parquet([{quoted}], hive_partitioning = false)"
