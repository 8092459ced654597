"""Reads the same bytes in columns and line by line, and compares what the lake holds then."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from afterword.model.event import Event
from afterword.model.evidence import Evidence
from afterword.ports import Batch, Reading
from afterword.stores.lake_parquet import LakeParquet

if TYPE_CHECKING:
    from pathlib import Path

    from afterword.ports import Source


def events(source: Source, raw: bytes, reading: Reading) -> tuple[list[Event], list[Any]]:
    """What is read line by line: events, and everything else that is no blank line."""
    found = list(source.read(io.BytesIO(raw), reading))
    return [one for one in found if isinstance(one, Event)], [one for one in found if type(one).__name__ == "Problem"]


def rows(found: list[Any], root: Path, evidence: Any) -> list[dict[str, Any]]:
    lake = LakeParquet(root)
    lake.write(evidence, found)
    return lake.tables([evidence]).to_pylist()


def same(source: Source, raw: bytes, root: Path, reading: Reading | None = None, *, some: bool = False) -> None:
    """Both ways of reading give the same rows and the same problems."""
    reading = reading or Reading(year=2026)
    slow, problems = events(source, raw, reading)
    assert source.bulk is not None
    fast = list(source.bulk(io.BytesIO(raw), reading))
    evidence = Evidence("a" * 64, len(raw), "x", source.name)
    batches = [one if isinstance(one, Batch) else [one] for one in fast if isinstance(one, Batch | Event)]
    assert rows(batches, root / "fast", evidence) == rows([slow] if slow else [], root / "slow", evidence)
    assert sorted(map(str, problems)) == sorted(str(one) for one in fast if type(one).__name__ == "Problem")
    if some:
        assert sum(one.table.num_rows for one in fast if isinstance(one, Batch)) > 0.5 * len(slow)
