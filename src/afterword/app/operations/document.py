"""Documents: show one, and add the words that only people can write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from afterword.model.incident import Incident
from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from afterword.app.workspace import Workspace


def show(
    ws: Workspace,
    *,
    incident: Annotated[str, "id of the incident"],
    format: Annotated[Literal["markdown", "html", "json"], "how it is rendered"] = "markdown",  # noqa: A002 - the word people type
) -> str:
    """Show the document of an incident."""
    from afterword.app import pipeline, wire
    from afterword.exporters import html, markdown
    from afterword.model.document import Document

    doc = ws.get("document", incident, Document)
    if format == "json":
        return wire.dumps(doc).decode()
    if format == "html":
        return html.render(doc, pipeline.quotes(doc)).body.decode()
    return markdown.EXPORTER.render(doc).body.decode()


def pages(ws: Workspace, incident: str) -> bytes:
    """The document as PDF."""
    from afterword.app import pipeline
    from afterword.exporters import pdf as paper
    from afterword.model.document import Document

    doc = ws.get("document", incident, Document)
    return paper.render(doc, pipeline.quotes(doc)).body


def pdf(
    ws: Workspace,
    *,
    incident: Annotated[str, "id of the incident"],
    out: Annotated[str, "file to write; inside the workspace when not given"] = "",
) -> dict[str, str]:
    """Write the document of an incident as PDF, with its claims attached."""
    from afterword.app import file

    body = pages(ws, incident)
    path = Path(out) if out else ws.root / "out" / incident / "postmortem.pdf"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with file.whole(path) as part:
            part.write_bytes(body)
    except OSError as error:
        raise InvalidError(f"cannot write {path}: {error.strerror}", (f"out: {path}",)) from None
    return {"pdf": str(path.resolve())}


def note(
    ws: Workspace,
    *,
    incident: Annotated[str, "id of the incident"],
    section: Annotated[str, "background, went-well, went-poorly, luck, lessons or risks"],
    text: Annotated[str, "your words; they are marked as yours"],
) -> str:
    """Write a section that only people can write, and show it; an empty text takes it out."""
    from afterword.app.operations.incident import refresh
    from afterword.core.document import WRITTEN
    from afterword.exporters import markdown
    from afterword.model.document import Document

    allowed = [name for name, _, _ in WRITTEN]
    if section not in allowed:
        raise InvalidError(f"section is one of {', '.join(allowed)}", (f"section: {section}",))
    record = ws.get("incident", incident, Incident)
    kept = tuple(pair for pair in record.notes if pair[0] != section)
    notes = (*kept, (section, text.strip())) if text.strip() else kept
    ws.keep([("incident", incident, replace(record, notes=notes))], operation="document.note")
    refresh(ws, incident)
    doc = ws.get("document", incident, Document)
    told = tuple(one for one in doc.sections if one.id == section)
    return markdown.EXPORTER.render(replace(doc, sections=told)).body.decode()
