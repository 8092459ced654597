"""Faults of a platform: ``<family>/<class>/<number>/metadata.json`` beside ``raw_data``. Given: what was printed, logs,
alerts, metrics in some, and what recorded tools answered. Told: nothing.

The right answer is an object (``app/cart``, ``node/n1``) and one class of fault; both must be in one cause.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from afterword.app.bench.trial import Layout, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _cases(folder: Path) -> Iterator[Path]:
    for depth in ("*/*/*", "*/*", "*/*/*/*"):
        yield from (path for path in folder.glob(f"{depth}/metadata.json") if (path.parent / "raw_data").is_dir())


def _holds(folder: Path) -> bool:
    return any(True for _ in _cases(folder))


def _trials(folder: Path) -> Iterator[Trial]:
    for path in sorted(_cases(folder)):
        right = json.loads(path.read_text(encoding="utf-8"))["result"]
        answers = path.parent / "tool_cache.json"
        yield Trial(
            f"{path.parts[-3]}/{path.parts[-2]} {right['root_cause']}",
            (*sorted((path.parent / "raw_data").iterdir()), *([answers] if answers.exists() else [])),
            fault=(right["fault_object"], right["root_cause"]),
            groups=(path.parts[-3], right["root_cause"]),
        )


LAYOUT = Layout("faults of a platform", _holds, _trials)
