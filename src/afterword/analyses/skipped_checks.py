"""The change that set it off went past its automatic checks, and says so itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "skipped-checks"
LIMITS = "Only what the change itself says is seen; checks may have run by another way."
_SKIP = re.compile(
    r"\[(?:skip ci|ci skip|no ci|skip actions|skip tests?)\]|--no-verify|\bskip-checks:\s*true", re.IGNORECASE
)
_STATE = re.compile(r"^(?:fail\w*|error|red|skipped|cancel\w*|neutral)$", re.IGNORECASE)
_CHECKS = ("checks", "ci", "status_checks", "build", "pipeline")


def run(scene: Scene) -> Iterator[Finding]:
    for cause, fact in scene.triggers():
        state = next((v for k in _CHECKS if _STATE.match(v := fact.event.attributes.get(k, ""))), "")
        marked = _SKIP.search(fact.event.text)
        if marked or state:
            how = f"it carries “{marked.group(0)}”" if marked else f"its checks are recorded as “{state}”"
            yield Finding(
                identity(NAME, cause.component, fact.event.name), NAME, "tests",
                f"The change that set it off went past its automatic checks: {how}.", cause.component, (fact.cite,), LIMITS, 0.8,
            )  # fmt: skip


ANALYSIS = Analysis(NAME, "the triggering change skipped its automatic checks, or they were red", run)
