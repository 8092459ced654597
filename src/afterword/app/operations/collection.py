"""Collections: ask live systems about a stretch of time, and keep what they answer."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from afterword.model.collection import Collection, Page
from afterword.model.refusal import ForbiddenError, InvalidError, NotFoundError
from afterword.model.time import HOUR, MINUTE, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.app.collection import Plan
    from afterword.app.systems import System
    from afterword.app.workspace import Workspace
    from afterword.model.incident import Options

_ID = re.compile(r"col-[0-9a-f]{10}")
_INBOX = re.compile(r"inbox(:[^/]+/[^/]+)?")
#: Around the moment that the problem was noticed; around a window that is known.
_AROUND_MOMENT = (3 * HOUR, HOUR)
_AROUND_WINDOW = (HOUR, 30 * MINUTE)


def run(
    ws: Workspace,
    *,
    window: Annotated[str, "START/END to fetch: from well before the trouble to after it"] = "",
    config: Annotated[str, "file that names the systems; else the nearest afterword.toml upward from here"] = "",
    system: Annotated[tuple[str, ...], "name of a system to ask, once for each; all when not given"] = (),
    out: Annotated[str, "folder for the answers as files; they are kept in the workspace either way"] = "",
    incident: Annotated[str, "id of an incident: its window is fetched, with what is usual before it"] = "",
    resume: Annotated[str, "id of a collection to go on with: only what is missing is asked"] = "",
    again: Annotated[bool, "ask everything anew, also what was answered before"] = False,
) -> Collection:
    """Ask the live systems of afterword.toml about a window, and say what they did not answer.

    Every answer is durable when it has come. The same command again, or --resume, asks only for what is missing.
    """
    from afterword.app import asked
    from afterword.app.collection import Plan

    systems = _named(_systems(ws, config), system)
    plan = Plan(systems, _window(ws, window, incident, resume))
    if resume and plan.id != resume:
        raise InvalidError(
            f"{resume} was collected from other systems or with other options; without --resume a new one begins",
            (f"resume: the systems named now give {plan.id}",),
        )
    if out:
        asked.check(Path(out), plan.id)
    made = _collected(ws, plan, anew=again)
    return _written(ws, made, Path(out)) if out else made


def list_(ws: Workspace) -> tuple[Collection, ...]:
    """List what was collected from live systems, the latest window first."""
    return tuple(sorted(ws.all("collection", Collection), key=lambda one: (-one.window.start, one.id)))


@dataclass(frozen=True, slots=True)
class Gathered:
    """Evidence as files, answers of live systems, and what these did not answer."""

    files: tuple[str, ...]
    pages: tuple[Page, ...]
    missed: tuple[str, ...]


def gather(ws: Workspace, evidence: Sequence[str], options: Options) -> Gathered:
    """Take apart what was named: addresses of systems are asked now, collections are looked up, the rest are files."""
    from afterword.app.collection import Plan
    from afterword.app.systems import from_uris, is_uri

    ids = [one for one in evidence if _ID.fullmatch(one) and not Path(one).exists()]
    uris = [one for one in evidence if is_uri(one)]
    found = [ws.get("collection", id_, Collection) for id_ in ids]
    if uris:
        found.append(_collected(ws, Plan(from_uris(uris, os.environ), _around(ws, options))))
    missed = [
        f"{one.system} did not answer for {failure.says}: {failure.why}"
        for collection in found
        for one in collection.systems
        for failure in one.failed
    ]
    files = [one for one in evidence if one not in ids and one not in uris and not _is_inbox(one)]
    for one in filter(_is_inbox, evidence):
        files += _received(ws, one, options)
    return Gathered(
        tuple(dict.fromkeys(files)), tuple(page for one in found for page in one.pages), tuple(dict.fromkeys(missed))
    )


def _is_inbox(text: str) -> bool:
    """``inbox``, or ``inbox:START/END``; a file of that name is a file."""
    return bool(_INBOX.fullmatch(text)) and not Path(text).exists()


def _received(ws: Workspace, text: str, options: Options) -> tuple[str, ...]:
    """What afterword receive wrote down in the stated time, or around that of the analysis."""
    from afterword.app.operations import inbox
    from afterword.app.period import span

    stated = span(text.partition(":")[2], "inbox")
    around = _around(ws, options) if stated is None else Span(*stated)
    return inbox.files(ws, around.start, around.end)


def _around(ws: Workspace, options: Options) -> Span:
    """What is fetched for an analysis: the incident with what is usual before it, up to now at the latest."""
    from afterword.app.period import instant

    if options.window is not None:
        (low, high), (before, after) = options.window, _AROUND_WINDOW
    elif options.at is not None:
        low, high, (before, after) = options.at, options.at, _AROUND_MOMENT
    else:
        raise InvalidError(
            "live systems and the inbox are asked about a stretch of time: give --window START/END, or --at TIME",
            ("window: is missing, and so is at",),
        )
    now = instant(ws.now(), "now") or high
    return Span(low - before, max(low, min(high + after, now)))


def _collected(ws: Workspace, plan: Plan, *, anew: bool = False) -> Collection:
    from afterword.app import collection

    collection.check(plan)
    run_ = collection.Run(ws.blobs, ws.root / "collections", ws.now, ws.progress, ws.config.largest, anew)
    made = collection.collect(plan, run_)
    collection.refuse_nothing(made)
    ws.find("collection", made.id, Collection)
    ws.keep([("collection", made.id, made)], operation="collection.run")
    return made


def _systems(ws: Workspace, config: str) -> tuple[System, ...]:
    from afterword.app import systems

    if config and ws.folders is not None:
        # A file that a caller names could name anything as a system, and any variable of the environment as a secret.
        raise ForbiddenError("which file names the systems is decided by the person who started this server")
    path = Path(config).expanduser() if config else systems.find(Path.cwd())
    if path is None:
        raise NotFoundError(
            f"There is no {systems.FILE} here or above. It names the systems to ask; see docs/howto/collect.md. "
            "To ask one system without it: afterword analyze prometheus+http://localhost:9090 --at TIME"
        )
    return systems.load(path, os.environ)


def _named(systems: Sequence[System], names: Sequence[str]) -> tuple[System, ...]:
    known = {one.name: one for one in systems}
    reasons = tuple(f"system: there is no {name}; there is {', '.join(known)}" for name in names if name not in known)
    if reasons:
        raise InvalidError("; ".join(reasons), reasons)
    return tuple(one for one in systems if not names or one.name in names)


def _window(ws: Workspace, window: str, incident: str, resume: str) -> Span:
    """The stretch of time that was stated in one of three ways."""
    from afterword.app.period import span

    found = span(window, "window")
    if found is not None:
        return Span(*found)
    if resume:
        return _resumed(ws, resume)
    if incident:
        return _of_incident(ws, incident)
    raise InvalidError(
        "say which stretch of time to fetch: --window START/END, --incident ID, or --resume ID",
        ("window: is missing (START/END)",),
    )


def _resumed(ws: Workspace, id_: str) -> Span:
    """The window of a collection; one that never came to its end has only its page log."""
    from afterword.app import collection

    known = ws.find("collection", id_, Collection)
    if known is not None:
        return known.window
    found = collection.window_of(ws.root / "collections", id_) if _ID.fullmatch(id_) else None
    if found is None:
        raise NotFoundError(f"There is no collection {id_} to go on with.")
    return found


def _of_incident(ws: Workspace, incident: str) -> Span:
    from afterword.model.postmortem import Postmortem

    window = ws.get("postmortem", incident, Postmortem).window
    if window is None:
        raise InvalidError(f"{incident} has no window yet: give --window START/END", ("incident: it has no window",))
    return Span(window.start - _AROUND_WINDOW[0], window.end + _AROUND_WINDOW[1])


def _written(ws: Workspace, made: Collection, folder: Path) -> Collection:
    from afterword.app import asked

    asked.write(made, folder, ws.blobs)
    return replace(made, out=str(folder.resolve()))
