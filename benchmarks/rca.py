"""Root causes: strict ranks over the case sets beside the project, answers hidden from what is scored; peers beside it.

    python benchmarks/rca.py [--data FOLDER] [--set NAME] [--every N] [--case WORD] [--ablate] [--without time] [-v]
                             [--peers FOLDER]

The same as ``afterword bench rca FOLDER``. Strict: what ties with the right answer counts as standing before it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import peer

from afterword.app.bench.tally import ALL
from afterword.app.operations import bench
from afterword.app.workspace import open_workspace
from afterword.faces.cli import render

if TYPE_CHECKING:
    from afterword.app.workspace import Workspace

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "rca"


def main() -> int:
    args = _arguments()
    # Archives of cases are unpacked into it, once.
    ws = open_workspace(Path(tempfile.gettempdir(), "afterword-bench"), face="bench", progress=_tell)
    found = bench.rca(
        ws, folder=str(args.data), set=tuple(args.set), every=args.every, case=args.case, ablate=args.ablate,
        untold=args.without == "time", jobs=args.jobs,
    )  # fmt: skip
    render.show(found if args.verbose else replace(found, misses=()), sys.stdout)
    if args.peers:
        _beside(ws, found, args)
    return 0


def _beside(ws: Workspace, found: bench.CauseBench, args: argparse.Namespace) -> None:
    """The methods of others on the cases that were just carried out."""
    for one in bench.sets_below(ws, str(args.data), tuple(args.set)):
        trials = list(islice((trial for trial in one.trials() if args.case in trial.name), 0, None, args.every))
        whole = next(t for t in found.tallies if (t.set, t.group, t.variant) == (one.name, ALL, ""))
        if any(mark.startswith("component") or mark == "change" for mark in whole.marks):
            peer.show(one.name, whole.marks, whole.cpu or 0.0, peer.compare(args.peers, one, trials))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--set", action="append", default=[], help="only the set of this folder name; may be repeated")
    parser.add_argument("--every", type=int, default=1, help="only every so many-th case")
    parser.add_argument("--case", default="", help="only cases whose name holds this")
    parser.add_argument("--ablate", action="store_true", help="also with each lane off and the time withheld or moved")
    parser.add_argument("--without", choices=["time"], help="withhold what would be told")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--peers", type=Path, help="folder with a virtual environment and checkouts of others' methods")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell what went wrong with each case")
    return parser.parse_args()


def _tell(what: str, done: int, total: int | None) -> None:
    del total
    if done and what.startswith("cases"):
        print(f"\r{what}: {done}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
