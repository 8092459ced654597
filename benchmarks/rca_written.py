"""What ``rca.py`` measured as a document in Markdown: with the day, the machine, the commit and the command."""

from __future__ import annotations

import os
import platform
import re
import shlex
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import peer

from afterword.app.bench.tally import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from afterword.app.bench.tally import Tally
    from afterword.app.operations.bench import CauseBench

#: More trials than this of one kind are counted, not listed.
_LISTED = 20


@dataclass(frozen=True)
class Measured:
    """One set: what we made of it, and what peers did; ``stopped`` is why it was not measured to its end."""

    name: str
    layout: str
    found: CauseBench | None
    peers: dict[str, peer.Standing] | str
    stopped: str = ""

    @property
    def whole(self) -> Tally | None:
        return (
            next((one for one in self.found.tallies if one.group == ALL and not one.variant), None)
            if self.found
            else None
        )


def document(sets: Sequence[Measured], command: Sequence[str], began: datetime) -> str:
    parts = [_head(command, began), _summary(sets), *(_set(one) for one in sets)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(command: Sequence[str], began: datetime) -> str:
    ended = datetime.now(UTC)
    return "\n".join(
        (
            "# Causes: figures",
            "",
            "Written by `benchmarks/rca.py`; [what the columns mean](README.md#causes). Answers are hidden from what is",
            "scored; ranks are strict: what ties with the right answer counts as standing before it.",
            "",
            f"- Measured {began:%Y-%m-%d %H:%M} to {ended:%H:%M} UTC, at commit {_commit()}",
            f"- {_machine()}",
            f"- `{_shown(command)}`",
        )
    )


def _commit() -> str:
    """The commit that is measured, and whether files differ from it; a tree without history may say it itself."""
    here = Path(__file__).parents[1]
    said = subprocess.run(
        ["git", "-C", here, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    if said.returncode or not (here / ".git").exists():
        return os.environ.get("MEASURED_COMMIT", "unknown")
    changed = subprocess.run(
        ["git", "-C", here, "status", "--porcelain", "src", "benchmarks"], capture_output=True, text=True, check=False
    )
    return said.stdout.strip() + (" with changes" if changed.stdout.strip() else "")


def _machine() -> str:
    """Processor, cores, memory and versions; nothing that names the machine."""
    info = Path("/proc/cpuinfo")
    models = re.findall(r"model name\s*: (.*)", info.read_text()) if info.exists() else []
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    return (
        f"{models[0] if models else platform.processor()}, {os.cpu_count()} cores, {pages / 2**30:.0f} GiB, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}; load at the end {os.getloadavg()[0]:.1f}"
    )


def _shown(command: Sequence[str]) -> str:
    """The command without folders of this machine: those are called by their last part."""
    words = [Path(word).name if word.startswith("/") else word for word in command]
    return "python benchmarks/rca.py " + shlex.join(words)


def _summary(sets: Sequence[Measured]) -> str:
    heads = ("set", "n", "measure", "afterword", "best peer", "CPU s", "most", "MB", "most")
    return "## All sets\n\n" + _table(heads, (row for one in sets for row in _summed(one)))


def _summed(one: Measured) -> Iterable[Sequence[object]]:
    whole = one.whole
    if whole is None:
        yield (one.name, "", one.stopped, "", "", "", "", "", "")
        return
    firsts = [mark for mark in whole.marks if not mark.endswith(("@3", "@5")) and mark != "read"]
    told = peer.asked_for(whole.marks)
    cost = _cost(whole)
    for number, mark in enumerate(firsts):
        best = _best(one.peers) if mark == told[0] else ""
        yield (
            one.name if not number else "",
            whole.n if not number else "",
            mark,
            f"{whole.marks[mark]:.3f}",
            best,
            *(cost if not number else ("",) * 4),
        )


def _best(found: dict[str, peer.Standing] | str) -> str:
    if isinstance(found, str):
        return "–"
    share, name = max(((one.shares()[0], name) for name, one in found.items() if one.right), default=(0.0, ""))
    return f"{share:.3f} {name}" if name else "–"


def _cost(one: Tally) -> tuple[str, str, str, str]:
    if one.cpu is None:
        return ("", "", "", "")
    return (
        f"{one.cpu:.2f}",
        f"{one.cpu_most or 0:.2f}",
        f"{(one.memory or 0) / 1e6:.0f}",
        f"{(one.memory_most or 0) / 1e6:.0f}",
    )


def _set(one: Measured) -> str:
    if one.found is None or one.whole is None:
        return f"## {one.name}\n\nStopped: {one.stopped}"
    parts = [
        f"## {one.name}",
        f"Layout: {one.layout}.",
        _groups(one.found.tallies),
        _ablations(one),
        _peers(one),
        _peers_by_group(one),
        _misses(one),
    ]
    return "\n\n".join(part for part in parts if part)


def _groups(tallies: Sequence[Tally]) -> str:
    rows = [one for one in tallies if not one.variant]
    marks = _marks(rows)
    return _table(
        ("group", "n", *marks, "CPU s", "most", "MB", "most"),
        ((one.group, one.n, *_shares(one, marks), *_cost(one)) for one in rows),
    )


def _ablations(one: Measured) -> str:
    """Each variant beside the whole of the evidence; then the trials that are right only with something taken away."""
    assert one.found is not None
    rows = [tally for tally in one.found.tallies if tally.group == ALL]
    if len(rows) < 2:
        return ""
    marks = _marks(rows)
    table = _table(("evidence", "n", *marks), ((row.variant or "all", row.n, *_shares(row, marks)) for row in rows))
    won = [turn for turn in one.found.turns if turn.won]
    lines = [f"- {turn.trial}: {turn.variant} ({', '.join(turn.won)})" for turn in won[:_LISTED]]
    if len(won) > _LISTED:
        lines.append(f"- and {len(won) - _LISTED} more")
    better = "Better only with something taken away or moved:\n\n" + "\n".join(lines) if lines else ""
    lost = [turn for turn in one.found.turns if turn.lost and turn.variant.startswith("time")]
    lines = [f"- {turn.trial}: {turn.variant} ({', '.join(turn.lost)})" for turn in lost[:_LISTED]]
    if len(lost) > _LISTED:
        lines.append(f"- and {len(lost) - _LISTED} more")
    worse = "Worse with the time withheld or moved:\n\n" + "\n".join(lines) if lines else ""
    note = "Where a lane has fewer cases than all the evidence, the others have no evidence of that kind."
    return "\n\n".join(part for part in ("### Ablations", table, note, better, worse) if part)


def _peers(one: Measured) -> str:
    if isinstance(one.peers, str):
        return f"### Peers\n\nNone: {one.peers}." if one.peers else ""
    assert one.whole is not None
    marks = peer.asked_for(one.whole.marks)
    shown = dict.fromkeys(marks)
    ours = [f"{one.whole.marks.get(mark, 0.0):.3f}" for mark in shown]
    rows: list[tuple[object, ...]] = [("afterword", one.whole.n, *ours, f"{one.whole.cpu or 0:.2f}", "")]
    for name, standing in one.peers.items():
        cpu = f"{median(standing.cpu):.2f}" if standing.cpu else "–"
        wrong = f"{len(standing.errors)}: {standing.errors[0][:70]}" if standing.errors else ""
        theirs = [f"{share:.3f}" for share in standing.shares()[: len(shown)]]
        rows.append((name, len(standing.right), *theirs, cpu, wrong))
    return "### Peers\n\n" + _table(("method", "n", *shown, "CPU s", "no answer"), rows)


def _peers_by_group(one: Measured) -> str:
    """The first mark of each method in each group; only where there are groups."""
    if isinstance(one.peers, str) or one.found is None or one.whole is None:
        return ""
    mark = peer.asked_for(one.whole.marks)[0]
    rows = [tally for tally in one.found.tallies if not tally.variant and tally.group != ALL]
    if not rows:
        return ""
    return f"{mark} by group:\n\n" + _table(
        ("group", "n", "afterword", *one.peers),
        (
            (row.group, row.n, f"{row.marks.get(mark, 0.0):.3f}", *(_first(s.shares(row.group)) for s in one.peers.values()))
            for row in rows
        ),
    )  # fmt: skip


def _first(shares: tuple[float, ...]) -> str:
    return f"{shares[0]:.3f}" if shares else "–"


def _misses(one: Measured) -> str:
    assert one.found is not None
    missed = one.found.misses
    if not missed:
        return "### Misses\n\nNone."
    if len(missed) > _LISTED:
        return f"### Misses\n\n{len(missed)} trials; `-v` tells each."
    return "### Misses\n\n" + "\n".join(f"- {miss.trial}: {miss.says}" for miss in missed)


def _marks(rows: Iterable[Tally]) -> list[str]:
    return list(dict.fromkeys(mark for one in rows for mark in one.marks))


def _shares(one: Tally, marks: Iterable[str]) -> list[str]:
    return [f"{one.marks[mark]:.3f}" if mark in one.marks else "–" for mark in marks]


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    said = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in (heads, *rows)]
    rule = ["---" if number < 1 else "---:" for number in range(len(heads))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (said[0], rule, *said[1:]))
