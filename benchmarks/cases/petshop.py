"""Metrics at 5 minutes and a call graph. Given: the issue, the healthy period, the graph. Told: when it was noticed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cases.case import Case, iso

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def cases(data: Path) -> Iterator[Case]:
    for target in sorted(data.glob("*/*/issue_*/target.json")):
        said = json.loads(target.read_text())
        root = target.parents[2]
        files = (target.with_name("metrics.csv"), root / "noissue" / "metrics.csv", root / "graph.csv")
        told = {"at": iso(said["target"]["timestamp"])}
        yield Case(
            f"{target.parents[1].name}/{target.parent.name}",
            files,
            told,
            said["root_cause"]["node"],
            group=said["target"]["metric"],
        )
