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
from afterword.testing import small_incident


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
        report = asked(workspace, "analyze", str(small_incident(folder / str(number), number)))
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
