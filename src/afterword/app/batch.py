"""Batches of columns on their way in: which bytes they hold, from when to when they reach, and what they say without secrets."""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from afterword.core.secret.event import telling
from afterword.model.evidence import Place
from afterword.ports import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.secret.event import EventRedactor

#: Columns of which each word is looked at once.
_WORDS = ("subject", "name", "part", "clock")
#: Attributes that are columns of their own too.
_MARKS = ("trace", "span", "parent")


def stretches(batch: Batch) -> Iterator[tuple[int, int]]:
    """The bytes of all its events as stretches, those that touch taken together."""
    starts, ends = (batch.table.column(name).to_numpy() for name in ("start", "end"))
    if len(starts):
        # The samples of one row of a table all lie in its bytes.
        same = (starts[1:] == starts[:-1]) & (ends[1:] == ends[:-1])
        if same.any():
            fresh = np.concatenate(([True], ~same))
            starts, ends = starts[fresh], ends[fresh]
        breaks = np.flatnonzero(starts[1:] != ends[:-1]) + 1
        firsts, lasts = np.concatenate(([0], breaks)), np.concatenate((breaks - 1, [len(starts) - 1]))
        yield from zip(starts[firsts].tolist(), ends[lasts].tolist(), strict=True)
    for one in batch.events:
        yield one.place.start, one.place.end


def ends(batch: Batch) -> tuple[int, ...]:
    """The least and the greatest time of the rows of its table; nothing when none has a time."""
    at = batch.table.column("at")
    if at.null_count == len(at):
        return ()
    found = at.drop_null().to_numpy()
    return int(found.min()), int(found.max())


def last(batch: Batch) -> Place:
    """The place that reaches furthest."""
    found = max((one.place for one in batch.events), key=lambda place: place.end, default=Place(0, 0))
    if not batch.table.num_rows:
        return found
    row = batch.table.slice(batch.table.num_rows - 1, 1).to_pylist()[0]
    place = Place(row["start"], row["end"], row["first"], row["last"])
    return place if place.end > found.end else found


def redacted(batch: Batch, redactor: EventRedactor) -> Batch:
    """What ``redactor.events`` makes of the same events."""
    if "text" not in batch.table.column_names:
        events = redactor.events(batch.events) if batch.events else ()
        return Batch(batch.kind, _with_words(batch.table, redactor), tuple(events))
    rows = batch.table.num_rows
    texts = [*batch.table.column("text").to_pylist(), *(one.text for one in batch.events)]
    order = np.arange(len(texts))
    if batch.events:
        starts = [*batch.table.column("start").to_pylist(), *(one.place.start for one in batch.events)]
        order = np.argsort(np.array(starts), kind="stable")
        texts = [texts[at] for at in order.tolist()]
    changed = {int(order[at]): text for at, text in redactor.texts(texts).items()}
    table = _with_texts(batch.table, {at: text for at, text in changed.items() if at < rows})
    events = redactor.with_texts(batch.events, {at - rows: text for at, text in changed.items() if at >= rows})
    return Batch(batch.kind, _with_words(table, redactor), tuple(events))


def _with_texts(table: pa.Table, changed: dict[int, str]) -> pa.Table:
    if not changed:
        return table
    texts = table.column("text").to_pylist()
    for at, text in changed.items():
        texts[at] = text
    return _with(table, "text", texts)


def _with_words(table: pa.Table, redactor: EventRedactor) -> pa.Table:
    """Subjects, names and attributes, each distinct one looked at once."""
    written = [one for one in table.column("attributes").unique().to_pylist() if one]
    objects: list[dict[str, str]] = json.loads(f"[{','.join(written)}]")
    named = [name for name in _WORDS if name in table.column_names]
    words = {one: None for name in named for one in table.column(name).unique().to_pylist()}
    words.update(dict.fromkeys(chain.from_iterable(map(dict.values, objects))))
    found = redactor.words(list(words))
    if found:
        for name in named:
            table = _with(table, name, [found.get(one, one) for one in table.column(name).to_pylist()])
    secret = {names for names in set(map(tuple, objects)) if telling(names)}
    if not found and not secret:
        return table
    said = {}
    for one, made in zip(written, objects, strict=True):
        own = _named(made, redactor) if secret and tuple(made) in secret else {}
        if own or (found and not found.keys().isdisjoint(made.values())):
            said[one] = {key: found.get(value, value) for key, value in made.items()} | own
    return _with_attributes(table, said) if said else table


def _named(made: dict[str, str], redactor: EventRedactor) -> dict[str, str]:
    if "secrets" not in redactor.redactor.kinds:
        return {}
    return redactor.named(made)


def _with_attributes(table: pa.Table, said: dict[str, dict[str, str]]) -> pa.Table:
    attributes = table.column("attributes").to_pylist()
    written = {one: json.dumps(made, sort_keys=True, ensure_ascii=False) for one, made in said.items()}
    for name in _MARKS:
        if name in table.column_names:
            marks = zip(attributes, table.column(name).to_pylist(), strict=True)
            table = _with(table, name, [said[one].get(name) if one in said else mark for one, mark in marks])
    return _with(table, "attributes", [written.get(one, one) for one in attributes])


def _with(table: pa.Table, name: str, values: list[str | None]) -> pa.Table:
    at = table.column_names.index(name)
    return table.set_column(at, table.schema.field(at), pa.array(values, pa.string()))
