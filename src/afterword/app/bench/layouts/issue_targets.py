"""Metrics of issues against a period without any: ``*/*/issue_*/target.json``. Given: the metrics of the issue and of the
healthy period, the call graph. Told: when it was noticed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from afterword.app.bench.trial import Layout, Trial, iso

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TARGETS = "*/*/issue_*/target.json"


def _holds(folder: Path) -> bool:
    return any(folder.glob(_TARGETS))


def _trials(folder: Path) -> Iterator[Trial]:
    for path in sorted(folder.glob(_TARGETS)):
        said = json.loads(path.read_text(encoding="utf-8"))
        root = path.parents[2]
        files = (path.with_name("metrics.csv"), root / "noissue" / "metrics.csv", root / "graph.csv")
        yield Trial(
            f"{path.parents[1].name}/{path.parent.name}",
            tuple(one for one in files if one.is_file()),
            told={"at": iso(said["target"]["timestamp"])},
            component=said["root_cause"]["node"],
            groups=(root.name, said["target"]["metric"]),
        )


LAYOUT = Layout("issues with a target", _holds, _trials)
