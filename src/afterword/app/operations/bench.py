"""Benchmarks: what can be measured with this checkout."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from afterword.app.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Benchmark:
    name: str
    about: str
    #: How to run it.
    command: str


def list_(ws: Workspace) -> tuple[Benchmark, ...]:
    """List the benchmarks of this checkout and how to run them."""
    del ws
    folder = Path(__file__).resolve().parents[4] / "benchmarks"
    found = sorted(folder.glob("*.py")) if folder.is_dir() else []
    return tuple(Benchmark(path.stem, _about(path), f"python {path}") for path in found if path.stem != "__init__")


def _about(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
