"""What a request can be answered with when it cannot be carried out: a code and a sentence."""

from __future__ import annotations


class RefusalError(Exception):
    """A request that cannot be carried out; ``code`` is stable, the message is for people."""

    code = "refused"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code:
            self.code = code


class InvalidError(RefusalError):
    """The request cannot be understood; ``reasons`` lists every field that is wrong."""

    code = "invalid"

    def __init__(self, message: str, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.reasons = reasons


class UnreadableError(RefusalError):
    """The evidence cannot be read at all."""

    code = "unreadable"


class NotFoundError(RefusalError):
    code = "not-found"


class ConflictError(RefusalError):
    """Somebody else changed the record in between; read it again and repeat."""

    code = "conflict"


class ForbiddenError(RefusalError):
    code = "forbidden"
