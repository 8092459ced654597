"""Events as hive-partitioned Parquet: derived from the bytes, thrown away and written again at will.

``events/signal=<kind>/hour=<what its time begins with>/<artefact>-<reading>.parquet`` is a table for any engine. What
belongs to an artefact is listed in its manifest, which is written last: half of an artefact is never seen. ``reading``
names everything that the events depend on beside the bytes: the source and its version, the rule for zones and years.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from afterword.core import asked as questions
from afterword.model.refusal import NotFoundError
from afterword.ports import Batch
from afterword.stores import lake_manifest, lake_sized
from afterword.stores.durable import sync
from afterword.stores.lake_columns import COLUMNS, EVENT, STORED, TEMPLATES, WORDS, columns, of_batch, whole
from afterword.stores.lake_manifest import ARTEFACTS, LakeFile, Manifest
from afterword.stores.lake_partition import BYTES, UNDATED, Partition, hour_name, overlaps, writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from afterword.model.event import Event
    from afterword.model.evidence import Evidence
    from afterword.model.time import Span

_HOUR = 3_600_000_000_000
#: Signals of which there may be too many rows to look at.
_MANY = ("log", "span")
_WORD = pa.dictionary(pa.int32(), pa.string())
#: Template ids that a writer remembers; beyond, a template may be written a second time.
_REMEMBERED = 200_000
#: New templates that are written together.
_TOGETHER = 10_000


class LakeParquet:
    """``write`` and ``tables`` speak Arrow; nothing is kept in memory but what is asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._recovered = False

    def write(self, evidence: Evidence, batches: Iterable[Sequence[Event] | Batch]) -> None:
        """Write all events of one artefact; batch by batch, so memory holds a few of them."""
        if not self._recovered:
            self._root.mkdir(parents=True, exist_ok=True)
            lake_manifest.recover(self._root, COLUMNS)
            self._recovered = True
        with lake_manifest.staging(self._root) as folder, _writing(folder, evidence) as into:
            for batch in batches:
                into.add(*(of_batch(batch) if isinstance(batch, Batch) else columns(batch)))
            lake_manifest.publish(self._root, folder, into.close())

    def has(self, evidence: Evidence) -> bool:
        """Whether all events are here: every file of the manifest, of its full size."""
        manifest = self.manifest(evidence)
        return manifest is not None and all(_size(self._root / path) == size for path, size in manifest.sizes())

    def manifest(self, evidence: Evidence) -> Manifest | None:
        """What the lake holds of one artefact, or None."""
        return lake_manifest.load(self._root / ARTEFACTS / f"{evidence.sha256}-{reading(evidence)}.json")

    def files(
        self, evidence: Sequence[Evidence], signals: Sequence[str] = (), span: Span | None = None
    ) -> list[tuple[Path, LakeFile]]:
        """The files with events of these artefacts, for an engine to read in place.

        ``span`` leaves out what lies wholly outside of it, undated events too; the rows of a file may still lie outside.
        Raises NotFoundError when the events of one artefact are not here.
        """
        found = [file for one in evidence for file in self._must(one).files]
        return [
            (self._root / file.path, file)
            for file in found
            if (not signals or file.signal in signals) and (span is None or _meets(file, span))
        ]

    def templates(self, evidence: Sequence[Evidence]) -> dict[str, str]:
        """The masked text of each template in these artefacts."""
        found: dict[str, str] = {}
        for one in evidence:
            manifest = self._must(one)
            if manifest.templates:
                table = pq.read_table(self._root / manifest.templates, partitioning=None)
                found.update(zip(table["template"].to_pylist(), table["masked"].to_pylist(), strict=True))
        return found

    def anchors(self, evidence: Evidence) -> list[tuple[int, int]]:
        """Lines of an artefact with an offset in each, a few for each file: from there on a line can be counted.

        Nothing where the events are not here: a lake is derived.
        """
        manifest = self.manifest(evidence)
        return lake_manifest.anchors(self._root, manifest) if manifest else []

    def tables(self, evidence: Sequence[Evidence]) -> pa.Table:
        """All events of the artefacts as one table; its column ``evidence`` counts them from 0.

        Raises NotFoundError when the events of one of them are not here: they have to be read again.
        """
        made = [self._table(one, index) for index, one in enumerate(evidence)]
        return pa.concat_tables([*made, _empty()], promote_options="default").unify_dictionaries()

    def sized(self, evidence: Sequence[Evidence]) -> pa.Table:
        """As ``tables``; of too many log lines and spans only some, with a ``weight`` for how many each stands."""
        counts = {signal: sum(file.rows for _, file in self.files(evidence, [signal])) for signal in _MANY}
        if all(count <= lake_sized.ALL for count in counts.values()):
            return self.tables(evidence)
        many = [signal for signal, count in counts.items() if count > lake_sized.ALL]
        made = [self._table(one, index, without=many) for index, one in enumerate(evidence)]
        spill = lake_sized.Sized(self._root / ".spill")
        try:
            for signal in many:
                files = [path for path, _ in self.files(evidence, [signal])]
                found = (
                    spill.logs(files, lake_sized.MOST) if signal == "log" else spill.spans(files, lake_sized.MOST)[0]
                )
                made.append(self._weighed(found, evidence))
        finally:
            spill.close()
        return pa.concat_tables([*made, _empty()], promote_options="default").unify_dictionaries()

    def _weighed(self, table: pa.Table, evidence: Sequence[Evidence]) -> pa.Table:
        """Rows that were picked, with the columns of ``tables``."""
        index = {one.sha256: at for at, one in enumerate(evidence)}
        of = pa.array([index[sha] for sha in table.column("artefact").to_pylist()], pa.int32())
        weight = table.column("weight").cast(pa.int64())
        table = table.select(EVENT.names).cast(EVENT)
        for name in WORDS:
            at = table.column_names.index(name)
            table = table.set_column(at, name, table.column(name).dictionary_encode())
        table = _with_masked(table, self.templates(evidence))
        return table.append_column("evidence", of).append_column("weight", weight)

    def _table(self, evidence: Evidence, index: int, without: Sequence[str] = ()) -> pa.Table:
        names = [*EVENT.names, "row"]
        paths = [path for path, file in self.files([evidence]) if file.signal not in without]
        if not paths:
            return _empty()
        table = pa.concat_tables([_read(path, names, evidence) for path in paths])
        if len(paths) > 1:
            table = table.unify_dictionaries().sort_by("row")
        table = _with_masked(table.drop_columns("row"), self.templates([evidence]))
        return table.append_column("evidence", pa.array(np.full(table.num_rows, index, np.int32)))

    def _must(self, evidence: Evidence) -> Manifest:
        manifest = self.manifest(evidence)
        if manifest is None:
            raise NotFoundError(f"The events of {evidence.name} are not in the lake.")
        return manifest


class _Writing:
    """The files of one artefact while they are written, in a folder aside."""

    def __init__(self, folder: Path, evidence: Evidence) -> None:
        self._folder, self._artefact, self._reading = folder, evidence.sha256, reading(evidence)
        self._name = f"{self._artefact}-{self._reading}"
        self._parts: dict[str, Partition] = {}
        self._rows = 0
        self._templates: Any = None
        self._seen: set[str] = set()
        self._new: dict[str, str] = {}

    def add(self, table: pa.Table, templates: dict[str, str]) -> None:
        """Add a batch of columns and the masked texts of its templates."""
        count = table.num_rows
        rows = pa.array(np.arange(self._rows, self._rows + count))
        own = [_repeated(self._artefact, count), _repeated(self._reading, count), rows]
        table = pa.table([*own, *table.columns], schema=STORED)
        self._rows += count
        for signal in table.column("kind").unique().to_pylist():
            self._part(signal).add(table.filter(pa.compute.equal(table.column("kind"), signal)))
        if sum(part.bytes for part in self._parts.values()) > 2 * BYTES:
            max(self._parts.values(), key=lambda part: part.bytes).flush()
        self._new.update((id_, text) for id_, text in templates.items() if id_ not in self._seen)
        if len(self._new) >= _TOGETHER:
            self._note()

    def close(self) -> Manifest:
        files = [file for _, part in sorted(self._parts.items()) for file in part.close()]
        name, size = "", 0
        self._note()
        if self._templates is not None:
            self._templates.close()
            name = self._templates_name()
            sync(self._folder / name)
            size = (self._folder / name).stat().st_size
        return Manifest(COLUMNS, self._artefact, self._reading, self._rows, tuple(files), name, size)

    def abandon(self) -> None:
        for part in self._parts.values():
            part.abandon()
        if self._templates is not None:
            self._templates.close()

    def _part(self, signal: str) -> Partition:
        if signal not in self._parts:
            self._parts[signal] = Partition(self._folder, signal, self._name)
        return self._parts[signal]

    def _templates_name(self) -> str:
        return f"templates/{self._name}.parquet"

    def _note(self) -> None:
        """Write the templates that are new."""
        if not self._new:
            return
        if self._templates is None:
            path = self._folder / self._templates_name()
            path.parent.mkdir(parents=True, exist_ok=True)
            self._templates = writer(path, TEMPLATES)
        if len(self._seen) > _REMEMBERED:
            self._seen.clear()
        self._seen.update(self._new)
        own = [_repeated(self._artefact, len(self._new)), _repeated(self._reading, len(self._new))]
        new = [pa.array(self._new), pa.array(map(whole, self._new.values()))]
        self._templates.write_table(pa.table([*own, *new], schema=TEMPLATES))
        self._new = {}


@contextmanager
def _writing(folder: Path, evidence: Evidence) -> Iterator[_Writing]:
    into = _Writing(folder, evidence)
    try:
        yield into
    finally:
        into.abandon()


def reading(evidence: Evidence) -> str:
    """Twelve hexadecimal digits for everything that the events of these bytes depend on beside the bytes."""
    said = [questions.subject(evidence.asked), questions.query(evidence.asked)] if evidence.asked else []
    sealed = [evidence.seal.key, evidence.seal.kinds, evidence.seal.rules] if evidence.seal else []
    rule = json.dumps([COLUMNS, evidence.source, evidence.reader, evidence.zone, evidence.year, *said, *sealed])
    return hashlib.sha256(rule.encode()).hexdigest()[:12]


def _repeated(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text), count)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _meets(file: LakeFile, span: Span) -> bool:
    if file.hour == UNDATED or file.first is None or file.last is None:
        return False
    named = overlaps(file.hour, hour_name(span.start // _HOUR), hour_name(span.end // _HOUR))
    return named and file.first <= span.end and file.last >= span.start


def _read(path: Path, names: list[str], evidence: Evidence) -> pa.Table:
    try:
        return pq.read_table(path, columns=names, memory_map=True, partitioning=None, read_dictionary=list(WORDS))
    except FileNotFoundError:
        raise NotFoundError(f"The events of {evidence.name} are not in the lake.") from None


def _with_masked(table: pa.Table, texts: dict[str, str]) -> pa.Table:
    """The masked text beside the id of each template."""
    chunks = []
    for chunk in table.column("template").chunks:
        coded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
        words = pa.array([texts.get(id_, "") for id_ in coded.dictionary.to_pylist()], pa.string())
        chunks.append(pa.DictionaryArray.from_arrays(coded.indices, words))
    at = table.column_names.index("template") + 1
    return table.add_column(at, pa.field("masked", _WORD), pa.chunked_array(chunks, _WORD))


def _empty() -> pa.Table:
    """No events, with the columns that ``tables`` gives out."""
    fields = [pa.field(f.name, _WORD if f.name in WORDS else f.type) for f in EVENT]
    fields.insert(EVENT.names.index("template") + 1, pa.field("masked", _WORD))
    return pa.schema([*fields, ("evidence", pa.int32())]).empty_table()
