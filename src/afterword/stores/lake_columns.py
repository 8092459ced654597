"""The columns of the lake, and how a batch of events becomes one.

Types are those that every engine reads alike: whole numbers, text, double, boolean. Time is whole nanoseconds since the
epoch, never a type of time with a zone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from afterword.core.template import identity, skeletons
from afterword.model.event import Kind, Meaning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.model.event import Event
    from afterword.ports import Batch

#: Version of the columns below and of the layout; a lake of another version is thrown away and written again.
COLUMNS = 3

#: What one event says. Each file also says in ``artefact`` and ``reading`` what it was read from and by which rule, and in
#: ``row`` the number of the event in its artefact.
EVENT = pa.schema(
    [
        ("kind", pa.string()),
        ("at", pa.int64()),
        ("until", pa.int64()),
        ("offset", pa.int32()),
        ("subject", pa.string()),
        ("name", pa.string()),
        ("text", pa.string()),
        ("value", pa.float64()),
        ("took", pa.int64()),
        ("severity", pa.string()),
        ("trace", pa.string()),
        ("span", pa.string()),
        ("parent", pa.string()),
        ("template", pa.string()),
        ("attributes", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("first", pa.int64()),
        ("last", pa.int64()),
        ("part", pa.string()),
        ("inline", pa.bool_()),
        ("granularity", pa.int64()),
        ("meaning", pa.string()),
        ("clock", pa.string()),
    ]
)
STORED = pa.schema([("artefact", pa.string()), ("reading", pa.string()), ("row", pa.int64()), *EVENT])
#: The masked text of each template of an artefact; the same template may stand in it more than once.
TEMPLATES = pa.schema(
    [("artefact", pa.string()), ("reading", pa.string()), ("template", pa.string()), ("masked", pa.string())]
)
#: Columns with few words: stored, and given out again, as codes into a dictionary.
WORDS = ("kind", "subject", "name", "severity", "template", "meaning", "clock")
#: What stands in a column of a batch that does not say it.
_USUAL = {
    "subject": "", "name": "", "text": "", "severity": "", "offset": 0, "part": "", "inline": False, "granularity": 1,
    "meaning": Meaning.OCCURRED.value, "clock": "",
}  # fmt: skip
CODED = ("artefact", "reading", *WORDS, "trace", "attributes", "part")


def columns(batch: Sequence[Event]) -> tuple[pa.Table, dict[str, str]]:
    """A batch as columns, with the masked text of the templates in it."""
    masked = _masked(batch)
    texts = {text: identity(text) for text in dict.fromkeys(masked) if text is not None}
    made: dict[str, list[Any]] = {
        "kind": [e.kind.value for e in batch],
        "at": [e.at for e in batch],
        "until": [e.until for e in batch],
        "offset": [e.offset for e in batch],
        "subject": [e.subject for e in batch],
        "name": [e.name for e in batch],
        "text": [e.text for e in batch],
        "value": [e.value for e in batch],
        "took": [e.took for e in batch],
        "severity": [e.severity for e in batch],
        "trace": [e.attributes.get("trace") for e in batch],
        "span": [e.attributes.get("span") for e in batch],
        "parent": [e.attributes.get("parent") for e in batch],
        "template": [None if text is None else texts[text] for text in masked],
        "attributes": list(_attributes(batch)),
        **_places(batch),
        "granularity": [e.granularity for e in batch],
        "meaning": [e.meaning.value for e in batch],
        "clock": [e.clock for e in batch],
    }
    table = pa.table([_array(made[field.name], field.type) for field in EVENT], schema=EVENT)
    return table, {id_: text for text, id_ in texts.items()}


def of_batch(batch: Batch) -> tuple[pa.Table, dict[str, str]]:
    """A batch of columns with all of the columns, in the order of their places, and the masked text of its templates."""
    given, count = batch.table, batch.table.num_rows
    masked = _masked_texts(given.column("text").to_pylist()) if batch.kind is Kind.LOG else [None] * count
    texts = {text: identity(text) for text in dict.fromkeys(masked) if text is not None}
    own = {
        "kind": pa.repeat(pa.scalar(batch.kind.value), count),
        "template": pa.array([None if text is None else texts[text] for text in masked], pa.string()),
    }
    columns_ = [
        own[f.name] if f.name in own else given.column(f.name) if f.name in given.column_names else _usual(f, count)
        for f in EVENT
    ]
    table = pa.table(columns_, schema=EVENT)
    found = {id_: text for text, id_ in texts.items()}
    if not batch.events:
        return table, found
    others, more = columns(batch.events)
    order = np.argsort(np.concatenate([table["start"].to_numpy(), others["start"].to_numpy()]), kind="stable")
    return pa.concat_tables([table, others]).take(pa.array(order)), {**found, **more}


def _usual(field: pa.Field, count: int) -> pa.Array:
    """A column that nothing is said of: as an event has it that says nothing."""
    return pa.repeat(pa.scalar(_USUAL.get(field.name), field.type), count)


def _places(batch: Sequence[Event]) -> dict[str, list[Any]]:
    places = [event.place for event in batch]
    return {
        "start": [p.start for p in places],
        "end": [p.end for p in places],
        "first": [p.first for p in places],
        "last": [p.last for p in places],
        "part": [p.part for p in places],
        "inline": [p.inline for p in places],
    }


def _masked(batch: Sequence[Event]) -> list[str | None]:
    """The masked text of the log lines; None for everything else."""
    rows = [row for row, event in enumerate(batch) if event.kind is Kind.LOG]
    made: list[str | None] = [None] * len(batch)
    for row, text in zip(rows, _masked_texts([batch[row].text for row in rows]), strict=True):
        made[row] = text
    return made


def _masked_texts(texts: list[str]) -> list[str]:
    return skeletons(texts) if texts else []


def _attributes(batch: Sequence[Event]) -> Iterator[str | None]:
    """Attributes as JSON in the order of their names, each object written once: the columns of a table share theirs."""
    known: dict[int, str | None] = {}
    for event in batch:
        key = id(event.attributes)
        if key not in known:
            said = event.attributes
            known[key] = json.dumps(dict(said), sort_keys=True, ensure_ascii=False) if said else None
        yield known[key]


def _array(values: list[Any], type_: Any) -> Any:
    """A column. Text from the world may hold halves of characters, which no UTF-8 can carry."""
    try:
        return pa.array(values, type_)
    except (UnicodeEncodeError, pa.ArrowInvalid):
        return pa.array([whole(v) if isinstance(v, str) else v for v in values], type_)


def whole(text: str) -> str:
    """The text with a question mark for each half of a character."""
    return text.encode("utf-8", "replace").decode()
