"""The masked text of one log message: what looks like a value becomes ``<*>``, what looks like the program's words stays.

Every pattern is linear: no nested repetition, so a hostile line costs its length and no more.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from afterword.core.record import record

HOLE: Final = "<*>"
_V: Final = "\x00"
"""Stands for ``<*>`` while a line is worked on, and for a run of digits in what comes in: no other control character does."""
_ROUNDS: Final = 4

_MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY: Final = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_N: Final = r"[\d\x00]{1,4}"
_CLOCK: Final = rf"{_N}:{_N}(?::{_N})?(?:[.,]{_N})?"
_DATES: Final = re.compile(
    rf"\b(?:{_DAY},? )?(?:{_MONTH} {_N}|{_N} {_MONTH})(?:,? {_N})? {_CLOCK}(?: (?:[A-Z]{{3,4}}|[+-]{_N}))?(?: {_N})?(?![\w\x00:])"
    rf"|(?<![\w\x00-]){_N}([-/.]){_N}\1{_N}(?:T| |-| - ){_CLOCK}(?:Z| ?[+-]{_N}(?::{_N})?|(?![\w\x00]))"
    rf"|(?<![\w\x00/]){_N}/{_MONTH}/{_N}:{_CLOCK}(?: [+-]{_N})?"
)
_QUANTITY: Final = re.compile(r"\x00 bytes \(\x00(?:\.\x00)? [KMGT]i?B\)")
_VERB: Final = r"GET|POST|PUT|DELETE|HEAD|PATCH|OPTIONS|CONNECT|TRACE"
_REQUEST: Final = re.compile(rf"\b({_VERB}) [^\s\"]+ HTTP/[^\s\",;]+")
_QUERY: Final = re.compile(r"(?<![\w\x00:/])/[^\s\"'<>,;()?]{0,512}\?[^\s\"'<>]*")
_UUID: Final = re.compile(
    r"(?<![\w\x00-])[0-9A-Fa-f\x00]{1,8}(?:-[0-9A-Fa-f\x00]{1,4}){3}-[0-9A-Fa-f\x00]{1,12}(?![\w\x00-])"
)
_SIZE: Final = re.compile(r"\x00(?:\.\x00)? (?:[KMGTP]i?)?B(?![\w\x00])")
_BELOW: Final = re.compile(r"<\x00 (?:sec|s|ms|min)\b")
_PERSON: Final = re.compile(
    r"\b((?:for|as|of|by|nvalid|llegal) user |password for )(?!invalid |illegal |user |unknown )[\w.@$-]+"
)
_PHRASES: Final = (
    (" HTTP/", _REQUEST, rf"\1 {_V}"),
    ("?", _QUERY, _V),
    (" bytes (", _QUANTITY, f"{_V} bytes"),
    ("B", _SIZE, _V),
    (f"<{_V} ", _BELOW, _V),
    (":", _DATES, _V),
    (" user ", _PERSON, rf"\1{_V}"),
    ("password for ", _PERSON, rf"\1{_V}"),
)
"""What is longer than a word, in the order in which it is looked for; the first text is what each of them contains."""
_LONG_RUN: Final = re.compile(rf"{_V}(?: {_V}){{8,}}")

_URL: Final = re.compile(r"(?<![A-Za-z0-9+.-])([A-Za-z][A-Za-z0-9+.-]{1,15}://)[^\s\"'<>,;)\]}/]*/[^\s\"'<>,;)\]}]*")
_FILE: Final = re.compile(r"\bfile:/[^\s\"'<>,;)\]}]*|\b[A-Za-z]:\\[^\s\"'<>,;)\]]*")
_HEX: Final = r"[0-9A-Fa-f\x00]{1,4}"
_GROUPS: Final = re.compile(
    rf"(?<![\w\x00:.])(?:(?:{_HEX}:){{5,15}}{_HEX}|(?:{_HEX}:){{1,7}}(?::{_HEX}){{1,7}}|::{_HEX}(?::{_HEX}){{0,6}}"
    r")(?![\w\x00:])"
)
_MAIL: Final = re.compile(r"<?[^@\s<>]{1,64}@[^@\s<>.]{1,64}\.[^@\s<>]{1,64}>?")

_SPLIT: Final = re.compile(r"([,;=|\"'`()\[\]{}<>:!?]+|\.{2,})")
_TOP: Final = (
    "com|net|org|edu|gov|mil|io|dev|info|biz|local|internal|lan|arpa|localdomain"
    "|cn|hk|jp|de|uk|fr|tw|kr|ru|br|eu|us|ca|au|nl|it|es|se|ch|mx"
)
_HOST: Final = re.compile(rf"(?:[A-Za-z0-9\x00_-]+\.)+(?:{_TOP}|(?:com|co|net|org|edu|ac|gov)\.[a-z]{{2}})")
_DYNAMIC: Final = re.compile(r"(?=[^.]*[\d\x00-])(?:[A-Za-z0-9\x00_-]+\.){2,}[a-z]{2,6}")
_PATH: Final = re.compile(r"(?:~|\.{1,2})?/[^\s]*[^\s/][^\s]*|[A-Za-z]+(?:/[^/\s]+){2,}/?")
_PIECE: Final = re.compile(r"([.+@#$%&/*~\\^]+|(?<!_)-+)")
_KEPT: Final = re.compile(r"(?:ssh|ipv|jk|md|utf|http|sha|ext|oauth|L|s|k|ec|vp|mp)\d", re.IGNORECASE)
_VERSIONED: Final = re.compile(r"[A-Za-z]+\d")
_NUMBERED: Final = re.compile(r"[A-Za-z]{2,}\d")
_VALUE: Final = re.compile(r"[\d\x00]")
_SETTING: Final = re.compile(r"true|false|null|nil|root", re.IGNORECASE)
_OWNER: Final = frozenset(
    {"user", "username", "login", "from", "to", "host", "rhost", "hostname", "ctladdr", "ruser", "owner"}
)

_RUN: Final = re.compile(r"\x00(?:[.@]?\x00)+")
_TRIPLE: Final = re.compile(
    r"\x00(?:[-/_\\]\x00){2,}|\x00(?:##?\x00)+|(?<![\w-])(?:[A-Za-z]+-){2,}\x00(?:-[A-Za-z\x00]+)*|\x00\.[a-z]{1,4}$"
)
_SIGN: Final = re.compile(r"^[-*]\x00")


def masked(text: str, *, numbered: bool = True) -> str:
    """The skeleton of one line; masking it again changes nothing. ``numbered=False`` keeps names such as ``eth0``."""
    line = " ".join(text.replace(HOLE, _V).split())
    for _ in range(_ROUNDS):
        again = _line(line, numbered=numbered)
        if again == line:
            break
        line = again
    return line.replace(_V, HOLE)


def _line(line: str, *, numbered: bool) -> str:
    def sentence(text: str) -> str:
        return _sentence(text, numbered=numbered)

    found = record(line, sentence)
    return sentence(line) if found is None else found


def _sentence(line: str, *, numbered: bool) -> str:
    for sign, pattern, now in _PHRASES:
        if sign in line:
            line = pattern.sub(now, line)
    return _LONG_RUN.sub(_V, " ".join([_token(token, numbered) for token in line.split()]))


@lru_cache(maxsize=65536)
def _token(token: str, numbered: bool) -> str:
    if token.isalpha():
        return _V if _SETTING.fullmatch(token) else token
    token = _URL.sub(rf"\1{_V}", token)
    head, slashes, rest = token.partition("://")
    return head + slashes + _split(rest, numbered) if slashes else _split(token, numbered)


def _split(token: str, numbered: bool) -> str:
    token = _MAIL.sub(_V, _GROUPS.sub(_V, _UUID.sub(_V, _FILE.sub(_V, token))))
    parts = _SPLIT.split(token)
    for at in range(0, len(parts), 2):
        before = parts[at - 1] if at else ""
        after = parts[at + 1] if at + 1 < len(parts) else ""
        if before == "=" and at >= 2 and parts[at - 2] in _OWNER and parts[at]:
            parts[at] = _V
        elif not (parts[at][:1].isalpha() and (after == "=" or (after[:1] == "(" and not parts[at][-1].isdigit()))):
            parts[at] = _piece(parts[at], numbered)
    return "".join(parts).replace(f"<{_V}>", _V)


def _piece(piece: str, numbered: bool) -> str:
    """A piece without brackets, quotes, commas, colons: a path, a host, a number, a name."""
    if piece.isalpha():
        return _V if _SETTING.fullmatch(piece) else piece
    if _PATH.fullmatch(piece) or _HOST.fullmatch(piece) or _DYNAMIC.fullmatch(piece):
        return _V
    if "/" in piece:
        return "/".join([_piece(part, numbered) for part in piece.split("/")])
    return _joined(_PIECE.split(piece), numbered) if _VALUE.search(piece) else piece


def _joined(parts: list[str], numbered: bool) -> str:
    dotted = sum(part.isalpha() for part in parts[::2]) >= 2 and "-" not in parts
    for at in range(0, len(parts), 2):
        part = parts[at]
        kept = (
            _KEPT.fullmatch(part)
            or (dotted and _VERSIONED.fullmatch(part))
            or (not numbered and _NUMBERED.fullmatch(part))
        )
        if not kept and _VALUE.search(part):
            parts[at] = _V
    text = _RUN.sub(_V, "".join(parts))
    return _SIGN.sub(_V, _TRIPLE.sub(_V, text))
