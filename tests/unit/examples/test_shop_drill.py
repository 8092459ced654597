"""The fire drill without its servers: how it judges, that its changes apply, that its losses are real, that afterword knows nothing of it."""

from __future__ import annotations

import importlib.util
import re
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[3]
SHOP = ROOT / "examples" / "shop"
WANTED, DECOY = "a" * 40, "b" * 40


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"drill_test_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


JUDGE, TABLE, LOSS, DRILLS = (
    load(path) for path in (SHOP / "judge.py", ROOT / "benchmarks" / "drill.py", SHOP / "loss.py", SHOP / "drills.py")
)


def truth(**changed: Any) -> dict[str, Any]:
    return {
        "fault": "bad-deploy",
        "seed": 1,
        "components": ["cart"],
        "categories": ["code"],
        "change": {"kind": "deploy", "ref": WANTED, "service": "cart"},
        "decoys": [DECOY],
        "impact_started_at": "2026-11-24T22:28:46.215Z",
        "impact_started_within": ["2026-11-24T22:28:46.205Z", "2026-11-24T22:28:46.215Z"],
        "recovered_at": "2026-11-24T22:29:27.048Z",
        "bad_requests": {"before": 0, "after": 57},
        "skew": None,
        "machine": {"cores": 2, "load": [1.0, 1.0, 1.0]},
    } | changed


def cause(role: str, component: str, ref: str | None = None, category: str = "code", grade: int = 2) -> dict[str, Any]:
    return {"role": role, "component": component, "ref": ref, "category": category, "grade": grade, "statement": component}  # fmt: skip


def report(*causes: dict[str, Any], clocks: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    started = {"at": "2026-11-24T22:28:47Z", "earliest": "2026-11-24T22:28:46Z", "latest": "2026-11-24T22:28:51Z"}
    return {
        "verdict": "explained",
        "incident": {"title": "cart failed", "points": {"started": started, "recovered": None}},
        "components": [
            {"component": "gateway", "score": 4.0},
            {"component": "cart", "score": 3.0},
            {"component": "payment", "score": 0.0},
        ],
        "causes": list(causes),
        "clocks": list(clocks),
    }


def test_a_drill_that_was_understood() -> None:
    made = JUDGE.judge(truth(), report(cause("trigger", "cart", WANTED), cause("proximate", "cart")))
    assert made["component_rank"] == 2
    assert made["change"]["right"]
    assert made["category"]["right"]
    assert made["started"]["inside"]
    assert made["started"]["error_s"] == pytest.approx(0.8)
    assert made["false_causes"] == []
    assert made["recovered"] == {"said": None, "true": truth()["recovered_at"], "error_s": None, "inside": None}


def test_the_stated_interval_has_to_meet_the_request_that_first_failed() -> None:
    """The request took from 22:28:40 to 22:28:46.5: the harm lies somewhere in it."""
    began, ended = "2026-11-24T22:28:40Z", "2026-11-24T22:28:46.5Z"
    assert JUDGE.judge(truth(impact_started_within=[began, ended]), report())["started"]["inside"]
    assert not JUDGE.judge(truth(impact_started_within=[began, "2026-11-24T22:28:45Z"]), report())["started"]["inside"]


def test_an_innocent_change_is_no_cause() -> None:
    made = JUDGE.judge(truth(), report(cause("trigger", "catalog", DECOY, "config")))
    assert not made["change"]["right"]
    assert made["change"]["decoy"]
    assert made["false_causes"] == ["catalog"]


def test_where_nothing_was_changed_none_may_be_convicted() -> None:
    """A full disk: the worst component alone is right; any change beside it is not."""
    full = truth(fault="disk-full", change=None, categories=["storage"])
    assert JUDGE.judge(full, report(cause("proximate", "cart", category="storage")))["change"]["right"]
    assert not JUDGE.judge(full, report(cause("trigger", "cart", DECOY)))["change"]["right"]


def test_a_guess_is_no_conviction() -> None:
    made = JUDGE.judge(truth(change=None), report(cause("trigger", "cart", DECOY, grade=1)))
    assert made["change"]["convicted"] == []


def test_a_component_without_a_score_is_not_named() -> None:
    made = JUDGE.judge(truth(components=["payment"]), report())
    assert made["component_rank"] is None


def test_the_clock_that_was_said_stands_beside_the_one_that_was_set() -> None:
    clock = {"clock": "payment on shop-2", "ahead_ns": 12_398_000_000, "least_ns": 12_300_000_000, "most_ns": 12_500_000_000}  # fmt: skip
    made = JUDGE.judge(truth(skew={"service": "payment", "seconds": 12.4}), report(clocks=(clock,)))
    assert made["clock"] == {
        "wanted_s": 12.4,
        "said": [{"clock": "payment on shop-2", "ahead_s": 12.398, "least_s": 12.3, "most_s": 12.5}],
    }
    assert "+12.4 s injected, payment on shop-2 +12.398 s (12.300 to 12.500) said" in TABLE.clocks([made])


def test_no_report_is_a_line_too() -> None:
    made = JUDGE.judge(truth(), {})
    assert JUDGE.sentence(made) == "bad-deploy: the analysis gave no report"
    assert "no report" in TABLE.table([made])


def test_the_table_says_what_was_missed() -> None:
    understood = JUDGE.judge(truth(), report(cause("trigger", "cart", WANTED), cause("proximate", "cart")))
    missed = JUDGE.judge(truth(fault="other"), report())
    lines = TABLE.table([understood, missed]).splitlines()
    assert lines[2] == "| bad-deploy | rank 2 | right | convicted | +0.8 s, inside | not told | 0 | explained |"
    assert lines[3] == "| other | rank 2 | said nothing | missed | +0.8 s, inside | not told | 0 | explained |"
    assert "- change right: 1 of 2" in TABLE.totals([understood, missed])


def _late(share: float) -> int:
    """Of twelve exchanges over the loopback, how many were not done in 0.15 s."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        if share:
            LOSS.lose(listener, share)
        stop = threading.Event()
        listener.settimeout(0.05)

        def serve() -> None:
            while not stop.is_set():
                try:
                    conn, _ = listener.accept()
                except TimeoutError:
                    continue
                with conn:
                    conn.settimeout(0.3)
                    try:
                        conn.sendall(conn.recv(16))
                    except OSError:
                        continue

        server = threading.Thread(target=serve)
        server.start()
        late = sum(not _answered(listener.getsockname()) for _ in range(12))
        stop.set()
        server.join()
    return late


def _answered(address: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(address, timeout=0.15) as conn:
            conn.sendall(b"x")
            return bool(conn.recv(16) == b"x")
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="the filter is one of Linux")
def test_packets_are_really_lost_and_without_the_filter_none_is() -> None:
    assert _late(0.6) > 0
    assert _late(0.0) == 0


def _repository(folder: Path) -> None:
    """The shop's repository as history.py begins it."""
    shutil.copytree(SHOP / "services", folder / "services", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(SHOP / "repo", folder, dirs_exist_ok=True)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_every_change_applies_to_the_shop(tmp_path: Path) -> None:
    _repository(tmp_path)
    first, mend = (SHOP / "changes" / f"checkout-placed-at{end}.patch" for end in ("", "-fix"))
    for path in sorted({*(SHOP / "changes").glob("*.patch")} - {mend}):
        assert not _refused(path, tmp_path)
    # The one that mends another needs that one first; without it, it must be refused.
    assert _refused(mend, tmp_path)
    subprocess.run(["git", "apply", first], cwd=tmp_path, check=True)
    assert not _refused(mend, tmp_path)


def _refused(patch: Path, folder: Path) -> str:
    done = subprocess.run(["git", "apply", "--check", patch], cwd=folder, check=False, capture_output=True, text=True)
    return f"{patch.name}: {done.stderr}" if done.returncode else ""


def test_afterword_knows_nothing_of_the_drill() -> None:
    """Names that only the shop has, in no file of the engine; the control is a word that is there."""
    own = [path.stem for path in (SHOP / "changes").glob("*.patch")]
    own += ["card-network", "cardnet", "fulfilment", "orders:busy", "catalog-live-pricing", "heap.dump", "libfaketime"]
    said = "\n".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    assert [word for word in own if re.search(rf"\b{re.escape(word)}\b", said)] == []
    assert re.search(r"\bprometheus\b", said)


def test_a_machine_that_lacks_something_is_told_what(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(DRILLS.shutil, "which", lambda name, path: None)
    lacks = DRILLS.missing()
    assert "prometheus" in lacks
    assert "redis-server" in lacks
