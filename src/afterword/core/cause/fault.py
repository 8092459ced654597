"""Fault: one thing that is wrong with the platform, of a known class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from afterword.model.evidence import Citation

#: How sure a rule is, in bits: the platform says so and it still is so; parts do not fit together; it was said once.
STATED, MISFIT, SAID_ONCE = 9.0, 7.0, 1.0


@dataclass(frozen=True, slots=True)
class Fault:
    """``component`` is the object, such as ``app/cart`` or ``node/n1``; ``kind`` the class, such as ``oom_killed``."""

    component: str
    kind: str
    bits: float
    says: str
    cites: tuple[Citation, ...] = ()
    category: str = "config"
    defect: str = "incorrect"
    #: What else was said of it, each with its place.
    besides: tuple[tuple[str, Citation], ...] = ()
