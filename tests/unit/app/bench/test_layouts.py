"""Each layout is told by how it lies there; the answers never are among what is given."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING

import numpy as np
import pytest

from afterword.app import plugs
from afterword.app.bench import sets

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def _matrix(links: int) -> bytes:
    """A square matrix in NumPy's format whose first rows hold one link each."""
    out = io.BytesIO()
    np.save(out, np.eye(3, k=1)[:, :] * (np.arange(3) < links)[:, None])
    return out.getvalue()


#: One case of each layout: its files, and a name of the answer that must not be given away.
LAYOUTS: dict[str, dict[str, str | bytes]] = {
    "histories of alerts": {
        "alarm.csv": "alarm_id,device_id,start_timestamp,end_timestamp\n0,0,60,90\n", "true_graph.npy": _matrix(2),
        "causal_prior.npy": _matrix(1), "Topology.npy": _matrix(1),
    },
    "evidence beside an answer": {
        "one/evidence/app.log": "x", "one/evidence/deep/m.csv": "x",
        "one/answer.json": json.dumps({"first_failing_service": "cart", "root_cause_commit": "none"}),
    },
    "issues with a target": {
        "low/train/issue_1/target.json": json.dumps({"target": {"timestamp": 60, "metric": "latency"}, "root_cause": {"node": "cart"}}),
        "low/train/issue_1/metrics.csv": "x", "low/noissue/metrics.csv": "x", "low/graph.csv": "x",
    },
    "healthy and faulty stretches": {
        "cart-cpu/1/normal.csv": "time,cart_cpu\n0,1\n", "cart-cpu/1/anomalous.csv": "time,cart_cpu\n60,9\n",
    },
    "answers by words": {
        "001-x/answer.yml": "root_cause_category: capacity\nrequired_keywords: [lag]\n", "001-x/alert.json": "{}", "001-x/scenario.yml": "a: cart",
    },
    "faults of a platform": {
        "startup/oom/1/metadata.json": json.dumps({"result": {"fault_object": "app/cart", "root_cause": "oom_killed"}}),
        "startup/oom/1/raw_data/pods.txt": "x", "startup/oom/1/tool_cache.json": "{}",
    },
    "release plans": {
        "2026-03-14/a_1/a_1.json": json.dumps({"fault_release_service": "cart", "fault": "return", "detect_timestamp": 60, "plan": {"cart": {"process": {"50": {"release_pod": ["c2"], "delete_pod": ["c1"]}}}}}),
        "2026-03-14/a_1/dependency.csv": "x", "2026-03-14/a_1/cart-v2-abc_front_cart.csv": "Time,Timestamp,Latency\nx,60,5\n",
        "2026-03-14/a_1/others/a_1.json": "{}",
    },
    "lists of faults": {
        "rca_data/2026-03-14/2026-03-14-fault_list.json": json.dumps({"09": [{"inject_time": "2026-03-14 09:10:00", "inject_type": "cpu", "inject_pod": "cart-7d9f8b6c5d-x2x4z"}]}),
        "rca_data/2026-03-14/log/09_11_log.csv": "x", "rca_data/2026-03-14/metric/cart.csv": "T,TimeStamp,Cpu\nx,1773479400,1\nx,1,2\n",
        "construct_data/2026-03-14/log/08_30_log.csv": "x", "construct_data/2026-03-14/trace/08_30_trace.csv": "x",
    },
    "labelled alerts": {
        "shop/label.csv": "index,instance,anomaly_type\n7,cart,cpu\n",
        "shop/raw/metrics.json": json.dumps({"7": [["cart", "cpu", "high"]]}), "shop/raw/logs.json": json.dumps({"7": [["cart", "t1"]]}),
        "shop/raw/traces.json": json.dumps({"7": [["front", "cart", "GET", "slow"]]}),
        "shop/raw/nodes.json": json.dumps({"7": ["front", "cart"]}), "shop/raw/edges.json": json.dumps({"7": [[0, 1]]}),
    },
}  # fmt: skip
ANSWERS = (
    "answer.json",
    "answer.yml",
    "target.json",
    "metadata.json",
    "label.csv",
    "scenario.yml",
    "fault_list.json",
    "true_graph.npy",
)


def lay(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_a_layout_is_recognised_alone_and_hides_its_answers(layout: str, tmp_path: Path) -> None:
    """The folder has a name that says nothing; no other layout claims it."""
    folder = lay(tmp_path / "x", LAYOUTS[layout])
    assert [one.name for one in plugs.layouts() if one.holds(folder)] == [layout]
    (found,) = sets.find(tmp_path, tmp_path / "cache")
    (trial,) = found.trials()
    assert trial.files or trial.made
    assert all(path.is_file() and not path.name.endswith(ANSWERS) for path in trial.files)
    assert all(content() for content in trial.made)
    answers = (trial.component, trial.fault[0].partition("/")[2], *trial.words, *min(trial.links, default=()))
    assert {"cart", "lag", "0"} & set(answers)


def test_of_a_history_of_alerts_the_links_are_the_answer_and_what_may_be_told_is_apart(tmp_path: Path) -> None:
    """Two links are known, one of them may be told; neither is among the evidence."""
    lay(tmp_path / "x", LAYOUTS["histories of alerts"])
    (found,) = sets.find(tmp_path, tmp_path / "cache")
    (trial,) = found.trials()
    assert trial.links == {("0", "1"), ("1", "2")}
    assert [path.name for path in trial.files] == ["alarm.csv"]
    assert {option: path.name for option, path in trial.known.items()} == {
        "topology": "Topology.npy",
        "prior": "causal_prior.npy",
    }


def test_every_layout_has_a_case_here() -> None:
    assert {one.name for one in plugs.layouts()} == set(LAYOUTS)


def test_a_set_in_an_archive_is_called_by_its_folder_and_unpacked_once(tmp_path: Path) -> None:
    lay(tmp_path / "loose", LAYOUTS["faults of a platform"])
    (tmp_path / "data" / "mine").mkdir(parents=True)
    with tarfile.open(tmp_path / "data" / "mine" / "dev.tar.xz", "w:xz") as archive:
        archive.add(tmp_path / "loose", "inside")
    for _ in range(2):
        (found,) = sets.find(tmp_path / "data", tmp_path / "cache")
        assert found.name == "mine"
        assert len(list(found.trials())) == 1
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_folder_without_any_set_gives_none(tmp_path: Path) -> None:
    lay(tmp_path, {"a/b.txt": "x", "answer.json": "{}"})
    assert list(sets.find(tmp_path, tmp_path / "cache")) == []
