"""The change that set it off touched code or configuration and no test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.core.diff import file_kind
from afterword.model.cause import Finding
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "untested-change"
LIMITS = "A test that existed before, or that lives in another repository, cannot be seen in the list of files."


def run(scene: Scene) -> Iterator[Finding]:
    for cause, fact in scene.triggers():
        files = [path for path in fact.event.attributes.get("files", "").split("\n") if path]
        kinds = {file_kind(path) for path in files}
        if "test" in kinds or not kinds & {"code", "config"}:
            continue
        says = (
            f"The change that set it off touched {', '.join(files[:3])}{' and more' if files[3:] else ''} and no test."
        )
        yield Finding(
            identity(NAME, cause.component, fact.event.name), NAME, "tests", says, cause.component, (fact.cite,), LIMITS, 0.6
        )  # fmt: skip


ANALYSIS = Analysis(NAME, "the triggering change touched no test", run)
