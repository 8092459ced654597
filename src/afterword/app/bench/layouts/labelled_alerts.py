"""Failures as alert events: ``*/label.csv`` beside ``raw``. Given: the events as Alertmanager alerts at one moment, and the
call graph. Told: nothing. The events have no times of their own; the right answer is an instance.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from afterword.app.bench.trial import Layout, Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

#: Alerts must have started at some time; all of them state this one.
_AT = "2024-01-01T00:00:00Z"


def _holds(folder: Path) -> bool:
    return any((path.parent / "raw" / "nodes.json").exists() for path in folder.glob("*/label.csv"))


def _trials(folder: Path) -> Iterator[Trial]:
    for label in sorted(folder.glob("*/label.csv")):
        raw = {
            name: json.loads((label.parent / "raw" / f"{name}.json").read_text(encoding="utf-8"))
            for name in ("metrics", "traces", "logs", "nodes", "edges")
        }
        with label.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                key = row["index"]
                yield Trial(
                    f"{label.parent.name}/{key} {row['anomaly_type']}",
                    made=(_as_made(_alerts(key, raw)), _as_made(_edges(key, raw))),
                    component=row["instance"],
                    groups=(label.parent.name, f"{label.parent.name}: {row['anomaly_type'].strip('[]')}"),
                )


def _as_made(content: bytes) -> Callable[[], bytes]:
    """Bound to its bytes, so that a trial can be sent to another process."""
    return content.__bytes__


def _alerts(key: str, raw: dict[str, Any]) -> bytes:
    alerts = [
        *({"alertname": f"{one[-2]} {one[-1]}", "instance": one[0]} for one in raw["metrics"].get(key, [])),
        *({"alertname": f"log pattern {one[1]}", "instance": one[0]} for one in raw["logs"].get(key, [])),
        *(
            {"alertname": f"span {one[3]}", "instance": one[1], "caller": one[0], "operation": one[2]}
            for one in raw["traces"].get(key, [])
        ),
    ]
    return json.dumps([{"labels": one, "annotations": {}, "startsAt": _AT} for one in alerts]).encode()


def _edges(key: str, raw: dict[str, Any]) -> bytes:
    names = raw["nodes"][key]
    rows = dict.fromkeys((names[a], names[b]) for a, b in raw["edges"].get(key, []) if a != b)
    return ("caller,callee\n" + "".join(f"{a},{b}\n" for a, b in rows)).encode()


LAYOUT = Layout("labelled alerts", _holds, _trials)
