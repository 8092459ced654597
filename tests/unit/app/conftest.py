from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from analysed import Analysed, analysed
from filled import fill, workspace

if TYPE_CHECKING:
    from afterword.app.workspace import Workspace


# Fault trees by their definition are told once, for the solver and for the writer.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "core" / "cause"))


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """A workspace with one analysed incident."""
    made = workspace(tmp_path / "ws")
    fill(made)
    return made


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Analysed:
    """A small incident, analysed from its files; to look at, not to change."""
    return analysed(tmp_path_factory.mktemp("small"))
