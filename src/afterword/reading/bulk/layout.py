"""Layout: the punctuation, the keys and the kinds of values of one JSON line, which most lines of a log share."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from afterword.reading import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|[{}\[\],:]|[ \t\r\n]+')
_MOST_SLOTS: Final = 60


class Role(StrEnum):
    """What a value does to the event that a line makes."""

    #: It may decide anything: lines are alike only where they agree in it.
    DECIDES = "decides"
    #: It goes through as it is, or is not used.
    PASSES = "passes"
    #: It has to look like an id; then it goes through.
    ID = "id"
    MESSAGE = "message"
    #: A time as ISO 8601, as nanoseconds, or in any other form.
    ISO = "iso"
    NANOS = "nanos"
    #: A whole number, quoted or not, that goes through.
    WHOLE = "whole"
    END = "end"
    TIME = "time"


class Slot(NamedTuple):
    """One value: the names that lead to it, how it is written (``string``, ``number``, ``word``), and the sample's own."""

    path: tuple[str, ...]
    kind: str
    token: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Literal text and slots in turn; literal text begins and ends it."""

    literals: tuple[str, ...]
    slots: tuple[Slot, ...]

    def line(self, tokens: Sequence[str]) -> str:
        """The line with these values, as they are written in JSON."""
        pieces = [self.literals[0]]
        for token, after in zip(tokens, self.literals[1:], strict=True):
            pieces += [token, after]
        return "".join(pieces)

    def pattern(self, roles: Sequence[Role]) -> re.Pattern[str]:
        """What every line of this layout matches; a time in ISO 8601 gives three groups, any other value one."""
        pieces = [re.escape(self.literals[0])]
        for slot, role, after in zip(self.slots, roles, self.literals[1:], strict=True):
            pieces += [_value(slot.kind, role), re.escape(after)]
        return re.compile("".join(pieces), re.ASCII)


#: Numbers of at most 15 digits: a float of more remembers its text, and an integer of more may be no number at all.
_KINDS: Final = {
    "string": r'"([^"\\\x00-\x1f]*)"',
    "number": r"(0|-?[1-9][0-9]{0,14}|-?(?:0|[1-9][0-9]{0,6})\.[0-9]{1,6})",
    "word": r"(true|false|null)",
}
_ISO: Final = (
    r'"([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2})(?:[.,]([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})?"'
)
_DIGITS: Final = {
    Role.NANOS: r"([1-8][0-9]{18})",
    Role.END: r"([1-8][0-9]{18})",
    Role.WHOLE: r"(0|-?[1-9][0-9]{0,17})",
}


def _value(kind: str, role: Role) -> str:
    if role is Role.ISO:
        return _ISO
    if role in _DIGITS:
        return _DIGITS[role] if kind == "number" else f'"{_DIGITS[role]}"'
    if role is Role.TIME and kind == "number":
        return r"([1-9][0-9]{8,18}(?:\.[0-9]{1,9})?)"
    return _KINDS[kind]


def learn(text: str, *, fixed: str = "", arrays: bool = False) -> Layout | None:
    """The layout of one line; None for what is no object of plain values.

    A string under the key ``fixed`` is part of the layout, and names the object that it stands in.
    """
    try:
        value = strict_json.loads(text)
    except strict_json.Malformed:
        return None
    if not isinstance(value, dict) or "{}" in text or ("[" in text and not arrays):
        return None
    literals, slots = [""], []
    for token, slot in _tokens(text, fixed):
        if slot is None:
            literals[-1] += token
        else:
            slots.append(slot)
            literals.append("")
    paths = [slot.path for slot in slots]
    if not slots or len(slots) > _MOST_SLOTS or len(set(paths)) != len(paths):
        return None
    return Layout(tuple(literals), tuple(slots))


def _tokens(text: str, fixed: str) -> Iterator[tuple[str, Slot | None]]:
    """Each token, with its slot where it is a value."""
    path: list[str] = []
    keyed: list[bool] = []
    expects = False
    for found in _TOKEN.finditer(text):
        token = found[0]
        first = token[0]
        if first in "{[":
            path.append("" if first == "{" else "0")
            keyed.append(first == "{")
            expects = first == "{"
        elif first in "}]":
            path.pop()
            keyed.pop()
        elif first == "," and keyed[-1]:
            expects = True
        elif first == "," and path[-1].isdigit():
            path[-1] = str(int(path[-1]) + 1)
        elif first not in ":, \t\r\n":
            if expects:
                path[-1], expects = json.loads(token), False
            elif path[-1] == fixed and fixed and first == '"':
                # ``{"key": "http.route", "value": …}``: the object goes by what it is called.
                if len(path) > 1:
                    path[-2] = json.loads(token)
            else:
                yield token, Slot(tuple(path), _kind(first), token)
                continue
        yield token, None


def _kind(first: str) -> str:
    return "string" if first == '"' else "word" if first in "tfn" else "number"
