"""Secrets: recall, precision and speed of the rules on leaky telemetry, false alarms on logs, beside another scanner.

The peer is detect-secrets, run by the Python that ``--peer`` names (an environment of its own); without it, ours stand
alone. ``--logs`` names a folder of logs in which there are no secrets: each alarm in it is printed, to be judged.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "unit" / "core" / "secret"))

import leaky

from afterword.core.secret.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What of a line the peer finds, as JSON: a list of found texts for each line of the file that it is given.
_PEER = """
import json, sys
from detect_secrets.core.scan import scan_line
from detect_secrets.settings import default_settings
with default_settings():
    lines = open(sys.argv[1], encoding="utf-8").read().split("\\n")
    print(json.dumps([[one.secret_value for one in scan_line(line)] for line in lines]))
"""


def ours(lines: Sequence[str]) -> list[list[str]]:
    redactor = Redactor(b"benchmark", frozenset({"secrets"}))
    return [
        [body[one.start : one.end].decode("utf-8", "replace") for one in redactor.find(body)]
        for body in (line.encode() for line in lines)
    ]


def theirs(python: str, lines: Sequence[str]) -> list[list[str]]:
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(lines))
        file.flush()
        done = subprocess.run([python, "-c", _PEER, file.name], capture_output=True, text=True, check=True)
    found: list[list[str]] = json.loads(done.stdout)
    return found


def row(name: str, leaks: Sequence[leaky.Leak], found: Sequence[list[str]], decoys: Sequence[list[str]]) -> str:
    """A secret counts as found when one finding holds all of it."""
    typed = [leak.kind != "password" for leak in leaks]
    hits = [any(leak.secret in one for one in said) for leak, said in zip(leaks, found, strict=True)]
    right = sum(
        any(one in leak.secret or leak.secret in one for one in said) for leak, said in zip(leaks, found, strict=True)
    )
    wrong = sum(map(len, decoys))
    of_typed = sum(hit for hit, is_typed in zip(hits, typed, strict=True) if is_typed) / max(1, sum(typed))
    of_passwords = sum(hit for hit, is_typed in zip(hits, typed, strict=True) if not is_typed) / max(
        1, len(typed) - sum(typed)
    )
    return f"{name:<34}{len(leaks):>7}{of_typed:>12.1%}{of_passwords:>12.1%}{right / max(1, right + wrong):>11.1%}"


def alarms(folder: Path) -> None:
    redactor = Redactor(b"benchmark")
    lines = spent = size = 0.0
    print("\nalarms in logs (all kinds; each is to be judged):")
    for path in sorted(folder.rglob("*.log")):
        body = path.read_bytes()
        begin = time.process_time()
        found = redactor.find(body)
        spent += time.process_time() - begin
        lines, size = lines + body.count(b"\n"), size + len(body)
        for one in found:
            around = body[max(0, one.start - 40) : one.end + 10].decode("utf-8", "replace").replace("\n", " ")
            print(f"  {path.parent.name}: {one.kind}: …{around}…")
    print(f"{lines:.0f} lines, {size / 1e6:.1f} MB, {size / 1e6 / max(spent, 1e-9):.0f} MB per CPU-second")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", help="Python of an environment with detect-secrets")
    parser.add_argument("--logs", type=Path, help="folder of logs without secrets")
    args = parser.parse_args()
    sets = {"shapes that rules were made for": leaky.lines(), "other shapes": leaky.other_lines()}
    decoys = leaky.decoys()
    print(f"{'':<34}{'secrets':>7}{'typed':>12}{'passwords':>12}{'precision':>11}")
    for name, leaks in sets.items():
        lines = [leak.line for leak in leaks]
        print(row(f"ours, {name}", leaks, ours(lines), ours(decoys)))
        if args.peer:
            flat = [line.replace("\n", " ") for line in lines]
            print(row(f"peer, {name}", leaks, theirs(args.peer, flat), theirs(args.peer, decoys)))
    if args.logs:
        alarms(args.logs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
