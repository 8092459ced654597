"""The events that an analysis needs of evidence which is too large to be looked at whole.

Of log lines: every error while there are not too many, and of all others the first line of each component, template and
severity in each second (ten seconds, minute), which stands for as many lines as there are of them: its ``weight``. Counts by
the minute stay exact. Of spans: whole traces, one in so many, chosen by their ids. Everything else is kept.
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
        plain = f"not {_BAD}" if bad <= most // 2 else "true"
        width = self._width(plain, most)
        kept = f"union all select artefact, row, 1 from logs where {_BAD}" if plain != "true" else ""  # noqa: S608
        self._connection.execute(
            "create temp table picks as select artefact, min(row) as row, count(*) as weight from logs"  # noqa: S608
            f' where {plain} group by artefact, subject, template, severity, "at" // {width} {kept}'
        )
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

    def _width(self, plain: str, most: int) -> int:
        """The finest stretch of time that leaves about ``most`` groups, all of them estimated in one pass.

        Counted exactly, the groups of the finest alone would need more memory than there is (HyperLogLog, a few percent off).
        """
        key = "hash(artefact, subject, template, severity)"
        counts = ", ".join(f'approx_count_distinct(hash({key}, "at" // {width}))' for width in _WIDTHS)
        [found] = self._connection.execute(f"select {counts} from logs where {plain}").fetchall()  # noqa: S608
        return next((width for width, groups in zip(_WIDTHS, found, strict=True) if groups <= most), _WIDTHS[-1])

    def _picked(self, files: Sequence[Path]) -> pa.Table:
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
