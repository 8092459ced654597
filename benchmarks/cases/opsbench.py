"""Kubernetes faults. Given: what kubectl printed, logs, alerts, metrics in some, outputs of the recorded tools. Told: nothing.

The right answer is an object (``app/cart``, ``node/n1``) and one class of fault; both must be in one cause.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cases.case import Case, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def cases(data: Path, *, tools: bool = True) -> Iterator[Case]:
    for path in sorted(unpacked(data / "boutique-dev.tar.xz").glob("*/*/*/metadata.json")):
        right = json.loads(path.read_text())["result"]
        files = sorted((path.parent / "raw_data").iterdir())
        if tools:
            files.append(path.parent / "tool_cache.json")
        yield Case(
            f"{path.parts[-3]}/{path.parts[-2]} {right['root_cause']}",
            tuple(files),
            {},
            fault=(right["fault_object"], right["root_cause"]),
            group=path.parts[-3],
        )


def cases_without_tools(data: Path) -> Iterator[Case]:
    """The same, with what kubectl printed alone: no state of the services of a node, no manifests."""
    yield from cases(data, tools=False)
