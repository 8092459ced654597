"""Admin: where things are, and who changed what."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from afterword.app.workspace import versions
from afterword.core.secret.kind import KINDS
from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from afterword.app.workspace import Workspace
    from afterword.ports import JournalLine


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Info:
    """Where the workspace is, what is in it, and what this program stands on."""

    workspace: str
    exists: bool
    actor: str
    records: dict[str, int]
    bytes: dict[str, int]
    settings: tuple[Setting, ...]
    versions: dict[str, str]


@dataclass(frozen=True, slots=True)
class Journal:
    """Lines of the journal, oldest first. ``broken`` names the first line that does not hold; empty: all hold."""

    lines: tuple[JournalLine, ...]
    total: int
    broken: str
    holds: bool


_KINDS = ("incident", "evidence", "postmortem", "document", "action", "judgement", "dropped", "foreign")


def info(ws: Workspace) -> Info:
    """Show the workspace: paths, counts, settings and versions."""
    config = ws.config
    values = {"actor": ws.actor, **{f"due.{p.value}": str(days) for p, days in config.due_days.items()}}
    values["engine"] = config.engine
    values |= {f"redact.{kind}": str(kind in config.redact).lower() for kind in KINDS}
    sizes: Counter[str] = Counter()
    for path in ws.root.rglob("*") if ws.root.is_dir() else ():
        if path.is_file():
            sizes[path.relative_to(ws.root).parts[0]] += path.stat().st_size
    return Info(
        workspace=str(ws.root),
        exists=ws.root.is_dir(),
        actor=ws.actor,
        records={kind: len(ws.records.all(kind)) for kind in _KINDS},
        bytes=dict(sorted(sizes.items())),
        settings=tuple(
            Setting(name, value, config.origin[name] if name != "actor" or ws.actor == config.actor else "--actor")
            for name, value in values.items()
        ),
        versions=versions(),
    )


def journal(
    ws: Workspace,
    *,
    kind: Annotated[str, "only changes of this kind of record, such as action"] = "",
    id: Annotated[str, "only changes of this record"] = "",  # noqa: A002 - the word people type
    most: Annotated[int, "only the last so many lines"] = 50,
) -> Journal:
    """Show who changed what, when and through which face, and check that nobody rewrote it."""
    if most < 1:
        raise InvalidError("most is at least 1", ("most: at least 1",))
    found = ws.records.journal(kind, id)
    broken = ws.records.check_journal()
    return Journal(tuple(map(_shown, found[-most:])), len(found), broken, not broken)


def _shown(line: JournalLine) -> JournalLine:
    """The line as anybody may see it: records hold the key of their seal, faces do not show it."""
    seal = line.body.get("seal")
    if not isinstance(seal, dict):
        return line
    return replace(line, body={**line.body, "seal": {name: seal[name] for name in seal if name != "key"}})
