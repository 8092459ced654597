"""Faults of a day: ``rca_data/<day>/*fault_list.json``, with a fault-free reference minute. Given: logs and spans of the
minutes after the injection and of the reference minute, metrics of all pods from half an hour before to four minutes after.
Told: when it began, and the reference minute. The right answer is the service of the pod that was hurt.
"""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from afterword.app.bench.trial import Layout, Trial, iso

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Seconds of metrics before and after the injection, and around the reference minute.
_BEFORE, _AFTER, _AROUND = 1800, 240, 600
_LISTS = "rca_data/*/*fault_list.json"


def _holds(folder: Path) -> bool:
    return any(folder.glob(_LISTS))


def _trials(folder: Path) -> Iterator[Trial]:
    for faults in sorted(folder.glob(_LISTS)):
        day = faults.parent
        reference = folder / "construct_data" / day.name
        minute = min((reference / "log").iterdir()).name[:5]
        healthy = datetime.fromisoformat(f"{day.name}T{minute.replace('_', ':')}:00+00:00").timestamp()
        for fault in (one for hour in json.loads(faults.read_text(encoding="utf-8")).values() for one in hour):
            at = datetime.fromisoformat(fault["inject_time"]).replace(tzinfo=UTC).timestamp()
            yield Trial(
                f"{day.name}/{fault['inject_time'][11:]} {fault['inject_type']}",
                (*_minutes(day, at), *(reference / kind / f"{minute}_{kind}.csv" for kind in ("log", "trace"))),
                tuple(partial(_cut, path, at, healthy) for path in sorted((day / "metric").glob("*.csv"))),
                {"at": iso(at), "baseline": f"{iso(healthy - 60)}/{iso(healthy + 60)}"},
                (fault["inject_type"],),
                re.sub(r"-[0-9a-f]+-\w{5}$", "", fault["inject_pod"]),
            )


def _minutes(day: Path, at: float) -> Iterator[Path]:
    for minute in range(4):
        name = datetime.fromtimestamp(at + 60 * minute, UTC).strftime("%H_%M")
        for kind in ("log", "trace"):
            if (path := day / kind / f"{name}_{kind}.csv").exists():
                yield path


def _cut(path: Path, at: float, healthy: float) -> bytes:
    """The rows near the fault and near the reference minute: the rest of the day holds other faults."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(rows[0])
    for row in rows[1:]:
        second = float(row[1])
        if at - _BEFORE <= second <= at + _AFTER or abs(second - healthy) <= _AROUND:
            writer.writerow(row)
    return out.getvalue().encode()


LAYOUT = Layout("lists of faults", _holds, _trials)
