"""Sizes of the house: a report to look at, and two laws (no import cycle between files is checked elsewhere).

Laws: every module in model/ holds only frozen dataclasses; no function is longer than 80 lines.
"""

from __future__ import annotations

import ast
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "src" / "afterword"
LONGEST = 80


def functions(tree: ast.AST) -> list[tuple[str, int]]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [(n.name, (n.end_lineno or n.lineno) - n.lineno + 1) for n in ast.walk(tree) if isinstance(n, kinds)]


def unfrozen(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for decorator in node.decorator_list:
                text = ast.unparse(decorator)
                if text.startswith("dataclass") and "frozen=True" not in text:
                    found.append(node.name)
    return found


def main() -> int:
    lengths: list[tuple[int, str]] = []
    broken: list[str] = []
    sizes = []
    for path in sorted(ROOT.rglob("*.py")):
        text = path.read_text()
        tree = ast.parse(text)
        sizes.append(text.count("\n"))
        name = str(path.relative_to(ROOT))
        lengths += [(lines, f"{name}:{function}") for function, lines in functions(tree)]
        if name.startswith("model/"):
            broken += [f"{name}: {cls} is not frozen" for cls in unfrozen(tree)]
    broken += [f"{where} has {lines} lines" for lines, where in lengths if lines > LONGEST]
    spans = sorted(lines for lines, _ in lengths)
    print(
        f"{len(sizes)} files, {sum(sizes)} lines; {len(spans)} functions, mean {statistics.mean(spans):.1f}, "
        f"p90 {spans[int(len(spans) * 0.9)]}, over 50 lines {sum(n > 50 for n in spans) / len(spans):.1%}"
    )
    for line in broken:
        print("broken:", line)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
