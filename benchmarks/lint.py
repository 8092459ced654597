"""The linter on postmortems that others wrote: precision per rule against verdicts of our own, recall of causal links, speed.

    python benchmarks/lint.py [--data FOLDER] [--list]

The verdicts are in ``tests/data``: document, rule, line, a hash of the line and of what was quoted, and whether a critical
reader of the whole document agreed. No sentence of anybody's is kept. Sets: A was read first and mended after; B was held out
from A and mended after; C was held out from both; R holds the findings of rarely firing rules in the rest. ``read``
are the findings that were judged when they were read; ``now`` are those that the code of today still makes. A rule with
fewer than five judged findings has no precision worth the name: the table says how many there are.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

from afterword.app.foreign import read
from afterword.core.foreign_graph import graph
from afterword.core.remark import draft
from afterword.core.review import review

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data" / "postmortems"
VERDICTS = ROOT / "tests" / "data" / "postmortem_verdicts.csv"
RECALL = ROOT / "tests" / "data" / "postmortem_recall.csv"
LINK = "argument.link"


class Verdict(NamedTuple):
    set: str
    document: str
    rule: str
    line: int
    sha256: str
    right: bool


def verdicts(path: Path = VERDICTS) -> list[Verdict]:
    with path.open(newline="") as rows:
        return [
            Verdict(one["set"], one["document"], one["rule"], int(one["line"]), one["sha256"], one["right"] == "1")
            for one in csv.DictReader(rows)
        ]


def digest(line: str, quote: str) -> str:
    return hashlib.sha256(f"{line}|{quote}".encode()).hexdigest()[:16]


def findings(data: bytes) -> set[tuple[str, int, str]]:
    """Rule, line and digest of everything that is found in one document, the links of its graph among it."""
    document = read(data)
    lines = document.text.splitlines()
    made = {
        (one.rule, one.line, digest(lines[one.line - 1], one.quote))
        for one in review(document.text, kind=document.kind)
    }
    found = graph(draft(document.text, document.kind))
    says = {one.id: one.statement for one in found.explanation.causes}
    for link in found.explanation.links:
        at = found.quotes[f"{link.cause}>{link.effect}"].line
        made.add((LINK, at, digest(lines[at - 1], f"{says[link.cause]}>{says[link.effect]}")))
    return made


def files(folder: Path) -> dict[str, Path]:
    rows = (json.loads(line) for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines())
    return {one["id"]: folder / one["file"] for one in rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--list", action="store_true", help="the findings that were wrong and are still made")
    args = parser.parse_args()
    if not args.data.is_dir():
        sys.exit(f"no postmortems at {args.data}")
    where = files(args.data)
    began = time.process_time()
    found = {id_: findings(path.read_bytes()) for id_, path in where.items()}
    took = time.process_time() - began
    judged = verdicts()
    for name in ("A", "B", "C", "R"):
        table(name, [one for one in judged if one.set == name], found, listed=args.list)
    table("all", judged, found, listed=False)
    recall(found)
    every = Counter(rule for made in found.values() for rule, _, _ in made)
    print(f"\n{len(where)} documents, {sum(every.values())} findings, {took:.1f} s of CPU (each document read twice)")


def table(name: str, judged: list[Verdict], found: dict[str, set[tuple[str, int, str]]], *, listed: bool) -> None:
    print(f"\nset {name}: {len({one.document for one in judged})} documents")
    print(f"{'rule':32}{'read':>6}{'right':>6}{'prec':>7}{'now':>6}{'right':>6}{'prec':>7}")
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for one in judged:
        groups[one.rule].append(one)
    whole = [one for one in judged if one.rule != LINK]
    for rule, rows in [*sorted(groups.items()), ("every remark", whole)]:
        still = [one for one in rows if (one.rule, one.line, one.sha256) in found[one.document]]
        print(f"{rule:32}{_row(rows)}{_row(still)}")
        if listed and rule != "every remark":
            for one in still:
                if not one.right:
                    print(f"    wrong: {one.document}:{one.line}")


def _row(rows: list[Verdict]) -> str:
    right = sum(one.right for one in rows)
    share = f"{right / len(rows):.2f}" if rows else "–"
    return f"{len(rows):6}{right:6}{share:>7}"


def recall(found: dict[str, set[tuple[str, int, str]]]) -> None:
    """Of the documents in which a reader saw the fault (or, of links, a cause of the impact), in how many it is found."""
    there: dict[str, list[bool]] = defaultdict(list)
    with RECALL.open(newline="") as rows:
        for one in csv.DictReader(rows):
            if one["there"] == "1":
                there[one["rule"]].append(any(rule == one["rule"] for rule, _, _ in found[one["document"]]))
    print("\nrecall, 20 documents of set A read whole")
    for rule, hits in sorted(there.items()):
        print(f"{rule:32}{sum(hits):3} of {len(hits)}")


if __name__ == "__main__":
    main()
