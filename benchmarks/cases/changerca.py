"""Defective canary releases. Given: metrics of each pod (rewritten: its name stands in the file name only), the releases
without their verdict, the call graph. Told: when the alarm was raised.

The right answer is the service whose release is defective; among the causes that name a release, its rank.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

from cases.case import Case, iso, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def cases(data: Path) -> Iterator[Case]:
    for folder in sorted(unpacked(data / "dev.tar.xz").glob("data/*/*")):
        said = json.loads((folder / f"{folder.name}.json").read_text())
        guilty = said["fault_release_service"]
        yield Case(
            f"{folder.name} {said['fault']}",
            tuple(folder.glob("dependency.csv")),
            {"at": iso(said["detect_timestamp"])},
            guilty,
            change=f"{guilty}-v2",
            made=(_metrics(folder), _releases(said["plan"])),
            group=said["fault"],
        )


def _metrics(folder: Path) -> bytes:
    """Long table: time, component (the pod), indicator (with the other side of the call), value."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["time", "component", "indicator", "value"])
    for path in sorted(folder.glob("*-*-*_*_*.csv")):
        pod, source, target = path.stem.split("_")
        way = f"from_{source}" if pod.startswith(target) else f"to_{target}"
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                for key, value in row.items():
                    if key and value and key not in ("Time", "Timestamp"):
                        name = re.sub(r"\(%\)", "", key)
                        name = f"{name}_{way}" if name in ("SuccessRate", "Latency") else name
                        writer.writerow([row["Timestamp"], pod, name, value])
    return out.getvalue().encode()


def _releases(plan: dict[str, Any]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["time", "component", "what", "who", "version", "id"])
    for service, one in plan.items():
        steps = [
            (int(at), f"release v2 of {service}: {' '.join(step['release_pod'])} in for {' '.join(step['delete_pod'])}")
            for at, step in one["process"].items()
        ]
        for at, what in sorted(steps):
            writer.writerow([iso(at), service, what, "release pipeline", "v2", f"{service}-v2"])
    return out.getvalue().encode()
