"""The status that a refusal has on the faces that speak HTTP."""

from __future__ import annotations

from afterword.model.refusal import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RefusalError,
    UnreadableError,
)

STATUS = {"invalid": 422, "unreadable": 422, "not-found": 404, "conflict": 409, "forbidden": 403}
#: A rule of the house says no: the request is understood, and the state of things is against it.
REFUSED = 409
_KINDS = (InvalidError, UnreadableError, NotFoundError, ConflictError, ForbiddenError)


def status(error: RefusalError) -> int:
    """A refusal may carry a code of its own; its kind decides the status."""
    return next((STATUS[kind.code] for kind in _KINDS if isinstance(error, kind)), REFUSED)
