"""Incidents with an ``answer.yml`` of required words. Given: the JSON files beside it that are evidence. Told: nothing.

A case without an incident is right when no cause is put forward; the others by the words that must be said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from afterword.app.bench.trial import Layout, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _holds(folder: Path) -> bool:
    return any(folder.glob("*/answer.yml"))


def _trials(folder: Path) -> Iterator[Trial]:
    for path in sorted(folder.glob("*/answer.yml")):
        answer = yaml.safe_load(path.read_text(encoding="utf-8"))
        category = answer["root_cause_category"]
        yield Trial(
            path.parent.name,
            tuple(sorted(path.parent.glob("*.json"))),
            words=tuple(answer["required_keywords"]),
            healthy=category == "healthy",
            groups=(category,),
        )


LAYOUT = Layout("answers by words", _holds, _trials)
