"""The wire format of protobuf, walked for the offsets that citations need, and the signal that a request of OTLP carries.

Protobuf has no magic and says nothing of its schema. What is taken for a request has, from field 1, a resource with scopes
whose first element has only fields of a span, a metric or a log record, of the right wire types, and one that tells which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

VARINT, I64, LEN, I32 = 0, 1, 2, 5
_SIZES = {I64: 8, I32: 4}
#: Wire types by field.
_RESOURCE = {1: LEN, 2: LEN, 3: LEN, 1000: LEN}
_SCOPE = {1: LEN, 2: LEN, 3: LEN}
_LOG = {1: I64, 2: VARINT, 3: LEN, 5: LEN, 6: LEN, 7: VARINT, 8: I32, 9: LEN, 10: LEN, 11: I64, 12: LEN}
_SPAN = {
    1: LEN, 2: LEN, 3: LEN, 4: LEN, 5: LEN, 6: VARINT, 7: I64, 8: I64, 9: LEN, 10: VARINT, 11: LEN, 12: VARINT, 13: LEN, 14: VARINT,
    15: LEN, 16: I32,
}  # fmt: skip
_METRIC = {1: LEN, 2: LEN, 3: LEN, 5: LEN, 7: LEN, 9: LEN, 10: LEN, 11: LEN, 12: LEN}
_VALUE = {1: LEN, 2: VARINT, 3: VARINT, 4: I64, 5: LEN, 6: LEN, 7: LEN}
#: The field of a metric that holds its data points.
DATA = {5: "gauge", 7: "sum", 9: "histogram", 10: "exponential_histogram", 11: "summary"}
#: What a log record has and no other element: times, a severity number, flags.
_OF_LOG = frozenset({(1, I64), (11, I64), (2, VARINT), (8, I32)})
#: What stands there is no scope.
_NONE = "?"
#: The most fields and levels that are looked at to tell what something is.
_LOOK = 64


class CutError(Exception):
    """The bytes end, or stop making sense, at ``at``; behind ``end``, where it is known, they may be read again."""

    def __init__(self, at: int, message: str, end: int | None = None) -> None:
        super().__init__(message)
        self.at = at
        self.end = end


class Field(NamedTuple):
    """One field: its number, its wire type, where its content stands, the value of a varint, whether its end is missing."""

    number: int
    wire: int
    start: int
    end: int
    value: int = 0
    cut: bool = False


def varint(raw: bytes, at: int, end: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends. Raises CutError."""
    value = shift = 0
    start = at
    while at < end:
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise CutError(start, "a number of more than 64 bits")
    raise CutError(start, "cut off inside a number")


def fields(raw: bytes, at: int, end: int, *, enter: bool = False) -> Iterator[Field]:
    """The fields of a message. Raises CutError at the first that is no field or reaches beyond ``end``.

    With ``enter``, what there is of a message that reaches beyond ``end`` is yielded before that.
    """
    while at < end:
        start = at
        key, at = (raw[at], at + 1) if raw[at] < 0x80 else varint(raw, at, end)
        number, wire = key >> 3, key & 7
        if number == 0:
            raise CutError(start, "no field of a message")
        if wire == LEN:
            size, at = (raw[at], at + 1) if at < end and raw[at] < 0x80 else varint(raw, at, end)
            stop = at + size
        elif wire == VARINT:
            value, stop = varint(raw, at, end)
            yield Field(number, wire, at, stop, value)
            at = stop
            continue
        elif wire in _SIZES:
            stop = at + _SIZES[wire]
        else:
            raise CutError(start, f"wire type {wire}, which no field of OTLP has")
        if stop > end:
            if enter and wire == LEN and at < end:
                yield Field(number, wire, at, end, 0, True)
            raise CutError(start, "cut off inside a field")
        yield Field(number, wire, at, stop)
        at = stop


def signal(raw: bytes, at: int, end: int, *, cut: bool = False) -> str:
    """``span``, ``log`` or ``metric`` by the first element of a request; empty: it is no request of OTLP.

    ``cut`` says that the request goes on behind ``end``: what is cut off there is judged by what is to be seen of it.
    """
    found = ""
    for resource in _seen(raw, at, end, cut=cut):
        if resource.number > 1000:
            continue
        if (resource.number, resource.wire) != (1, LEN):
            return ""
        for level in _seen(raw, resource.start, resource.end, cut=cut and resource.end >= end):
            if _RESOURCE.get(level.number) != level.wire:
                return ""
            if level.number == 2 and not found:
                found = _of_scope(raw, level, cut=cut and level.end >= end)
        if found:
            return "" if found == _NONE else found
    return ""


def _of_scope(raw: bytes, scope: Field, *, cut: bool) -> str:
    """The signal of the first element of a scope that tells it; empty where none does, ``?`` where it is no scope."""
    for level in _seen(raw, scope.start, scope.end, cut=cut):
        if _SCOPE.get(level.number) != level.wire:
            return _NONE
        if level.number == 2 and (found := _of_element(raw, level, cut=cut and level.end >= scope.end)):
            return found
    return ""


def _of_element(raw: bytes, element: Field, *, cut: bool) -> str:
    found = list(_seen(raw, element.start, element.end, cut=cut))
    kinds = {(one.number, one.wire) for one in found}
    sizes = {one.number: one.end - one.start for one in found if one.wire == LEN}
    ids = (sizes.get(1, 16), sizes.get(2, 8)) == (16, 8)
    if _fits(found, _SPAN) and ids and (kinds & {(7, I64), (8, I64)} or {1, 2} <= sizes.keys()):
        return "span"
    if _fits(found, _METRIC) and any(_has_points(raw, one, cut=cut) for one in found if one.number in DATA):
        return "metric"
    ids = sizes.get(9, 16) in (0, 16) and sizes.get(10, 8) in (0, 8)
    if _fits(found, _LOG) and ids and (kinds & _OF_LOG or any(_is_body(raw, one, cut=cut) for one in found)):
        return "log"
    return ""


def _is_body(raw: bytes, body: Field, *, cut: bool) -> bool:
    """Whether a field is the body of a log record: one value of any kind."""
    if body.number != 5:
        return False
    found = list(_seen(raw, body.start, body.end, cut=cut))
    return len(found) == 1 and _VALUE.get(found[0].number) == found[0].wire


def _fits(found: list[Field], schema: dict[int, int]) -> bool:
    """Whether every field has the wire type of the schema; fields of a later version may be more."""
    known = [one for one in found if one.number in schema]
    return bool(known) and all(schema[one.number] == one.wire for one in known) and len(known) * 2 > len(found)


def _has_points(raw: bytes, data: Field, *, cut: bool) -> bool:
    """Whether the first element is a data point: field 3 of every kind is the time in eight bytes."""
    for point in _seen(raw, data.start, data.end, cut=cut):
        if (point.number, point.wire) == (1, LEN):
            kinds = {(one.number, one.wire) for one in _seen(raw, point.start, point.end, cut=cut)}
            return bool(kinds & {(3, I64), (2, I64), (4, I64)}) and not kinds & {(3, LEN), (2, LEN), (2, VARINT)}
    return False


def _seen(raw: bytes, at: int, end: int, *, cut: bool) -> Iterator[Field]:
    """The first fields. What cannot be walked yields a field that nothing fits, unless it is only cut off."""
    count = 0
    start = at
    try:
        for one in fields(raw, at, end):
            yield one
            start, count = one.end, count + 1
            if count == _LOOK:
                return
    except CutError as error:
        inside = _opened(raw, error.at, end) if cut else Field(0, 7, start, end)
        if inside is not None:
            yield inside


def _opened(raw: bytes, at: int, end: int) -> Field | None:
    """The field that begins at ``at`` and reaches beyond the end, up to the end; None where only its key is there."""
    try:
        key, at = varint(raw, at, end)
        if key & 7 != LEN:
            return None if key & 7 in _SIZES else Field(0, 7, at, end)
        size, at = varint(raw, at, end)
    except CutError:
        return None
    # A length that no message has: it is not cut off, it is no field at all.
    return Field(key >> 3, LEN, at, end) if key >> 3 and at + size > end and size < 1 << 30 else Field(0, 7, at, end)
