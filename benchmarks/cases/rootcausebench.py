"""Whole incidents: alert, logs, metrics, traces, patterns, commits, deploys, flags. Given: all of it. Told: nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cases.case import Case

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def cases(data: Path) -> Iterator[Case]:
    for folder in sorted(data.glob("*/answer.json")):
        answer = json.loads(folder.read_text())
        files = tuple(p for p in sorted((folder.parent / "evidence").rglob("*")) if p.is_file())
        yield Case(
            folder.parent.name,
            files,
            {},
            answer["first_failing_service"],
            commit=answer["root_cause_commit"],
            decoys=tuple(answer["decoy_deploy_commits"]),
        )
