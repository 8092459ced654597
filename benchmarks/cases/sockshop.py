"""Metrics at one second. Given: the healthy and the faulty stretch. Told: when the fault began."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from cases.case import Case, iso

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def cases(data: Path) -> Iterator[Case]:
    for folder in sorted(data.glob("*/*")):
        service, _, name = folder.parent.name.rpartition("-")
        with (folder / "anomalous.csv").open() as file:
            at = next(csv.DictReader(file))["time"]
        files = (folder / "normal.csv", folder / "anomalous.csv")
        yield Case(f"{folder.parent.name}/{folder.name}", files, {"at": iso(float(at))}, service, name, group=name)
