"""Log templates: accuracy per system and lines per CPU-second, Drain3 with its README masks beside ours in the same run.

    python benchmarks/templates.py [--data FOLDER] [--lines N] [SYSTEM...]

Drain3 is no dependency of the project: where it is not installed its columns are left out. Ground truth: the corrected
Loghub-2.0 2k sets (EventTemplate); mining is on the Content column. GA, FGA, PA and FTA are those of Loghub-2.0:

    GA   share of lines whose group holds exactly the lines of their true group
    FGA  F1 over groups: groups found that are exactly a true group
    PA   share of lines whose template text is exactly the true one
    FTA  F1 over templates: found templates whose lines all have one true template and whose text is that one

The text is compared after runs of blanks have become one blank. CPU is that of this process; nothing is asserted on it.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from afterword.core.template import mine, skeletons

try:
    from drain3 import TemplateMiner
    from drain3.masking import MaskingInstruction
    from drain3.template_miner_config import TemplateMinerConfig
except ImportError:
    TemplateMiner = None

DATA = Path(__file__).parents[2] / "shared" / "data" / "logs"
DRAIN_MASKS = (
    (r"((?<=[^A-Za-z0-9])|^)(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))((?=[^A-Za-z0-9])|$)", "ID"),
    (r"((?<=[^A-Za-z0-9])|^)(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})((?=[^A-Za-z0-9])|$)", "IP"),
    (r"((?<=[^A-Za-z0-9])|^)([0-9a-f]{6,} ?){3,}((?=[^A-Za-z0-9])|$)", "SEQ"),
    (r"((?<=[^A-Za-z0-9])|^)([0-9A-F]{4} ?){4,}((?=[^A-Za-z0-9])|$)", "SEQ"),
    (r"((?<=[^A-Za-z0-9])|^)(0x[a-f0-9A-F]+)((?=[^A-Za-z0-9])|$)", "HEX"),
    (r"((?<=[^A-Za-z0-9])|^)([\-\+]?\d+)((?=[^A-Za-z0-9])|$)", "NUM"),
)
"""The masks in the README of Drain3; every mask is written ``<*>`` in the template, as the ground truth writes it."""


class Score(NamedTuple):
    """Shares, 0 to 1."""

    ga: float
    fga: float
    pa: float
    fta: float


def score(truth: list[str], found: list[str]) -> Score:
    """Both give the template text of each line; a found group is the lines with the same text."""
    true_groups, found_groups = groups(truth), groups(found)
    exact = set(true_groups.values())
    right = [lines for lines in found_groups.values() if lines in exact]
    named = sum(
        all(truth[line] == truth[lines[0]] for line in lines) and blanks(truth[lines[0]]) == blanks(text)
        for text, lines in found_groups.items()
    )
    return Score(
        sum(map(len, right)) / len(truth),
        f1(len(right), len(found_groups), len(true_groups)),
        sum(blanks(a) == blanks(b) for a, b in zip(truth, found, strict=True)) / len(truth),
        f1(named, len(found_groups), len(true_groups)),
    )


def groups(texts: list[str]) -> dict[str, tuple[int, ...]]:
    """Text → the lines that have it."""
    held: dict[str, list[int]] = defaultdict(list)
    for line, text in enumerate(texts):
        held[text].append(line)
    return {text: tuple(lines) for text, lines in held.items()}


def f1(right: int, found: int, true: int) -> float:
    return 2 * right / (found + true) if right else 0.0


def blanks(text: str) -> str:
    return " ".join(text.split())


def read(path: Path) -> tuple[list[str], list[str]]:
    """Messages and their true templates."""
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return [row["Content"] for row in rows], [row["EventTemplate"] for row in rows]


def ours(lines: list[str]) -> list[str]:
    assigned, texts = mine(lines)
    return [texts[one] for one in assigned]


def drain(lines: list[str]) -> list[str]:
    config = TemplateMinerConfig()
    config.masking_instructions = [MaskingInstruction(pattern, name) for pattern, name in DRAIN_MASKS]
    config.profiling_enabled = False
    miner = TemplateMiner(None, config)
    clusters = [miner.add_log_message(line)["cluster_id"] for line in lines]
    texts = {one.cluster_id: re.sub(r"<[A-Z]+>", "<*>", one.get_template()) for one in miner.drain.clusters}
    return [texts[one] for one in clusters]


def fleet(systems: list[list[str]], count: int) -> list[str]:
    """Lines of all systems mixed, evenly by system; digits vary in runs of two and more, so that most lines are new."""
    chosen = random.Random(1)
    run = re.compile(r"\d{2,}")

    def other(found: re.Match[str]) -> str:
        return f"{chosen.randrange(10 ** len(found[0])):0{len(found[0])}d}"

    return [run.sub(other, chosen.choice(chosen.choice(systems))) for _ in range(count)]


def rate(work, lines: list[str]) -> float:
    """Lines per CPU-second."""
    start = time.process_time()
    work(lines)
    return len(lines) / (time.process_time() - start)


def accuracy(paths: list[Path]) -> list[list[str]]:
    miners = [ours, drain] if TemplateMiner else [ours]
    print(f"{'':14}" + "".join(f"{one.__name__:>8} GA    FGA     PA    FTA" for one in miners))
    rows, read_lines = [], []
    for path in paths:
        lines, truth = read(path)
        read_lines.append(lines)
        rows.append([value for one in miners for value in score(truth, one(lines))])
        print(shown(path.parent.name, rows[-1]))
    print(shown("mean", [sum(column) / len(rows) for column in zip(*rows, strict=True)]))
    return read_lines


def shown(name: str, values: list[float]) -> str:
    return f"{name:14}" + "".join(f"{value:{11 if at % 4 == 0 else 7}.3f}" for at, value in enumerate(values))


def speed(systems: list[list[str]], count: int) -> None:
    lines = fleet(systems, count)
    repeated = (lines[: count // 10] * 10)[:count]
    for title, asked in ((f"{len(set(lines)) / count:.0%} new", lines), ("each 10 times", repeated)):
        found = {one.__name__: rate(one, asked) for one in (skeletons, mine)}
        print(
            f"{count:,} lines, {title}: " + ", ".join(f"{name} {value:,.0f}/CPU-s" for name, value in found.items()),
            end="",
        )
        if TemplateMiner:
            beside = rate(drain, asked[: count // 4])
            print(
                f"; Drain3 {beside:,.0f}/CPU-s on a quarter; mine is {found['mine'] / beside:.1f} times as fast", end=""
            )
        print()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("systems", nargs="*", metavar="SYSTEM")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--lines", type=int, default=400_000)
    args = parser.parse_args()
    paths = sorted(args.data.glob("*/*_structured_corrected.csv"))
    if args.systems:
        paths = [path for path in paths if path.parent.name in args.systems]
    if not paths:
        print(f"no labelled logs in {args.data}", file=sys.stderr)
        return 3
    if not TemplateMiner:
        print("Drain3 is not installed here: its columns are left out (pip install drain3)")
    speed(accuracy(paths), args.lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
