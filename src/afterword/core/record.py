"""Log lines that are records, JSON or logfmt: the message is masked as a sentence, every other value is a value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_MESSAGE: Final = frozenset({"msg", "message", "event", "body", "log", "text", "short_message"})
_KEPT: Final = frozenset({"level", "severity", "lvl", "levelname", "log.level", "loglevel", "logger"})
_JSON: Final = re.compile(r'"((?:[^"\\]|\\.)*+)(?:"|\\?$)(\s*:)?|[^\s"{}\[\],:]+')
_PAIR: Final = re.compile(r'(?<!\S)([\w.@/\x00-]+)=(?:"((?:[^"\\]|\\.)*+)(?:"|\\?$)|([^\s"]*))(?!\S)')
_LIST: Final = re.compile("\x00(?:, ?\x00)+")
_FEWEST: Final = 3
"""Pairs that make a line a record and not a sentence that mentions a pair."""


def record(line: str, sentence: Callable[[str], str]) -> str | None:
    """The masked record, or None where the line is a sentence. Values in ``line`` may be NUL already."""
    if line.startswith(('{"', '{ "')):
        return _LIST.sub("\x00", _json(line, sentence))
    if line.count("=") < _FEWEST:
        return None
    pairs = _PAIR.findall(line)
    if len(pairs) < _FEWEST or not any(name.lower() in _MESSAGE or name.lower() in _KEPT for name, *_ in pairs):
        return None
    if _PAIR.sub("", line).strip():
        return None
    return " ".join([_pair(name, quoted or bare, sentence) for name, quoted, bare in pairs])


def _json(line: str, sentence: Callable[[str], str]) -> str:
    name = ""

    def masked(found: re.Match[str]) -> str:
        nonlocal name
        text, colon = found.group(1), found.group(2)
        if text is None:
            return "\x00"
        if colon:
            name = text
            return f'"{text}":'
        return _value(name, text, sentence, quoted=True)

    return _JSON.sub(masked, line)


def _pair(name: str, text: str, sentence: Callable[[str], str]) -> str:
    return f"{name}={_value(name, text, sentence, quoted=' ' in text)}"


def _value(name: str, text: str, sentence: Callable[[str], str], *, quoted: bool) -> str:
    name = name.lower()
    kept = sentence(text) if name in _MESSAGE else text if name in _KEPT and text.isalpha() else "\x00"
    return f'"{kept}"' if quoted and kept != "\x00" else kept
