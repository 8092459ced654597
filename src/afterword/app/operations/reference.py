"""Evidence by reference: ask tables that stay where they are, and ask them again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from afterword.model.evidence import Evidence
from afterword.model.incident import Incident
from afterword.model.refusal import ForbiddenError, InvalidError, NotFoundError, RefusalError

if TYPE_CHECKING:
    from afterword.app.reference import Kept, Recalled, Scope
    from afterword.app.workspace import Workspace
    from afterword.ports import Engine


@dataclass(frozen=True, slots=True)
class ReferencePart:
    """One answer that was kept as a file. ``answer`` is the SHA-256 of the rows, ``sha256`` that of the file."""

    file: str
    query: str
    rows: int
    sha256: str
    answer: str


@dataclass(frozen=True, slots=True)
class Reference:
    """What was asked of which tables, and where the answers are."""

    engine: str
    tables: tuple[str, ...]
    #: Tables that are not there.
    absent: tuple[str, ...]
    out: str
    parts: tuple[ReferencePart, ...]
    #: Queries that gave no rows.
    empty: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Requeried:
    """Whether an answer still holds: ``holds``, ``changed``, or ``not asked`` with the reason."""

    evidence: str
    name: str
    query: str
    state: str
    rows_then: int
    rows_now: int | None
    why: str = ""


def refer(
    ws: Workspace,
    *,
    engine: Annotated[
        str, "the engine that has the tables, such as clickhouse://user@host:8123/otel or spark://host:7077"
    ],
    window: Annotated[str, "START/END of the incident"],
    out: Annotated[str, "folder for the answers; `analyze` reads it like any other evidence"],
    baseline: Annotated[str, "START/END of a healthy stretch; three times the window, before it, when not given"] = "",
    tables: Annotated[
        tuple[str, ...], "SIGNAL=TABLE where it has another name than the exporter gives, such as logs=db.otel_logs"
    ] = (),
) -> Reference:
    """Ask tables in the OpenTelemetry layout without copying them; queries, answers and their hashes become evidence."""
    from afterword.app import asked as beside
    from afterword.app import engine as engines
    from afterword.app import period, reference
    from afterword.stores import otel_layout

    if ws.folders is not None:
        raise ForbiddenError("Which engine is asked is decided by the person at the terminal.")
    asked = period.span(window, "window")
    if asked is None:
        raise InvalidError("window is START/END", ("window: is missing",))
    before = period.span(baseline, "baseline") or (4 * asked[0] - 3 * asked[1], asked[0])
    scope = reference.Scope(otel_layout.named(tables), asked, before)
    with engines.opened(engine, ws.root / "spill") as opened:
        there = reference.found(opened, scope.tables)
        scope = reference.Scope({signal: name for signal, (name, _) in there.items()}, asked, before)
        beside.check(Path(out), reference.collection(opened.name, scope))
        kept = _parts(ws, opened, scope)
        name = opened.name
    full = [one for one in kept if one.body]
    _write(Path(out), full, reference.collection(name, scope))
    return Reference(
        name,
        tuple(scope.tables.values()),
        tuple(sorted(set(otel_layout.named(tables).values()) - set(scope.tables.values()))),
        str(Path(out).resolve()),
        tuple(_part(one) for one in full),
        tuple(one.answer.query for one in kept if not one.body),
    )


def _parts(ws: Workspace, opened: Engine, scope: Scope) -> list[Kept]:
    from afterword.app import reference

    parts = [one for one in reference.PARTS.values() if one.signals & set(scope.tables)]
    made = []
    for number, part in enumerate(parts):
        ws.progress(f"asking {opened.name.partition(':')[0]}: {part.query}", number, len(parts))
        made.append(reference.ask(opened, part, scope, ws.now()))
    return made


def _part(one: Kept) -> ReferencePart:
    sha256 = hashlib.sha256(one.body).hexdigest()
    return ReferencePart(one.file, one.answer.query, len(one.answer.rows), sha256, one.answer.sha256)


def _write(folder: Path, kept: list[Kept], id_: str) -> None:
    from afterword.app import asked, file, reference

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in kept:
            with file.whole(folder / one.file) as part:
                part.write_bytes(one.body)
        with file.whole(folder / asked.FILE) as part:
            part.write_bytes(reference.sidecar(id_, kept))
    except OSError as error:
        raise InvalidError(f"the answers cannot be written to {folder}: {error.strerror}", ("out",)) from error


def requery(
    ws: Workspace,
    *,
    incident: Annotated[str, "id of the incident"],
    engine: Annotated[
        str, "the engine to ask; only questions that were put to it are put again; the setting when not given"
    ] = "",
) -> tuple[Requeried, ...]:
    """Ask the tables again that evidence refers to, and say of each answer whether it still holds."""
    from afterword.app import engine as engines

    if engine and engine != ws.config.engine and ws.folders is not None:
        raise ForbiddenError("Which engine is asked is decided by the setting of this server.")
    setting = engine or ws.config.engine
    recalled = _recalled(ws, incident)
    if not recalled:
        raise NotFoundError(
            f"No evidence of {incident} refers to tables; `afterword evidence refer` makes such evidence."
        )
    mine = [one for one in recalled if one[2].engine == setting]
    made = [
        _not_asked(one, f"it was put to {one[2].engine}: name that with --engine")
        for one in recalled
        if one not in mine
    ]
    if mine:
        with engines.opened(setting, ws.root / "spill") as opened:
            for number, one in enumerate(mine):
                ws.progress(f"asking again: {one[2].part.query}", number, len(mine))
                made.append(_again(ws, opened, one))
    return tuple(sorted(made, key=lambda one: int(one.evidence[1:])))


_Known = tuple[str, str, "Recalled"]


def _recalled(ws: Workspace, incident: str) -> list[_Known]:
    from afterword.app import reference

    made = []
    for number, sha in enumerate(ws.get("incident", incident, Incident).evidence, 1):
        one = ws.get("evidence", sha, Evidence)
        known = reference.recall(one.asked) if one.asked else None
        if known is not None:
            made.append((f"E{number}", one.name, known))
    return made


def _not_asked(one: _Known, why: str) -> Requeried:
    id_, name, known = one
    return Requeried(id_, name, known.part.query, "not asked", known.rows, None, why)


def _again(ws: Workspace, opened: Engine, one: _Known) -> Requeried:
    from afterword.app import reference

    id_, name, known = one
    try:
        answer = reference.ask(opened, known.part, known.scope, ws.now()).answer
    except RefusalError as error:
        return _not_asked(one, str(error))
    state = "holds" if answer.sha256 == known.sha256 else "changed"
    return Requeried(id_, name, known.part.query, state, known.rows, len(answer.rows))
