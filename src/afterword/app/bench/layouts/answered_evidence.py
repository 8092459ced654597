"""Whole incidents: a folder ``evidence`` beside ``answer.json``. Given: all of the evidence. Told: nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from afterword.app.bench.trial import Layout, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _holds(folder: Path) -> bool:
    return any((answer.parent / "evidence").is_dir() for answer in folder.glob("*/answer.json"))


def _trials(folder: Path) -> Iterator[Trial]:
    for path in sorted(folder.glob("*/answer.json")):
        answer = json.loads(path.read_text(encoding="utf-8"))
        yield Trial(
            path.parent.name,
            tuple(one for one in sorted((path.parent / "evidence").rglob("*")) if one.is_file()),
            component=answer["first_failing_service"],
            commit=answer["root_cause_commit"],
            decoys=tuple(answer.get("decoy_deploy_commits", ())),
        )


LAYOUT = Layout("evidence beside an answer", _holds, _trials)
