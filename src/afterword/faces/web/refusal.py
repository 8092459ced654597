"""Refusals as pages: a sentence, a status, a way on; never a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.faces.web.render import page
from afterword.model.refusal import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RefusalError,
    UnreadableError,
)

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_STATUS = (
    (NotFoundError, 404),
    (ForbiddenError, 403),
    (ConflictError, 409),
    (InvalidError, 422),
    (UnreadableError, 422),
)
_HEADS = {
    403: "Not allowed here",
    404: "Not found",
    409: "This cannot be done as things stand",
    422: "This was not understood",
    500: "This is a fault of afterword",
}


def status(error: RefusalError) -> int:
    """A rule of the house that says no is a conflict with the state of things."""
    return next((code for kind, code in _STATUS if isinstance(error, kind)), 409)


def refused(request: Request, error: RefusalError) -> Response:
    return said(request, status(error), str(error), getattr(error, "reasons", ()))


def said(request: Request, code: int, message: str, reasons: tuple[str, ...] = ()) -> Response:
    head = _HEADS.get(code, "This cannot be done")
    shown = reasons if len(reasons) > 1 else ()
    return page(request, "refusal.html", status=code, code=code, head=head, message=message, reasons=shown)
