"""Defective releases: ``<day>/<case>/<case>.json`` with a plan. Given: metrics of each pod (rewritten: its name stands in
the file name only), the releases without their verdict, the call graph. Told: when the alarm was raised.

The right answer is the service whose release is defective; among the causes that name a release, its rank. Folders in which
other methods left their answers are not looked into.
"""

from __future__ import annotations

import csv
import io
import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from afterword.app.bench.trial import Layout, Trial, iso

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _cases(folder: Path) -> Iterator[Path]:
    for depth in ("*", "*/*", "*/*/*"):
        for one in folder.glob(depth):
            if one.is_dir() and (one / f"{one.name}.json").exists() and any(one.glob("dependency.csv")):
                yield one


def _holds(folder: Path) -> bool:
    return any(True for _ in _cases(folder))


def _trials(folder: Path) -> Iterator[Trial]:
    for case in sorted(_cases(folder)):
        said = json.loads((case / f"{case.name}.json").read_text(encoding="utf-8"))
        guilty = said["fault_release_service"]
        yield Trial(
            f"{case.name} {said['fault']}",
            (case / "dependency.csv",),
            (partial(_metrics, case), partial(_releases, said["plan"])),
            {"at": iso(said["detect_timestamp"])},
            (said["fault"],),
            guilty,
            change=f"{guilty}-v2",
        )


def _metrics(case: Path) -> bytes:
    """Long table: time, component (the pod), indicator (with the other side of the call), value."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["time", "component", "indicator", "value"])
    for path in sorted(case.glob("*-*-*_*_*.csv")):
        pod, source, target = path.stem.split("_")
        way = f"from_{source}" if pod.startswith(target) else f"to_{target}"
        with path.open(newline="", encoding="utf-8") as file:
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


LAYOUT = Layout("release plans", _holds, _trials)
