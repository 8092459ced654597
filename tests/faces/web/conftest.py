from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import stage
from starlette.testclient import TestClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.app.workspace import Workspace


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace in which every text was written by a stranger; the current folder is its own."""
    monkeypatch.chdir(tmp_path)
    made = stage.workspace(tmp_path)
    yield made
    made.records.close()  # type: ignore[attr-defined]


@pytest.fixture
def client(ws: Workspace) -> TestClient:
    return TestClient(stage.application(ws), base_url="http://127.0.0.1:8710", follow_redirects=False)
