"""The desk: the one door through which everything is asked. Find, allow, decode, carry out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from afterword.app import table, wire
from afterword.app.workspace import Scope
from afterword.model.refusal import ForbiddenError, InvalidError

if TYPE_CHECKING:
    from afterword.app.table import Operation, Parameter
    from afterword.app.workspace import Journalled, Workspace
    from afterword.ports import JournalLine, Record

_WHY = {
    Scope.READ: "This caller may not read here.",
    Scope.WRITE: "This caller may only look: the workspace was opened read-only.",
    Scope.JUDGE: "Machines propose, people decide: this needs a person, or a server started with --judge.",
    Scope.UNSEAL: "What is sealed is read at the terminal, or through a server started with --unseal.",
}


def ask(ws: Workspace, name: str, arguments: Mapping[str, Any], *, text: bool = False) -> Any:
    """Carry out one operation and answer with its word.

    ``text``: the arguments are as people typed them (terminal, query, path); otherwise they are JSON values. Either
    way they are read strictly, and everything that is wrong with them is said at once by InvalidError.
    """
    operation = table.find(name)
    if operation.scope not in ws.may:
        raise ForbiddenError(f"{operation.name} is not allowed here. {_WHY[operation.scope]}")
    decoded = decode(operation, arguments, text=text)
    for named in operation.files:
        _allow_files(ws, decoded.get(named))
    if operation.method == "GET" or Scope.WRITE not in ws.may:
        ws = replace(ws, records=_Reading(ws.records, operation))
    return table.function(operation)(ws, **decoded)


def decode(operation: Operation, arguments: Mapping[str, Any], *, text: bool) -> dict[str, Any]:
    """The arguments as typed values. Raises InvalidError with every reason."""
    known = {one.name: one for one in table.parameters(operation)}
    reasons = [f"{name}: {operation.name} knows no such argument" for name in arguments if name not in known]
    decoded: dict[str, Any] = {}
    for name, parameter in known.items():
        if name not in arguments:
            reasons += [f"{name}: is missing ({parameter.help})"] if parameter.required else []
            continue
        try:
            decoded[name] = _value(parameter, arguments[name], text=text)
        except InvalidError as error:
            reasons += [f"{name}: {reason}" for reason in error.reasons]
        if parameter.required and parameter.many and decoded.get(name) == ():
            reasons.append(f"{name}: name at least one")
    if reasons:
        raise InvalidError("; ".join(reasons), tuple(reasons))
    return decoded


def _value(parameter: Parameter, given: Any, *, text: bool) -> Any:
    if not text:
        return wire.decode(parameter.type, given)
    if parameter.many:
        items = [given] if isinstance(given, str) else given
        return tuple(wire.decode_text(get_args(parameter.type)[0], item) for item in items)
    if not isinstance(given, str):
        if isinstance(given, Sequence) and len(given) == 1:
            return wire.decode_text(parameter.type, given[0])
        raise InvalidError("give it once", ("give it once",))
    return wire.decode_text(parameter.type, given)


def _allow_files(ws: Workspace, named: Any) -> None:
    for one in (named,) if isinstance(named, str) else named or ():
        if one:
            ws.path(one)


class _Reading:
    """Records that are only looked at: those of a GET, and of a caller who may not write."""

    def __init__(self, records: Journalled, operation: Operation) -> None:
        self._records = records
        self._operation = operation

    def get(self, kind: str, id_: str) -> Record | None:
        return self._records.get(kind, id_)

    def all(self, kind: str) -> list[Record]:
        return self._records.all(kind)

    def journal(self, kind: str = "", id_: str = "") -> list[JournalLine]:
        return self._records.journal(kind, id_)

    def check_journal(self) -> str:
        return self._records.check_journal()

    def put(self, changes: Sequence[Record], *, actor: str, face: str, operation: str, at: str) -> None:
        if self._operation.method == "POST":
            raise ForbiddenError(f"{self._operation.name} would have to write here. {_WHY[Scope.WRITE]}")
        # A fault of the operation, not of the caller.
        raise AssertionError(f"{operation} by {actor} ({face}, {at}) is a GET and wrote {len(changes)} records")
