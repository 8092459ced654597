"""What ``systemctl status`` prints of one unit: whether it runs, since when, and on which machine if that is said."""

from __future__ import annotations

import re
from typing import NamedTuple

UNIT = re.compile(r"^[^\S\n]*+(?:Status:\s*+)?[●○×*↻]\s++(?P<unit>[\w@.:-]+)\.service\b", re.MULTILINE)
_ACTIVE = re.compile(
    r"^\s*Active:\s*(?P<state>\w+)(?:\s*\((?P<sub>[^)]*)\))?(?:\s+since\s+(?P<since>[^;\n]+))?", re.MULTILINE
)
_HOST = re.compile(r"^[^\S\n]*+(?:Node|Host|Hostname):\s*+(?P<host>[\w.-]++)[^\S\n]*+$", re.MULTILINE)
_WELL = frozenset(["active", "reloading", "activating"])


class Status(NamedTuple):
    """State of a unit; ``host`` and ``since`` are empty where the text does not say them."""

    unit: str
    state: str
    host: str
    since: str

    @property
    def well(self) -> bool:
        return self.state.split(" ")[0] in _WELL


def status(text: str) -> Status | None:
    """The unit that the text is about; None when it is no output of ``systemctl status``."""
    unit, active, host = UNIT.search(text), _ACTIVE.search(text), _HOST.search(text)
    if unit is None or active is None:
        return None
    state = active["state"] + (f" ({active['sub']})" if active["sub"] else "")
    return Status(unit["unit"], state, host["host"] if host else "", (active["since"] or "").strip())
