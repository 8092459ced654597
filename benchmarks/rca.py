"""Root causes: strict ranks over the case sets beside the project, answers hidden from what is scored; peers beside it.

    python benchmarks/rca.py [--data FOLDER] [--set NAME] [--every N] [--case WORD] [--ablate] [--without time] [-v]
                             [--ablate-every N] [--peers FOLDER [--kept FILE] [--peers-seconds S]] [--markdown FILE]

The same as ``afterword bench rca FOLDER``. Strict: what ties with the right answer counts as standing before it. Sets are carried
out one after the other, and what is known so far is written after each.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import peer
from rca_written import Measured, document

from afterword.app.bench.tally import ALL
from afterword.app.operations import bench
from afterword.app.workspace import open_workspace
from afterword.faces.cli import render

if TYPE_CHECKING:
    from afterword.app.bench.sets import CaseSet
    from afterword.app.workspace import Workspace

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "rca"
#: Sets of so many trials are large.
LARGE = 100


def main() -> int:
    args, began = _arguments(), datetime.now(UTC)
    # Archives of cases are unpacked into it, once.
    ws = open_workspace(Path(tempfile.gettempdir(), "afterword-bench"), face="bench", progress=_tell)
    kept = peer.Kept(args.kept, args.peers_seconds)
    measured: list[Measured] = []
    for one in bench.sets_below(ws, str(args.data), tuple(args.set)):
        measured.append(_measured(ws, one, args, kept))
        _show(measured[-1], verbose=args.verbose)
        if args.markdown:
            args.markdown.write_text(document(measured, sys.argv[1:], began), encoding="utf-8")
    return 1 if any(one.stopped for one in measured) else 0


def _measured(ws: Workspace, one: CaseSet, args: argparse.Namespace, kept: peer.Kept) -> Measured:
    """One set; whatever goes wrong with it, the others are carried out."""
    begin = time.monotonic()
    try:
        found = _found(ws, one, args)
    except Exception as error:  # noqa: BLE001 - one set must not end a measurement of hours
        return Measured(one.name, one.layout.name, None, "", f"{type(error).__name__}: {error}")
    trials = list(islice((trial for trial in one.trials() if args.case in trial.name), 0, None, args.every))
    beside = peer.compare(args.peers, one, trials, kept) if args.peers else ""
    print(f"\r\033[K{one.name}: {time.monotonic() - begin:.0f} s", file=sys.stderr)
    return Measured(one.name, one.layout.name, found, beside)


def _found(ws: Workspace, one: CaseSet, args: argparse.Namespace) -> bench.CauseBench:
    """Of a large set only a part is carried out with ablations, if so asked; its row without any stands among them."""

    def carried(every: int, *, ablate: bool) -> bench.CauseBench:
        return bench.rca(
            ws, folder=str(args.data), set=(one.name,), every=every, case=args.case, ablate=ablate,
            untold=args.without == "time", jobs=args.jobs,
        )  # fmt: skip

    if not args.ablate or args.ablate_every == 1 or sum(1 for _ in islice(one.trials(), LARGE)) < LARGE:
        return carried(args.every, ablate=args.ablate)
    whole, part = carried(args.every, ablate=False), carried(args.every * args.ablate_every, ablate=True)
    said = f"all, every {args.ablate_every}th case"
    beside = (replace(row, variant=row.variant or said, cpu=None) for row in part.tallies if row.group == ALL)
    return replace(whole, tallies=(*whole.tallies, *beside), turns=part.turns)


def _show(one: Measured, *, verbose: bool) -> None:
    if one.found is None or one.whole is None:
        print(f"{one.name}: {one.stopped or 'no case'}")
        return
    render.show(one.found if verbose else replace(one.found, misses=(), turns=()), sys.stdout)
    if one.peers:
        peer.show(one.name, one.whole.marks, one.whole.cpu or 0.0, one.peers)
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--set", action="append", default=[], help="only the set of this folder name; may be repeated")
    parser.add_argument("--every", type=int, default=1, help="only every so many-th case")
    parser.add_argument("--case", default="", help="only cases whose name holds this")
    parser.add_argument("--ablate", action="store_true", help="also with each lane off and the time withheld or moved")
    parser.add_argument(
        "--ablate-every", type=int, default=1, help="of sets of 100 cases, ablations of every so many-th"
    )
    parser.add_argument("--without", choices=["time"], help="withhold what would be told")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--peers", type=Path, help="folder with a virtual environment and checkouts of others' methods")
    parser.add_argument("--kept", type=Path, help="file in which the answers of peers are kept, and are read from")
    parser.add_argument(
        "--peers-seconds", type=float, default=math.inf, help="ask peers no longer than this about a set"
    )
    parser.add_argument("--markdown", type=Path, help="write all figures to this file")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell what went wrong with each case")
    return parser.parse_args()


def _tell(what: str, done: int, total: int | None) -> None:
    del total
    if done and what.startswith("cases"):
        print(f"\r\033[K{what}: {done}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
