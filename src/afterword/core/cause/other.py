"""What went wrong at about the same time and is another incident: said among what was ruled out, with what speaks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.model.cause import Cause, Grade, NodeKind, Reason, Role
from afterword.model.time import iso

if TYPE_CHECKING:
    from collections.abc import Callable

    from afterword.core.meant import Other
    from afterword.core.window import Found

#: What the times of a departure are worth against it, in bits: as good as an acquittal.
_BITS = -5.0


def ruled_out(found: Found, identity: Callable[..., str]) -> list[Cause]:
    """One cause for each component that another incident was on in; ``identity`` names it."""
    return [_cause(one, found, identity("another incident", one.component)) for one in found.others]


def _cause(one: Other, found: Found, name: str) -> Cause:
    over = f"over by {iso(one.until)}, while what is told here went on to {iso(found.window.end)}"
    return Cause(
        name, f"{one.component} was in trouble as well: another incident at the same time", Role.RULED_OUT, one.component,
        (one.cite,), layer="component", grade=Grade.ASSERTED, at=one.begin, earliest=one.begin, latest=one.begin,
        reasons_for=(Reason(one.says, 0.0, (one.cite,)),), reasons_against=(Reason(over, _BITS, (one.cite,)),),
        kind=NodeKind.CONDITION,
    )  # fmt: skip
