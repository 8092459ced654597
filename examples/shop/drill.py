"""One fire drill: starts the shop, breaks it, puts it right, lets afterword collect and analyse, and compares."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import redis

import deploy
import export
import gather
import history
import infra
import judge
from deploy import RUN
from faults import FAULTS, LOSS, Fault
from record import FLUSH, utc
from supervise import Supervisor

PATIENCE = 0.35  # What the alert rules wait, as a share of the usual.
SETTLE = 20.0  # Until the rates over 30 s have something to look back on.
SLOW_MS = 1500.0
STEADY = 20.0  # So long nothing may fail before the shop counts as steady.
QUIET = 25.0  # So long nothing may fail before it counts as recovered.
LONGEST = 170.0
AGE = 9 * 86400.0  # The shop was written so long ago.
DECOYS = {
    "gateway": ("gateway-page-limit", "jonas", "Ignore negative page numbers"),
    "catalog": ("catalog-log-text", "priya", "Log text of unknown products"),
    "payment": ("payment-log-word", "ruth", "One word for an accepted charge"),
    "cart": ("cart-limit-text", "ruth", "Clearer text for quantities out of range"),
}


def say(what: str) -> None:
    print(f"{utc(time.time())} {what}", flush=True)


class Drill:
    """The state of one drill, and what a fault may do to the shop."""

    def __init__(self, fault: Fault, seed: int, lengths: tuple[float, float, float], out: Path) -> None:
        self.fault, self.seed, self.out = fault, seed, out
        self.baseline, self.broken, self.after = lengths
        self.fleet = deploy.Fleet(first_id=1_190_000 + seed * 100)
        self.at: dict[str, float] = {}
        self.convicted: dict[str, Any] | None = None
        self.decoys: list[str] = []
        self.flags: list[dict[str, Any]] = []
        self.kept: Any = None
        self.certificate_until = 0.0
        self.private = out / "private"
        self.collected: dict[str, Any] = {}

    # What a fault may do.

    def change(self, service: str, patch: str, actor: str, description: str) -> None:
        sha = history.apply(patch)
        kind = "config" if "config" in patch or self.fault.name == "config-change" else "deploy"
        self.convicted = {"kind": kind, "ref": sha, "service": service, "at": utc(time.time())}
        self.fleet.deploy(service, sha, actor, description)

    def roll_back(self, service: str, actor: str) -> None:
        back = self.fleet.previous(service)
        self.fleet.deploy(service, back, actor, f"Roll back {service} to {back[:7]}", "deploy:rollback")

    def again(self, service: str, actor: str, description: str) -> None:
        self.fleet.deploy(service, self.fleet.running[service], actor, description, "restart")

    def flag(self, name: str, service: str, on: bool, actor: str, comment: str) -> None:
        at, words = utc(time.time()), ("off", "on") if on else ("on", "off")
        (RUN / "flags.json").write_text(json.dumps({name: on}))
        if on:
            self.convicted = {"kind": "flag", "ref": name, "service": service, "at": at}
        entry = {"time": at, "flag": name, "service": service, "environment": "production"}
        self.flags.append(entry | {"from": words[0], "to": words[1], "actor": actor, "comment": comment})

    # How time passes.

    def bad(self) -> list[float]:
        """When customers were let down: by an error, or by waiting too long."""
        return [seen for seen, _, _ in self._let_down()]

    def _let_down(self) -> list[tuple[float, float, float]]:
        """Each request that went wrong: when the customer noticed, when it began, when it ended."""
        lines = [json.loads(line) for line in (RUN / "load.jsonl").read_text().splitlines()]
        return sorted(
            (line["at"] + min(line["ms"], SLOW_MS) / 1000, line["at"], line["at"] + line["ms"] / 1000)
            for line in lines
            if self._is_bad(line)
        )

    @staticmethod
    def _is_bad(line: dict[str, Any]) -> bool:
        if line["status"] == 0 or line["status"] >= 500:
            return True
        return bool(line["ms"] > SLOW_MS and line["route"] != "confirm")

    def _age_the_cache(self) -> None:
        """Let entries end one after the other, as in a shop that has run for days, not all of them two minutes from now."""
        chance, client = random.Random(self.seed), redis.Redis(port=6379)
        for pattern, most in (("price:*", 200), ("rows:*", 65)):
            for key in sorted(client.scan_iter(pattern)):
                client.expire(key, chance.randint(2, most))

    def _steady(self) -> None:
        """Until nothing failed for a while: what a cold start lets fail is no baseline."""
        for _ in range(40):
            time.sleep(3)
            if time.time() - max(self.bad(), default=0.0) > STEADY:
                return
        raise RuntimeError("the shop did not become steady")

    def _decoy(self) -> None:
        """An innocent change shortly before the fault, in a part that the fault has nothing to do with."""
        free = sorted(set(DECOYS) - set(self.fault.components))
        service = random.Random(self.seed).choice(free)
        patch, actor, description = DECOYS[service]
        self.decoys.append(history.apply(patch))
        self.fleet.deploy(service, self.decoys[-1], actor, description)
        say(f"innocent change of {service}")

    def _break(self) -> None:
        self.at["broke"] = time.time()
        self.fault.do(self)
        say(f"broken: {self.fault.what}")
        least = max(self.broken, self.fault.seconds if self.broken >= 60 else 0.0)
        while time.time() - self.at["broke"] < LONGEST:
            time.sleep(1)
            export.alertmanager_now()
            first = next((at for at in self.bad() if at >= self.at["broke"]), None)
            lasts = time.time() - (first or time.time())
            if first and lasts >= self.broken and time.time() - self.at["broke"] >= least:
                break
        self.at["mending"] = time.time()
        self.fault.undo(self)
        self.at["mended"] = time.time()
        say("put right")

    def _recover(self) -> None:
        while time.time() - self.at["mended"] < LONGEST:
            time.sleep(1)
            quiet = time.time() - max([self.at["mended"], *self.bad()])
            if quiet > QUIET and time.time() - self.at["mended"] > self.after:
                return
        say("the shop did not recover fully")

    # What is kept.

    def truth(self) -> dict[str, Any]:
        bad = self.bad()
        during = [one for one in self._let_down() if one[0] >= self.at["broke"]]
        recovered = max(during[-1][0], self.at["mending"]) if during else 0.0
        return {
            "fault": self.fault.name,
            "what": self.fault.what,
            "seed": self.seed,
            "components": self.fault.components,
            "categories": self.fault.categories,
            "change": self.convicted,
            "decoys": self.decoys,
            "baseline_started_at": utc(self.at["start"]),
            "broke_at": utc(self.at["broke"]),
            "impact_started_at": utc(during[0][0]) if during else None,
            # The request that first went wrong: where in it the harm lies nobody can say.
            "impact_started_within": [utc(during[0][1]), utc(during[0][2])] if during else None,
            "mended_at": utc(self.at["mended"]),
            "recovered_at": utc(recovered) if during else None,
            "recovered_within": [
                utc(min(during[-1][1], self.at["mending"])),
                utc(max(recovered, during[-1][2], self.at["mended"])),
            ]
            if during
            else None,
            "ended_at": utc(self.at["end"]),
            "bad_requests": {
                "before": sum(self.at["start"] <= at < self.at["broke"] for at in bad),
                "after": len(during),
            },
            "skew": {"service": self.fault.skew[0], "seconds": self.fault.skew[1]} if self.fault.skew else None,
            "loss": LOSS if self.fault.name == "packet-loss" else None,
            "machine": {"cores": os.cpu_count(), "load": list(os.getloadavg())},
        }

    def keep(self) -> None:
        """The files that a team would have, and what afterword gets from the systems, which still serve."""
        evidence = self.out / "evidence"
        evidence.mkdir()
        export.logs(evidence / "logs")
        export.traces(evidence / "traces.otlp.jsonl.gz", self.at["end"])
        export.owners(evidence / "CODEOWNERS")
        export.pages(evidence / "pages")
        history.save(RUN / "api" / "commits.json")
        self.fleet.save(RUN / "api" / "deployments.json")
        if self.flags:
            (RUN / "api" / "flags.json").write_text(json.dumps(self.flags, indent=1) + "\n")
        self.collected = gather.collect(self.out, self.at["start"], self.at["end"])

    def run(self) -> None:
        supervisor = None
        try:
            self.certificate_until = self._planned_end()
            self.fault.before(self)
            infra.up(PATIENCE, self.certificate_until)
            history.begin(time.time() - AGE)
            for service in deploy.PORTS:
                self.fleet.deploy(service, history.head(), "deniz", f"Deploy {service}")
            self.fleet.date_back(time.time() - AGE + 3600)
            supervisor = Supervisor(self.fleet)
            infra.warm()
            self._age_the_cache()
            infra.load(self.seed)
            say("started")
            time.sleep(SETTLE)
            self._steady()
            self.at["start"] = time.time()
            say("steady")
            time.sleep(self.baseline * 0.6)
            self._decoy()
            time.sleep(self.baseline * 0.4)
            self._break()
            self._recover()
            self.at["end"] = time.time()
            time.sleep(FLUSH)
            shutil.copy(RUN / "load.jsonl", self.private / "load.jsonl")
            (self.out / "truth.json").write_text(json.dumps(self.truth(), indent=1) + "\n")
            self.keep()
        finally:
            if supervisor:
                supervisor.down()
            self.fleet.down()
            infra.down()
            say("stopped")

    def _planned_end(self) -> float:
        """Where the certificate is the fault, it ends when the baseline is surely over."""
        if self.fault.name != "expired-certificate":
            return 0.0
        return float(int(time.time() + 75 + self.baseline))  # A certificate knows whole seconds only.


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fault", choices=[*FAULTS, "random"], default="random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="a folder outside the project; emptied first")
    parser.add_argument("--results", type=Path, help="a file to which the result is added as a line of JSON")
    parser.add_argument("--baseline", type=float, default=100.0)
    parser.add_argument("--broken", type=float, default=75.0)
    parser.add_argument("--after", type=float, default=70.0)
    words = parser.parse_args()
    name = words.fault if words.fault != "random" else random.Random(words.seed).choice(sorted(FAULTS))
    out = words.out.absolute() / name
    shutil.rmtree(out, ignore_errors=True)
    (out / "private").mkdir(parents=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    drill = Drill(FAULTS[name], words.seed, (words.baseline, words.broken, words.after), out)
    drill.run()
    found = gather.analyse(out)
    result = judge.judge(json.loads((out / "truth.json").read_text()), found["said"])
    result |= {"collect": drill.collected, "analyze": {"exit": found["exit"], "seconds": found["seconds"]}}
    (out / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    if words.results:
        with words.results.open("a") as file:
            file.write(json.dumps(result) + "\n")
    print(judge.sentence(result))


if __name__ == "__main__":
    main()
