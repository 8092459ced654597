"""Way: the event that lines make which agree in what decides, and the table of many such lines."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from afterword.reading.said import exception

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from afterword.model.event import Event

#: What a text has that names the type of an exception.
_RAISED: Final = re.compile(r"Exception|Error|Throwable|Fault|Panic")
_CONSTANT: Final = ("subject", "name", "severity", "meaning", "clock")

SCHEMA: Final = pa.schema(
    [
        ("at", pa.int64()),
        ("offset", pa.int32()),
        ("granularity", pa.int64()),
        ("subject", pa.string()),
        ("name", pa.string()),
        ("text", pa.string()),
        ("took", pa.int64()),
        ("severity", pa.string()),
        ("trace", pa.string()),
        ("span", pa.string()),
        ("parent", pa.string()),
        ("attributes", pa.string()),
        ("meaning", pa.string()),
        ("clock", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Way:
    """Constants, and the slots whose values go through."""

    event: Event
    #: Attributes by name in their order: a slot, or a text that is always the same.
    attributes: tuple[tuple[str, int | str], ...]
    #: Whether the message goes through.
    message: bool
    #: The attributes that come from slots.
    takes: tuple[tuple[str, int], ...] = field(init=False)

    def __post_init__(self) -> None:
        takes = tuple((name, what) for name, what in self.attributes if isinstance(what, int))
        object.__setattr__(self, "takes", takes)

    def form(self, *more: str) -> str | None:
        """The attributes as JSON with a place for each value that goes through; None when there are none."""
        named = sorted([*self.attributes, *((name, -1) for name in more)])
        pieces = [f"{_quoted(name)}: " + ('"%s"' if isinstance(what, int) else _quoted(what)) for name, what in named]
        return "{" + ", ".join(pieces) + "}" if pieces else None


@dataclass(frozen=True, slots=True)
class Columns:
    """What differs from line to line; ``named`` are the attributes, ``texts`` and ``took`` may be empty."""

    at: Sequence[int]
    offset: Sequence[int | None]
    granularity: Sequence[int]
    texts: Sequence[str]
    took: Sequence[int | None]
    named: Mapping[str, Sequence[str]]


def table(ways: Sequence[Way | None], codes: NDArray[np.int64], lines: Columns, *, raised: bool) -> pa.Table:
    """The events of lines of several ways that take the same values; ``raised``: messages name exceptions."""
    index, count = pa.array(codes), len(codes)
    known = {code: ways[code] for code in set(codes.tolist())}
    of = [known.get(code) for code in range(len(ways))]
    made: dict[str, Any] = {
        name: pa.array([None if one is None else str(getattr(one.event, name)) for one in of], pa.string()).take(index)
        for name in _CONSTANT
    }
    made |= {"at": lines.at, "offset": lines.offset, "took": lines.took or [None] * count}
    made["granularity"] = _each(of, index, "granularity") if not any(lines.granularity) else lines.granularity
    made["text"] = lines.texts or _each(of, index, "text")
    made["attributes"] = _attributes(of, codes.tolist(), lines, raised=raised)
    for name in ("trace", "span", "parent"):
        constants = [None if one is None else dict(one.attributes).get(name) for one in of]
        made[name] = lines.named.get(name) or pa.array(constants, pa.string()).take(index)
    arrays = [one if isinstance(one := made[f.name], pa.Array) else pa.array(one, f.type) for f in SCHEMA]
    return pa.table(arrays, schema=SCHEMA)


def _each(ways: Sequence[Way | None], index: pa.Array, name: str) -> pa.Array:
    type_ = pa.int64() if name == "granularity" else pa.string()
    return pa.array([None if one is None else getattr(one.event, name) for one in ways], type_).take(index)


def _attributes(ways: Sequence[Way | None], codes: list[int], lines: Columns, *, raised: bool) -> list[str | None]:
    """Attributes as JSON. The values have neither quotes nor backslashes nor control characters."""
    names = sorted(lines.named)
    plain = _filled([one.form() if one else None for one in ways], codes, [lines.named[name] for name in names])
    if not raised or _RAISED.search("\n".join(lines.texts)) is None or "exception" in names:
        return plain
    kinds = [exception(text)[:200] if _RAISED.search(text) else "" for text in lines.texts]
    columns = [kinds if name == "exception" else lines.named[name] for name in sorted([*names, "exception"])]
    forms = [one.form("exception") if one and "exception" not in dict(one.attributes) else None for one in ways]
    more = _filled(forms, codes, columns)
    return [two if kind and two else one for one, two, kind in zip(plain, more, kinds, strict=True)]


def _filled(forms: list[str | None], codes: list[int], columns: list[Sequence[str]]) -> list[str | None]:
    if not columns:
        constant = [None if form is None else form % () for form in forms]
        return [constant[code] for code in codes]
    rows = zip(*columns, strict=True)
    return [None if (form := forms[code]) is None else form % row for code, row in zip(codes, rows, strict=True)]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("%", "%%")
