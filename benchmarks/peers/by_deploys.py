"""The scripts that come with whole incidents, which name a commit; runs in the Python of the peers.

    python by_deploys.py CHECKOUT < jobs

Reads one JSON a line: ``evidence`` (the folder of an incident). Prints the commit, or ``none``, that each script names.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv[1]) / "scripts"))

import run_baselines

for line in sys.stdin:
    job = json.loads(line)
    folder = Path(job["evidence"])
    said = [
        json.loads((folder / name).read_text())
        for name in ("alert.json", "context/commits.json", "context/deploys.json")
    ]
    for name, script in run_baselines.BASELINES.items():
        begin = time.process_time()
        answer = script(*said)
        print(
            json.dumps({"method": name, "case": job["case"], "commit": answer, "cpu": time.process_time() - begin}),
            flush=True,
        )
