"""Methods that rank by metrics alone, as their authors' packages do it; runs in the Python of the peers.

Reads one JSON a line: ``table`` (a CSV with ``time`` in seconds and a column a series), ``owners`` (column to component), ``at``
(seconds). Prints one JSON a line: method, components best first, CPU seconds, or what went wrong.
"""

from __future__ import annotations

import contextlib
import io
import json
import signal
import sys
import time
import warnings
from collections import Counter

import numpy as np
import pandas as pd

#: Methods are given up after so many CPU seconds a case, and on a whole set after so many cases that were given up.
LONGEST, STRIKES = 30, 3
#: Seconds without a sample, behind the fault, after which another period begins.
LONG_AFTER = 86_400


def baro(normal, abnormal, at):
    from baro.root_cause_analysis import robust_scorer

    return robust_scorer(pd.concat([normal, abnormal]), inject_time=at)["ranks"]


def nsigma(normal, abnormal, at):
    from baro.root_cause_analysis import nsigma as method

    return method(pd.concat([normal, abnormal]), inject_time=at)["ranks"]


def epsilon_diagnosis(normal, abnormal, at):
    from pyrca.analyzers.epsilon_diagnosis import EpsilonDiagnosis

    method = EpsilonDiagnosis(EpsilonDiagnosis.config_class(root_cause_top_k=50))
    size = min(len(normal), len(abnormal))
    normal, abnormal = (one.drop(columns="time").tail(size).reset_index(drop=True) for one in (normal, abnormal))
    method.train(normal)
    return [name for name, _ in method.find_root_causes(abnormal).root_cause_nodes]


def rcd(normal, abnormal, at):
    from pyrca.analyzers.rcd import RCD

    method = RCD(RCD.config_class(k=10))
    return [
        name
        for name, _ in method.find_root_causes(
            normal.drop(columns="time"), abnormal.drop(columns="time")
        ).root_cause_nodes
    ]


METHODS = {"BARO": baro, "N-sigma": nsigma, "ε-Diagnosis": epsilon_diagnosis, "RCD": rcd}


def prepared(job):
    """What of the table lies before and behind the moment, without constant and empty columns.

    A healthy period that is dated long after the fault is normal as well: its rows are moved to before it.
    """
    table = pd.read_csv(job["table"])
    gaps = table["time"].diff() > LONG_AFTER
    later = (gaps & (table["time"] > job["at"])).cumsum() > 0
    table.loc[later, "time"] -= table["time"].max() - table["time"].min() + LONG_AFTER
    table = table.sort_values("time").ffill().bfill().fillna(0.0)
    normal, abnormal = table[table["time"] < job["at"]], table[table["time"] >= job["at"]]
    kept = [name for name in table if name == "time" or table[name].nunique() > 1]
    return normal[kept].reset_index(drop=True), abnormal[kept].reset_index(drop=True)


def run(method, job):
    normal, abnormal = prepared(job)
    np.random.seed(0)
    begin = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            ranked = METHODS[method](normal, abnormal, job["at"])
    except Exception as error:  # whatever a peer raises is its answer
        return {"method": method, "case": job["case"], "error": f"{type(error).__name__}: {error}"[:200]}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    cpu = time.process_time() - begin
    components = list(dict.fromkeys(job["owners"][name] for name in ranked if name in job["owners"]))
    return {"method": method, "case": job["case"], "ranking": components, "cpu": cpu}


def _late(_number, _frame):
    raise TimeoutError(f"given up after {LONGEST} s of CPU")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    signal.signal(signal.SIGPROF, _late)
    late = Counter()
    for line in sys.stdin:
        for method in sys.argv[1].split(","):
            if late[method] >= STRIKES:
                said = {
                    "method": method,
                    "case": json.loads(line)["case"],
                    "error": f"given up on {STRIKES} cases before",
                }
            else:
                said = run(method, json.loads(line))
            late[method] += said.get("error", "").startswith("TimeoutError")
            print(json.dumps(said), flush=True)
