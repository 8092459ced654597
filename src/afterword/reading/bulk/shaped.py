"""Plain text logs in columns: the pattern of a shape is run on every line, what it found is worked out column by column."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np
import pyarrow as pa

from afterword.model.event import Kind
from afterword.reading import log_record
from afterword.reading.bulk import block
from afterword.reading.line import lines
from afterword.reading.log_time import Clock
from afterword.reading.remark import Remarks
from afterword.reading.said import hinted, marks
from afterword.reading.shape.shape import OWN, by_status, reader

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from afterword.model.event import Event
    from afterword.model.evidence import Problem, Skipped
    from afterword.ports import Batch, Reading
    from afterword.reading.log_time import Told
    from afterword.reading.shape.shape import Shape

#: Longer lines are read one by one.
_LONGEST: Final = 4096
#: Words without which a line names neither trace nor exception.
_MARKS: Final = ("race", "TRACE", "Exception", "Error")
_POWER: Final = tuple(10 ** (9 - digits) for digits in range(10))


def records(stream: BinaryIO, reading: Reading, shapes: Sequence[Shape]) -> Iterator[Event | Problem | Skipped | Batch]:
    """What ``log_record.records`` reads, in batches."""
    clock, remarks = Clock(reading), Remarks()
    chosen = log_record.begun(stream, shapes, clock, remarks)
    yield from block.read(stream, _Shaped(chosen, clock, remarks))
    yield from remarks.problems()


class _Shaped:
    headed = True
    kind = Kind.LOG

    def __init__(self, shapes: Sequence[Shape], clock: Clock, remarks: Remarks) -> None:
        self._clock, self._remarks = clock, remarks
        self._active = [(reader(one, clock), one.wraps, one.heads) for one in shapes]
        self._columns = [_Columns.of(one, clock) for one in shapes]

    def slow(self, stream: BinaryIO, offset: int, number: int) -> block.Read:
        return self._read(stream, offset, number, self._remarks)

    def again(self, stream: BinaryIO, offset: int, number: int) -> block.Read:
        return self._read(stream, offset, number, Remarks())

    def _read(self, stream: BinaryIO, offset: int, number: int, remarks: Remarks) -> block.Read:
        found = lines(stream, offset=offset, number=number)
        return log_record.of_lines(found, self._active, self._clock, remarks)

    def match(self, texts: Sequence[str]) -> tuple[NDArray[np.bool_], pa.Table]:
        """Each line in the first shape whose pattern it has, if that one can be read in columns."""
        hit = np.zeros(len(texts), np.bool_)
        made: list[tuple[NDArray[np.int64], pa.Table]] = []
        left = np.arange(len(texts))
        rest: Sequence[str] = texts
        for one in self._columns:
            found = list(map(one.shape.pattern.fullmatch, rest))
            found = one.unrefused(found)
            known = np.fromiter((m is not None for m in found), np.bool_, len(found))
            if one.usable and known.any():
                rows, table = one.table(left[known], [m for m in found if m is not None])
                hit[rows] = True
                made.append((rows, table))
            left = left[~known]
            if not len(left):
                break
            rest = [texts[row] for row in left.tolist()] if known.any() else rest
        return hit, _joined(made)


def _joined(made: list[tuple[NDArray[np.int64], pa.Table]]) -> pa.Table:
    if not made:
        return SCHEMA.empty_table()
    if len(made) == 1:
        return made[0][1]
    order = np.argsort(np.concatenate([rows for rows, _ in made]), kind="stable")
    return pa.concat_tables([table for _, table in made]).take(pa.array(order))


SCHEMA: Final = pa.schema(
    [
        ("at", pa.int64()),
        ("offset", pa.int32()),
        ("granularity", pa.int64()),
        ("subject", pa.string()),
        ("text", pa.string()),
        ("severity", pa.string()),
        ("trace", pa.string()),
        ("span", pa.string()),
        ("attributes", pa.string()),
    ]
)


@dataclass(slots=True)
class _Columns:
    """One shape, read in columns."""

    shape: Shape
    clock: Clock
    index: dict[str, int]
    usable: bool
    others: tuple[str, ...]
    _severities: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, shape: Shape, clock: Clock) -> _Columns:
        index = {name: at - 1 for name, at in shape.pattern.groupindex.items()}
        others = tuple(name for name in index if name not in OWN)
        plain = not (shape.wraps or shape.heads or shape.finish)
        usable = plain and ("t" in index or "at" in index) and not {"trace", "span", "parent", "logger"} & set(others)
        return cls(shape, clock, index, usable, others)

    def unrefused(self, found: list[re.Match[str] | None]) -> list[re.Match[str] | None]:
        """The matches without those that only look right, by the word that tells."""
        unless = self.shape.unless
        name = "log" if "log" in self.index else "comp"
        if unless is None or name not in self.index:
            return found
        words = [one[name] if one is not None else None for one in found]
        wrong = {word for word in set(words) if word and unless.match(word)}
        return [None if word in wrong else one for one, word in zip(found, words, strict=True)] if wrong else found

    def table(self, rows: NDArray[np.int64], found: list[Any]) -> tuple[NDArray[np.int64], pa.Table]:
        """The columns of the lines that matched; lines that need a closer look are left out."""
        groups = [match.groups() for match in found]
        whole = [match.string for match in found]
        told, keep = self._told(groups)
        keep &= np.fromiter(map(len, whole), np.int64, len(whole)) <= _LONGEST
        if not keep.all():
            chosen = np.flatnonzero(keep).tolist()
            if not chosen:
                return rows[:0], SCHEMA.empty_table()
            groups, whole, told = ([column[at] for at in chosen] for column in (groups, whole, told))
            rows = rows[keep]
        columns: list[Sequence[str | None]] = list(zip(*groups, strict=True))
        texts = self._texts(columns, whole)
        spoken = _marks(whole)
        traces = (
            [[one.get(name) if one else None for one in spoken] for name in ("trace", "span")]
            if any(spoken)
            else [[None] * len(whole)] * 2
        )
        at, offset, granularity = zip(*told, strict=True)
        made = [at, offset, granularity, self._subjects(columns), texts, self._severity(columns, texts), *traces]
        made.append(self._attributes(columns, spoken))
        arrays = [pa.array(column, one.type) for column, one in zip(made, SCHEMA, strict=True)]
        return rows, pa.table(arrays, schema=SCHEMA)

    def _column(self, columns: Sequence[Sequence[str | None]], name: str) -> Sequence[str | None] | None:
        return columns[self.index[name]] if name in self.index else None

    def _told(self, groups: list[tuple[str | None, ...]]) -> tuple[list[Any], NDArray[np.bool_]]:
        """Time, offset and granularity of each line, and whether it has a time that can be relied on."""
        t, f, z, at = (self.index.get(name, -1) for name in ("t", "f", "z", "at"))
        nothing = ["" for _ in groups]
        fractions = [one[f] for one in groups] if f >= 0 else nothing
        known: dict[Any, Told | None] = {}
        if t >= 0:
            keys: list[Any] = [(one[t], one[z] if z >= 0 else "") for one in groups]
            for key in set(keys):
                known[key] = self.clock.exact(key[0], "", key[1]) if key[0] else None
        else:
            keys = [one[at] for one in groups]
            for key in set(keys):
                known[key] = self.clock.read(self.shape.form, key) if key else None
        made = [_finer(known[key], fraction) for key, fraction in zip(keys, fractions, strict=True)]
        return made, np.fromiter((one is not None for one in made), np.bool_, len(made))

    def _texts(self, columns: Sequence[Sequence[str | None]], whole: list[str]) -> list[str]:
        said = self._column(columns, "msg")
        return whole if said is None else [(one or "").strip() for one in said]

    def _subjects(self, columns: Sequence[Sequence[str | None]]) -> Sequence[str]:
        component, logger = self._column(columns, "comp"), self._column(columns, "log")
        plain = self.shape.component
        if component is None and logger is None:
            return [plain] * len(columns[0])
        if component is None or logger is None:
            return [one or plain for one in (component if logger is None else logger) or ()]
        return [one or two or plain for one, two in zip(component, logger, strict=True)]

    def _severity(self, columns: Sequence[Sequence[str | None]], texts: list[str]) -> list[str]:
        words, status = self._column(columns, "sev"), self._column(columns, "status")
        for word in set(words or ()).difference(self._severities):
            if word:
                self._severities[word] = self.shape.severity(word)
        found = [self._severities[one] if one else None for one in words] if words else [None] * len(texts)
        if status:
            found = [
                one if one is not None else by_status(code) if code else None
                for one, code in zip(found, status, strict=True)
            ]
        default = self.shape.default
        return [one if one is not None else default or hinted(text) for one, text in zip(found, texts, strict=True)]

    def _attributes(
        self, columns: Sequence[Sequence[str | None]], spoken: Sequence[dict[str, str] | None]
    ) -> list[str | None]:
        """Attributes as JSON: those of the line's groups, and what the line itself names."""
        named = {name: columns[self.index[name]] for name in self.others}
        if "log" in self.index:
            named["logger"] = columns[self.index["log"]]
        names = sorted(named)
        if not names:
            return [json.dumps(one, sort_keys=True, ensure_ascii=False) if one else None for one in spoken]
        rows = list(zip(*(named[name] for name in names), strict=True))
        written: Callable[[Sequence[str | None]], str] = _Writer(names).written
        few = {row: written(row) for row in set(rows)} if len(set(rows[:1000])) < 250 else None
        found = list(map(few.__getitem__, rows)) if few is not None else list(map(written, rows))
        return [
            (text or None) if not one else _merged(one, names, row)
            for text, one, row in zip(found, spoken, rows, strict=True)
        ]


class _Writer:
    """Writes an object with these keys as JSON; empty for one in which nothing is said."""

    def __init__(self, names: Sequence[str]) -> None:
        self._keys = [f"{quoted(name)}: " for name in names]

    def written(self, row: Sequence[str | None]) -> str:
        said = [key + quoted(value) for key, value in zip(self._keys, row, strict=True) if value]
        return "{" + ", ".join(said) + "}" if said else ""


def _merged(spoken: dict[str, str], names: Sequence[str], row: Sequence[str | None]) -> str:
    made = {**spoken, **{name: value for name, value in zip(names, row, strict=True) if value}}
    return json.dumps(made, sort_keys=True, ensure_ascii=False)


def _finer(told: Told | None, fraction: str | None) -> tuple[int, int | None, int] | None:
    if told is None or told.at is None:
        return None
    if not fraction:
        return told.at, told.offset, told.granularity
    width = _POWER[len(fraction)]
    return told.at + int(fraction) * width, told.offset, width


def _marks(whole: list[str]) -> Sequence[dict[str, str] | None]:
    """What each line names of a trace or an exception."""
    block_ = "\n".join(whole)
    words = [word for word in _MARKS if word in block_]
    if not words:
        return [None] * len(whole)
    return [marks(line) if any(word in line for word in words) else None for line in whole]
