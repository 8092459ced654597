"""Fire drills: what was broken in the shop of the examples, and what the analysis said, as a table over all faults."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

HEAD = ("fault", "component", "category", "change", "start", "recovery", "false causes", "verdict")


def results(path: Path) -> list[dict[str, Any]]:
    """The last result of each fault, in the order of their names."""
    lines = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    return [one for _, one in sorted({one["fault"]: one for one in lines}.items())]


def _point(point: dict[str, Any]) -> str:
    if point["error_s"] is None:
        return "not told" if point["true"] else "none"
    return f"{point['error_s']:+.1f} s, {'inside' if point['inside'] else 'outside'}"


def _change(change: dict[str, Any]) -> str:
    if change["right"]:
        return "convicted" if change["wanted"] else "none, rightly"
    if change["wanted"] and not change["convicted"]:
        return "missed"
    return "an innocent one" if change["decoy"] or not change["wanted"] else "another"


def row(result: dict[str, Any]) -> tuple[str, ...]:
    if not result["analysed"]:
        return (result["fault"], *["no report"] * (len(HEAD) - 1))
    rank, said = result["component_rank"], result["category"]
    category = "right" if result["category"]["right"] else f"said {', '.join(dict.fromkeys(said['said'])) or 'nothing'}"
    return (
        result["fault"],
        f"rank {rank}" if rank else "not named",
        category,
        _change(result["change"]),
        _point(result["started"]),
        _point(result["recovered"]),
        str(len(result["false_causes"])),
        result["verdict"],
    )


def table(found: list[dict[str, Any]]) -> str:
    rows = [HEAD, ("---",) * len(HEAD), *map(row, found)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in rows)


def totals(found: list[dict[str, Any]]) -> str:
    """How many drills each thing was right in."""
    told = [one for one in found if one["analysed"]]
    errors = sorted(abs(one["started"]["error_s"]) for one in told if one["started"]["error_s"] is not None)
    counts = {
        "component first": sum(one["component_rank"] == 1 for one in told),
        "component among the first three": sum((one["component_rank"] or 99) <= 3 for one in told),
        "category right": sum(one["category"]["right"] for one in told),
        "change right": sum(one["change"]["right"] for one in told),
        "start inside its interval": sum(bool(one["started"]["inside"]) for one in told),
        "recovery inside its interval": sum(bool(one["recovered"]["inside"]) for one in told),
        "without a false cause": sum(not one["false_causes"] for one in told),
    }
    lines = [f"- {name}: {count} of {len(found)}" for name, count in counts.items()]
    if errors:
        lines.append(f"- start off by: median {errors[len(errors) // 2]:.1f} s, most {errors[-1]:.1f} s")
    return "\n".join(lines)


def clocks(found: list[dict[str, Any]]) -> str:
    """Drills with a wrong clock: how far it was off, and how far it was said to be."""
    lines = []
    for one in found:
        for clock in (one.get("clock") or {}).get("said", []):
            if abs(clock["ahead_s"]) > 0.5:
                interval = f"{clock['least_s']:.3f} to {clock['most_s']:.3f}"
                said = f"{clock['clock']} {clock['ahead_s']:+.3f} s ({interval})"
                lines.append(f"- {one['fault']}: {one['clock']['wanted_s']:+g} s injected, {said} said")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path, help="results.jsonl of make drill or make drills")
    words = parser.parse_args()
    if not words.results.exists():
        sys.exit(f"There is no {words.results}. `make drills` writes it (see docs/howto/drill.md).")
    found = results(words.results)
    print(f"{table(found)}\n\n{totals(found)}\n{clocks(found)}".rstrip())


if __name__ == "__main__":
    main()
