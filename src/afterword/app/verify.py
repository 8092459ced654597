"""Verification: read the evidence again from its bytes, execute every claim again, compare the document."""

from __future__ import annotations

import difflib
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterword.app import bundle, intake, pipeline, wire
from afterword.core import claim as claims
from afterword.exporters import html, markdown
from afterword.model.claim import Claim, Contradiction, Verification
from afterword.model.refusal import InvalidError, NotFoundError, RefusalError, UnreadableError
from afterword.stores.blobs_folder import BlobsFolder
from afterword.stores.lake_parquet import LakeParquet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.app.bundle import Contents, Opened
    from afterword.core.claim import Ground
    from afterword.model.document import Document
    from afterword.model.evidence import Seal

#: How many differing sentences are listed; all are counted.
_MOST_LISTED = 50


def verify(path: Path) -> Verification:
    """Check a bundle, or a document beside its bundle. Raises UnreadableError when there is nothing to check."""
    if not path.exists():
        raise NotFoundError(f"there is no file {path}")
    found = _bundle_of(path)
    with tempfile.TemporaryDirectory(prefix="afterword-verify-") as folder:
        unpacked = Path(folder) / "evidence"
        unpacked.mkdir()
        opened = bundle.open_(found, unpacked)
        documents = [path] if path.is_file() and path != found else _beside(found)
        return _check(opened, documents, Path(folder))


def _bundle_of(path: Path) -> Path:
    """The bundle itself, or the one beside a document or inside a folder."""
    if path.is_file() and path.suffix == bundle.SUFFIX:
        return path
    beside = sorted((path if path.is_dir() else path.parent).glob(f"*{bundle.SUFFIX}"))
    same = [one for one in beside if one.stem == path.stem]
    if len(same or beside) == 1:
        return (same or beside)[0]
    if not beside:
        raise UnreadableError(
            f"{path} has no bundle ({bundle.SUFFIX}) beside it: without the frozen evidence nothing can be executed again"
        )
    raise InvalidError(f"several bundles lie beside {path}: name the one to check")


def _beside(found: Path) -> list[Path]:
    return [one for one in (found.with_suffix(".md"), found.with_suffix(".html")) if one.exists()]


def _check(opened: Opened, documents: Sequence[Path], folder: Path) -> Verification:
    contents = opened.contents
    doc = contents.document
    missing = list(opened.damaged)
    ground, again, lost = _again(opened, folder)
    missing += lost
    contradicted = [wrong for claim in doc.claims if (wrong := _contradiction(claim, ground)) is not None]
    unsupported = list(_differences(doc, again))
    for path in documents:
        more = _document(path, doc, contents.files)
        contradicted += more.contradicted
        missing += more.missing
        unsupported += more.unsupported
    wrong_ids = {one.claim for one in contradicted}
    verified = sum(1 for one in doc.claims if one.id not in wrong_ids)
    return Verification(
        len(doc.claims), verified, tuple(contradicted), tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(unsupported))
    )


def _again(opened: Opened, folder: Path) -> tuple[Ground, Document, list[str]]:
    """Read, analyse and write everything again from the bytes of the bundle."""
    contents = opened.contents
    blobs, lake = BlobsFolder(folder / "objects"), LakeParquet(folder / "lake")
    try:
        asked = {one.sha256: one.asked for one in contents.evidence if one.asked}
        taken = intake.collect(
            [str(opened.folder)], blobs, lake, zone=contents.incident.options.zone, asked=asked, redact=_seal(contents)
        )
    except UnreadableError as error:
        raise UnreadableError(f"the evidence of the bundle cannot be read any more: {error}") from error
    names = {one.sha256: one.name for one in contents.evidence}
    read = {one.sha256: replace(one, name=names.get(one.sha256, one.name)) for one in taken.evidence}
    lost = [
        f"evidence {one.name} ({one.sha256[:12]}…) is gone or changed"
        for one in contents.evidence
        if one.sha256 not in read
    ]
    # In the order of the bundle, with nothing in the place of what is lost: the other ids still mean what they did.
    evidence = tuple(read.get(one.sha256, one) for one in contents.evidence)
    for one in evidence:
        if one.sha256 not in read:
            lake.write(one, ())
    worked = pipeline.work(contents.incident, evidence, lake, blobs, contents.earlier)
    again, ground = pipeline.write(worked, contents.incident, contents.actions, contents.earlier)
    return replace(ground, claims=len(contents.document.claims)), again, lost


def _seal(contents: Contents) -> Seal | tuple[str, ...]:
    """The seal under which the evidence was read; nothing was redacted where there is none."""
    return next((one.seal for one in contents.evidence if one.seal is not None), ())


def _contradiction(claim: Claim, ground: Ground) -> Contradiction | None:
    cites = tuple(map(str, claim.cites))
    try:
        value = _plain(claims.execute(ground, claim.op, claim.args))
        text = claims.phrase(claim.op, claim.args, value)
    except (LookupError, ValueError, TypeError, AttributeError, RefusalError) as error:
        return Contradiction(claim.id, claim.text, f"cannot be executed: {error}", cites)
    if text != claim.text:
        return Contradiction(claim.id, claim.text, text[:300], cites)
    if value != _plain(claim.value):
        return Contradiction(claim.id, claim.text, str(value)[:300], cites)
    return None


def _plain(value: Any) -> Any:
    """As JSON would give it back, so that a tuple equals a list."""
    return wire.plain(value)


def _differences(doc: Document, again: Document) -> list[str]:
    """Sentences of the bundled document that the evidence does not give again."""
    return _lines_apart(_markdown(again), _markdown(doc))


def _markdown(doc: Document) -> str:
    return markdown.EXPORTER.render(doc).body.decode()


def _lines_apart(expected: str, found: str) -> list[str]:
    apart = difflib.ndiff(expected.splitlines(), found.splitlines()) if expected != found else []
    return [line[2:].strip()[:300] for line in apart if line.startswith("+ ") and line[2:].strip()][:_MOST_LISTED]


def _document(path: Path, doc: Document, files: Mapping[str, bytes]) -> Verification:
    """Compare a rendered document with the bundle: its claims by id, the rest of it line by line."""
    text = path.read_text(encoding="utf-8", errors="replace")
    is_html = path.suffix == ".html"
    said = html.claims_in(text) if is_html else markdown.claims_in(text)
    known = {claim.id: claim for claim in doc.claims}
    carried = {id_ for id_, _ in said}
    contradicted = [
        Contradiction(id_, words, known[id_].text if id_ in known else "no such claim is in the bundle")
        for id_, words in said
        if id_ not in known or _squeezed(words) != _squeezed(known[id_].text)
    ]
    missing = [
        f"{path.name}: claim {one.id} (“{one.text[:80]}”) is not in the document"
        for one in doc.claims
        if one.id not in carried
    ]
    name = "document.html" if is_html else "document.md"
    expected = files.get(name, b"").decode("utf-8", "replace")
    changed = _lines_apart(expected, text) if expected else []
    return Verification(
        len(known), 0, tuple(contradicted), tuple(missing), tuple(f"{path.name}: {line}" for line in changed)
    )


def _squeezed(text: str) -> str:
    return " ".join(text.split())
