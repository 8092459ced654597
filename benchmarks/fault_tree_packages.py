"""The other fault tree packages on the same trees: what they answer, how it compares with ours, their CPU as a multiple of ours.

Called by fault_trees.py --peers PYTHON. fault_tree_peer.py tells what each is asked; each tree and package has a process with
limits of its own. A part of the answer is "agrees", "DIFFERS" by that share, "-" (not offered) or "none" (not reached).
"""

from __future__ import annotations

import json
import signal
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIZE = 4 << 30
TREES = ("chinese", "das9205", "isp9606", "baobab2", "ftr10", "baobab1")
OFFERED = {
    "relibmss": ("probability", "importance", "cut sets"),
    "cutsets": ("cut sets",),
    "sfta": ("probability", "importance", "cut sets"),
    "pfta": ("probability", "importance", "cut sets"),
    "pfta-first": ("probability", "importance", "cut sets"),
    "faultree": ("probability", "importance", "cut sets"),
    "stormpy": ("probability",),
}
PARTS = ("probability", "importance", "cut sets")
CLOSE = 1e-6  # a share: what a package that iterates to a default precision may still differ by


@dataclass(frozen=True)
class Answer:
    parts: dict[str, dict[str, Any]]
    why: str  # of a stop; empty where all that the package offers is there

    @property
    def cpu(self) -> float:
        return max((part["cpu"] for part in self.parts.values()), default=0.0)


def versions(python: str) -> dict[str, str]:
    """Of the packages that this Python has; the two ways to ask pfta count as one package."""
    names = sorted({name.split("-")[0] for name in OFFERED})
    code = (
        "import json, sys; from importlib import metadata; found = {}\n"
        "for name in sys.argv[1:]:\n"
        "    try: found[name] = metadata.version(name)\n"
        "    except metadata.PackageNotFoundError: pass\n"
        "print(json.dumps(found))"
    )
    done = subprocess.run([python, "-c", code, *names], check=True, capture_output=True, text=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def asked(python: str, name: str, path: Path, budget: float) -> Answer:
    command = [
        python,
        str(Path(__file__).with_name("fault_tree_peer.py")),
        name,
        str(path),
        str(int(budget)),
        str(SIZE),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        out, said = process.communicate(timeout=20 * budget)
    except subprocess.TimeoutExpired:
        process.kill()
        out, said = process.communicate()
    parts = {line.pop("part"): line for line in map(json.loads, out.splitlines())}
    stopped = parts.pop("stopped", None)
    return Answer(parts, stopped["why"] if stopped else ended(process.returncode, said, budget))


def ended(code: int, said: str, budget: float) -> str:
    if code == 0:
        return ""
    if code in (-signal.SIGKILL, -signal.SIGXCPU):
        return f"> {budget:g} s"
    lines = said.strip().splitlines()
    return lines[-1] if lines else f"signal {-code}" if code < 0 else f"exit {code}"


def apart(theirs: float, ours: float) -> float:
    return abs(theirs - ours) / max(abs(theirs), abs(ours)) if theirs != ours else 0.0


def widest(theirs: dict[str, float], ours: dict[str, float]) -> float:
    """The largest share by which one event differs; an event that they leave out counts as 0 there.

    Next to the most important event 1e-12 is rounding: an event that does not matter is 0 or nearly so.
    """
    floor = 1e-12 * max(map(abs, ours.values()), default=0.0)
    pairs = [(theirs.get(name, 0.0), value) for name, value in ours.items()]
    return max((apart(one, other) for one, other in pairs if abs(one - other) > floor), default=0.0)


def verdict(name: str, part: str, answer: Answer, ours: dict[str, Any]) -> str:
    if part not in OFFERED[name]:
        return "-"
    found = answer.parts.get(part)
    if found is None:
        return "none"
    if part == "cut sets":
        same = found["count"] == ours["count"] and found.get("orders", ours["orders"]) == ours["orders"]
        return "agrees" if same else f"DIFFERS {found['count']}"
    if part == "probability":
        share = apart(found["p"], ours["p"])
    elif "share" in found:
        share = widest(found["share"], ours["fussell_vesely"])
    else:
        share = widest(found["birnbaum"], ours["birnbaum"])
    return "agrees" if share <= CLOSE else f"DIFFERS {share:.1%}" if share >= 0.001 else f"DIFFERS {share:.0e}"


def table(python: str, wanted: list[str], budget: float, solved: dict[str, dict[str, Any]], folder: Path) -> None:
    """Print a row for each tree and package that is there; `solved` holds our answers by tree."""
    there = versions(python)
    print("\nother packages: " + (", ".join(f"{name} {version}" for name, version in there.items()) or "none"))
    print("not installed: " + (", ".join(sorted({one.split("-")[0] for one in OFFERED} - set(there))) or "none"))
    print(
        f"{'tree':10} {'ours s':>8} {'package':10} {'theirs s':>9} {'ratio':>9}  "
        + "".join(f"{one:14}" for one in PARTS)
        + "stopped"
    )
    ratios: dict[str, list[float]] = {}
    for tree, ours in solved.items():
        for name in wanted:
            if name.split("-")[0] not in there:
                continue
            answer = asked(python, name, folder / f"{tree}.xml", budget)
            theirs, ratio = f"{answer.cpu:.3f}", answer.cpu / ours["cpu"]
            if answer.why.startswith(">"):
                theirs, more = answer.why.removesuffix(" s"), f"> {budget / ours['cpu']:.0f}x"
            elif answer.why:
                theirs, more = "-", "-"
            else:
                more = f"{ratio:.1f}x"
                ratios.setdefault(name, []).append(ratio)
            cells = "".join(f"{verdict(name, part, answer, ours):14}" for part in PARTS)
            print(
                f"{tree:10} {ours['cpu']:8.3f} {name:10} {theirs:>9} {more:>9}  {cells}{answer.why[:60]}".rstrip(),
                flush=True,
            )
    for name, some in ratios.items():
        print(f"{name} / ours: geometric mean {statistics.geometric_mean(some):.1f}x of the {len(some)} it finished")
