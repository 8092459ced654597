"""Logs: mine the templates of a log."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from afterword.app import file
from afterword.model.refusal import InvalidError, NotFoundError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from afterword.app.workspace import Workspace


@dataclass(frozen=True, slots=True)
class TemplateCount:
    id: str
    template: str
    count: int


@dataclass(frozen=True, slots=True)
class LogReport:
    """What ``logs --json`` prints: templates by how often they occur."""

    lines: int
    templates: tuple[TemplateCount, ...]
    assignments: str | None = None


def mine(
    ws: Workspace,
    *,
    files: Annotated[tuple[str, ...], "log files, plain text; lines are counted through all of them"],
    assign: Annotated[str, "write line,template_id of every line to this CSV file"] = "",
) -> LogReport:
    """Mine the templates of logs: what the program that wrote them can say."""
    from afterword.core.template import mine as work_out

    ws.progress("reading", 0, None)
    lines = [line for name in files for line in _lines(Path(name))]
    ws.progress("mining templates", 0, len(lines))
    assigned, masked = _without_secrets(ws, files, *work_out(lines))
    if assign:
        _write(Path(assign), assigned)
    counts = Counter(assigned)
    found = [TemplateCount(id_, masked[id_], count) for id_, count in counts.items()]
    ordered = tuple(sorted(found, key=lambda one: (-one.count, one.id)))
    return LogReport(len(lines), ordered, str(Path(assign).resolve()) if assign else None)


def _without_secrets(
    ws: Workspace, files: Sequence[str], assigned: Sequence[str], masked: Mapping[str, str]
) -> tuple[Sequence[str], Mapping[str, str]]:
    """Templates with placeholders for what masking left of secrets, and the ids that they have then.

    Only the templates are looked at: they are few, and nothing else is shown.
    """
    from afterword.app import seal
    from afterword.core.secret.event import EventRedactor

    redactor = seal.redactor(seal.over((Path(name).open("rb") for name in files), ws.config.redact))  # noqa: SIM115 - the seal closes it
    if redactor is None or not redactor.kinds:
        return assigned, masked
    ids = list(dict.fromkeys(assigned))
    changed = EventRedactor(redactor).texts([masked[id_] for id_ in ids])
    if not changed:
        return assigned, masked
    from afterword.core.template import identity, skeletons

    again = dict(zip([ids[row] for row in changed], skeletons(list(changed.values())), strict=True))
    new = {id_: identity(text) for id_, text in again.items()}
    return [new.get(id_, id_) for id_ in assigned], {**masked, **{new[id_]: text for id_, text in again.items()}}


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open("rb") as stream:
            for line in stream:
                yield line.rstrip(b"\r\n").decode("utf-8", "replace")
    except FileNotFoundError:
        raise NotFoundError(f"There is no file {path}.") from None
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}") from error


def _write(path: Path, assigned: Sequence[str]) -> None:
    try:
        with file.whole(path) as part, part.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(("line", "template_id"))
            writer.writerows(enumerate(assigned, start=1))
    except OSError as error:
        raise InvalidError(f"{path} cannot be written: {error.strerror}", (f"assign: {error.strerror}",)) from error
