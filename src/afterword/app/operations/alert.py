"""Alerts: what a history of them teaches about which leads to which."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from afterword.model.refusal import InvalidError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from afterword.app.workspace import Workspace
    from afterword.core.case import Case
    from afterword.model.alert import AlertGraph
    from afterword.model.event import Fact

Pairs = list[tuple[str, str]]
#: More alerts than this teach nothing more in reasonable time: the latest are taken.
_MOST = 300_000
_YES, _NO = frozenset({"1", "1.0", "yes", "true", "holds"}), frozenset({"0", "0.0", "no", "false", "never"})


def graph(
    ws: Workspace,
    *,
    evidence: Annotated[tuple[str, ...], "files, folders or archives with alerts, and a call graph if there is one"],
    topology: Annotated[
        str, "which components touch: a square .npy matrix; a call graph may also be in the evidence"
    ] = "",
    prior: Annotated[str, "what is known: a table cause,effect,holds (yes or no), or a .npy matrix (1 yes, 0 no)"] = "",
    out: Annotated[str, "folder for the graph as JSON, SVG, DOT and Mermaid, and for rules of Alertmanager"] = "",
    zone: Annotated[str, "zone of wall clocks that state none"] = "",
) -> AlertGraph:
    """Learn from a history of alerts which lead to which, and which need not be told while another fires."""
    found = learnt(ws, case_of(ws, evidence, zone), topology=topology, prior=prior)
    return replace(found, outputs=_written(ws, found, ws.path(out))) if out else found


def learnt(ws: Workspace, case: Case, *, topology: str = "", prior: str = "") -> AlertGraph:
    """The graph of a case that was read; ``topology`` and ``prior`` as ``graph`` takes them."""
    from afterword.core.alert.graph import Told
    from afterword.core.alert.graph import graph as told_as
    from afterword.core.alert.history import history
    from afterword.core.alert.learn import learn
    from afterword.core.alert.told import fired

    holds, fails = _known(ws.path(prior)) if prior else ([], [])
    stated = _touching(ws.path(topology)) if topology else None
    alerts, behind = fired(case.alerts)
    if not alerts:
        raise UnreadableError("There are no dated alerts in this evidence.")
    ws.progress("learning", 0, None)
    whole = history(alerts)
    kept = whole.latest(_MOST)
    notes = [] if len(kept) == len(whole) else [f"Only the latest {_MOST} of {len(whole)} alerts were looked at."]
    edges = stated or [(fact.event.subject, fact.event.name) for fact in case.edges] or None
    known = learn(kept, edges, holds, fails)
    return told_as(known, Told([fact.cite for fact in behind], [_labels(fact) for fact in behind]), notes)


def case_of(ws: Workspace, evidence: Sequence[str], zone: str) -> Case:
    """The case that the evidence makes, without an incident of its own."""
    from afterword.app import casebook, intake
    from afterword.model.incident import Options

    taken = intake.collect(list(evidence), ws.blobs, ws.lake, zone=zone, progress=ws.progress, redact=ws.config.redact)
    intake.restore(taken.evidence, ws.blobs, ws.lake)
    return casebook.build("alerts", taken.evidence, ws.lake.sized(taken.evidence), Options(zone=zone))


def _labels(fact: Fact) -> dict[str, str]:
    from afterword.reading import label

    found = label.parse(fact.event.attributes.get("labels", "")) or {}
    return {key: value for key, value in found.items() if key != "__name__"}


def _touching(path: Path) -> Pairs:
    from afterword.app import matrix

    return matrix.cells(matrix.read(path), 1.0)


def _known(path: Path) -> tuple[Pairs, Pairs]:
    """Links that hold and links that do not. Raises UnreadableError for another form of file."""
    from afterword.app import matrix

    if matrix.is_matrix(path):
        found = matrix.read(path)
        return matrix.cells(found, 1.0), matrix.cells(found, 0.0)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableError(f"{path} cannot be read as a table of causes and effects: {error}") from error
    if not rows or not {"cause", "effect"} <= rows[0].keys():
        raise UnreadableError(f"{path} has no columns cause and effect")
    said = [(row["cause"] or "", row["effect"] or "", (row.get("holds") or "yes").strip().lower()) for row in rows]
    wrong = next((word for _, _, word in said if word not in _YES | _NO), None)
    if wrong is not None:
        raise InvalidError(f"holds is yes or no, not {wrong[:40]!r}", (f"prior: {wrong[:40]!r} is neither yes nor no",))
    return [(c, e) for c, e, word in said if word in _YES], [(c, e) for c, e, word in said if word in _NO]


def _written(ws: Workspace, found: AlertGraph, folder: Path) -> tuple[str, ...]:
    from afterword.app import file, wire
    from afterword.core.alert import written
    from afterword.drawing import alert_graph

    ws.progress("writing", 0, None)
    texts = {
        "alert-graph.json": json.dumps(wire.public(found), indent=1, ensure_ascii=False) + "\n",
        "alert-graph.svg": alert_graph.draw(found),
        "alert-graph.dot": written.dot(found),
        "alert-graph.mmd": written.mermaid(found),
        "inhibit-rules.yml": written.inhibit_rules(found),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        with file.whole(folder / name) as part:
            part.write_text(text, encoding="utf-8")
    return tuple(str((folder / name).resolve()) for name in texts)
