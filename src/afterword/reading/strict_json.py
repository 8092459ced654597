"""JSON read strictly: no repeated key, no NaN, no number that would lose digits without saying so, no deep nesting.

A float that has more digits than a double holds keeps its text (``Exact.text``), so that a time in seconds never loses
its nanoseconds. What is refused is a ``Malformed`` with the offset and one of these codes:

``json-syntax`` ``json-truncated`` ``json-deep`` ``json-repeated-key`` ``json-number`` ``json-encoding`` ``json-wide``
"""

from __future__ import annotations

import json
import re
from json.scanner import make_scanner
from typing import Any, Self

import numpy as np

DEEPEST = 64
#: Members of one object: what has more is no record of anything.
WIDEST = 50_000
_DIGITS = 15
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


class Malformed(ValueError):  # noqa: N818 - a fact about the bytes, which becomes a Problem
    """Text that is not JSON, or JSON that cannot be relied on; ``at`` is the offset in characters."""

    def __init__(self, code: str, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.at = at


class Exact(float):
    """A float that remembers how it was written."""

    text: str

    def __new__(cls, text: str) -> Self:
        made = super().__new__(cls, text)
        made.text = text
        return made


def _float(text: str) -> float:
    value = float(text) if len(text) <= _DIGITS else Exact(text)
    if value in (float("inf"), float("-inf")):
        raise Malformed("json-number", f"the number {text[:40]} is too large")
    return value


def _int(text: str) -> int:
    if len(text) > 40:
        raise Malformed("json-number", f"a number of {len(text)} digits")
    return int(text)


def _constant(text: str) -> None:
    raise Malformed("json-number", f"{text} is not a JSON number")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Malformed("json-repeated-key", f"the key {twice[:80]!r} stands twice in one object")
    if len(made) > WIDEST:
        raise Malformed("json-wide", f"an object with {len(made)} members")
    return made


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_float, parse_int=_int, parse_constant=_constant, strict=True
)


def loads(text: str) -> Any:
    """One JSON value and nothing after it but white space. Raises Malformed."""
    value, end = load_at(text, _space(text, 0))
    end = _space(text, end)
    if end != len(text):
        raise Malformed("json-syntax", "something follows after the end of the JSON value", end)
    return value


def load_at(text: str, at: int) -> tuple[Any, int]:
    """The JSON value that begins at ``at``, and where it ends. Raises Malformed."""
    _check_depth(text, at)
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        raise Malformed("json-truncated" if cut else "json-syntax", error.msg, error.pos) from None
    except RecursionError:  # pragma: no cover - the depth is checked before
        raise Malformed("json-deep", "nested too deeply", at) from None


def _check_depth(text: str, at: int) -> None:
    if text.count("[", at) + text.count("{", at) <= DEEPEST or _depth(text[at:]) <= DEEPEST:
        return
    depth = 0
    for found in _BRACKETS.finditer(text, at):
        mark = found.group()
        if mark in "[{":
            depth += 1
            if depth > DEEPEST:
                raise Malformed("json-deep", f"nested more than {DEEPEST} levels deep", found.start())
        elif mark in "]}":
            depth -= 1


def _depth(text: str) -> int:
    """How deep the brackets outside of strings nest: what stands between quotes, escaped ones aside, is every second piece."""
    bare = text.replace("\\\\", "").replace('\\"', "") if "\\" in text else text
    octets = np.frombuffer("".join(bare.split('"')[::2]).encode("utf-8", "replace"), dtype=np.uint8)
    opens = (octets == 0x5B) | (octets == 0x7B)
    steps = opens[opens | (octets == 0x5D) | (octets == 0x7D)] * np.int8(2) - np.int8(1)
    return int(np.cumsum(steps, dtype=np.int64).max(initial=0))


def _space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


#: Finds the end of a value that was read strictly before.
skip = make_scanner(json.JSONDecoder(strict=False))  # type: ignore[arg-type]
space = _space
