"""The queries once more, as plain loops over rows: slow, and too simple to be wrong in the same way."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from afterword.queries.question import Question

Row = dict[str, Any]
MINUTE = 60 * 10**9
HOUR = 60 * MINUTE


def answer(query: str, rows: list[Row], q: Question) -> list[tuple[Any, ...]]:
    return QUERIES[query](rows, q)


def inside(row: Row, window: tuple[int, int] | None) -> bool:
    return window is None or (row["at"] is not None and window[0] <= row["at"] < window[1])


def dated(rows: Iterable[Row], kind: str, q: Question) -> list[Row]:
    return [r for r in rows if r["kind"] == kind and r["at"] is not None and inside(r, q.window)]


def bad(row: Row) -> bool:
    return row["severity"] in ("error", "fatal")


def grouped(rows: Iterable[Row], key: Callable[[Row], tuple[Any, ...]]) -> list[tuple[tuple[Any, ...], list[Row]]]:
    found = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return sorted(found.items(), key=lambda item: [(one is None, one) for one in item[0]])


def template_minutes(rows: list[Row], q: Question) -> list[tuple[Any, ...]]:
    groups = grouped(
        dated(rows, "log", q), lambda r: (r["subject"] or "", r["template"] or "", r["at"] // MINUTE * MINUTE)
    )
    return [(*key, len(found), sum(map(bad, found))) for key, found in groups]


def template_changes(rows: list[Row], q: Question) -> list[tuple[Any, ...]]:
    assert q.window
    assert q.baseline
    logs = [r for r in rows if r["kind"] == "log" and r["at"] is not None]
    logs = [r for r in logs if inside(r, q.window) or inside(r, q.baseline)]
    made = []
    w_seconds, b_seconds = (max(1, ceil(Fraction(end - start, 10**9))) for start, end in (q.window, q.baseline))
    for key, found in grouped(logs, lambda r: (r["subject"] or "", r["template"] or "")):
        b, w = sum(inside(r, q.baseline) for r in found), sum(inside(r, q.window) for r in found)
        b_rate, w_rate = Fraction(b, b_seconds), Fraction(w, w_seconds)
        if b == 0:
            change = "new"
        elif w == 0:
            change = "vanished"
        elif w_rate >= q.factor * b_rate and w >= q.least:
            change = "burst"
        elif b_rate >= q.factor * w_rate and b >= q.least:
            change = "dip"
        else:
            continue
        at = [r["at"] for r in found]
        errors = sum(inside(r, q.window) and bad(r) for r in found)
        made.append((*key, change, b, w, errors, min(at), max(at)))
    return made


def error_minutes(rows: list[Row], q: Question) -> list[tuple[Any, ...]]:
    groups = grouped(dated(rows, "log", q), lambda r: (r["subject"] or "", r["at"] // MINUTE * MINUTE))
    return [(*key, sum(map(bad, found)), len(found)) for key, found in groups]


def span_minutes(rows: list[Row], q: Question) -> list[tuple[Any, ...]]:
    groups = grouped(
        dated(rows, "span", q), lambda r: (r["subject"] or "", r["name"] or "", r["at"] // MINUTE * MINUTE)
    )
    return [(*key, *timed(found)) for key, found in groups]


def component_minutes(rows: list[Row], q: Question) -> list[tuple[Any, ...]]:
    groups = grouped(dated(rows, "span", q), lambda r: (r["subject"] or "", r["at"] // MINUTE * MINUTE))
    return [(*key, *timed(found)) for key, found in groups]


def timed(found: list[Row]) -> tuple[Any, ...]:
    took = sorted(r["took"] for r in found if r["took"] is not None)
    ranks = [took[ceil(Fraction(p * len(took), 100)) - 1] if took else None for p in (50, 95, 99)]
    return len(found), sum(map(bad, found)), len(took), sum(took), *ranks


def error_samples(rows: list[Row], q: Question) -> list[tuple[Any, ...]]:
    made = []
    errors = [r for r in dated(rows, "log", q) if bad(r)]
    for key, found in grouped(errors, lambda r: (r["subject"] or "", r["template"] or "")):
        shown = [(r["at"], r["severity"], r["text"] or "", r["trace"] or "", r["span"] or "") for r in found]
        made += [(*key, *one) for one in sorted(shown)[: q.most]]
    return made


def template_seen(rows: list[Row], q: Question) -> list[tuple[Any, ...]]:
    logs = dated(rows, "log", q)
    if q.template:
        logs = [r for r in logs if r["template"] == q.template]
    made = []
    for key, found in grouped(logs, lambda r: (r["template"] or "",)):
        first = min(found, key=lambda r: (r["at"], r["artefact"], r["first"]))
        last = max(r["at"] for r in found)
        parts = len({r["subject"] or "" for r in found})
        made.append((*key, len(found), parts, first["at"], last, first["artefact"], first["first"]))
    return made


def finite(value: float | None) -> float | None:
    if value is None or not -sys.float_info.max <= value <= sys.float_info.max:
        return None
    return value or 0.0


def metric_minutes(rows: list[Row], q: Question) -> list[tuple[Any, ...]]:
    groups = grouped(
        dated(rows, "metric", q), lambda r: (r["subject"] or "", r["name"] or "", r["at"] // MINUTE * MINUTE)
    )
    made = []
    for key, found in groups:
        values = [(r["at"], v) for r in found if (v := finite(r["value"])) is not None]
        least = min((v for _, v in values), default=None)
        greatest = max((v for _, v in values), default=None)
        latest = max(values)[1] if values else None
        made.append((*key, len(values), len(found) - len(values), least, greatest, latest))
    return made


def call_edges(rows: list[Row], q: Question) -> list[tuple[Any, ...]]:
    spans = [r for r in rows if r["kind"] == "span" and r["trace"]]
    callers = {(r["trace"], r["span"], r["subject"] or "") for r in spans if r["span"]}
    calls = [
        {**r, "caller": caller, "callee": r["subject"] or ""}
        for r in spans
        if r["parent"] and r["at"] is not None and inside(r, q.window)
        for trace, span, caller in callers
        if trace == r["trace"] and span == r["parent"] and caller != (r["subject"] or "")
    ]
    made = []
    for key, found in grouped(calls, lambda r: (r["caller"], r["callee"])):
        took = [r["took"] for r in found if r["took"] is not None]
        made.append((*key, len(found), sum(map(bad, found)), len(took), sum(took)))
    return made


def text_search(rows: list[Row], q: Question) -> list[tuple[Any, ...]]:
    found = [r for r in rows if inside(r, q.window)]
    if q.component:
        found = [r for r in found if r["subject"] == q.component]
    if q.regex:
        found = [r for r in found if re.search(q.text, r["text"] or "", re.ASCII)]
    else:
        found = [r for r in found if q.text in (r["text"] or "")]
    found.sort(key=lambda r: (r["at"] is None, r["at"] or 0, r["artefact"], r["row"]))
    return [
        (r["at"], r["artefact"], r["row"], r["first"], r["last"], r["kind"], r["subject"] or "", r["severity"] or "", r["text"])
        for r in found[: q.most]
    ]  # fmt: skip


def neighbours(rows: list[Row], q: Question) -> list[tuple[Any, ...]]:
    mine = sorted((r for r in rows if r["artefact"] == q.artefact), key=lambda r: (r["first"], r["row"]))
    cut = sum(r["first"] < q.line for r in mine)
    return [
        (r["first"], r["row"], r["last"], r["at"], r["kind"], r["subject"] or "", r["name"] or "", r["severity"] or "", r["text"] or "")
        for r in mine[max(0, cut - q.most) : cut + q.most + 1]
    ]  # fmt: skip


def signal_hours(rows: list[Row], q: Question) -> list[tuple[Any, ...]]:
    groups = grouped(
        (r for r in rows if inside(r, q.window)),
        lambda r: (r["kind"], None if r["at"] is None else r["at"] // HOUR * HOUR),
    )
    made = []
    for key, found in groups:
        at = [r["at"] for r in found if r["at"] is not None]
        made.append((*key, len(found), min(at, default=None), max(at, default=None)))
    return made


QUERIES: dict[str, Callable[[list[Row], Question], list[tuple[Any, ...]]]] = {
    name.replace("_", "-"): globals()[name]
    for name in (
        "template_minutes", "template_changes", "error_minutes", "span_minutes", "component_minutes", "error_samples", "template_seen", "metric_minutes",
        "call_edges", "text_search", "neighbours", "signal_hours",
    )
}  # fmt: skip
