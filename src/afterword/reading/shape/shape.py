"""Shape: one log format as a pattern, and the function that reads a line with it.

The groups of a pattern mean the same in every shape: ``t`` ``f`` ``z`` a time in three pieces, or ``at`` a whole time in the form
that ``form`` names; ``sev`` the level, ``comp`` the component, ``log`` the logger, ``msg`` the message, ``status`` an HTTP status.
Any other group is an attribute of its own name. Without ``msg`` the whole line is the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from afterword.reading.log_time import NONE, Told
from afterword.reading.said import LEVELS, Said, hinted, level, marks

if TYPE_CHECKING:
    from collections.abc import Callable

    from afterword.reading.log_time import Clock

LEVEL: Final = rf"(?P<sev>(?i:{LEVELS}))"
OWN: Final = ("t", "f", "z", "at", "sev", "comp", "log", "msg", "exception")


@dataclass(frozen=True, slots=True)
class Shape:
    """One format. ``heads`` says that the message stands on the lines below; ``wraps`` that it is a log line of its own."""

    name: str
    pattern: re.Pattern[str]
    form: str = "iso"
    severity: Callable[[str], str] = level
    #: Severity where the pattern found none.
    default: str = ""
    heads: bool = False
    wraps: bool = False
    #: Component where the pattern has none.
    component: str = ""
    #: Refuses a match that only looks right.
    unless: re.Pattern[str] | None = None
    #: Takes the attributes apart further.
    finish: Callable[[dict[str, str]], None] | None = None


def shape(
    name: str,
    pattern: str,
    *,
    form: str = "iso",
    severity: Callable[[str], str] = level,
    default: str = "",
    heads: bool = False,
    wraps: bool = False,
    component: str = "",
    unless: str = "",
    finish: Callable[[dict[str, str]], None] | None = None,
) -> Shape:
    """A shape whose pattern must hold for the whole line."""
    compiled = re.compile(pattern, re.ASCII | re.DOTALL)
    refused = re.compile(unless) if unless else None
    return Shape(name, compiled, form, severity, default, heads, wraps, component, refused, finish)


def by_status(status: str) -> str:
    """The severity of a request: its server failed it, or not."""
    return "error" if status >= "500" and len(status) == 3 and status.isdigit() else "info"


def reader(one: Shape, clock: Clock) -> Callable[[str], Said | None]:
    """The function that reads a line in this shape; None for a line in another."""
    index = {name: at - 1 for name, at in one.pattern.groupindex.items()}
    t, f, z, at = (index.get(name, -1) for name in ("t", "f", "z", "at"))
    sev, comp, log, msg, status = (index.get(name, -1) for name in ("sev", "comp", "log", "msg", "status"))
    others = [(name, place) for name, place in index.items() if name not in OWN]
    named = log if log >= 0 else comp
    match, severity, form = one.pattern.fullmatch, one.severity, one.form
    exact, whole = clock.exact, clock.read
    refuse, finish = one.unless, one.finish

    def read(line: str) -> Said | None:
        found = match(line)
        if found is None:
            return None
        got = found.groups()
        if refuse is not None and got[named] and refuse.match(got[named]):
            return None
        told: Told = NONE
        if t >= 0 and got[t]:
            told = exact(got[t], got[f] if f >= 0 else "", got[z] if z >= 0 else "")
        elif at >= 0 and got[at]:
            told = whole(form, got[at])
            if f >= 0 and got[f]:
                told = clock.finer(told, got[f])
        text = (got[msg] or "").strip() if msg >= 0 else line
        attributes = marks(line)
        for name, place in others:
            if got[place]:
                attributes[name] = got[place]
        logger = got[log] if log >= 0 else None
        if logger:
            attributes["logger"] = logger
        if finish is not None:
            finish(attributes)
        word = got[sev] if sev >= 0 else None
        if word:
            gravity = severity(word)
        elif status >= 0 and got[status]:
            gravity = by_status(got[status])
        else:
            gravity = one.default or hinted(text)
        return Said(told, gravity, (got[comp] if comp >= 0 else "") or logger or one.component, text, attributes)

    return read
