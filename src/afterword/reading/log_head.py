"""The head of a log line in no particular format: its time, level, component, and where the message begins.

Loggers put the same few things before a message (time, level, thread, process, logger) in any order and between any brackets;
this takes them off one by one. It is slower than a pattern for one format, and knows every format a little.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from afterword.reading.log_time import NONE, Told, find
from afterword.reading.said import LEVELS, SENTENCE, Said, hinted, level, marks

if TYPE_CHECKING:
    from afterword.reading.log_time import Clock

_END: Final = r"(?=[\s:|,\])>(\[/\"]|-\s|$)"
_LEVEL: Final = re.compile(rf"[\[(<\"]?\s?(?P<word>(?i:{LEVELS})){_END}\s?[\])>\"]?:?")
_LETTER: Final = re.compile(r"[\[(]?(?P<word>[TVDIWEFC])[\])]?(?=\s+\S)")
_GROUP: Final = re.compile(
    r"\[((?:[^\[\]]|\[[^\[\]]{0,60}\]){0,400})\]|\(([^()\s]{1,80}(?:\(\d+\))?)\)|<([^<>\s]{1,60})>"
)
_NUMBER: Final = re.compile(r"(?:#|pid[:=]?\s?)?(?:\d{1,20}|0x[0-9a-f]{1,16})(?=[\s:|\])]|$)", re.IGNORECASE)
_LOCATION: Final = re.compile(
    r"[\w./\\-]+\.(?:go|pyx?|jsx?|mjs|tsx?|java|cc|cpp|cxx|c|h|hpp|rs|rb|php|cs|kt|scala|ex|swift|lua)(?::\w+){0,2}:?(?=[\s\])]|$)"
)
_GAP: Final = re.compile(r"[\s|,]*(?:(?:-{1,3}|:{1,2}|>)(?=[\s|\[]))?[\s|,:]*")
#: ``name:`` or ``name - ``, as loggers write it before a message.
_NAMED: Final = re.compile(
    r"(?P<name>#?[A-Za-z_@][\w.$/@#-]*(?:::[\w.$]+)*(?:\[[^\[\]\s]{1,60}\])?)(?::(?=\s|$)|\s+:\s|\s+-{1,2}\s)"
)
_PROGRAM: Final = re.compile(r"(?P<name>[A-Za-z_][\w./-]*)\[\d+\]:?(?=\s|$)")
_CLASS: Final = re.compile(
    r"(?P<name>#?(?:(?:com|org|net|io|java|javax|edu|de)\.[\w.$]+|(?:[a-z_]\w*\.)+[A-Z][\w$]*|(?:\w+\.){2,}\w+(?=\s+\[)|\w+(?:::\w+)+)(?:#\d+)?)(?=\s|$)"
)
_WORD: Final = re.compile(r"[\w.$/@#:-]{1,80}(?=[\s|,\])]|$)")
_THREAD: Final = re.compile(
    r"(?i)(?:^(?:main|null|nil|none|-|default|root|unknown|local|(?:pid|tid|req|client|request)\b.*|\d.*|0x[0-9a-f]+|[0-9a-f-]{8,}|cpu\d+.*)$"
    r"|thread|pool|exec(?:utor)?\b|worker|scheduler|scheduling|invocation|[=\s/@]|-\d+$|:\d+$|^[^A-Za-z]*$)"
)
_SENTENCE: Final = re.compile(SENTENCE)
_BETWEEN: Final = 120
_PEELED: Final = 8


class _Head:
    """What was taken off so far."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at
        self.severity = ""
        self.component = ""
        self.logger = ""

    def gap(self) -> None:
        found = _GAP.match(self.text, self.at)
        if found:
            self.at = found.end()

    def offer(self, inside: str) -> None:
        """A bracketed word is the component unless it looks like a thread or an id."""
        inside = inside.strip().strip("[]")
        if not self.component and 1 < len(inside) <= 60 and not _THREAD.search(inside) and inside[0].isalpha():
            self.component = inside


def said(text: str, clock: Clock) -> Said | None:
    """What a line says when a time or a level stands at its head; None when neither does."""
    found = find(text)
    if found and _is_head(text[: found.start], text[found.end :]):
        told = clock.read(found.form, found.text)
        head = _Head(text, found.end)
        before = text[: found.start]
        if before:
            _before(head, before)
        if text[found.end : found.end + 1] in ("]", ")", '"'):
            head.at += 1
        return _rest(head, told)
    return _timeless(text)


def has_time(text: str) -> bool:
    """Whether a time stands at the head of the line."""
    found = find(text)
    return found is not None and _is_head(text[: found.start], text[found.end :])


def _timeless(text: str) -> Said | None:
    """``INFO:     message``: a level at the head and no time."""
    found = _LEVEL.match(text)
    if found is None or not (found["word"].isupper() or found[0][0] in "[(<"):
        return None
    return _rest(_Head(text, 0), NONE)


def _is_head(before: str, after: str) -> bool:
    """What stands before the time is no sentence."""
    if len(before) > 100 or "{" in before or '":' in before:
        return False
    outside = _GROUP.sub(" ", before)
    words = [w for w in re.split(r"[\s|:,;\[\]()<>{}=*\"']+", outside) if w]
    plain = [w for w in words if w.isalpha() and not _LEVEL.fullmatch(w)]
    if not after.strip(' ])"=*-.') and words:
        return False
    return len(words) <= (5 if "|" in before else 3) and len(plain) <= (
        2 if "|" in before or before.endswith("[") else 1
    )


def _before(head: _Head, before: str) -> None:
    """Level and component in front of the time: ``INFO  [main] 2024-…``, ``web-1  | 2024-…``, ``I, [2024-…``."""
    for found in _LEVEL.finditer(before):
        head.severity = head.severity or level(found["word"])
    letter = re.match(r"([TDIWEFC])[, ]", before)
    if letter and not head.severity:
        head.severity = level(letter[1])
    for group in _GROUP.finditer(before):
        inside = next(g for g in group.groups("") if g or g == group[group.lastindex or 0])
        if not _LEVEL.match(inside):
            head.offer(inside)
    for word in re.split(r"[\s|:,;\[\]()<>{}=*\"']+", _GROUP.sub(" ", before)):
        if not _LEVEL.fullmatch(word) and not letter:
            head.offer(word)


def _rest(head: _Head, told: Told) -> Said:
    head.gap()
    start = head.at
    if not head.severity and not _to_level(head):
        head.at = start
        _named(head)
    elif head.severity:
        _after_level(head)
    return _made(head, told)


def _to_level(head: _Head) -> bool:
    """Take off what stands between the time and the level; False (and nothing taken) when no level follows."""
    seen: list[str] = []
    for _ in range(_PEELED):
        found = _LEVEL.match(head.text, head.at) or (_LETTER.match(head.text, head.at) if not seen else None)
        if found:
            if not _is_level(head, found):
                return False
            head.severity = level(found["word"])
            head.at = found.end()
            _offered(head, seen)
            return True
        group = _GROUP.match(head.text, head.at)
        word = None if group else _WORD.match(head.text, head.at)
        taken = group or word
        if not taken or (word and len([w for w in seen if not w.startswith("\0")]) >= 2):
            return False
        seen.append("\0" + next(g for g in group.groups("") if g or group) if group else taken[0])
        inner = group and re.match(rf"\s*({LEVELS})\b[\s:]*(.*)", seen[-1][1:], re.DOTALL)
        if inner:
            head.severity, head.at = level(inner[1]), taken.end()
            _offered(head, [*seen[:-1], "\0" + inner[2]])
            return True
        head.at = taken.end()
        head.gap()
    return False


def _is_level(head: _Head, found: re.Match[str]) -> bool:
    """A word in small letters may as well begin the message; then it counts, but stays in the text."""
    word = found["word"]
    if word.isupper() or found[0] != word or head.text[found.end() : found.end() + 1] in ("\t", "|", "/"):
        return True
    rest = _Head(head.text, found.end())
    rest.gap()
    follows = any(p.match(rest.text, rest.at) for p in (_GROUP, _PROGRAM, _NAMED, _CLASS, _LOCATION))
    if not follows:
        follows = bool(re.match(r"[\w-]+ \[", rest.text[rest.at : rest.at + 60]))
    return follows


def _offered(head: _Head, seen: list[str]) -> None:
    for one in seen:
        if one.startswith("\0"):
            head.offer(one[1:])
        elif not _NUMBER.fullmatch(one) and not _LOCATION.fullmatch(one):
            head.offer(one.rstrip(":"))


def _after_level(head: _Head) -> None:
    """Take off process, thread, logger and location behind the level."""
    for _ in range(_PEELED):
        head.gap()
        group = _GROUP.match(head.text, head.at)
        if group and group[0][0] != "<" and not (group[0][0] == "(" and head.logger == ""):
            head.offer(next(g for g in group.groups("") if g or group))
            head.at = group.end()
            continue
        number = _NUMBER.match(head.text, head.at)
        if number and re.match(r"\s*(?:---|\[|-\s|:|\||[\w.$]+\s+\[)", head.text[number.end() : number.end() + 60]):
            head.at = number.end()
            continue
        location = _LOCATION.match(head.text, head.at)
        if location:
            head.at = location.end()
            continue
        if head.logger or not _named(head):
            break
    head.gap()
    _piped(head)


def _named(head: _Head) -> bool:
    """Take off the logger or program in front of the message."""
    for pattern in (_PROGRAM, _NAMED, _CLASS):
        found = pattern.match(head.text, head.at)
        if found and not (pattern is _NAMED and _SENTENCE.match(found["name"])):
            head.logger = found["name"].lstrip("#")
            head.at = found.end()
            return True
    return False


def _piped(head: _Head) -> None:
    """``thread | class | message``: the message is what stands behind the last bar near the head."""
    if " | " not in head.text[head.at : head.at + _BETWEEN] or "|" not in head.text[: head.at]:
        return
    *fields, _ = head.text[head.at : head.at + 200].split(" | ")
    for field in fields[:4]:
        if len(field) > 60:
            return
        head.offer(field.strip())
        head.at += len(field) + 3


def _made(head: _Head, told: Told) -> Said:
    text = head.text[head.at :].strip()
    attributes = marks(text) if "race" not in head.text else marks(head.text)
    if head.logger:
        attributes["logger"] = head.logger
    severity = head.severity or hinted(text)
    return Said(told, severity, head.component or head.logger, text, attributes)
