"""A healthy and a faulty stretch of metrics: ``<component>-<indicator>/*/normal.csv`` and ``anomalous.csv``. Given: both.
Told: when the fault began, which is where the second stretch begins.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from afterword.app.bench.trial import Layout, Trial, iso

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _holds(folder: Path) -> bool:
    return any(path.with_name("normal.csv").exists() for path in folder.glob("*-*/*/anomalous.csv"))


def _trials(folder: Path) -> Iterator[Trial]:
    for path in sorted(folder.glob("*-*/*/anomalous.csv")):
        component, _, indicator = path.parents[1].name.rpartition("-")
        with path.open(newline="", encoding="utf-8") as file:
            at = next(csv.DictReader(file))["time"]
        yield Trial(
            f"{path.parents[1].name}/{path.parent.name}",
            (path.with_name("normal.csv"), path),
            told={"at": iso(float(at))},
            component=component,
            indicator=indicator,
            groups=(component, indicator),
        )


LAYOUT = Layout("healthy and faulty stretches", _holds, _trials)
