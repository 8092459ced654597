"""The machine loses its power, or somebody types kill -9: what was answered is there, and nothing is there by half."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from afterword.app import verify
from afterword.app.workspace import open_workspace
from afterword.model.action import ActionItem, ActionState
from afterword.model.incident import Incident
from afterword.model.postmortem import Postmortem

WRITER = Path(__file__).with_name("writer.py")
#: When to kill: after so many answers, and so many seconds more. Answers 1, 26, … are analyses, all others decisions.
MOMENTS = ((0, 0.9), (1, 0.0), (1, 0.003), (8, 0.011), (25, 0.05), (25, 0.3), (25, 0.45), (3, 0.001))


@dataclass
class Told:
    """What the killed processes had answered before they died."""

    analysed: dict[str, dict[str, str]] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)
    accepted: dict[str, str] = field(default_factory=dict)

    def take(self, line: str) -> None:
        if not line.endswith("\n"):
            return
        said: dict[str, Any] = json.loads(line)
        if "analysed" in said:
            self.analysed[said["analysed"]] = said["outputs"]
        elif "added" in said:
            self.added[said["added"]] = said["title"]
        else:
            self.accepted[said["accepted"]] = said["owner"]


def killed(root: Path, first: int, answers: int, seconds: float, told: Told) -> None:
    """Let the writer work until that moment, then kill it; what it still had said is heard."""
    command = [sys.executable, str(WRITER), str(root / ".afterword"), str(root / "evidence"), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stderr is not None
        for _ in range(answers):
            told.take(writer.stdout.readline())
        time.sleep(seconds)
        assert writer.poll() is None, writer.stderr.read()
        writer.send_signal(signal.SIGKILL)
        for line in writer.stdout:
            told.take(line)


def torn(root: Path) -> list[str]:
    """Files of a workspace that are not what their names promise; files under a name of work in progress are nobody's."""
    found = []
    for path in sorted(
        one for one in root.rglob("*") if one.is_file() and not {".part", ".staging"} & {*one.parts, one.suffix}
    ):
        body = path.read_bytes()
        kind = path.relative_to(root).parts[0]
        if kind == "objects" and hashlib.sha256(body).hexdigest() != path.parent.name + path.name:
            found.append(f"{path} is not its hash")
        if path.suffix == ".html" and not body.rstrip().endswith(b"</html>"):
            found.append(f"{path} ends in the middle")
        if path.suffix == ".svg" and not body.rstrip().endswith(b"</svg>"):
            found.append(f"{path} ends in the middle")
        if path.suffix == ".parquet":
            try:
                pq.read_table(path, partitioning=None)
            except (OSError, ValueError) as error:
                found.append(f"{path}: {error}")
    return found


@pytest.fixture(scope="module")
def survived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Told]:
    """A workspace in which eight processes were killed, one after the other."""
    root, told = tmp_path_factory.mktemp("killed"), Told()
    for number, (answers, seconds) in enumerate(MOMENTS):
        killed(root, 100 * number, answers, seconds, told)
    return root / ".afterword", told


def test_enough_was_answered_for_the_test_to_mean_something(survived: tuple[Path, Told]) -> None:
    _, told = survived
    assert len(told.analysed) >= 6
    assert len(told.accepted) >= 30


def test_every_decision_that_was_answered_is_there(survived: tuple[Path, Told]) -> None:
    root, told = survived
    found = {one.id: one for one in open_workspace(root, create=False).all("action", ActionItem)}
    for id_, title in told.added.items():
        assert found[id_].title == title
    for id_, owner in told.accepted.items():
        assert (found[id_].owner, found[id_].state) == (owner, ActionState.ACCEPTED)
        assert found[id_].due


def test_every_analysis_that_was_answered_is_there_with_its_files(survived: tuple[Path, Told]) -> None:
    root, told = survived
    ws = open_workspace(root, create=False)
    for id_, outputs in told.analysed.items():
        incident = ws.get("incident", id_, Incident)
        assert ws.get("postmortem", id_, Postmortem).window is not None
        assert all(ws.blobs.has(sha) for sha in incident.evidence)
        assert all(Path(path).is_file() for path in outputs.values())


def test_the_journal_holds(survived: tuple[Path, Told]) -> None:
    assert open_workspace(survived[0], create=False).records.check_journal() == ""


def test_no_file_is_half_there(survived: tuple[Path, Told]) -> None:
    assert torn(survived[0]) == []


def test_every_bundle_that_can_be_seen_verifies(survived: tuple[Path, Told]) -> None:
    """Also those whose analysis was never answered: a bundle is there whole or not at all."""
    bundles = sorted((survived[0] / "out").rglob("*.afterword"))
    assert len(bundles) >= len(survived[1].analysed)
    for path in (bundles[0], bundles[-1]):
        assert verify.verify(path).holds


def test_the_workspace_goes_on(survived: tuple[Path, Told]) -> None:
    """The ninth process is not killed at all."""
    root, told = survived
    ws = open_workspace(root, create=False, actor="after")
    item = ws.get("action", max(told.added), ActionItem)
    ws.keep([("action", item.id, item)], operation="action.edit")
    assert ws.records.check_journal() == ""


def test_a_torn_file_would_be_seen(survived: tuple[Path, Told], tmp_path: Path) -> None:
    """Negative control: the same checks on a blob, a page and a column file that end too early."""
    root = survived[0]
    for kind in ("objects/??/*", "out/*/*.html", "lake/events/*/*/*.parquet"):
        source = min(root.glob(kind))
        copy = tmp_path / source.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes()[:-20])
    assert len(torn(tmp_path)) == 3
