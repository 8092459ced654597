"""Refusals as pages: a sentence, a status, a way on; never a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.faces.status import status
from afterword.faces.web.render import page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from afterword.model.refusal import RefusalError

_HEADS = {
    403: "Not allowed here",
    404: "Not found",
    409: "This cannot be done as things stand",
    422: "This was not understood",
    500: "This is a fault of afterword",
}


def refused(request: Request, error: RefusalError) -> Response:
    return said(request, status(error), str(error), getattr(error, "reasons", ()))


def said(request: Request, code: int, message: str, reasons: tuple[str, ...] = ()) -> Response:
    head = _HEADS.get(code, "This cannot be done")
    shown = reasons if len(reasons) > 1 else ()
    return page(request, "refusal.html", status=code, code=code, head=head, message=message, reasons=shown)
