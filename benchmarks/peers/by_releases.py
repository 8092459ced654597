"""The script that comes with defective releases, over the same cases; runs in the Python of the peers.

    python by_releases.py CHECKOUT < jobs

Reads one JSON a line: ``folder`` and ``name`` of a case. Its own way through a case, with the thresholds of its own main file. It
starts from the component that another method named, whose answers lie beside the cases; nobody else here is given those.
Prints as ``by_metrics`` does, and the scores where there are some.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import random
import resource
import sys
import tempfile
from pathlib import Path

import numpy as np

METHOD, OTHERS_ANSWERS, GRAY, SIGNIFICANT = "ChangeRCA", "gied", 0.8, 0.05


def spent():
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def run(ranker, job):
    random.seed(0)
    np.random.seed(0)
    begin = spent()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            found = ranker.Ranker(
                job["folder"], job["name"], OTHERS_ANSWERS, GRAY, SIGNIFICANT
            ).root_cause_change_identifycation()
    except Exception as error:  # whatever a peer raises is its answer
        return {"method": METHOD, "case": job["case"], "error": f"{type(error).__name__}: {error}"[:200]}
    # As its main file counts: what has nothing written behind it was not found.
    ranking = [name for name, said in found.items() if said]
    made = {"method": METHOD, "case": job["case"], "ranking": ranking, "cpu": spent() - begin}
    if all("score" in found[name] for name in ranking):
        made["scores"] = [float(found[name]["score"]) for name in ranking]
    return made


if __name__ == "__main__":
    checkout = Path(sys.argv[1]).resolve()
    sys.path.insert(0, str(checkout))
    with tempfile.TemporaryDirectory() as folder:
        # It writes a log into the folder that it is run in.
        os.chdir(folder)
        Path("log").mkdir()
        import ranker

        logging.disable(logging.CRITICAL)
        for line in sys.stdin:
            print(json.dumps(run(ranker, json.loads(line))), flush=True)
