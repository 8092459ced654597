"""The tokens of PromQL, and its lengths of time and quoted texts."""

from __future__ import annotations

import re
from typing import NamedTuple

from afterword.core.promql.node import UnsupportedError
from afterword.model.time import DAY, HOUR, MINUTE, SECOND

MOST = 1_000
_LONGEST = 100 * 365 * DAY
_UNITS = {"ms": 1_000_000, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY, "y": 365 * DAY}
_LENGTH = r"(?:\d+(?:ms|[smhdwy]))+"
_TOKEN = re.compile(
    rf"\s*+(?:(?P<comment>#[^\n]*)|\[\s*+(?P<range>{_LENGTH}\s*+(?::\s*+(?:{_LENGTH})?+\s*+)?+)\]"
    rf"|(?P<length>{_LENGTH})(?![A-Za-z0-9_])"
    r"|(?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![A-Za-z_])"
    r"|(?P<name>[A-Za-z_:][A-Za-z0-9_:]*)"
    r"|(?P<text>\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'|`[^`]*`)"
    r"|(?P<op>==|!=|>=|<=|=~|!~|[-+*/%^<>(){},=@]))"
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL)


class Token(NamedTuple):
    kind: str
    text: str


def tokens(expr: str) -> list[Token]:
    """The words of an expression without its comments. Raises UnsupportedError at what is none of PromQL."""
    found: list[Token] = []
    at = 0
    while at < len(expr) and not expr[at:].isspace():
        match = _TOKEN.match(expr, at)
        if not match or len(found) > MOST:
            raise UnsupportedError(f"{expr[at:].strip()[:20]!r} is not understood")
        kind = match.lastgroup or ""
        if kind != "comment":
            found.append(Token(kind, match[kind].strip()))
        at = match.end()
    return found


def duration(text: str) -> int:
    """``1h30m`` in ns. Raises UnsupportedError."""
    parts = re.findall(r"(?<!\d)(\d++)(ms|[smhdwy])", text)
    if not parts or "".join(number + unit for number, unit in parts) != text.strip() or len(text) > 60:
        raise UnsupportedError(f"the duration {text[:20]!r} is not understood")
    length = sum(int(number) * _UNITS[unit] for number, unit in parts)
    if length > _LONGEST:
        raise UnsupportedError(f"the duration {text[:20]!r} is too long")
    return length


def number(text: str) -> float:
    return float(int(text, 16)) if text[:2].lower() == "0x" else float(text)


def unquoted(text: str) -> str:
    """The text inside its quotes, as Go reads it; between backticks nothing is an escape."""
    inner = text[1:-1]
    return inner if text[0] == "`" or "\\" not in inner else _ESCAPE.sub(_escaped, inner)


def _escaped(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    if code or found[4]:
        point = int(code, 16) if code else int(found[4], 8)
        return chr(point) if point < 0x110000 else "�"
    return _ESCAPES.get(found[5], found[5])
