"""A short fire drill with the real servers: the shop is started, broken, repaired, asked and understood. Three minutes."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

DRILLS = Path(__file__).resolve().parents[2] / "examples" / "shop" / "drills.py"


def _lacks() -> list[str]:
    spec = importlib.util.spec_from_file_location("shop_drills", DRILLS)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(module.missing())


@pytest.mark.skipif(os.environ.get("AFTERWORD_DRILL") != "1", reason="takes three minutes: set AFTERWORD_DRILL=1")
def test_a_release_that_breaks_the_shop_is_found(tmp_path: Path) -> None:
    """Collected from live Prometheus, Alertmanager and lists of changes; the injector's record lies outside the evidence."""
    if lacks := _lacks():
        pytest.skip(f"a drill needs {', '.join(lacks)} (examples/shop/setup.sh)")
    words = ["--fault", "bad-deploy", "--seed", "1", "--out", str(tmp_path), "--baseline", "50", "--broken", "30"]
    done = subprocess.run(
        [sys.executable, DRILLS, *words, "--after", "40"], check=False, capture_output=True, text=True
    )
    log = tmp_path / "bad-deploy.log"
    assert done.returncode == 0, done.stdout + done.stderr + (log.read_text() if log.exists() else "")
    result = json.loads((tmp_path / "results.jsonl").read_text())
    assert result["collect"]["exit"] == 0
    assert result["component_rank"] == 1
    assert abs(result["started"]["error_s"]) <= 30
    assert not result["change"]["decoy"]
    assert not list((tmp_path / "bad-deploy" / "evidence").rglob("truth.json"))
