"""Incidents: analyse evidence, list and show incidents, check and export them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from afterword.model.incident import Incident, Options, Status
from afterword.model.refusal import InvalidError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.app.pipeline import Worked
    from afterword.app.report import Report
    from afterword.app.workspace import Workspace
    from afterword.model.action import ActionItem
    from afterword.model.claim import Verification
    from afterword.model.document import Document
    from afterword.model.evidence import Evidence
    from afterword.model.lesson import Fingerprint


def analyze(
    ws: Workspace,
    *,
    evidence: Annotated[
        tuple[str, ...],
        "files, folders, archives, addresses of live systems (prometheus+http://…), collections, inbox or inbox:START/END, in any mix",
    ],
    at: Annotated[str, "the moment the problem was noticed, RFC 3339; found when not given"] = "",
    window: Annotated[str, "START/END of the incident, when it is known"] = "",
    baseline: Annotated[str, "START/END of a period known to be healthy"] = "",
    out: Annotated[str, "folder for the document and the bundle; inside the workspace when not given"] = "",
    title: Annotated[str, "title of the incident; made from the findings when not given"] = "",
    zone: Annotated[str, "zone of wall clocks that state none, such as Europe/Berlin"] = "",
    keep: Annotated[tuple[str, ...], "what is shown as it came: secrets, emails, cards or ids"] = (),
) -> Report:
    """Read evidence, reconstruct the incident, write the document and its bundle."""
    from afterword.app import intake, period, pipeline
    from afterword.app.operations import collection
    from afterword.app.report import report
    from afterword.core.point import with_stated

    options = Options(
        period.instant(at, "at", zone),
        period.span(window, "window", zone),
        period.span(baseline, "baseline", zone),
        zone,
        ws.config.objectives,
    )
    found = collection.gather(ws, evidence, options)
    taken = intake.collect(
        found.files, ws.blobs, ws.lake, zone=zone, progress=ws.progress, pages=found.pages, redact=_redacted(ws, keep)
    )
    incident = _incident(ws, taken.evidence, options, title)
    ws.progress("analysing", 0, None)
    worked = pipeline.work(incident, taken.evidence, ws.lake, ws.blobs, others(ws, incident))
    incident = _finish(incident, worked)
    _keep(ws, incident, taken.evidence, worked)
    outputs = publish(ws, incident, worked, taken.evidence, Path(out) if out else None)
    made = report(with_stated(worked.postmortem, incident.stated), taken.evidence, outputs, incident.title)
    missed = [
        {"message": one, "cite": "", "code": "not-collected", "gravity": "warning", "name": ""} for one in found.missed
    ]
    return replace(made, problems=[*missed, *made.problems])


def _redacted(ws: Workspace, keep: Sequence[str]) -> tuple[str, ...]:
    """What becomes a placeholder: what the settings say, without what is kept this time."""
    from afterword.core.secret.kind import KINDS

    reasons = tuple(f"keep: there is no {one}; there is {', '.join(KINDS)}" for one in keep if one not in KINDS)
    if reasons:
        raise InvalidError("; ".join(reasons), reasons)
    return tuple(kind for kind in ws.config.redact if kind not in keep)


def _incident(ws: Workspace, evidence: Sequence[Evidence], options: Options, title: str) -> Incident:
    """The record of this incident: the same evidence and options give the same one again."""
    key = "|".join([*sorted(one.sha256 for one in evidence), repr(options)])
    id_ = "inc-" + hashlib.sha256(key.encode()).hexdigest()[:10]
    from afterword.model.postmortem import Postmortem

    known = ws.find("incident", id_, Incident)
    shas = tuple(one.sha256 for one in evidence)
    if known is not None:
        before = ws.find("postmortem", id_, Postmortem)
        # A title that an earlier analysis made, and that nobody put in its place, is made anew.
        kept = "" if before is not None and before.title == known.title else known.title
        return replace(known, evidence=shas, title=title or kept, seal=evidence[0].seal)
    return Incident(id_, title, Status.OPEN, shas, options, seal=evidence[0].seal)


def _finish(incident: Incident, worked: Worked) -> Incident:
    from afterword.core.analyse import severity

    return replace(
        incident,
        title=incident.title or worked.postmortem.title,
        status=Status.ANALYSED if incident.status is Status.OPEN else incident.status,
        severity=incident.severity or severity(worked.case),
        services=worked.postmortem.impact.components,
    )


def _keep(ws: Workspace, incident: Incident, evidence: Sequence[Evidence], worked: Worked) -> None:
    """Write the records in one go: the incident, what was read, what was concluded, and new proposals."""
    ws.keep(
        [("evidence", one.sha256, one) for one in evidence]
        + [("incident", incident.id, incident), ("postmortem", incident.id, worked.postmortem)],
        operation="incident.analyze",
    )
    known = {(a.kind, a.answers) for a in actions_of(ws, incident.id)}
    fresh = [a for a in worked.postmortem.actions if (a.kind, a.answers) not in known]
    if fresh:
        first = 1 + max((int(r.id.removeprefix("A-")) for r in ws.records.all("action")), default=0)
        numbered = [
            replace(a, id=f"A-{first + n}", incident=incident.id, opened=ws.now()[:10]) for n, a in enumerate(fresh)
        ]
        ws.keep([("action", a.id, a) for a in numbered], operation="incident.analyze")


def actions_of(ws: Workspace, incident: str) -> list[ActionItem]:
    """The recorded actions of one incident, oldest first."""
    from afterword.model.action import ActionItem

    found = [ws.decode(ActionItem, record.body) for record in ws.records.all("action")]
    mine = [a for a in found if a.incident == incident]
    return sorted(mine, key=lambda a: int(a.id.removeprefix("A-")))


def evidence_of(ws: Workspace, record: Incident) -> tuple[Evidence, ...]:
    """What the incident stands on, under its own seal: another incident may have read the same bytes under another."""
    from afterword.model.evidence import Evidence

    return tuple(replace(ws.get("evidence", sha, Evidence), seal=record.seal) for sha in record.evidence)


def earlier(ws: Workspace, incident: Incident, worked: Worked) -> list[Fingerprint]:
    """Fingerprints of the incidents of this workspace that began before this one."""
    from afterword.core.lesson import fingerprint

    mine = fingerprint(worked.postmortem)
    before = [
        f
        for f in others(ws, incident)
        if f.started is not None and mine.started is not None and f.started < mine.started
    ]
    return sorted(before, key=lambda f: (f.started or 0, f.incident))


def others(ws: Workspace, incident: Incident) -> list[Fingerprint]:
    """Fingerprints of all other incidents of this workspace, with the action items of each that are still open."""
    from afterword.core.lesson import fingerprint, promised
    from afterword.model.action import ActionItem
    from afterword.model.postmortem import Postmortem

    actions = [ws.decode(ActionItem, record.body) for record in ws.records.all("action")]
    found = [ws.decode(Postmortem, r.body) for r in ws.records.all("postmortem") if r.id != incident.id]
    return [replace(fingerprint(one), promised=promised(one.incident, actions)) for one in found]


def publish(
    ws: Workspace, incident: Incident, worked: Worked, evidence: Sequence[Evidence], folder: Path | None
) -> dict[str, str]:
    """Write document.md, document.html and the bundle; keep the document as a record."""
    from afterword.app import bundle, file, pipeline, rule_text
    from afterword.exporters import html, markdown

    folder = folder or ws.root / "out" / incident.id
    _make(folder)
    actions, before = actions_of(ws, incident.id), earlier(ws, incident, worked)
    doc, _ = pipeline.write(worked, incident, actions, before)
    files = {
        "document.md": markdown.EXPORTER.render(doc).body,
        "document.html": html.render(doc, pipeline.quotes(doc)).body,
    }
    ws.keep([("document", incident.id, doc)], operation="incident.analyze")
    names = {
        "markdown": folder / "postmortem.md",
        "html": folder / "postmortem.html",
        "bundle": folder / "postmortem.afterword",
    }
    written = {
        names["markdown"]: files["document.md"],
        names["html"]: files["document.html"],
        **{folder / f"{picture.name}.svg": picture.svg.encode() for picture in _pictures(doc)},
    }
    for path, body in written.items():
        with file.whole(path) as part:
            part.write_bytes(body)
    rules = [one.rule for one in worked.ground.tried if one.rule is not None]
    if rules:
        with file.whole(folder / "proposed-rules.yml") as part:
            part.write_text(rule_text.text(f"afterword {incident.id}", rules), encoding="utf-8")
    contents = bundle.Contents(incident, tuple(evidence), doc, tuple(actions), tuple(before), files)
    bundle.write(names["bundle"], contents, ws.blobs)
    return {kind: str(path.resolve()) for kind, path in names.items()}


def _pictures(doc: Document) -> list:  # type: ignore[type-arg]
    from afterword.model.document import Picture

    return [block for section in doc.sections for block in section.blocks if isinstance(block, Picture)]


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidError(f"the folder {folder} cannot be made: {error.strerror}", ("out",)) from error


def list_(ws: Workspace) -> tuple[Incident, ...]:
    """List the incidents of the workspace, newest first."""
    from afterword.model.postmortem import Postmortem

    started = {r.id: _start(ws.decode(Postmortem, r.body)) for r in ws.records.all("postmortem")}
    found = [ws.decode(Incident, record.body) for record in ws.records.all("incident")]
    return tuple(sorted(found, key=lambda one: (-started.get(one.id, 0), one.id)))


def _start(postmortem: object) -> int:
    window = getattr(postmortem, "window", None)
    return int(window.start) if window else 0


def show(ws: Workspace, *, incident: Annotated[str, "id of the incident"]) -> Report:
    """Show one incident: points, timeline, causes, outputs."""
    from afterword.app.report import report
    from afterword.core.cause import edit
    from afterword.core.point import with_stated
    from afterword.model.postmortem import Postmortem

    record = ws.get("incident", incident, Incident)
    postmortem = ws.get("postmortem", incident, Postmortem)
    evidence = evidence_of(ws, record)
    folder = ws.root / "out" / incident
    names = {"markdown": "postmortem.md", "html": "postmortem.html", "bundle": "postmortem.afterword"}
    outputs = {kind: str((folder / name).resolve()) for kind, name in names.items() if (folder / name).exists()}
    judged = edit.upon(with_stated(postmortem, record.stated), record.edits)
    return report(judged, evidence, outputs, record.title)


def verify(
    ws: Workspace, *, path: Annotated[str, "a bundle, a document beside its bundle, or an incident of the workspace"]
) -> Verification:
    """Execute every claim of a document again over its frozen evidence."""
    from afterword.app import verify as verification

    target = Path(path)
    if not target.exists() and ws.find("incident", path, Incident) is not None:
        target = ws.root / "out" / path / "postmortem.afterword"
        if not target.exists():
            export(ws, incident=path, out="")
    if not target.exists():
        raise NotFoundError(f"{path} is no file and no incident of this workspace")
    return verification.verify(target)


def export(
    ws: Workspace,
    *,
    incident: Annotated[str, "id of the incident"],
    out: Annotated[str, "folder to write to; inside the workspace when not given"] = "",
) -> dict[str, str]:
    """Write the document and the bundle of an incident again, with the records as they are now."""
    return refresh(ws, incident, Path(out) if out else None)


def close(
    ws: Workspace,
    *,
    incident: Annotated[str, "id of the incident"],
    note: Annotated[str, "what the record should say about it"] = "",
) -> Incident:
    """Close an incident; refused while a signal is outside its baseline or a proposed action is undecided."""
    from afterword.core import incident as life
    from afterword.model.postmortem import Postmortem

    record, postmortem = ws.get("incident", incident, Incident), ws.get("postmortem", incident, Postmortem)
    closed = life.close(record, postmortem, actions_of(ws, incident), at=ws.now(), by=ws.actor, note=note)
    ws.keep([("incident", incident, closed)], operation="incident.close")
    return closed


def refresh(ws: Workspace, incident: str, folder: Path | None = None) -> dict[str, str]:
    """Compose the document anew from the stored evidence and today's records."""
    from afterword.app import pipeline

    record = ws.get("incident", incident, Incident)
    evidence = evidence_of(ws, record)
    worked = pipeline.work(record, evidence, ws.lake, ws.blobs, others(ws, record))
    return publish(ws, record, worked, evidence, folder)
