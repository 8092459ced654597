"""One trial carried out in a process of its own: the report, what it cost, and what each lane was worth.

The evidence is copied under neutral names into an empty folder, so that neither a name nor an answer can be read. It is read
once; each ablation changes the case that was read, or what was told, and is analysed in memory.
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from afterword.app import casebook, plugs
from afterword.app.bench.judge import judge, judge_links, refused
from afterword.app.operations import alert as alerts
from afterword.app.operations import incident as incidents
from afterword.app.report import report
from afterword.app.workspace import open_workspace
from afterword.core import analyse
from afterword.core.without import lanes_of, without
from afterword.model.incident import Incident, Options
from afterword.model.refusal import RefusalError
from afterword.model.time import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.app.bench.judge import Verdict
    from afterword.app.bench.trial import Trial
    from afterword.app.workspace import Workspace
    from afterword.core.case import Case

#: Seconds by which the stated time is moved.
_OFF = (-120, -60, 60, 120)
#: What the whole of the evidence, with all that is told, is called among the ablations.
WHOLE = ""
NO_TIME = "time withheld"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one trial gave under one variant. ``peak`` in bytes, ``cpu`` in seconds; zero for ablations, where neither is of use."""

    trial: str
    groups: tuple[str, ...]
    variant: str
    #: 1 or True where it was right; a share where the measure is one.
    marks: dict[str, float]
    wrong: str
    cpu: float = 0.0
    peak: int = 0


def carry_out(trial: Trial, *, ablate: bool, told: bool) -> list[Outcome]:
    """The trial as it is given, then its ablations. Without ``told`` no time is stated."""
    with tempfile.TemporaryDirectory(prefix="afterword-trial-") as name:
        evidence = Path(name, "evidence")
        lay(trial, evidence)
        ws = open_workspace(Path(name, "w"), face="bench")
        begin = _cpu()
        if trial.links:
            return list(_linked(trial, ws, evidence, begin, ablate=ablate))
        try:
            said = trial.told if told else {}
            made = incidents.analyze(
                ws, evidence=(str(evidence),), at=said.get("at", ""), baseline=said.get("baseline", "")
            )
        except RefusalError as error:
            return [_outcome(trial, WHOLE, refused(trial, str(error)), _cpu() - begin, _peak())]
        cpu, peak = _cpu() - begin, _peak()
        whole = _outcome(trial, WHOLE, judge(trial, made), cpu, peak)
        if not ablate:
            return [whole]
        return [whole, *(_again(trial, variant, case) for variant, case in _variants(_case(ws, made.incident["id"])))]


def lay(trial: Trial, into: Path) -> None:
    into.mkdir()
    for number, path in enumerate(trial.files):
        shutil.copy(path, into / f"f{number}")
    for number, content in enumerate(trial.made):
        (into / f"m{number}").write_bytes(content())


def _case(ws: Workspace, id_: str) -> Case:
    record = ws.get("incident", id_, Incident)
    evidence = incidents.evidence_of(ws, record)
    return casebook.build(id_, evidence, ws.lake.sized(evidence), record.options)


def _variants(case: Case) -> Iterator[tuple[str, Case]]:
    """Each lane off that has evidence; the time withheld, and off by a minute and by two, where one is told."""
    for lane in lanes_of(case):
        yield f"{lane} off", without(case, lane)
    options = case.options
    if options.at is not None:
        yield NO_TIME, replace(case, options=Options(zone=options.zone))
        for seconds in _OFF:
            moved = replace(options, at=options.at + seconds * SECOND)
            yield f"time {seconds:+} s", replace(case, options=moved)


def _again(trial: Trial, variant: str, case: Case) -> Outcome:
    postmortem = analyse.analyse(case, [one.run for one in plugs.analyses()])
    return _outcome(trial, variant, judge(trial, report(postmortem, case.evidence, {}, "")))


def _outcome(trial: Trial, variant: str, verdict: Verdict, cpu: float = 0.0, peak: int = 0) -> Outcome:
    return Outcome(
        trial.name,
        trial.groups,
        variant,
        dict(verdict.marks),
        "; ".join(one for one in verdict.wrong if one),
        cpu,
        peak,
    )


def _linked(trial: Trial, ws: Workspace, evidence: Path, begin: float, *, ablate: bool) -> Iterator[Outcome]:
    """A history of alerts: the links that are learnt, then without each thing that was told."""
    known = {option: str(path) for option, path in trial.known.items()}
    case = alerts.case_of(ws, (str(evidence),), "")
    whole = alerts.learnt(ws, case, **known)
    yield _outcome(trial, WHOLE, judge_links(trial, whole), _cpu() - begin, _peak())
    for option in sorted(known) if ablate else ():
        rest = {other: path for other, path in known.items() if other != option}
        yield _outcome(trial, f"{option} withheld", judge_links(trial, alerts.learnt(ws, case, **rest)))
    if ablate and len(known) > 1:
        yield _outcome(trial, "all that is known withheld", judge_links(trial, alerts.learnt(ws, case)))


def _cpu() -> float:
    """CPU seconds of this process and of the children that it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _peak() -> int:
    """The most memory that this process held at once, in bytes; Linux counts it in KiB, macOS in bytes."""
    said = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return said if sys.platform == "darwin" else said * 1024
