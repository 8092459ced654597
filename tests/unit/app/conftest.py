from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
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
