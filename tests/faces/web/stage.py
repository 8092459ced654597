"""A workspace full of what strangers write, served as people reach it."""

from __future__ import annotations

import hashlib
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import filled
import uvicorn

from afterword.faces import serve
from afterword.faces.http.guard import LOOPBACK
from afterword.model.action import ActionState
from afterword.model.cause import Cause, Grade, Reason, Role, Scored, Why
from afterword.model.claim import Claim
from afterword.model.document import Bullets, Document, Note, Paragraph, Picture, Said, Section, Table, Words
from afterword.model.evidence import Citation, Evidence, Place, Problem
from afterword.model.incident import DURATIONS, Duration, Incident, Measured, Options, StatedPoint, Status
from afterword.model.time import MINUTE, SECOND
from afterword.model.timeline import Moment, MomentKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.applications import Starlette

    from afterword.app.workspace import Workspace
    from afterword.model.postmortem import Postmortem

#: Closes whatever it may stand in, tries three ways to run, turns the direction of writing, steers a terminal.
PWN = (
    """</title></textarea></td>'"><script>window.pwned=1</script><img src=x onerror="window.pwned=1">"""
    "<svg onload='window.pwned=1'></svg>\u202etxt.exe\x1b[31m"
)
LINES = b"".join(b"line %d\n" % n if n != 7 else PWN.encode() + b"\n" for n in range(1, 41))
SHA = hashlib.sha256(LINES).hexdigest()
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10"/></svg>'


def cite(line: int, part: str = "") -> Citation:
    return Citation("E1", Place(line, line + 1, line, line, part))


def hostile(id_: str = "inc-1") -> Postmortem:
    """The incident of ``filled`` with the payload in every text."""
    made = filled.postmortem(id_)
    reason = Reason(PWN, 2.0, (cite(7, PWN),))
    cause = Cause(
        "c1", f"cause {PWN}", Role.PROXIMATE, f"shop{PWN}", (cite(7),), category=PWN, indicator=PWN, ref=PWN,
        score=0.9, grade=Grade.MECHANISM, reasons_for=(reason,), reasons_against=(reason,),
    )  # fmt: skip
    others = (replace(cause, id="c2", role=Role.LATENT), replace(cause, id="c3", role=Role.RULED_OUT))
    moments = tuple(
        Moment(f"m{n}", filled.START + n * MINUTE, f"{kind.value} {PWN}", kind, PWN, (cite(7),), quote=PWN,
               until=filled.START + (n + 3) * MINUTE if kind is MomentKind.GAP else None)
        for n, kind in enumerate(MomentKind)
    )  # fmt: skip
    return replace(
        made,
        title=PWN,
        moments=moments,
        explanation=replace(
            made.explanation, causes=(cause, *others), components=(Scored(PWN, 1.0),), would_decide=(PWN,)
        ),
        whys=(Why(PWN, PWN, "c1", Grade.MECHANISM, (cite(7),), then=(Why(PWN, PWN, "c2", Grade.ASSERTED, ()),), stop=PWN),),
        not_over=(PWN,),
        durations=tuple(Duration(name, a, b, Measured.RECORDED, 4 * MINUTE) for name, a, b in DURATIONS),
        points=tuple(replace(point, basis=PWN) for point in made.points),
    )  # fmt: skip


def document(id_: str = "inc-1") -> Document:
    claim = Claim("k1", "line", {"evidence": "E1", "start": 7, "end": 8, "first": 7, "last": 7}, PWN, PWN, (cite(7),))
    blocks = (
        Paragraph((Words(PWN), Said("k1", PWN, strong=True))),
        Bullets(((Words(PWN, code=True),), (Said("k1", PWN),)), depths=(0, 1)),
        Table((PWN, "Evidence"), (((Words(PWN),), (Said("k1", "E1:7", code=True),)),)),
        Note(PWN, PWN),
        Picture("timeline", SVG, PWN),
    )
    return Document(id_, PWN, (Section("summary", PWN, blocks), Section("background", "Background", ())), (claim,))


def fill(ws: Workspace) -> None:
    ws.blobs.kept[SHA] = LINES  # type: ignore[attr-defined]
    problem = Problem(PWN, Place(0, 5, 7, 7))
    evidence = Evidence(SHA, len(LINES), PWN, "text", counted=40, within=PWN, problems=(problem,), encoding=PWN)
    stated = (StatedPoint(filled.PointName.STARTED, "2026-03-14T09:11:00Z", PWN, PWN),)
    record = Incident(
        "inc-1", PWN, Status.ANALYSED, (SHA,), Options(), severity=PWN, services=(PWN,), stated=stated,
        notes=(("background", PWN),),
    )  # fmt: skip
    action = filled.action("A-1", title=f"Add {PWN}", done_when=PWN, component=PWN, ticket=f"javascript:{PWN}")
    late = filled.action(
        "A-2", title=f"Fix {PWN}", state=ActionState.ACCEPTED, owner=PWN, due="2026-03-01", reason=PWN, proof=(PWN, "E1:7"),
        ticket="https://tickets.example/1",
    )  # fmt: skip
    ws.keep(
        [
            ("evidence", SHA, evidence),
            ("incident", "inc-1", record),
            ("postmortem", "inc-1", hostile()),
            ("document", "inc-1", document()),
            ("action", "A-1", action),
            ("action", "A-2", late),
        ],
        operation="test.fill",
    )


def crowd(ws: Workspace, count: int) -> None:
    """An incident with very many moments, each as long as a message."""
    made = hostile("inc-2")
    kinds = list(MomentKind)
    moments = tuple(
        Moment(f"x{n}", filled.START + n * SECOND, f"moment {n} " + "word " * 12, kinds[n % 14], f"part-{n % 7}",
               (cite(1 + n % 40), cite(1 + n % 39)), weight=(n * 7919 % 1000) / 1000, quote="said " * 20)
        for n in range(count)
    )  # fmt: skip
    record = Incident("inc-2", "Crowded", Status.ANALYSED, (SHA,), Options())
    ws.keep(
        [("incident", "inc-2", record), ("postmortem", "inc-2", replace(made, title="Crowded", moments=moments))],
        operation="test.crowd",
    )


def application(ws: Workspace) -> Starlette:
    return serve.application(ws.for_caller, ws.for_caller, hosts=LOOPBACK)


@contextmanager
def served(ws: Workspace) -> Iterator[str]:
    """The address of a server of this workspace, in a thread of this process."""
    config = uvicorn.Config(application(ws), host="127.0.0.1", port=0, log_level="error", ws="none")
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


class Detector(HTMLParser):
    """Finds what strangers wrote where it would act: elements and handlers that no template of ours has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            goes = name in {"href", "src", "action", "formaction", "xlink:href"}
            if (
                name.startswith("on")
                or name == "style"
                or (goes and not (value or "/").startswith(("/", "?", "#", "https://", "http://")))
            ):
                self.found.append(f"<{tag} {name}={value!r}>")
        names = dict(attrs)
        if tag == "script" and not str(names.get("src", "")).startswith("/static/"):
            self.found.append("<script> of somebody else")
        if tag == "img" and not str(names.get("src", "")).startswith("/"):
            self.found.append(f"<img src={names.get('src')}>")


def acting(html: str) -> list[str]:
    detector = Detector()
    detector.feed(html)
    raw = [repr(one) for one in ("\u202e", "\x1b", "\x07") if one in html]
    return detector.found + raw


def pages(id_: str = "inc-1") -> list[str]:
    one = f"/incidents/{id_}"
    tabs = [f"{one}/{tab}" for tab in ("timeline", "causes", "argument", "document", "actions", "evidence")]
    line = f"{one}/evidence?cite=E1%3A7"
    more = [line, f"{line}&fragment=1", f"{one}/timeline?all=1", f"/trends?to={id_}"]
    return ["/", one, *tabs, *more, "/actions", "/journal", "/nowhere/<script>window.pwned=1</script>"]


def fields(**given: Any) -> dict[str, Any]:
    """A form as the browser sends it."""
    return {"data": given, "headers": {"Origin": "http://127.0.0.1:8710"}, "follow_redirects": False}


def workspace(folder: Path, **given: Any) -> Workspace:
    made = filled.workspace(folder / ".web", face="web", folders=(folder,), **given)
    fill(made)
    return made
