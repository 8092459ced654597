"""The masked text of one log message: what looks like a value becomes ``<*>``, what looks like the program's words stays.

Every pattern is linear: no nested repetition, so a hostile line costs its length and no more.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

HOLE: Final = "<*>"
_V: Final = "\x00"
"""Stands for ``<*>`` while a line is worked on; control characters have been taken out before."""

_CONTROL: Final = {code: " " for code in (*range(32), 127)}
_MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY: Final = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_DATES: Final = re.compile(
    rf"\b(?:{_DAY},? )?(?:{_MONTH} \d{{1,4}}|\d{{1,4}} {_MONTH})(?:,? \d{{1,4}})? (\d{{1,4}}:\d{{1,4}}(?::\d{{1,4}})?)"
    r"(?:[.,]\d+)?(?: (?:[A-Z]{3,4}|[+-]\d{1,4}))?(?: \d{1,4})?(?![\w:])"
)
_LONG_RUN: Final = re.compile(rf"{_V}(?: {_V}){{8,}}")
_SPLIT: Final = re.compile(r"([,;=|\"'`()\[\]{}<>:!?]+)")
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,15}://[^\s\"'<>,;)\]}\x00]+")
_WINDOWS: Final = re.compile(r"\b[A-Za-z]:\\[^\s\"'<>,;)\]]*")
_GROUPS: Final = re.compile(
    r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){5,}[0-9A-Fa-f]{1,4}(?![\w:])|(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){1,7}:(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})?(?![\w:])|(?<![\w:])::[0-9A-Fa-f]{1,4}(?![\w:])"
)
_HOST: Final = re.compile(
    r"[A-Za-z0-9\x00_-]+(?:\.[A-Za-z0-9\x00_-]+)*\.(?:com|net|org|edu|gov|mil|io|dev|info|biz|local|internal|lan|arpa|svc|cn|hk|jp|de|uk|fr|tw|kr|ru|br|in|eu|us|ca|au|nl|it|es|pl|se|ch|om|localdomain)"
)
_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PATH: Final = re.compile(r"(?:~|\.{1,2})?/[^\s]*[^\s/][^\s]*|[A-Za-z]+(?:/[^/\s]+){2,}/?")
_PIECE: Final = re.compile(r"([.\-+@#$%&/*~\\^]+)")
_KEPT: Final = re.compile(r"(?:ssh|ipv|jk|md|utf|http|sha|[Vv]|L|ext|oauth|log4j|s|k|ec|vp|mp)\d", re.IGNORECASE)
_VALUE: Final = re.compile(r"[\d\x00]")


def masked(text: str) -> str:
    """The skeleton of one line; masking it again changes nothing."""
    line = " ".join(text.translate(_CONTROL).replace(HOLE, _V).split())
    for _ in range(4):
        again = _line(line)
        if again == line:
            break
        line = again
    return line.replace(_V, HOLE)


def _line(line: str) -> str:
    line = _DATES.sub(_V, line)
    return _LONG_RUN.sub(_V, " ".join([_token(token) for token in line.split()]))


@lru_cache(maxsize=65536)
def _token(token: str) -> str:
    if token.isalpha():
        return token
    token = _URL.sub(_V, token)
    token = _WINDOWS.sub(_V, token)
    token = _GROUPS.sub(_V, token)
    parts = _SPLIT.split(token)
    for at in range(0, len(parts), 2):
        called = at + 1 < len(parts) and parts[at + 1][0] == "("
        parts[at] = _piece(parts[at], called=called)
    return "".join(parts)


def _piece(piece: str, *, called: bool) -> str:
    """A piece without brackets, quotes, commas, colons: a path, a host, a number, a name."""
    if not piece or piece.isalpha():
        return piece
    if called and piece[0].isalpha() and not _VALUE.search(piece[-1]):
        return piece
    if _PATH.fullmatch(piece) or _HOST.fullmatch(piece) or _MAIL.fullmatch(piece):
        return _V
    if not _VALUE.search(piece):
        return piece
    return _joined(_PIECE.split(piece))


_RUN: Final = re.compile(r"\x00(?:[.]?\x00)+")
_TRIPLE: Final = re.compile(r"\x00(?:[-/_]\x00){2,}")
_SIGN: Final = re.compile(r"^[-*]\x00")


def _joined(parts: list[str]) -> str:
    dotted = sum(part.isalpha() for part in parts[::2]) >= 2
    for at in range(0, len(parts), 2):
        part = parts[at]
        if _VALUE.search(part) and not (
            _KEPT.fullmatch(part) or (dotted and part[0].isalpha() and part[-1].isdigit() and part[:-1].isalpha())
        ):
            parts[at] = _V
    text = _RUN.sub(_V, "".join(parts))
    return _SIGN.sub(_V, _TRIPLE.sub(_V, text))
