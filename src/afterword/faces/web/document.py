"""The document: its sections with citations that open, downloads, the check of its claims, words of people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import FileResponse, Response

from afterword.app.operations.document import pages
from afterword.core.document import WRITTEN
from afterword.faces.web.incident import record_of, tab
from afterword.faces.web.wording import looks_like_citation
from afterword.model.refusal import NotFoundError

if TYPE_CHECKING:
    from afterword.faces.web.form import Filled
    from afterword.faces.web.visit import Visit
    from afterword.model.claim import Verification

_SUFFIX = {"markdown": "md", "html": "html"}
_MEDIA = {"markdown": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8"}
#: The self-contained page of somebody's evidence: no script, no request, an origin of its own.
_ALONE = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'"
_PICTURE = "sandbox; default-src 'none'; style-src 'unsafe-inline'"


def stored(visit: Visit, id_: str) -> dict[str, Any] | None:
    """The document as plain values; None where none was written yet."""
    try:
        text = visit.look("document.show", incident=id_, format="json")
    except NotFoundError:
        return None
    found: dict[str, Any] = json.loads(text)
    return found


def pictures(visit: Visit, id_: str) -> dict[str, dict[str, Any]]:
    """The pictures of the document by their names."""
    doc = stored(visit, id_)
    blocks = [block for section in doc["sections"] for block in section["blocks"]] if doc else []
    return {block["name"]: block for block in blocks if "svg" in block}


def show(
    visit: Visit, form: Filled | None = None, status: int = 200, verification: Verification | None = None
) -> Response:
    record = record_of(visit)
    doc = stored(visit, record.id)
    return tab(
        visit,
        "document",
        status=status,
        doc=doc,
        claims={one["id"]: one for one in doc["claims"]} if doc else {},
        cites=_cites(doc) if doc else {},
        row_cites=_row_cites,
        notes=dict(record.notes),
        written=[(name, title) for name, title, _ in WRITTEN],
        verification=verification,
        **({"form": form} if form else {}),
    )


def _cites(doc: dict[str, Any]) -> dict[str, list[str]]:
    """What each claim cites, as text."""
    return {claim["id"]: [_cite(one) for one in claim["cites"]] for claim in doc["claims"]}


def _row_cites(row: list[list[dict[str, Any]]], cites: dict[str, list[str]]) -> list[str]:
    """What a row of a table cites beyond the citations that stand in it."""
    inlines = [one for cell in row for one in cell]
    if any(looks_like_citation(one["text"]) for one in inlines):
        return []
    return list(dict.fromkeys(cite for one in inlines for cite in cites.get(one.get("claim", ""), ())))


def _cite(citation: dict[str, Any]) -> str:
    from afterword.model.evidence import Citation, Place

    return str(Citation(citation["evidence"], Place(**citation["place"])))


def verify(visit: Visit) -> Response:
    """Execute every claim again; the report stands above the document."""
    id_ = visit.path("incident")
    return show(visit, verification=visit.do("incident.verify", path=record_of(visit).id or id_))


def note(visit: Visit) -> Response:
    id_ = visit.path("incident")
    section = visit.typed.get("section", [""])[0]

    def act() -> Response:
        visit.change("document.note", blank=("text",), incident=id_)
        return visit.to(f"/incidents/{id_}/document", "document.note", section, anchor=f"s-{section}")

    return visit.attempt(f"note-{section}", act, show)


def export(visit: Visit) -> Response:
    id_ = visit.path("incident")
    visit.do("incident.export", incident=id_)
    return visit.to(f"/incidents/{id_}/document", "incident.export")


def download(visit: Visit) -> Response:
    """The document as Markdown, HTML or PDF, or its bundle with the frozen evidence."""
    id_, form = record_of(visit).id, visit.path("form")
    if form == "bundle":
        return _bundle(visit, id_)
    if form == "pdf":
        headers = {"Content-Disposition": f'attachment; filename="{id_}.pdf"'}
        return Response(pages(visit.ws, id_), media_type="application/pdf", headers=headers)
    if form not in _SUFFIX:
        raise NotFoundError("The document comes as markdown, html, pdf or bundle.")
    body = visit.look("document.show", incident=id_, format=form)
    kind = "inline" if visit.query("look") == "1" else "attachment"
    headers = {
        "Content-Disposition": f'{kind}; filename="{id_}.{_SUFFIX[form]}"',
        "Content-Security-Policy": _ALONE,
    }
    return Response(body.encode("utf-8", "backslashreplace"), media_type=_MEDIA[form], headers=headers)


def _bundle(visit: Visit, id_: str) -> Response:
    path = visit.look("incident.show", incident=id_).outputs.get("bundle")
    if not path:
        raise NotFoundError(f"{id_} has no bundle yet: write the document anew.")
    return FileResponse(Path(path), media_type="application/zip", filename=f"{id_}.afterword")


def picture(visit: Visit) -> Response:
    """One picture alone: as an image it can run nothing and ask for nothing."""
    found = pictures(visit, record_of(visit).id).get(visit.path("name"))
    if found is None:
        raise NotFoundError("There is no such picture in this document.")
    return Response(found["svg"].encode(), media_type="image/svg+xml", headers={"Content-Security-Policy": _PICTURE})
