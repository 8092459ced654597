"""The methods that come with a set of issues and targets, as its authors call them; runs in the Python of the peers.

    python by_targets.py CHECKOUT METHODS < jobs

Reads one JSON a line: ``issue`` (the folder of an issue), ``root`` (that of its graph and healthy period). Unlike the other
methods they are told which component, indicator and statistic to explain. Prints as ``by_metrics`` does.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
import warnings
from pathlib import Path

import networkx as nx
import pandas as pd

code = Path(sys.argv[1]) / "code"
sys.path.insert(0, str(code))
with contextlib.suppress(ImportError):
    # The checkout asks for a part of dowhy where newer releases of it have it elsewhere.
    import dowhy.gcm

    dowhy.gcm.graph = __import__("dowhy.graph", fromlist=["graph"])
    sys.modules["dowhy.gcm.graph"] = dowhy.gcm.graph


def methods():
    from baseline_anomaly_traversal import make_baseline_analyze_root_causes
    from circa import make_circa
    from epsilon_diagnosis import make_epsilon_diagnosis
    from hierarchical_rcd import make_hierarchical_rcd

    return {
        "traversal": make_baseline_analyze_root_causes(),
        "CIRCA": make_circa(),
        "ε-Diagnosis": make_epsilon_diagnosis(),
        "RCD": make_hierarchical_rcd(),
    }


def run(name, method, job):
    target = json.loads((Path(job["issue"]) / "target.json").read_text())["target"]
    read = lambda path: pd.read_csv(path, header=[0, 1, 2], index_col=0)  # noqa: E731
    graph = nx.from_pandas_adjacency(pd.read_csv(Path(job["root"]) / "graph.csv", index_col=0), create_using=nx.DiGraph)
    normal, abnormal = read(Path(job["root"]) / "noissue" / "metrics.csv"), read(Path(job["issue"]) / "metrics.csv")
    begin = time.process_time()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            found = method(graph, target["node"], target["metric"], target["agg"], normal, abnormal)
    except Exception as error:  # whatever a peer raises is its answer
        return {"method": name, "case": job["case"], "error": f"{type(error).__name__}: {error}"[:200]}
    cpu = time.process_time() - begin
    ranked = sorted(found, key=lambda one: -one.score)
    return {"method": name, "case": job["case"], "ranking": list(dict.fromkeys(one.node for one in ranked)), "cpu": cpu}


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    known = methods()
    for line in sys.stdin:
        for name in sys.argv[2].split(","):
            print(json.dumps(run(name, known[name], json.loads(line))), flush=True)
