"""Answers of queries as files that sources read: the same answer is always the same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from afterword.model.time import iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from afterword.app.answer import Answer

#: Templates with error lines that become series of their own.
_MOST_TEMPLATES = 50


def log_minutes(found: Answer) -> bytes:
    return _metrics(
        (row["minute"], row["component"], name, row[column])
        for row in _rows(found)
        for name, column in (("log_lines_per_minute", "lines"), ("log_errors_per_minute", "errors"))
    )


def template_minutes(found: Answer) -> bytes:
    """Error lines a minute of the templates that have most of them."""
    rows = [row for row in _rows(found) if row["errors"]]
    totals: Counter[tuple[str, str]] = Counter()
    for row in rows:
        totals[row["component"], row["template"]] += row["errors"]
    kept = set(sorted(totals, key=lambda key: (-totals[key], key))[:_MOST_TEMPLATES])
    return _metrics(
        (row["minute"], row["component"], f"log_errors_per_minute{{template={row['template']}}}", row["errors"])
        for row in rows
        if (row["component"], row["template"]) in kept
    )


def component_minutes(found: Answer) -> bytes:
    return _metrics(one for row in _rows(found) for one in _span_minute(row))


def _span_minute(row: dict[str, Any]) -> Iterator[tuple[int, str, str, str | int]]:
    minute, component = row["minute"], row["component"]
    yield minute, component, "requests_per_minute", row["spans"]
    yield minute, component, "errors_per_minute", row["failures"]
    for rank in ("p50", "p95", "p99"):
        if row[rank] is not None:
            yield minute, component, f"latency_{rank}_ms", _ms(row[rank])


def metric_minutes(found: Answer) -> bytes:
    return _metrics(
        (row["minute"], row["component"], row["indicator"], repr(row["latest"]))
        for row in _rows(found)
        if row["latest"] is not None
    )


def errors(found: Answer) -> bytes:
    """The lines as JSON records, in the order of time."""
    rows = sorted(_rows(found), key=lambda row: (row["at"], row["component"], row["text"], row["trace"], row["span"]))
    return _ndjson(
        {
            "timestamp": iso(row["at"]),
            "level": row["severity"],
            "service": row["component"],
            "message": row["text"],
            "trace_id": row["trace"],
            "span_id": row["span"],
        }
        for row in rows
    )


def templates(found: Answer) -> bytes:
    """Patterns that are new, vanished or come in another rhythm."""
    said = [
        {
            "component": row["component"],
            "pattern": row["template"],
            "count": row["window"],
            "delta_vs_baseline": f"{row['change']} ({row['baseline']} in the baseline)",
            "first_seen": iso(row["first_seen"]),
            "last_seen": iso(row["last_seen"]),
            "sentiment": "negative" if row["errors"] else "neutral",
        }
        for row in _rows(found)
    ]
    return b"[\n" + b",\n".join(_json(one) for one in said) + b"\n]\n" if said else b""


def calls(found: Answer) -> bytes:
    rows = ((row["caller"], row["callee"], row["calls"]) for row in _rows(found) if row["caller"] and row["callee"])
    return _csv(("caller", "callee", "calls"), rows)


def _rows(found: Answer) -> list[dict[str, Any]]:
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def _ms(ns: int) -> str:
    """Whole ns as ms with every digit."""
    sign, (whole, rest) = "-" if ns < 0 else "", divmod(abs(ns), 10**6)
    return f"{sign}{whole}.{rest:06d}"


def _metrics(rows: Iterable[tuple[int, str, str, str | int]]) -> bytes:
    return _csv(
        ("time_ns", "component", "indicator", "value"), ((at, who or "unknown", what, v) for at, who, what, v in rows)
    )


def _csv(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> bytes:
    """A table; nothing at all when it has no rows."""
    into = io.StringIO()
    writer = csv.writer(into, lineterminator="\n")
    listed = list(rows)
    if listed:
        writer.writerows([head, *listed])
    return into.getvalue().encode()


def _ndjson(rows: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(_json(row) + b"\n" for row in rows)


def _json(row: dict[str, Any]) -> bytes:
    return json.dumps({k: v for k, v in row.items() if v not in ("", None)}, ensure_ascii=False).encode()
