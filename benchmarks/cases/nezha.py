"""Code and resource faults of TrainTicket. Given: logs and spans of the three minutes after the injection and of a reference
minute, metrics of all pods from half an hour before to four minutes after. Told: when it began, and the reference minute.

The right answer is the service of the pod that was hurt.
"""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cases.case import Case, iso, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BEFORE, _AFTER = 1800, 240


def cases(data: Path) -> Iterator[Case]:
    root = unpacked(data / "dev.tar.xz")
    for faults in sorted(root.glob("rca_data/*/*fault_list.json")):
        day = faults.parent
        reference = root / "construct_data" / day.name
        minute = next((reference / "log").iterdir()).name[:5]
        healthy = datetime.fromisoformat(f"{day.name}T{minute.replace('_', ':')}:00+00:00").timestamp()
        for fault in (one for hour in json.loads(faults.read_text()).values() for one in hour):
            at = datetime.fromisoformat(fault["inject_time"]).replace(tzinfo=UTC).timestamp()
            yield Case(
                f"{day.name}/{fault['inject_time'][11:]} {fault['inject_type']}",
                (
                    *_minutes(day, at),
                    *(reference / kind / f"{minute}_{kind}.csv" for kind in ("log", "trace")),
                ),
                {"at": iso(at), "baseline": f"{iso(healthy - 60)}/{iso(healthy + 60)}"},
                re.sub(r"-[0-9a-f]+-\w{5}$", "", fault["inject_pod"]),
                made=tuple(_cut(path, at, healthy) for path in sorted((day / "metric").glob("*.csv"))),
                group=fault["inject_type"],
            )


def _minutes(day: Path, at: float) -> Iterator[Path]:
    for minute in range(4):
        name = datetime.fromtimestamp(at + 60 * minute, UTC).strftime("%H_%M")
        for kind in ("log", "trace"):
            if (path := day / kind / f"{name}_{kind}.csv").exists():
                yield path


def _cut(path: Path, at: float, healthy: float) -> bytes:
    """The rows near the fault and near the reference minute: the rest of the day holds other faults."""
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(rows[0])
    for row in rows[1:]:
        second = float(row[1])
        if at - _BEFORE <= second <= at + _AFTER or abs(second - healthy) <= 600:
            writer.writerow(row)
    return out.getvalue().encode()
