"""Records one incident: starts the system, breaks it, lets people fix it, and keeps what it emitted."""

from __future__ import annotations

import argparse
import json
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import deploy
import export
import history
import infra
from deploy import RUN
from incidents import INCIDENTS, Incident, Step
from slack import Channel
from supervise import Supervisor

HERE = Path(__file__).parent
PATIENCE = 2100.0
FLUSH = 8.0  # Seconds until the last spans are written and the last scrape is in.


def utc(seconds: float) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03d}Z"


class Recording:
    """One run: the state that steps read and change, and the moments at which things happened."""

    def __init__(self, incident: Incident, scale: float) -> None:
        self.incident = incident
        self.scale = scale
        self.anchors: dict[str, float] = {}
        self.shas: dict[str, str] = {}
        self.flags: list[dict[str, Any]] = []
        self.fleet = deploy.Fleet(first_id=1_180_000 + incident.seed * 100)
        self.channel = Channel(
            incident.channel
        )  # Named by what people saw: a name that tells the cause would be an answer.
        chat = json.loads((HERE / "chat" / f"{incident.name}.json").read_text())
        self.steps = incident.steps + [self._spoken(line) for line in chat]

    def _spoken(self, line: dict[str, Any]) -> Step:
        return Step(line["anchor"], line["after"], f"say {line['text'][:40]}", lambda run: run.say(line))

    # What steps do.

    def commit(self, patch: str) -> None:
        self.shas[patch] = history.apply(patch)

    def deploy(self, service: str, patch: str, actor: str, description: str) -> None:
        self.mark("trigger" if patch == self.incident.ref else f"deployed {patch}")
        self.fleet.deploy(service, self.shas[patch], actor, description)

    def rollback(self, service: str, actor: str) -> None:
        back = self.fleet.previous(service)
        self.fleet.deploy(service, back, actor, f"Roll back {service} to {back[:7]}", "deploy:rollback")
        self.mark("mitigated")

    def revert(self, patch: str, login: str, why: str) -> None:
        history.revert(self.shas[patch], login, why)

    def flag(self, name: str, service: str, on: bool, actor: str, comment: str) -> None:
        at = time.time()
        (RUN / "flags.json").write_text(json.dumps({name: on}))
        words = ("off", "on") if on else ("on", "off")
        self.flags.append(
            {
                "time": utc(at),
                "flag": name,
                "service": service,
                "environment": "production",
                "from": words[0],
                "to": words[1],
                "actor": actor,
                "comment": comment,
            }
        )
        self.mark("trigger" if on else "mitigated")

    def say(self, line: dict[str, Any]) -> None:
        service = self.incident.service
        words = {patch.replace("-", "_"): sha[:7] for patch, sha in self.shas.items()}
        running = self.fleet.deployments
        words["present"] = self.fleet.running[service][:7]
        words["before"] = next(
            (
                e["sha"][:7]
                for e in running[::-1]
                if e["payload"]["service"] == service and e["sha"][:7] != words["present"]
            ),
            words["present"],
        )
        at = self.channel.say(line, words)
        if "marks" in line:
            self.anchors.setdefault(line["marks"], at)

    def mark(self, name: str) -> None:
        self.anchors.setdefault(name, time.time())

    # How time passes.

    def _failures(self) -> list[float]:
        """When what customers asked failed, as the load generator saw it."""
        path = RUN / "load.jsonl"
        lines = [json.loads(line) for line in path.open()] if path.exists() else []
        return [line["at"] + line["ms"] / 1000 for line in lines if line["status"] == 0 or line["status"] >= 500]

    def _notice(self) -> None:
        """Set the anchors that nobody sets: the first failure, the first page, the end of the failures."""
        failures = self._failures()
        trigger = self.anchors.get("trigger")
        if trigger and "impact" not in self.anchors and any(at > trigger for at in failures):
            self.anchors["impact"] = min(at for at in failures if at > trigger)
        pages = RUN / "pager.jsonl"
        if "page" not in self.anchors and pages.exists() and '"severity":"page"' in pages.read_text():
            self.mark("page")
        mitigated = self.anchors.get("mitigated")
        if mitigated and "recovered" not in self.anchors:
            last = max([mitigated, *failures])
            if time.time() - last > 35:
                self.anchors["recovered_at"] = last
                self.mark("recovered")

    def _due(self, step: Step) -> bool:
        scale = self.scale if step.anchor == "start" else 1.0
        return step.anchor in self.anchors and time.time() >= self.anchors[step.anchor] + step.after * scale

    def _over(self) -> bool:
        recovered = self.anchors.get("recovered")
        return recovered is not None and time.time() > recovered + self.incident.after * min(1.0, self.scale * 3)

    def play(self) -> None:
        """Take every step when its moment has come, until the shop has been well for long enough."""
        waiting = list(self.steps)
        while not self._over():
            if time.time() > self.anchors["start"] + PATIENCE:
                raise RuntimeError("the incident did not end")
            for step in [step for step in waiting if self._due(step)]:
                print(f"{utc(time.time())} {step.what}", flush=True)
                step.do(self)
                waiting.remove(step)
            self._notice()
            if "page" in self.anchors and "mitigated" not in self.anchors:
                export.alertmanager_now()
            time.sleep(1.0)

    # What is kept.

    def _detected(self) -> str:
        payloads = [json.loads(line) for line in (RUN / "pager.jsonl").open()]
        starts = [str(alert["startsAt"]) for payload in payloads for alert in payload["alerts"]]
        return min(at for at in starts if at > utc(self.anchors["trigger"]))

    def truth(self) -> dict[str, Any]:
        incident, at = self.incident, self.anchors
        ref = self.shas.get(incident.ref, incident.ref)
        failures = [when for when in self._failures() if at["start"] <= when <= at["end"]]
        return {
            "incident": incident.name,
            "trigger": {
                "kind": incident.kind,
                "ref": ref,
                "service": incident.service,
                "at": utc(at["trigger"]),
            },
            "fault_component": incident.fault_component,
            "baseline_started_at": utc(at["start"]),
            "impact_started_at": utc(at["impact"]),
            "detected_at": self._detected(),
            "paged_at": utc(at["page"]),
            "acknowledged_at": utc(at["ack"]),
            "declared_at": utc(at["declared"]),
            "mitigation_applied_at": utc(at["mitigated"]),
            "recovered_at": utc(at["recovered_at"]),
            "recording_ended_at": utc(at["end"]),
            "failed_requests": {
                "before_trigger": sum(when < at["trigger"] for when in failures),
                "during": sum(at["trigger"] <= when <= at["recovered_at"] for when in failures),
                "after_recovery": sum(when > at["recovered_at"] for when in failures),
            },
            "decoys": [self.shas[patch] for patch in incident.decoys],
            "mechanism": incident.mechanism,
        }

    def keep(self, out: Path) -> None:
        evidence = out / "evidence"
        shutil.rmtree(out, ignore_errors=True)
        (evidence / "changes").mkdir(parents=True)
        export.metrics(evidence / "metrics", self.anchors["start"], self.anchors["end"])
        export.alerts(evidence / "alerts")
        export.logs(evidence / "logs")
        export.traces(evidence / "traces.otlp.jsonl.gz", self.anchors["end"])
        history.save(evidence / "changes" / "commits.json")
        self.fleet.save(evidence / "changes" / "deployments.json")
        if self.flags:
            (evidence / "changes" / "flags.json").write_text(json.dumps(self.flags, indent=1) + "\n")
        export.owners(evidence / "CODEOWNERS")
        self.channel.save(evidence / "slack")
        (out / "truth.json").write_text(json.dumps(self.truth(), indent=1) + "\n")

    def up(self) -> None:
        infra.up()
        history.begin()
        for service in deploy.PORTS:
            self.fleet.deploy(service, history.head(), "deniz", f"Start {service}")

    def run(self, out: Path) -> None:
        supervisor = None
        try:
            self.up()
            supervisor = Supervisor(self.fleet)
            infra.warm()
            infra.load(self.incident.seed)
            time.sleep(35)  # Until the rates over 30 s have something to look back on.
            self.mark("start")
            self.play()
            # Customers go on while the evidence is taken: the end of the recording is no end of the traffic.
            self.mark("end")
            time.sleep(FLUSH)
            self.keep(out)
        finally:
            if supervisor:
                supervisor.down()
            self.fleet.down()
            infra.down()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incident", required=True, choices=sorted(INCIDENTS))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scale", type=float, default=1.0, help="shorten the time before the fault, to try out")
    words = parser.parse_args()
    Recording(replace(INCIDENTS[words.incident]), words.scale).run(words.out.absolute())


if __name__ == "__main__":
    main()
