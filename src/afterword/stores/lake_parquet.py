"""Events as Parquet, one file for each artefact: derived from its bytes, thrown away and written again at will.

A file is written beside its place and moved there, so that a reader never sees half of one; there is no lock. Its name
says everything that the events depend on: the bytes, the source and its version, and the rule for zones and years.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from afterword.core.template import identity, skeletons
from afterword.model.event import Kind
from afterword.model.refusal import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from afterword.model.event import Event
    from afterword.model.evidence import Evidence

#: Version of the columns below; a file of another version is written again.
COLUMNS = 2
_WORDS = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("kind", _WORDS),
        ("at", pa.int64()),
        ("until", pa.int64()),
        ("offset", pa.int16()),
        ("subject", _WORDS),
        ("name", _WORDS),
        ("text", pa.string()),
        ("value", pa.float64()),
        ("took", pa.int64()),
        ("severity", _WORDS),
        ("trace", pa.string()),
        ("span", pa.string()),
        ("parent", pa.string()),
        ("template", _WORDS),
        ("masked", _WORDS),
        ("attributes", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("first", pa.int64()),
        ("last", pa.int64()),
        ("part", pa.string()),
        ("inline", pa.bool_()),
        ("granularity", pa.int64()),
        ("meaning", _WORDS),
        ("clock", _WORDS),
    ]
)
_PLAIN = pa.schema([pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in SCHEMA])


class LakeParquet:
    """``write`` and ``tables`` speak Arrow; nothing is kept in memory but what is asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, evidence: Evidence, batches: Iterable[Sequence[Event]]) -> None:
        """Write all events of one artefact; batch by batch, so memory holds one of them."""
        target = self._path(evidence)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        try:
            with pq.ParquetWriter(part, SCHEMA, compression="zstd", compression_level=1) as writer:
                for batch in batches:
                    writer.write_table(_table(batch))
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    def has(self, evidence: Evidence) -> bool:
        return self._path(evidence).exists()

    def tables(self, evidence: Sequence[Evidence]) -> pa.Table:
        """All events of the artefacts as one table; its column ``evidence`` counts them from 0.

        Raises NotFoundError when the events of one of them are not here: they have to be read again.
        """
        made = [self._table(one, index) for index, one in enumerate(evidence)]
        empty = SCHEMA.append(pa.field("evidence", pa.int32())).empty_table()
        return pa.concat_tables([*made, empty], promote_options="default").unify_dictionaries()

    def _table(self, evidence: Evidence, index: int) -> pa.Table:
        try:
            table = pq.read_table(self._path(evidence), memory_map=True, partitioning=None)
        except FileNotFoundError:
            raise NotFoundError(f"The events of {evidence.name} are not in the lake.") from None
        return table.append_column("evidence", pa.array([index] * table.num_rows, pa.int32()))

    def _path(self, evidence: Evidence) -> Path:
        rule = json.dumps([COLUMNS, evidence.source, evidence.reader, evidence.zone, evidence.year])
        key = hashlib.sha256(rule.encode()).hexdigest()[:12]
        return self._root / evidence.sha256[:2] / f"{evidence.sha256}-{key}.parquet"


def _table(batch: Sequence[Event]) -> pa.Table:
    masked = _masked(batch)
    ids = [None if one is None else identity(one) for one in masked]
    columns: dict[str, list[Any]] = {
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
        "template": ids,
        "masked": masked,
        "attributes": _attributes(batch),
        "start": [e.place.start for e in batch],
        "end": [e.place.end for e in batch],
        "first": [e.place.first for e in batch],
        "last": [e.place.last for e in batch],
        "part": [e.place.part for e in batch],
        "inline": [e.place.inline for e in batch],
        "granularity": [e.granularity for e in batch],
        "meaning": [e.meaning.value for e in batch],
        "clock": [e.clock for e in batch],
    }
    return pa.table([_array(columns[f.name], f.type) for f in _PLAIN], schema=_PLAIN).cast(SCHEMA)


def _masked(batch: Sequence[Event]) -> list[str | None]:
    """The masked text of the log lines; None for everything else."""
    rows = [row for row, event in enumerate(batch) if event.kind is Kind.LOG]
    made: list[str | None] = [None] * len(batch)
    for row, text in zip(rows, skeletons([batch[row].text for row in rows]), strict=True):
        made[row] = text
    return made


def _attributes(batch: Sequence[Event]) -> list[str | None]:
    return list(_encoded(batch))


def _encoded(batch: Sequence[Event]) -> Iterator[str | None]:
    """Attributes as JSON in the order of their names, each distinct object written once."""
    last, text = None, None
    for event in batch:
        if event.attributes is not last:
            last = event.attributes
            text = json.dumps(dict(last), sort_keys=True, ensure_ascii=False) if last else None
        yield text


def _array(values: list[Any], type_: Any) -> Any:
    """A column. Text from the world may hold halves of characters, which no UTF-8 can carry."""
    try:
        return pa.array(values, type_)
    except (UnicodeEncodeError, pa.ArrowInvalid):
        return pa.array([v.encode("utf-8", "replace").decode() if isinstance(v, str) else v for v in values], type_)
