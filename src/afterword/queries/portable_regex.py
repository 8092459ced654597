r"""The regular expressions that every engine reads alike: RE2 (DuckDB, ClickHouse, BigQuery), Java (Spark), Joni (Trino).

What is left out, and why: ``.`` (matches a line feed in ClickHouse only), ``$`` (stands before a last line feed in Java only),
``\s`` (a vertical tab is blank in Java only), ``\b`` (Unicode in Java, ASCII in RE2), classes by negation (bytes or
characters), flags, look-around, back references, possessive and lazy repeats, and text outside of ASCII inside classes.
A repeat around a repeat is left out as well: Java tries such patterns in exponential time.
"""

from __future__ import annotations

import re
from typing import Final

from afterword.model.refusal import InvalidError

LONGEST: Final = 500
#: Most repeats that RE2 accepts.
_MOST_REPEATS: Final = 1000
_TOKEN: Final = re.compile(
    r"""
    (?P<open>\((?:\?:)?(?!\?))
  | (?P<close>\))
  | (?P<alternative>\|)
  | (?P<begin>\^)
  | (?P<repeat>(?:[*+?]|\{[0-9]{1,4}(?:,(?:[0-9]{1,4})?)?\})(?![*+?{]))
  | (?P<group>\[(?!\^)(?:[^\]\[\\&^~|\x00-\x1f\x7f-\U0010ffff]|\\[dw\]\[\\^~.|&-])+\])
  | (?P<escape>\\[dw.\\^$|?*+()\[\]{}/-])
  | (?P<literal>[^\\^$.|?*+()\[\]{}\x00-\x1f])
    """,
    re.VERBOSE,
)
_MEANING: Final = {
    ".": "'.' differs at line feeds: write a class such as [ -~]",
    "$": "'$' differs before a last line feed",
    "\\": "only \\d, \\w and escaped punctuation mean the same everywhere",
    "[": "a class may hold ASCII, ranges, \\d and \\w, and no negation",
    "(": "only plain groups: ( ... ) and (?: ... )",
}


def checked(pattern: str) -> str:
    """The pattern as it is. Raises InvalidError with the place and the reason when engines would disagree on it."""
    if not pattern or len(pattern) > LONGEST:
        raise _refused(pattern, 0, f"a pattern has 1 to {LONGEST} characters")
    at, open_groups, repeatable, inner = 0, [False], False, False
    while at < len(pattern):
        found = _TOKEN.match(pattern, at)
        if found is None:
            raise _refused(pattern, at, _MEANING.get(pattern[at], "this is not in the portable subset"))
        kind = found.lastgroup
        if kind == "repeat":
            if not repeatable:
                raise _refused(pattern, at, "there is nothing to repeat")
            _check_repeat(pattern, at, found[0], inner)
            open_groups[-1] = True
        elif kind == "open":
            open_groups.append(False)
        elif kind == "close":
            if len(open_groups) == 1:
                raise _refused(pattern, at, "this group was not opened")
            inner = open_groups.pop()
            open_groups[-1] |= inner
        elif kind == "begin" and at:
            raise _refused(pattern, at, "'^' stands only at the beginning")
        repeatable = kind in ("literal", "escape", "group", "close")
        inner = inner if kind == "close" else False
        at = found.end()
    if len(open_groups) > 1:
        raise _refused(pattern, len(pattern), "a group is not closed")
    _check_classes(pattern)
    return pattern


def _check_repeat(pattern: str, at: int, repeat: str, inner: bool) -> None:
    if inner:
        raise _refused(pattern, at, "a repeat around a repeat takes exponential time on some engines")
    bounds = [int(one) for one in re.findall(r"[0-9]+", repeat)]
    if any(one > _MOST_REPEATS for one in bounds) or bounds != sorted(bounds):
        raise _refused(pattern, at, f"a repeat counts upwards to at most {_MOST_REPEATS}")


def _check_classes(pattern: str) -> None:
    """Ranges the wrong way round, which only compiling finds."""
    try:
        re.compile(pattern, re.ASCII)
    except re.error as error:
        raise _refused(pattern, error.pos or 0, str(error)) from error


def _refused(pattern: str, at: int, why: str) -> InvalidError:
    says = f"this pattern would not mean the same on every engine, at character {at + 1}: {why}"
    return InvalidError(says, (f"text: {pattern[:80]!r}: {why}",))
