"""Selectors of series that ask for several metrics together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def of(names: Sequence[str], match: str = "") -> str:
    """``{__name__=~"a|b",job="shop"}``: the labels of ``match`` hold beside the names."""
    quoted = "|".join(re.escape(name).replace("\\", "\\\\").replace('"', '\\"') for name in names)
    inner = match.strip()[1:-1].strip().rstrip(",") if match.strip().startswith("{") else ""
    return f'{{__name__=~"{quoted}"' + (f",{inner}}}" if inner else "}")
