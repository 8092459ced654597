"""What a team would do after an incident: ask the live systems with afterword, then let it analyse all there is."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import export
from deploy import RUN

ROOT = Path(__file__).resolve().parents[2]
AFTERWORD = ROOT / ".venv" / "bin" / "afterword"
LISTS = "http://127.0.0.1:9098"
SYSTEMS = """\
# The live systems of the shop, as a drill asks them.
[[systems]]
name = "prometheus"
connector = "prometheus"
url = "http://127.0.0.1:9090"

[[systems]]
name = "alertmanager"
connector = "alertmanager"
url = "http://127.0.0.1:9093"
"""
LIST = '\n[[systems]]\nname = "{name}"\nconnector = "http"\nurl = "{url}/{name}.json"\n'


def _afterword(*words: str, out: Path) -> dict[str, Any]:
    """Run one command of afterword; its JSON, its exit code and the seconds it took."""
    began = time.perf_counter()
    command = [str(AFTERWORD), *words, "--workspace", str(out / "workspace"), "--json"]
    done = subprocess.run(command, cwd=out, capture_output=True, text=True, check=False)
    try:
        said = json.loads(done.stdout)
    except json.JSONDecodeError:
        said = {}
    if done.returncode:
        (out / f"{words[0]}.err").write_text(done.stdout + done.stderr)
    return {"said": said, "exit": done.returncode, "seconds": round(time.perf_counter() - began, 1)}


def collect(out: Path, start: float, end: float) -> dict[str, Any]:
    """Ask the servers, which still run. Where afterword cannot, what they say is exported as for a recording."""
    lists = sorted(path.stem for path in (RUN / "api").glob("*.json"))
    config = out / "afterword.toml"
    config.write_text(SYSTEMS + "".join(LIST.format(name=name, url=LISTS) for name in lists))
    window = "/".join(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)) for at in (start, end + 1))
    target = out / "evidence" / "collected"
    words = ("collect", "--window", window, "--config", str(config), "--out", str(target))
    asked = _afterword(*words, out=out)
    if asked["exit"]:
        export.metrics(out / "evidence" / "metrics", start, end)
        export.alerts(out / "evidence" / "alerts")
    (out / "collect.json").write_text(json.dumps(asked["said"], indent=1) + "\n")
    return {"exit": asked["exit"], "seconds": asked["seconds"]}


def analyse(out: Path) -> dict[str, Any]:
    made = _afterword("analyze", str(out / "evidence"), "--out", str(out / "document"), out=out)
    (out / "report.json").write_text(json.dumps(made["said"], indent=1) + "\n")
    return made
