"""Events of one signal spread over files by the hour in which they happened, in one pass and bounded memory.

The events are held back until a row group is full, then written into the files of their hours. Where that would make
many small files (few events, or events in no order of time) the day takes the place of the hour, then the month, the
year, and in the end ``any``. So the name of a partition is always what the time of each of its rows begins with.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from afterword.stores.durable import sync
from afterword.stores.lake_columns import CODED, STORED
from afterword.stores.lake_manifest import LakeFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: The folder of the lake that an engine reads as one table, partitioned by ``signal`` and ``hour``.
EVENTS = "events"
UNDATED, ANY = "undated", "any"
#: Rows and bytes that are held back before they are written as one row group.
ROWS, BYTES = 1 << 17, 48 << 20
#: A new file for an hour has to be worth at least so many rows.
FEWEST = 1 << 14
#: Files that are open at the same time; the one used least recently is closed.
OPEN = 12
_HOUR = 3_600_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: How much of ``2026-11-24T10`` names a partition: the hour, the day, the month, the year.
_LEVELS = (13, 11, 8, 5)


@dataclass(slots=True)
class _Open:
    writer: Any
    path: Path
    relative: str
    hour: str
    rows: int = 0
    first: int | None = None
    last: int | None = None

    def add(self, table: pa.Table) -> None:
        self.writer.write_table(table, row_group_size=ROWS)
        ends = pc.min_max(table.column("at")).as_py()
        self.rows += table.num_rows
        if ends["min"] is not None:
            self.first = ends["min"] if self.first is None else min(self.first, ends["min"])
            self.last = ends["max"] if self.last is None else max(self.last, ends["max"])


@dataclass(slots=True)
class Partition:
    """Writer for one signal of one artefact, whose files are called ``name`` in each hour."""

    folder: Path
    signal: str
    name: str
    files: list[LakeFile] = field(default_factory=list)
    _held: list[pa.Table] = field(default_factory=list)
    _rows: int = 0
    bytes: int = 0
    _open: OrderedDict[str, _Open] = field(default_factory=OrderedDict)
    _made: dict[str, int] = field(default_factory=dict)

    def add(self, table: pa.Table) -> None:
        self._held.append(table)
        self._rows += table.num_rows
        self.bytes += table.nbytes
        if self._rows >= ROWS or self.bytes >= BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is held back."""
        if not self._held:
            return
        table = pa.concat_tables(self._held)
        self._held, self._rows, self.bytes = [], 0, 0
        for hour, piece in self._pieces(table):
            self._at(hour).add(piece)

    def close(self) -> list[LakeFile]:
        """All files, in the order of their names; each of them has reached the disk."""
        self.flush()
        while self._open:
            self._shut(next(iter(self._open)))
        return sorted(self.files, key=lambda file: file.path)

    def abandon(self) -> None:
        """Let go of the files without finishing them."""
        for one in self._open.values():
            one.writer.close()
        self._open.clear()

    def _pieces(self, table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
        at = table.column("at")
        if at.null_count:
            yield UNDATED, table.filter(pc.is_null(at))
            table = table.filter(pc.is_valid(at))
            at = table.column("at")
        if not table.num_rows:
            return
        hours = at.to_numpy() // _HOUR
        numbers, codes = np.unique(hours, return_inverse=True)
        names = self._names([hour_name(int(number)) for number in numbers], table.num_rows)
        if len(set(names)) == 1:
            yield names[0], table
            return
        for name in dict.fromkeys(names):
            mine = np.array([one == name for one in names])[codes]
            yield name, table.filter(pa.array(mine))

    def _names(self, hours: list[str], rows: int) -> list[str]:
        """The partition of each hour: the finest for which no file is opened that is not worth it."""
        most = max(1, rows // FEWEST)
        for length in _LEVELS:
            names = [hour[:length] for hour in hours]
            if len(set(names).difference(self._open)) <= most and len(set(names)) <= OPEN:
                return names
        return [ANY] * len(hours)

    def _at(self, hour: str) -> _Open:
        found = self._open.get(hour)
        if found is None:
            if len(self._open) >= OPEN:
                self._shut(next(iter(self._open)))
            found = self._open[hour] = self._begin(hour)
        self._open.move_to_end(hour)
        return found

    def _begin(self, hour: str) -> _Open:
        number = self._made[hour] = self._made.get(hour, 0) + 1
        name = self.name + (f".{number}" if number > 1 else "") + ".parquet"
        relative = f"{EVENTS}/signal={self.signal}/hour={hour}/{name}"
        path = self.folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        return _Open(writer(path, STORED), path, relative, hour)

    def _shut(self, hour: str) -> None:
        one = self._open.pop(hour)
        one.writer.close()
        sync(one.path)
        size = one.path.stat().st_size
        self.files.append(LakeFile(one.relative, self.signal, hour, one.rows, size, one.first, one.last))


def writer(path: Path, schema: pa.Schema) -> Any:
    """A writer of plain Parquet: no types of Arrow's own, so that every engine sees the same columns."""
    coded = [name for name in schema.names if name in CODED]
    return pq.ParquetWriter(
        path, schema, compression="zstd", compression_level=1, use_dictionary=coded, store_schema=False
    )


def hour_name(number: int) -> str:
    """``2026-11-24T10`` for the number of an hour since the epoch."""
    return f"{_EPOCH + timedelta(hours=number):%Y-%m-%dT%H}"


def overlaps(hour: str, first: str, last: str) -> bool:
    """Whether a partition may hold rows of the hours from ``first`` to ``last``; both named in full."""
    return hour == ANY or (hour != UNDATED and first[: len(hour)] <= hour <= last)
