"""Parquet: tables of metrics, spans or logs, with the same rules for columns as CSV.

A row of Parquet has no bytes of its own: its columns lie apart, compressed together with those of other rows. So a place is the
stretch of all data (all but the marks and the footer), and ``part`` says what in it is meant: ``row 12`` (from 1) for a span or a
log line, the column or the series for a sample. Line numbers are always 1. The metadata of single columns is never asked for: the
library ends the process over some that are damaged.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from afterword.core.clock import Stamp, local
from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import log_inner, log_object, metric_cells, metric_columns, span_record
from afterword.reading.cell import is_nothing, is_time
from afterword.reading.log_time import Clock, Told
from afterword.reading.remark import Remarks
from afterword.reading.said import LONGEST
from afterword.reading.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.ports import Reading
    from afterword.reading.metric_columns import Plan

    Read = Event | Problem | Skipped

_MAGIC = b"PAR1"
_MOST_COLUMNS = 20_000
#: So many cells are held at once, and so many rows decide what the columns are.
_CELLS, _SAMPLES = 1_000_000, 40
#: The values may take so many times the bytes of the file, and always so many: a dictionary says a text once for all rows.
_RATIO, _FLOOR = 1000, 256 << 20
_DEEPEST = 4
_FAULTS = (pa.ArrowException, OSError, ValueError, OverflowError, NotImplementedError)


def sniff(head: bytes) -> float:
    """The first four bytes say it."""
    return 0.97 if head[:4] == _MAGIC else 0.0


def read(stream: BinaryIO, reading: Reading) -> Iterator[Read]:
    size = stream.seek(0, 2)
    stream.seek(0)
    try:
        table = _Table(_open(stream), _data(stream, size), reading)
        columns, samples = table.columns(), table.samples()
    except _FAULTS as error:
        yield Problem(f"not a Parquet file that can be read: {_why(error)}", Place(0, size), Gravity.ERROR, "parquet")
        return
    if len(columns) > _MOST_COLUMNS:
        yield Problem(f"a table with {len(columns)} columns", Place(0, size), Gravity.ERROR, "table-columns")
        return
    plain = [[_plain(cell) for cell in row] for row in samples]
    spans, plan = span_record.fields(columns), metric_columns.plan(columns, plain) if columns else None
    if spans.sure and _timed(columns, samples, spans["start"]):
        yield from _spans(table, columns, span_record.Reader(spans, reading))
    elif plan is not None:
        yield from _metrics(table, plan, reading)
    elif columns and all(log_object.fields(dict.fromkeys(columns, ""))[:2]):
        yield from _logs(table, columns, reading)
    else:
        what = f"neither metrics nor spans nor logs: its columns are {', '.join(columns[:12])}"
        yield Problem(what[:300], Place(0, size), Gravity.ERROR, "table-columns")


def _open(stream: BinaryIO) -> pq.ParquetFile:
    """Columns of text stay with their dictionaries: a long text that stands in every row is held once."""
    file = pq.ParquetFile(pa.PythonFile(stream, mode="r"))
    texts = [one.name for one in file.schema_arrow if pa.types.is_string(one.type) or pa.types.is_binary(one.type)]
    return pq.ParquetFile(pa.PythonFile(stream, mode="r"), read_dictionary=texts) if texts else file


def _weight(column: Any) -> int:
    """Bytes of all values, those that a dictionary holds once counted for each row."""
    if not pa.types.is_dictionary(column.type) or not _is_text(column.type.value_type):
        return int(column.nbytes)
    lengths = (pc.take(pc.binary_length(one.dictionary), one.indices) for one in column.chunks if len(one))
    return sum(pc.sum(one).as_py() or 0 for one in lengths)


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_binary(kind))


class _Table:
    """The rows of a Parquet file with their places, as many times as they are wanted."""

    def __init__(self, file: pq.ParquetFile, data: tuple[int, int], reading: Reading) -> None:
        self.file, self.data, self.reading = file, data, reading

    def columns(self) -> list[str]:
        return [_column(one) for one in _flat(self.file.schema_arrow.empty_table()).column_names]

    def samples(self) -> list[list[Any]]:
        """A few of the first rows, for telling what the columns hold."""
        first = list(islice(self.rows(_SAMPLES), _SAMPLES))
        if first and isinstance(first[0], Problem):
            raise OSError(first[0].message)
        return [one.fields for one in first if isinstance(one, Row)]

    def rows(self, height: int = 65_536) -> Iterator[Row | Problem | Skipped]:
        """All rows, so many at once; what cannot be read of a row group is one Problem."""
        at, height = 0, max(1, min(height, _CELLS // max(1, len(self.file.schema_arrow))))
        start, end = self.data
        left = max(_FLOOR, _RATIO * end)
        for group in range(self.file.num_row_groups):
            try:
                for batch in self.file.iter_batches(height, row_groups=[group], use_threads=False):
                    left -= sum(map(_weight, pa.Table.from_batches([batch]).columns))
                    if left < 0:
                        place = Place(start, end, 1, 1, f"row {at + 1}", inline=True)
                        says = f"it unpacks to more than {_RATIO} times its size; the rest was not read"
                        yield Problem(says, place, Gravity.ERROR, "table-bomb")
                        return
                    for fields in self._fields(batch):
                        at += 1
                        yield Row(fields, Place(start, end, 1, 1, f"row {at}", inline=True))
            except _FAULTS as error:
                place = Place(start, end, 1, 1, f"row {at + 1}", inline=True)
                yield Problem(f"row group {group + 1} cannot be read: {_why(error)}", place, Gravity.ERROR, "parquet")

    def _fields(self, batch: Any) -> Iterator[list[Any]]:
        table = _flat(pa.Table.from_batches([batch]))
        lists = [_cells(table.column(i), self.reading) for i in range(table.num_columns)]
        return map(list, zip(*lists, strict=True)) if lists else iter(())


def _data(stream: BinaryIO, size: int) -> tuple[int, int]:
    """From where to where the data lie: the last eight bytes are the length of the footer before them, and a mark."""
    stream.seek(max(0, size - 8))
    footer = int.from_bytes(stream.read(4), "little")
    stream.seek(0)
    end = size - 8 - footer
    return (len(_MAGIC), end) if len(_MAGIC) < end else (0, size)


def _flat(table: Any) -> Any:
    """Structures as columns with dotted names."""
    for _ in range(_DEEPEST):
        if not any(pa.types.is_struct(one.type) for one in table.schema):
            break
        table = table.flatten()
    return table


def _column(written: str) -> str:
    """The name of a column; pandas calls an index without a name ``__index_level_0__``."""
    return "" if written.startswith("__index_level_") else written


def _looked_up(chunk: Any, reading: Reading) -> list[Any]:
    """The values of a dictionary, each of them made once."""
    values = _cells(pa.chunked_array([chunk.dictionary]), reading)
    return [None if at is None else values[at] for at in chunk.indices.to_pylist()]


def _cells(column: Any, reading: Reading) -> list[Any]:
    """A column as plain values: times as stamps, texts as text, numbers as they are."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return [one for chunk in column.chunks for one in _looked_up(chunk, reading)]
    if pa.types.is_timestamp(kind):
        return _stamps(column, reading)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return [one if one is None else one.decode("utf-8", "replace") for one in column.to_pylist()]
    if pa.types.is_decimal(kind):
        return [one if one is None else float(one) for one in column.to_pylist()]
    if pa.types.is_date(kind) or pa.types.is_time(kind):
        return [one if one is None else one.isoformat() for one in column.to_pylist()]
    if pa.types.is_duration(kind):
        return list(pc.cast(column, pa.duration("ns")).cast(pa.int64()).to_pylist())
    if pa.types.is_map(kind):
        return [one if one is None else dict(one) for one in column.to_pylist()]
    return list(column.to_pylist())


#: Nanoseconds of Arrow's units.
_WIDTH = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}


def _stamps(column: Any, reading: Reading) -> list[Any]:
    """Times of Arrow: with a zone they are UTC, without one a wall clock."""
    whole = pc.cast(column, pa.timestamp("ns", column.type.tz)).cast(pa.int64()).to_pylist()
    width = _WIDTH[column.type.unit]
    if column.type.tz is not None:
        return [one if one is None else Stamp(one, 0, "", width) for one in whole]
    if not reading.zone:
        return [one if one is None else Stamp(one, None, "", width) for one in whole]
    read = (one if one is None else local(one, reading.zone) for one in whole)
    return [one if one is None or isinstance(one, Stamp) else None for one in read]


def _why(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:200] or type(error).__name__


def _timed(columns: Sequence[str], samples: Sequence[Sequence[Any]], start: str) -> bool:
    cells = [row[columns.index(start)] for row in samples]
    cells = [one for one in cells if not is_nothing(one)]
    return 2 * sum(is_time(one, start) for one in cells) > len(cells)


def _metrics(table: _Table, plan: Plan, reading: Reading) -> Iterator[Read]:
    """Samples; cells with maps of labels become their JSON, as they would stand in CSV."""
    nested = any(pa.types.is_nested(one.type) for one in table.file.schema_arrow)

    def rows() -> Iterator[Row | Problem | Skipped]:
        for row in table.rows():
            yield row._replace(fields=[_plain(cell) for cell in row.fields]) if isinstance(row, Row) else row

    return metric_cells.events(plan, rows if nested else table.rows, reading, by_series=True)


def _plain(cell: Any) -> Any:
    return json.dumps(cell, default=str) if isinstance(cell, list | dict) else cell


def _spans(table: _Table, columns: Sequence[str], reader: span_record.Reader) -> Iterator[Read]:
    for row in table.rows():
        if isinstance(row, Row):
            yield reader.span(dict(zip(columns, row.fields, strict=True)), row.place)
        else:
            yield row
    yield from reader.remarks.problems()


def _logs(table: _Table, columns: Sequence[str], reading: Reading) -> Iterator[Read]:
    clock, remarks = Clock(reading), Remarks()
    for row in table.rows():
        if not isinstance(row, Row):
            yield row
            continue
        said: dict[str, Any] = {
            column or "index": value for column, value in zip(columns, row.fields, strict=True) if not is_nothing(value)
        }
        stamp: Stamp | None = next((value for value in said.values() if isinstance(value, Stamp)), None)
        outer = log_object.said({key: value for key, value in said.items() if not isinstance(value, Stamp)}, clock)
        inner = log_inner.said(outer.text, clock)
        told = outer.told if stamp is None else Told(stamp.ns, stamp.offset, "", stamp.granularity)
        if told.at is None:
            remarks.note("time", told.doubt, row.place)
        yield Event(
            Kind.LOG, row.place, told.at, outer.subject or inner.subject, "", inner.text[:LONGEST], None, None,
            outer.severity or inner.severity, None, told.offset, {**inner.attributes, **outer.attributes},
            told.granularity,
        )  # fmt: skip
    yield from remarks.problems()


SOURCE = Source("tables-parquet", "metrics, spans or logs in Parquet", sniff, read)
