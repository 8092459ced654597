from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "app"))

from filled import fill, workspace


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a workspace that holds one analysed incident."""
    monkeypatch.chdir(tmp_path)
    for name in ("AFTERWORD_WORKSPACE", "AFTERWORD_ACTOR", "AFTERWORD_DEBUG", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    made = workspace(tmp_path / ".afterword")
    fill(made)
    made.records.close()  # type: ignore[attr-defined]
    return tmp_path
