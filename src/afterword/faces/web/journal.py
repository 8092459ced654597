"""The journal: who changed what, when and through which face, and whether it still holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from afterword.faces.web.render import page

if TYPE_CHECKING:
    from starlette.responses import Response

    from afterword.faces.web.visit import Visit

MOST = 200
#: A postmortem is a long record; the journal shows its beginning.
_LONGEST = 4000


def show(visit: Visit) -> Response:
    kind, id_ = visit.query("kind"), visit.query("id")
    journal = visit.look("admin.journal", kind=kind, id=id_, most=MOST)
    lines = [(line, _body(line.body)) for line in reversed(journal.lines)]
    return page(visit.request, "journal.html", here="journal", journal=journal, lines=lines, kind=kind, id=id_)


def _body(body: object) -> str:
    text = json.dumps(body, ensure_ascii=False, indent=1, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n… {len(text) - _LONGEST} more characters"
