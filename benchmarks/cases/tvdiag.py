"""Failures as alert events. Given: the events as Alertmanager alerts at one moment, and the call graph. Told: nothing.

The events have no times of their own. The right answer is an instance.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from cases.case import Case

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_AT = "2024-01-01T00:00:00Z"


def cases(data: Path) -> Iterator[Case]:
    for label in sorted(data.glob("*/label.csv")):
        raw = {name: json.loads((label.parent / "raw" / f"{name}.json").read_text()) for name in ("metrics", "traces", "logs", "nodes", "edges")}  # fmt: skip
        with label.open(newline="") as file:
            for row in csv.DictReader(file):
                key = row["index"]
                made = (_alerts(key, raw), _edges(key, raw))
                yield Case(f"{label.parent.name}/{key} {row['anomaly_type']}", (), {}, row["instance"], made=made, group=label.parent.name)  # fmt: skip


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
