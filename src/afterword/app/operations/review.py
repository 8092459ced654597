"""Postmortems of other people: check one, read one in."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
