"""Names of metrics as label APIs answer them, and selectors that ask for several metrics together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from afterword.reading.element import dig

if TYPE_CHECKING:
    from collections.abc import Sequence


def names(found: Any) -> list[str]:
    """The values of a label, sorted; of anything else none."""
    listed = dig(found, "data")
    return sorted({one for one in listed if isinstance(one, str) and one}) if isinstance(listed, list) else []


def of(names: Sequence[str], match: str = "") -> str:
    """``{__name__=~"a|b",job="shop"}``: the labels of ``match`` hold beside the names."""
    quoted = "|".join(re.escape(name).replace("\\", "\\\\").replace('"', '\\"') for name in names)
    inner = match.strip()[1:-1].strip().rstrip(",") if match.strip().startswith("{") else ""
    return f'{{__name__=~"{quoted}"' + (f",{inner}}}" if inner else "}")
