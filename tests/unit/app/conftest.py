from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from analysed import Analysed, analysed
from filled import fill, workspace

if TYPE_CHECKING:
    from pathlib import Path

    from afterword.app.workspace import Workspace


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
