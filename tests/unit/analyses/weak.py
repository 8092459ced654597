"""What the tests of the analyses have in common."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from afterword.model.cause import Role
from afterword.model.event import Kind
from afterword.model.time import MINUTE, SECOND
from afterword.testing import case_from, cause, cite, event, scene_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.model.cause import Cause, Finding
    from afterword.model.event import Event

AT = 1_700_000_000 * SECOND
SHA = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"
DIFF = "--- a/shop/cart.py\n+++ b/shop/cart.py\n@@ -1,2 +1,4 @@\n import os\n+def add(n):\n+    return n * LIMIT\n LIMIT = 3\n"


def found(name: str, events: Sequence[Event], **more: object) -> list[Finding]:
    """What one analysis finds in a case of these events."""
    scene = scene_from(case_from(events), **more)  # type: ignore[arg-type]
    return list(importlib.import_module(f"afterword.analyses.{name}").run(scene))


def change() -> list[Event]:
    """A commit and, ten minutes later, its deployment: rows 1 and 2 of a case."""
    return [
        event(Kind.CHANGE, AT, "cart", name=SHA, change="commit", files="shop/cart.py", diff=DIFF, who="nora"),
        event(Kind.CHANGE, AT + 10 * MINUTE, "cart", name="d1", change="deploy", commit=SHA),
    ]


def set_off() -> list[Cause]:
    """The change is what set it off."""
    trigger = cause(Role.TRIGGER, "cart", cite(1), cite(2), ref=SHA, at=AT + 10 * MINUTE, category="code", layer="act")
    return [trigger, cause(Role.IMPACT, "web", at=AT + 11 * MINUTE)]
