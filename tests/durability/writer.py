"""What the killed process does: analyses and decisions in a loop, each told on a line once it is answered."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from itertools import count
from pathlib import Path
from typing import Any

from afterword.faces.cli import main


def evidence(folder: Path, number: int) -> Path:
    """A pool that runs dry, a little different each time, so that it is another incident."""
    made = folder / f"{number}"
    made.mkdir(parents=True, exist_ok=True)
    rows, lines = ["timestamp,service,metric,value"], []
    for minute in range(40):
        sick = minute >= 20
        at = f"2026-03-14T09:{minute:02d}:00Z"
        rows += [f"{at},shop,error_rate,{(0.4 if sick else 0.01) + 0.001 * ((minute * 7) % 5)}"]
        rows += [f"{at},shop,latency_p99_ms,{(900 if sick else 90) + (minute * 3) % 7}"]
        if sick:
            lines += [f"{at} ERROR shop: no connection in pool {number} after 2000 ms"]
    (made / "metrics.csv").write_text("\n".join(rows) + "\n")
    (made / "shop.log").write_text("\n".join(lines) + "\n")
    return made


def asked(workspace: str, *words: str) -> dict[str, Any]:
    """One command as from the terminal. Its answer, or the end of this process."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main.run([*words, "--json", "--workspace", workspace])
    if code:
        raise SystemExit(f"{words}: exit {code}")
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def tell(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def loop(workspace: str, folder: Path, first: int) -> None:
    for number in count(first):
        report = asked(workspace, "analyze", str(evidence(folder, number)))
        incident, cause = report["incident"], report["causes"][0]["id"]
        tell(analysed=incident["id"], outputs=report["outputs"])
        for turn in range(12):
            title = f"Return the connection {number}.{turn}"
            item = asked(workspace, "action", "add", incident["id"], title, "--answers", cause, "--done-when", "holds")
            tell(added=item["id"], title=title)
            taken = asked(workspace, "action", "accept", item["id"], "--owner", f"kim-{number}-{turn}")
            tell(accepted=taken["id"], owner=taken["owner"])


if __name__ == "__main__":
    loop(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
