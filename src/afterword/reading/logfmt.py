"""key=value lines, as logrus, go-kit and heroku write them."""

from __future__ import annotations

import re
from typing import Final

_PAIR: Final = re.compile(r'(?<!\S)([A-Za-z_@][\w.@/-]{0,80})=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))(?=\s|$)')
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r"}
_LINE: Final = re.compile(r'\s*[A-Za-z_@][\w.@/-]{0,80}=(?:"(?:[^"\\]|\\.)*"|[^\s"]*)(?=\s)')
#: Keys one of which a log line has.
_KNOWN: Final = re.compile(
    r"(?:^|\s)(?:level|lvl|severity|msg|message|ts|time|timestamp|t|err|error|at|caller|component|logger)="
)


def is_line(text: str) -> bool:
    """Two pairs or more from the start on, one of them under a name that loggers use."""
    if "=" not in text[:100] or not _LINE.match(text) or not _KNOWN.search(text, 0, 4096):
        return False
    covered = sum(found.end() - found.start() for found in _PAIR.finditer(text, 0, 4096))
    return len(_PAIR.findall(text, 0, 4096)) > 1 and covered * 2 > min(len(text), 4096)


def pairs(text: str) -> dict[str, str]:
    """The pairs of a line; words without a value are left out, and the first of two equal keys counts."""
    made: dict[str, str] = {}
    for key, quoted, bare in _PAIR.findall(text):
        made.setdefault(key, _ESCAPE.sub(lambda m: _ESCAPED.get(m[1], m[1]), quoted) if quoted else bare)
    return made
