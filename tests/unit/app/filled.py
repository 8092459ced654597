"""A workspace with one analysed incident, without sources and without an analysis."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.app.workspace import Scope, Workspace, open_workspace
from afterword.model.action import ActionCategory, ActionItem, ActionKind, Strength
from afterword.model.cause import Cause, Explanation, Grade, Role, Verdict, Why
from afterword.model.document import Document, Paragraph, Section, Words
from afterword.model.evidence import Citation, Evidence, Place
from afterword.model.incident import By, Incident, Options, Point, PointName, Status
from afterword.model.postmortem import Impact, Postmortem
from afterword.model.time import MINUTE, Span
from afterword.model.timeline import Moment, MomentKind
from afterword.model.tree import BasicEvent, FaultTree, Gate, GateKind

if TYPE_CHECKING:
    from pathlib import Path

NOW = "2026-03-20T10:00:00Z"
START = 1_773_479_520_000_000_000  # 2026-03-14T09:12:00Z
LOG = b"one\ntwo \x1b[31mred\x1b[0m\nthree\nfour\n"
SHA = hashlib.sha256(LOG).hexdigest()
CITE = Citation("E1", Place(4, 20, 2, 2))
CAUSE = Cause("c1", "the pool of shop was exhausted", Role.PROXIMATE, "shop", (CITE,), score=0.9, grade=Grade.MECHANISM)


class Blobs:
    """Bytes in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {SHA: LOG}

    def put(self, stream: BinaryIO) -> tuple[str, int]:
        body = stream.read()
        sha = hashlib.sha256(body).hexdigest()
        self.kept[sha] = body
        return sha, len(body)

    def open(self, sha256: str) -> BinaryIO:
        return io.BytesIO(self.kept[sha256])

    def has(self, sha256: str) -> bool:
        return sha256 in self.kept

    def remove(self, sha256: str) -> None:
        del self.kept[sha256]


def postmortem(id_: str = "inc-1", start: int = START) -> Postmortem:
    moment = Moment("m1", start, "pool empty", MomentKind.SYMPTOM, "shop", (CITE,), weight=0.9, quote="two \x1b[31mred")
    gap = Moment("g1", start + MINUTE, "nobody knew", MomentKind.GAP, "", (), until=start + 5 * MINUTE, offset=None)
    return Postmortem(
        incident=id_,
        title="Pool exhausted\x1b]0;pwned\x07",
        covered=Span(start - MINUTE, start + 30 * MINUTE),
        baseline=None,
        window=Span(start, start + 20 * MINUTE),
        points=(Point(PointName.STARTED, start, start - MINUTE, start, By.ESTIMATE, "first error", (CITE,)),),
        durations=(),
        signals=(),
        moments=(moment, gap),
        explanation=Explanation("impact", (CAUSE,), (), (), Verdict.EXPLAINED, none_of_the_changes=True, would_decide=("a heap dump",)),
        findings=(),
        whys=(Why("Why did it fail?", "The pool was empty.", "c1", Grade.MECHANISM, (CITE,), stop="nothing before it"),),
        tree=FaultTree("inc", "top", (Gate("top", GateKind.OR, ("c1",)),), (BasicEvent("c1", happened=True),)),
        actions=(),
        not_over=(),
        impact=Impact((), ("shop",)),
    )  # fmt: skip


def action(id_: str = "A-1", **changes: Any) -> ActionItem:
    made = {
        "id": id_, "incident": "inc-1", "title": "Add a test of the pool", "kind": ActionKind.TEST,
        "category": ActionCategory.PREVENT, "strength": Strength.AUTOMATIC_GUARD, "answers": ("c1",),
        "done_when": "it is red without the limit", **changes,
    }  # fmt: skip
    return ActionItem(**made)  # type: ignore[arg-type]


def fill(ws: Workspace) -> None:
    evidence = Evidence(SHA, len(LOG), "app.log", "text", counted=4)
    record = Incident("inc-1", "Pool exhausted", Status.ANALYSED, (SHA,), Options())
    doc = Document("inc-1", "Pool exhausted", (Section("summary", "Summary", (Paragraph((Words("Text"),)),)),), ())
    ws.keep(
        [
            ("evidence", SHA, evidence),
            ("incident", "inc-1", record),
            ("postmortem", "inc-1", postmortem()),
            ("document", "inc-1", doc),
            ("action", "A-1", action()),
        ],
        operation="test.fill",
    )


def workspace(
    path: Path, *, face: str = "cli", may: frozenset[Scope] = frozenset(Scope), folders: tuple[Path, ...] | None = None
) -> Workspace:
    """A workspace whose clock stands still and whose bytes are in memory."""
    opened = open_workspace(path, actor="maria", face=face, now=lambda: NOW, may=may, folders=folders)
    blobs = Blobs()
    return Workspace(
        opened.root, opened.records, "maria", face, opened.now, may=may, folders=folders, open_blobs=lambda _: blobs
    )
