"""Statements: the places in the code that print log lines, told from where a line says it was printed, else from its words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.case import Logs

#: A place in the code among the attributes of a line: a logger with its line, or a file with one.
_PLACE = re.compile(r'"(?:logger|caller|location|source|file|func|code\.[a-z.]+)": "([^"\\]*[#:(]\d+\)?)"')
#: What a line says of how something went: the same statement with another outcome is another thing.
_OUTCOME = re.compile(
    r"\b(success\w*|ok|done|fail\w*|err(?:or)?s?|exception|fatal|panic|null|none|nil|empty|missing|denied|forbidden|invalid"
    r"|illegal|timed? ?out|timeout|refused|reset|reject\w*|abort\w*|wrong|cannot|unable|unknown|not [a-z]+|no [a-z]+)\b",
    re.IGNORECASE,
)
#: A value behind a name.
_VALUE = re.compile(r"(?<=[=:]) ?(?:\[[^\]]*\]|\{[^}]*\}|[^\s,;)\]}]+)")
#: So many lines of a template are looked at before all of them are said to come from one place.
_LOOKS = 24
#: Multiples of it never fall into step with anything (the golden ratio).
_GOLDEN = (5**0.5 - 1) / 2


def statements(logs: Logs, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[str]]:
    """A code for each of these rows, and what each code stands for."""
    key = logs.component[rows].astype(np.int64) * max(len(logs.templates), 1) + logs.template[rows]
    codes = np.zeros(len(rows), dtype=np.int64)
    known: dict[str, int] = {}
    order = np.argsort(key, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
        if len(group):
            codes[group] = _of_template(logs, rows[group], known)
    return codes, list(known)


def _of_template(logs: Logs, rows: NDArray[np.int64], known: dict[str, int]) -> NDArray[np.int64]:
    """Codes of the lines of one template of one component: one, unless several places print it."""
    said = logs.templates[int(logs.template[rows[0]])]
    some = {_place(logs, row) for row in rows[_spread(len(rows))].tolist()}
    if len(some) == 1:
        name = _named(some.pop(), said)
        return np.full(len(rows), known.setdefault(name, len(known)), dtype=np.int64)
    names = [_named(_place(logs, row), said) for row in rows.tolist()]
    return np.array([known.setdefault(name, len(known)) for name in names], dtype=np.int64)


def _spread(many: int) -> NDArray[np.int64]:
    """Which of so many rows are looked at: at no even distance, for two places that print by turns would hide in one."""
    if many <= _LOOKS:
        return np.arange(many)
    return np.unique((np.arange(1, _LOOKS + 1) * _GOLDEN % 1 * many).astype(np.int64))


def _place(logs: Logs, row: int) -> str:
    found = _PLACE.search(logs.attributes[row])
    return found[1] if found else ""


@lru_cache(maxsize=4096)
def _named(place: str, said: str) -> str:
    if not place:
        return plain(said)
    return " ".join([place, *sorted({one.lower() for one in _OUTCOME.findall(said)})])


def plain(said: str) -> str:
    """A template without the values behind names, except for those that tell how it went."""
    return _VALUE.sub(lambda found: found[0] if _OUTCOME.search(found[0]) else "<*>", said)
