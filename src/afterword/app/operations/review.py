"""Postmortems of other people: check one, read one in."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from afterword.model.incident import PointName

if TYPE_CHECKING:
    from afterword.app.foreign import Foreign
    from afterword.app.workspace import Workspace
    from afterword.core.remark import Remark


@dataclass(frozen=True, slots=True)
class ReviewReport:
    """Remarks in the order of the lines. ``holds`` is false when strictness was asked for and something is wrong."""

    problems: tuple[Remark, ...]
    holds: bool = True


def check(
    ws: Workspace,
    *,
    file: Annotated[str, "a postmortem as Markdown, text, HTML or DOCX"],
    strict: Annotated[bool, "answer with exit code 1 when there is an error or a warning"] = False,
) -> ReviewReport:
    """Check a postmortem for blame, hindsight, contradictions and what is missing."""
    from afterword.app import foreign
    from afterword.core.review import review

    del ws
    read, _ = foreign.open_(Path(file))
    problems = review(read.text, kind=read.kind)
    return ReviewReport(problems, not (strict and any(one.severity in {"error", "warning"} for one in problems)))


@dataclass(frozen=True, slots=True)
class ToldNode:
    """One node of a foreign graph. ``start`` and ``end`` count characters of the text; the impact has no line."""

    id: str
    statement: str
    role: str
    kind: str
    held: str
    line: int | None
    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class ToldLink:
    """What the document says led to what, with the sentence that says so."""

    cause: str
    effect: str
    kind: str
    line: int
    quote: str


@dataclass(frozen=True, slots=True)
class Argument:
    """A document as a graph, ``drawn`` in the format asked for. ``missing``: what it does not say; ``loose``: ends nowhere."""

    nodes: tuple[ToldNode, ...]
    links: tuple[ToldLink, ...]
    missing: tuple[str, ...]
    loose: tuple[str, ...]
    drawn: str


def argument(
    ws: Workspace,
    *,
    file: Annotated[str, "a postmortem as Markdown, text, HTML or DOCX"],
    format: Annotated[  # noqa: A002 - the word people type
        Literal["mermaid", "json", "dot", "graphml", "whys"], "how the graph is drawn"
    ] = "mermaid",
) -> Argument:
    """Read from a postmortem what it says led to what: a graph, each link with its sentence, and nothing guessed."""
    from afterword.app import foreign
    from afterword.app.graph_format import WRITERS
    from afterword.core.cause import drawn
    from afterword.core.foreign_graph import graph
    from afterword.core.remark import draft, quote_of

    del ws
    read, _ = foreign.open_(Path(file))
    found = graph(draft(read.text, read.kind))
    quoted = [found.quotes.get(one.id) for one in found.explanation.causes]
    return Argument(
        tuple(
            ToldNode(
                one.id, one.statement, one.role.value, one.kind.value, one.held.value if one.held else "",
                at.line if at else None, at.start if at else None, at.end if at else None,
            )
            for one, at in zip(found.explanation.causes, quoted, strict=True)
        ),
        tuple(
            ToldLink(one.cause, one.effect, one.kind.value, said.line, quote_of(said.quote))
            for one in found.explanation.links
            for said in [found.quotes[f"{one.cause}>{one.effect}"]]
        ),
        found.missing,
        found.loose,
        WRITERS[format](drawn.of(found.explanation)),
    )  # fmt: skip


def import_(
    ws: Workspace, *, files: Annotated[tuple[str, ...], "postmortems as Markdown, text, HTML or DOCX"]
) -> dict[str, Any] | list[dict[str, Any]]:
    """Read foreign postmortems into the workspace: what each states, with its line, and nothing guessed."""
    from afterword.app import foreign

    read = [_without_secrets(ws, Path(one), *foreign.open_(Path(one))) for one in files]
    made = [_imported(document, path, hashlib.sha256(body).hexdigest()) for path, document, body in read]
    for _, _, body in read:
        ws.blobs.put(io.BytesIO(body))
    # By id: the same document under two names is one record.
    records = {one["id"]: one for one in made}
    ws.keep([("foreign", id_, one) for id_, one in records.items()], operation="review.import")
    return made[0] if len(made) == 1 else made


def _without_secrets(ws: Workspace, path: Path, document: Foreign, body: bytes) -> tuple[Path, Foreign, bytes]:
    """The document with placeholders for secrets. Who is named in it, its authors have decided."""
    from afterword.app import seal

    kinds = [kind for kind in ws.config.redact if kind == "secrets"]
    sealed = seal.over([io.BytesIO(body)], kinds)
    return path, replace(document, text=seal.text(sealed, document.text)), body


def _imported(document: Foreign, path: Path, sha256: str) -> dict[str, Any]:
    from afterword.app import wire
    from afterword.core.foreign import import_

    stated = wire.public(import_(document.text))
    # What the document does not state is null, never left out: a reader must see that it was looked for.
    stated["points"] = {**dict.fromkeys(name.value for name in PointName), **stated["points"]}
    return {"id": f"doc-{sha256[:10]}", "file": path.name, "kind": document.kind, "sha256": sha256, **stated}
