"""JSON lines in columns. What a line of a layout makes of its values is found out once, by reading a made-up line.

The made-up line has the values that may decide something, and a mark in the place of every other one. Where the marks
come out again in the event is where the values of all lines go that agree in what decides.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np
import pyarrow as pa

from afterword.model.event import Event, Kind
from afterword.reading import strict_json
from afterword.reading.bulk.layout import Role, learn
from afterword.reading.bulk.way import SCHEMA, Columns, Way, table
from afterword.reading.remark import Remarks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from afterword.reading.bulk.block import Read
    from afterword.reading.bulk.layout import Layout
    from afterword.reading.log_time import Clock

_MOST_LAYOUTS, _TRIED = 12, 100
#: Sets of deciding values that are remembered for a layout; where there are more, they decide nothing.
_MOST_WAYS: Final = 5_000
_LONGEST: Final = 8192
_POWER: Final = tuple(10 ** (9 - digits) for digits in range(10))


@dataclass(frozen=True, slots=True)
class Format:
    """How the lines of a source are taken apart: what each value of a layout does, and how lines are read one by one."""

    kind: Kind
    roles: Callable[[Layout], Sequence[Role] | None]
    slow: Callable[[BinaryIO, int, int, Remarks], Read]
    clock: Clock
    #: The key whose string is part of the layout.
    fixed: str = ""
    arrays: bool = False
    #: A message may be a record of its own, and names exceptions.
    inner: bool = False
    #: What an id of a trace or a span looks like.
    id: str = r"[0-9a-f]{16,32}"
    #: Values of attributes are cut to this length.
    longest: int = 200


class Alike:
    """The lines of one artefact: layouts are learnt as they come."""

    headed = False

    def __init__(self, format_: Format, remarks: Remarks) -> None:
        self.kind = format_.kind
        self._remarks = remarks
        self._format = format_
        self._layouts: list[_Known] = []
        self._tried = 0

    def slow(self, stream: BinaryIO, offset: int, number: int) -> Read:
        return self._format.slow(stream, offset, number, self._remarks)

    def again(self, stream: BinaryIO, offset: int, number: int) -> Read:
        return self._format.slow(stream, offset, number, Remarks())

    def match(self, texts: Sequence[str]) -> tuple[NDArray[np.bool_], pa.Table]:
        hit = np.zeros(len(texts), np.bool_)
        made: list[tuple[NDArray[np.int64], pa.Table]] = []
        left = np.arange(len(texts))
        at = 0
        while len(left) and (at < len(self._layouts) or self._learnt([texts[row] for row in left[:20].tolist()])):
            one = self._layouts[at]
            at += 1
            found = [one.pattern.fullmatch(texts[row]) for row in left.tolist()]
            known = np.fromiter((m is not None for m in found), np.bool_, len(found))
            if not known.any():
                continue
            rows, tables = one.tables(left[known], [m for m in found if m is not None])
            hit[rows] = True
            made += tables
            left = left[~known]
        return hit, joined(made, SCHEMA)

    def _learnt(self, texts: Sequence[str]) -> bool:
        """Whether the first of these lines that can be learnt gave a new layout."""
        for text in texts:
            if len(self._layouts) >= _MOST_LAYOUTS or self._tried >= _TRIED or len(text) > _LONGEST:
                return False
            self._tried += 1
            layout = learn(text, fixed=self._format.fixed, arrays=self._format.arrays)
            roles = self._format.roles(layout) if layout is not None else None
            if layout is not None and roles is not None:
                self._layouts.append(_Known(layout, tuple(roles), self._format))
                if self._layouts[-1].pattern.fullmatch(text):
                    return True
                self._layouts.pop()
        return False


def joined(made: list[tuple[NDArray[np.int64], pa.Table]], schema: pa.Schema) -> pa.Table:
    """The tables as one, in the order of their rows."""
    if not made:
        return schema.empty_table()
    if len(made) == 1:
        return made[0][1]
    order = np.argsort(np.concatenate([rows for rows, _ in made]), kind="stable")
    return pa.concat_tables([table for _, table in made]).take(pa.array(order))


@dataclass(slots=True)
class _Known:
    layout: Layout
    roles: tuple[Role, ...]
    format: Format
    pattern: re.Pattern[str] = field(init=False)
    #: The first group of each slot.
    groups: list[int] = field(init=False)
    _id: re.Pattern[str] = field(init=False)
    _ways: dict[tuple[Any, ...], Way | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pattern = self.layout.pattern(self.roles)
        self._id = re.compile(self.format.id)
        sizes = [3 if role is Role.ISO else 1 for role in self.roles]
        self.groups = [sum(sizes[:at]) for at in range(len(sizes))]

    def _slots(self, *roles: Role) -> list[int]:
        return [at for at, role in enumerate(self.roles) if role in roles]

    def tables(
        self, rows: NDArray[np.int64], found: list[re.Match[str]]
    ) -> tuple[NDArray[np.int64], list[tuple[NDArray[np.int64], pa.Table]]]:
        """The rows that could be read in columns, and a table for each set of deciding values."""
        columns: list[Sequence[str]] = list(zip(*[match.groups() for match in found], strict=True))
        at, offset, width = self._told(columns)
        keep = np.fromiter((one is not None for one in at), np.bool_, len(at)) & self._plain(columns)
        texts = self._texts(columns, keep)
        codes, ways = self._of_ways(columns)
        shapes = {way.takes: at for at, way in enumerate(ways) if way is not None}
        shape = np.array([-1 if way is None else shapes[way.takes] for way in ways])[codes]
        kept, made = [rows[:0]], []
        for takes, number in shapes.items():
            mine = np.flatnonzero(keep & (shape == number))
            if not len(mine):
                continue
            pick = _Pick(mine if len(mine) < len(rows) else None)
            alike = Columns(
                at=pick(at),
                offset=pick(offset),
                granularity=pick(width),
                texts=pick(texts),
                took=self._took(pick, columns, at),
                named={name: self._value(pick(columns[self.groups[slot]]), slot) for name, slot in takes},
            )
            kept.append(rows[mine])
            made.append((rows[mine], table(ways, codes[mine], alike, raised=self.format.inner)))
        return np.concatenate(kept), made

    def _told(
        self, columns: Sequence[Sequence[str]]
    ) -> tuple[Sequence[int | None], Sequence[int | None], Sequence[int]]:
        """Time, offset and granularity of each line; no time where it cannot be relied on."""
        count = len(columns[0])
        slot = self._slots(Role.ISO, Role.NANOS, Role.TIME)[0]
        group = self.groups[slot]
        if self.roles[slot] is Role.NANOS:
            return list(map(int, columns[group])), [0] * count, [0] * count
        clock = self.format.clock
        if self.roles[slot] is Role.TIME:
            number = self.layout.slots[slot].kind == "number"
            known = {one: _value(one, clock, number=number) for one in set(columns[group])}
            told = [known[one] for one in columns[group]]
            return [one[0] for one in told], [one[1] for one in told], [one[2] for one in told]
        seconds, fractions, zones = columns[group : group + 3]
        keys = list(zip(seconds, zones, strict=True))
        seen = {key: clock.exact(key[0], "", key[1] or "") for key in set(keys)}
        exact = [seen[key] for key in keys]
        powers = [_POWER[len(one)] if one else 0 for one in fractions]
        at = [
            one.at if not power or one.at is None else one.at + int(fraction) * power
            for one, power, fraction in zip(exact, powers, fractions, strict=True)
        ]
        width = [power or one.granularity for power, one in zip(powers, exact, strict=True)]
        return at, [one.offset for one in exact], width

    def _plain(self, columns: Sequence[Sequence[str]]) -> NDArray[np.bool_]:
        """Which lines have no value that is more than it seems."""
        keep = np.ones(len(columns[0]), np.bool_)
        for slot, role in enumerate(self.roles):
            column = columns[self.groups[slot]]
            if role is Role.ID:
                keep &= self._ids(column)
            elif role is Role.PASSES and self.layout.slots[slot].kind == "string":
                longest = self.format.longest
                if max(map(len, column)) > longest or any("${" in one for one in column):
                    odd = (len(one) <= longest and not one.startswith("${") for one in column)
                    keep &= np.fromiter(odd, np.bool_, len(column))
        return keep

    def _ids(self, column: Sequence[str]) -> NDArray[np.bool_]:
        if len(column[0]) in (16, 32) and set(map(len, column)) == {len(column[0])}:
            body = "".join(column)
            if body.isascii() and not body.encode().translate(None, b"0123456789abcdef") and "0" * 16 not in body:
                return np.ones(len(column), np.bool_)
        return np.fromiter(map(self._is_id, column), np.bool_, len(column))

    def _is_id(self, value: str) -> bool:
        return not value or (self._id.fullmatch(value) is not None and value.strip("0-") != "")

    def _texts(self, columns: Sequence[Sequence[str]], keep: NDArray[np.bool_]) -> list[str]:
        """The messages; a line whose message is empty, or an object itself, is not kept."""
        slots = self._slots(Role.MESSAGE)
        if not slots:
            return []
        texts = list(columns[self.groups[slots[0]]])
        if self.format.inner:
            texts = list(map(str.strip, texts))
            fine = (bool(one) and one[0] != "{" and len(one) <= _LONGEST for one in texts)
        else:
            fine = (bool(one) and len(one) <= _LONGEST for one in texts)
        keep &= np.fromiter(fine, np.bool_, len(texts))
        return texts

    def _of_ways(self, columns: Sequence[Sequence[str]]) -> tuple[NDArray[np.int64], list[Way | None]]:
        """The way of each line: by the values that decide, and by whether the others say anything at all."""
        deciding = [columns[self.groups[slot]] for slot in self._slots(Role.DECIDES)]
        said = [
            list(map(bool, columns[self.groups[slot]]))
            for slot in self._slots(Role.PASSES, Role.ID)
            if self.layout.slots[slot].kind == "string"
        ]
        keys: list[tuple[Any, ...]] = (
            list(zip(*deciding, *said, strict=True)) if deciding or said else [()] * len(columns[0])
        )
        numbers = {key: at for at, key in enumerate(dict.fromkeys(keys))}
        codes = np.fromiter(map(numbers.__getitem__, keys), np.int64, len(keys))
        first: dict[tuple[Any, ...], int] = {}
        for key in numbers:
            if key not in self._ways and len(self._ways) < _MOST_WAYS:
                first = first or {one: row for row, one in reversed(list(enumerate(keys)))}
                self._ways[key] = self._way([column[first[key]] for column in columns])
        return codes, [self._ways.get(key) for key in numbers]

    def _way(self, values: Sequence[str]) -> Way | None:
        """What becomes of lines that agree with this one; None when it cannot be told."""
        marks: dict[str, int] = {}
        tokens = []
        for slot, (role, known) in enumerate(zip(self.roles, self.layout.slots, strict=True)):
            value = values[self.groups[slot]] or ""
            if role in (Role.ISO, Role.TIME, Role.NANOS, Role.END):
                tokens.append(known.token)
                continue
            if role is not Role.DECIDES and (value or role is Role.MESSAGE):
                value = _mark(slot, role, known.kind)
                marks[value] = slot
            tokens.append(json.dumps(value) if known.kind == "string" else value)
        line = self.layout.line(tokens).encode("utf-8", "surrogatepass")
        found = list(self.format.slow(io.BytesIO(line), 0, 1, Remarks()))
        if len(found) != 1 or not isinstance(found[0], Event):
            return None
        return self._understood(found[0], marks)

    def _understood(self, event: Event, marks: dict[str, int]) -> Way | None:
        message = next((mark for mark, slot in marks.items() if self.roles[slot] is Role.MESSAGE), None)
        constant = (
            event.subject,
            event.name,
            event.severity,
            event.clock,
            event.place.part,
            "" if message else event.text,
        )
        says = message is None or event.text == message
        if event.at is None or event.kind is not self.format.kind or not says or event.place.inline:
            return None
        if event.until is not None or event.value is not None or (self.format.inner and not event.severity):
            return None
        attributes: list[tuple[str, int | str]] = []
        for name, value in sorted(event.attributes.items()):
            if value not in marks and any(mark in value for mark in marks):
                return None
            attributes.append((name, marks.get(value, value)))
        if any(mark in one for mark in marks for one in (*constant, *event.attributes)):
            return None
        return Way(event, tuple(attributes), bool(message))

    def _value(self, column: Sequence[str], slot: int) -> Sequence[str]:
        """The values of a slot as text: a float as Python writes it."""
        known = self.layout.slots[slot]
        if known.kind != "number" or self.roles[slot] is Role.WHOLE:
            return column
        if known.path[-1] == "doubleValue":
            return [str(float(one)) for one in column]
        return [str(float(one)) if "." in one else one for one in column]

    def _took(self, pick: _Pick, columns: Sequence[Sequence[str]], at: Sequence[int | None]) -> list[int | None]:
        slots = self._slots(Role.END)
        if not slots:
            return []
        ends = map(int, pick(columns[self.groups[slots[0]]]))
        return [end - start if end >= start else None for start, end in zip(pick(at), ends, strict=True)]


@dataclass(frozen=True, slots=True)
class _Pick:
    """Takes some rows of a column; all of them without numbers."""

    rows: NDArray[np.int64] | None

    def __call__(self, column: Sequence[Any]) -> Sequence[Any]:
        return column if self.rows is None or not column else [column[row] for row in self.rows.tolist()]


def _mark(slot: int, role: Role, kind: str) -> str:
    """A value that stands for any other of its slot."""
    if role is Role.ID:
        return f"{slot:02d}a7" * 8
    return f"7{slot:02d}0907" if kind == "number" or role is Role.WHOLE else f"zq{slot}qz"


def _value(written: str, clock: Clock, *, number: bool) -> tuple[int | None, int | None, int]:
    """A time that is no ISO 8601: a number, or a text in another form."""
    if not number and (len(written) <= 10 or re.match(r"[0-9]{1,2}:[0-9]{2}", written)):
        return None, None, 1
    told = clock.value(strict_json.loads(written) if number else written)
    return told.at, told.offset, told.granularity
