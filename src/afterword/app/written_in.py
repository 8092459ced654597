"""Which span, or at least which trace, each log line was written in, and spans that were exported twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray


def once(calls: pa.Table) -> pa.Table:
    """Spans without those that a second, overlapping export repeats: same trace, id, component, start and duration.

    The two sides of a call may share an id; they differ in the component or in time.
    """
    rows = calls.num_rows
    named = np.asarray(pc.is_valid(calls.column("span"))) if rows else np.empty(0, dtype=np.bool_)
    if not named.any():
        return calls
    columns = [
        _coded(calls.column("trace")),
        _coded(calls.column("span")),
        _coded(calls.column("subject")),
        _whole(calls.column("at")),
        _whole(calls.column("took")),
    ]
    order = np.lexsort([np.arange(rows), *columns])
    same = np.ones(rows - 1, dtype=np.bool_)
    for column in columns:
        same &= column[order[1:]] == column[order[:-1]]
    kept = np.ones(rows, dtype=np.bool_)
    kept[order[1:][same]] = False
    kept |= ~named
    return calls if kept.all() else calls.filter(pa.array(kept)).combine_chunks()


def places(lines: pa.Table, calls: pa.Table) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """For each line a code of its trace and the row of its span, -1 where it names none.

    Traces of lines that no span belongs to have codes of their own, above those of the spans.
    """
    if not lines.num_rows or lines.column("trace").null_count == lines.num_rows:
        return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32)
    found = pc.unique(pc.fill_null(_text(calls.column("trace")), ""))
    # The codes of a case's traces are their places in this order.
    known = found.take(pc.sort_indices(found))
    named = _text(lines.column("trace"))
    trace = _looked_up(named, known)
    unknown = (trace < 0) & _numpy(pc.is_valid(named))
    trace = np.where(unknown, _coded(named) + len(known), trace)
    return trace.astype(np.int32), _rows(lines, calls, trace, known)


def _rows(lines: pa.Table, calls: pa.Table, trace: NDArray[np.int64], known: Any) -> NDArray[np.int32]:
    """Row of the span that each line names within its trace."""
    if not calls.num_rows:
        return np.full(lines.num_rows, -1, dtype=np.int32)
    spans = pc.unique(pc.drop_null(_text(calls.column("span"))))
    width = max(len(spans), 1)
    here, there = _looked_up(_text(lines.column("span")), spans), _looked_up(_text(calls.column("span")), spans)
    of_call = _looked_up(pc.fill_null(_text(calls.column("trace")), ""), known)
    keys = np.where(there >= 0, of_call * width + there, -1)
    order = np.argsort(keys, kind="stable")
    wanted = np.where((here >= 0) & (trace >= 0), trace * width + here, -2)
    at = np.minimum(np.searchsorted(keys[order], wanted), len(order) - 1)
    return np.where((keys[order][at] == wanted) & (wanted >= 0), order[at], -1).astype(np.int32)


def _text(column: Any) -> Any:
    """Plain strings: dictionaries of two tables do not share codes."""
    return column.cast(pa.string())


def _numpy(column: Any) -> NDArray[Any]:
    found: NDArray[Any] = column.to_numpy()
    return found


def _looked_up(column: Any, known: Any) -> NDArray[np.int64]:
    """Place of each value among the known ones; -1 where it is not among them or there is none."""
    found = pc.index_in(column, value_set=pc.drop_null(known) if known.null_count else known)
    return _numpy(pc.fill_null(found, -1)).astype(np.int64)


def _coded(column: Any) -> NDArray[np.int64]:
    """One number for each distinct value."""
    text = pc.fill_null(_text(column), "")
    chunk = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    return _numpy(chunk.dictionary_encode().indices).astype(np.int64)


def _whole(column: Any) -> NDArray[np.int64]:
    return _numpy(pc.fill_null(column, -1)).astype(np.int64)
