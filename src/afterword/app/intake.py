"""The way in: from named files to artefacts that were read, every byte of them accounted for.

The only place that runs a source. The bytes are kept first, then read; a source that fails is a Problem with a place,
and reading goes on. Names decide nothing: neither how bytes are read nor in which order the artefacts are numbered.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from afterword.app import archive, batch, plugs, seal
from afterword.app import asked as beside
from afterword.app.tally import Tally
from afterword.core import asked as questions
from afterword.core.secret.event import EventRedactor
from afterword.core.secret.kind import KINDS
from afterword.model.event import Event
from afterword.model.evidence import Accounting, Asked, Evidence, Gravity, Place, Problem, Seal, Skipped
from afterword.model.refusal import InvalidError, UnreadableError
from afterword.ports import Batch, Reading
from afterword.reading import hollow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from afterword.model.collection import Page
    from afterword.ports import Blobs, Lake, Source

Progress = Callable[[str, int, int | None], None]

HEAD = 1 << 16
#: A source has to be this sure; below it nobody claims the bytes.
LEAST_SURE = 0.1
NO_YEAR = "no year stated"
_IGNORED = frozenset({".git", ".hg", ".svn", "__pycache__", ".DS_Store", beside.FILE})


@dataclass(frozen=True, slots=True)
class Taken:
    """What was read, in the order of the ids E1, E2, …; artefacts that were refused stand at the end."""

    evidence: tuple[Evidence, ...]


@dataclass(slots=True)
class _Artefact:
    """Bytes that are kept, and how they are called."""

    sha256: str
    size: int
    name: str
    within: str = ""
    refused: Problem | None = None
    #: The question that these bytes answer.
    asked: Asked | None = None
    #: How secrets are replaced in what is read from them.
    seal: Seal | None = None


def collect(
    names: Sequence[str],
    blobs: Blobs,
    lake: Lake,
    *,
    zone: str = "",
    progress: Progress = lambda *_: None,
    pages: Sequence[Page] = (),
    asked: Mapping[str, Asked] | None = None,
    redact: Sequence[str] | Seal = KINDS,
) -> Taken:
    """Keep and read files, folders and archives, and answers of live systems (``pages``) that are kept already.

    ``asked`` are the questions that bytes answer, by their hash; without it those that lie beside the files are taken. ``redact`` says
    what becomes a placeholder, or is the seal under which this evidence was read before. Raises InvalidError for a name
    that is not there, UnreadableError when nothing in them could be read.
    """
    files = list(_files(names))
    total, done = sum(path.stat().st_size for path in files), 0
    kept = {one.sha256: one for page in reversed(pages) for one in _answer(page, blobs)}
    known = beside.beside(names) if asked is None else asked
    for path in files:
        progress("storing", done, total)
        for one in _keep(path, blobs):
            one.asked = known.get(one.sha256) or known.get(one.within.partition("/")[0])
            kept.setdefault(one.sha256, one)
        done += path.stat().st_size
    sealed = redact if isinstance(redact, Seal) else seal.made(kept, blobs, redact)
    for one in kept.values():
        one.seal = sealed
    read = _read_all(list(kept.values()), blobs, lake, zone, progress)
    read = _with_years(read, blobs, lake)
    if not any(one.counted for one in read):
        raise _nothing(read)
    return Taken(tuple(sorted(read, key=_order)))


def _files(names: Sequence[str]) -> Iterator[Path]:
    for name in names:
        if "://" in name:
            raise InvalidError(f"{name} is an address; here only files are read", (f"evidence: {name}",))
        path = Path(name).expanduser()
        if path.is_dir():
            yield from sorted(_inside(path))
        elif path.is_file():
            yield path
        else:
            raise InvalidError(f"there is no file or folder {name}", (f"evidence: there is no {name}",))


def _inside(folder: Path) -> Iterator[Path]:
    """Regular files; links are not followed, folders of version control are left out."""
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _IGNORED)
        for name in files:
            path = Path(here, name)
            if name not in _IGNORED and path.is_file() and not path.is_symlink():
                yield path


def _keep(path: Path, blobs: Blobs) -> Iterator[_Artefact]:
    """The file as an artefact, or, for an archive, each of its files as one."""
    with path.open("rb") as stream:
        sha256, size = blobs.put(stream)
        stream.seek(0)
        yield from _opened(stream, _Artefact(sha256, size, path.name), blobs)


def _answer(page: Page, blobs: Blobs) -> Iterator[_Artefact]:
    """The answer of a live system as an artefact, or each file of it: servers answer with archives, too."""
    with blobs.open(page.sha256) as stream:
        for one in _opened(stream, _Artefact(page.sha256, page.size, page.name), blobs):
            one.asked = page.asked
            yield one


def _opened(stream: BinaryIO, whole: _Artefact, blobs: Blobs) -> Iterator[_Artefact]:
    try:
        inner = list(_unpacked(stream, whole.name, whole.sha256, blobs, archive.Budget.of(whole.size), 0))
    except archive.RefusedError as error:
        place = Place(0, whole.size, 1, 1)
        whole.refused = Problem(f"refused: {error}", place, Gravity.ERROR, error.code)
        inner = [whole]
    yield from inner or [whole]


def _unpacked(
    stream: BinaryIO, name: str, sha256: str, blobs: Blobs, budget: archive.Budget, depth: int
) -> Iterator[_Artefact]:
    """The files of an archive, those of archives inside it too; nothing when the stream is no archive."""
    with archive.peel(stream, budget) as peeled:
        found = archive.members(peeled.stream, budget)
        if found is None:
            return
        if depth >= archive.DEEPEST:
            raise archive.RefusedError("archive-nested", f"archives inside archives, more than {archive.DEEPEST} deep")
        yield from _members(found, name, sha256, blobs, budget, depth)


def _members(
    found: Iterator[tuple[str, BinaryIO]], name: str, sha256: str, blobs: Blobs, budget: archive.Budget, depth: int
) -> Iterator[_Artefact]:
    for member, body in found:
        with body:
            nested = list(_unpacked(body, member, sha256, blobs, budget, depth + 1))
            body.seek(0)
            if nested:
                yield from nested
            elif Path(member).name not in _IGNORED:
                inner, size = blobs.put(body)
                yield _Artefact(inner, size, f"{name}/{member}", f"{sha256}/{member}")


def _read_all(
    artefacts: Sequence[_Artefact], blobs: Blobs, lake: Lake, zone: str, progress: Progress
) -> list[Evidence]:
    total, done, made = sum(one.size for one in artefacts), 0, []
    for one in artefacts:
        progress("reading", done, total)
        made.append(_read(one, blobs, lake, Reading(zone)))
        done += one.size
    progress("reading", total, total)
    return made


def _read(artefact: _Artefact, blobs: Blobs, lake: Lake, reading: Reading) -> Evidence:
    asked = artefact.asked
    reading = replace(reading, subject=questions.subject(asked), query=questions.query(asked))
    name, within = (seal.text(artefact.seal, text) for text in (artefact.name, artefact.within))
    evidence = Evidence(
        artefact.sha256,
        artefact.size,
        name,
        "refused",
        within=within,
        zone=reading.zone,
        asked=asked,
        seal=artefact.seal,
    )
    if artefact.refused is not None:
        return _refused(evidence, artefact.refused, lake)
    with blobs.open(artefact.sha256) as raw:
        try:
            peeled = archive.peel(raw, archive.Budget.of(artefact.size))
        except archive.RefusedError as error:
            problem = Problem(f"refused: {error}", Place(0, artefact.size, 1, 1), Gravity.ERROR, error.code)
            return _refused(evidence, problem, lake)
        with peeled:
            evidence = replace(evidence, encoding=peeled.encoding, year=reading.year)
            return _through(peeled, evidence, lake, reading)


def _refused(evidence: Evidence, problem: Problem, lake: Lake) -> Evidence:
    lake.write(evidence, ())
    return replace(evidence, accounting=Accounting(evidence.size, 0, evidence.size, 0), problems=(problem,))


def _through(peeled: archive.Peeled, evidence: Evidence, lake: Lake, reading: Reading) -> Evidence:
    """Let the surest source read the stream, and count what it made of each byte."""
    head = peeled.stream.read(HEAD)
    peeled.stream.seek(0, io.SEEK_END)
    size = peeled.stream.tell()
    peeled.stream.seek(0)
    source = _pick(head)
    redactor = seal.redactor(evidence.seal)
    tally = Tally(size, list(peeled.problems), EventRedactor(redactor) if redactor else None)
    if source is None:
        place, empty = Place(0, size, 1, 1), not size or (size <= len(head) and hollow.is_hollow(head))
        unknown = Problem("no source knows what this is", place, Gravity.WARNING, "unknown-format")
        tally.add(Skipped("it holds nothing", place) if empty else unknown)
        evidence = replace(evidence, source="empty" if empty else "")
        lake.write(evidence, ())
        return tally.close(evidence)
    evidence = replace(evidence, source=source.name, reader=source.version)
    lake.write(evidence, tally.batches(_guarded(source, peeled.stream, reading, size)))
    return tally.close(evidence)


def _pick(head: bytes) -> Source | None:
    """The source that is surest of the head; of equals, the first by name."""
    if not head.strip():
        return None
    sure = [(_sure(source, head), source) for source in plugs.sources()]
    best = max(sure, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] >= LEAST_SURE else None


def _sure(source: Source, head: bytes) -> float:
    try:
        return source.sniff(head)
    except Exception:  # noqa: BLE001 - the plug-in boundary: a source that fails to look does not claim the bytes
        return 0.0


def _guarded(
    source: Source, stream: BinaryIO, reading: Reading, size: int
) -> Iterator[Event | Problem | Skipped | Batch]:
    """What the source yields; when it fails, the failure with the place up to which it came."""
    upto = Place(0, 0)
    # A question's name for its answer is given to events one by one.
    read = source.read if source.bulk is None or reading.subject else source.bulk
    try:
        for one in read(stream, reading):
            place = batch.last(one) if isinstance(one, Batch) else one.place
            if place.end > upto.end:
                upto = place
            yield named(one, reading.subject) if isinstance(one, Event) and reading.subject else one
    except Exception as error:  # noqa: BLE001 - the plug-in boundary: a fault of a source must not lose the rest
        place = Place(upto.end, size, upto.last, upto.last)
        says = f"the source {source.name} failed here ({type(error).__name__}); the rest was not read"
        yield Problem(says, place, Gravity.ERROR, "source-failed")


def named(event: Event, subject: str) -> Event:
    """The event under the name that the question states, where it says no better one itself than that of a logger."""
    own = event.subject and event.subject != event.attributes.get("logger")
    return event if own else replace(event, subject=subject)


def _with_years(read: Sequence[Evidence], blobs: Blobs, lake: Lake) -> list[Evidence]:
    """Read again what has dates without a year, when all other artefacts lie in one and the same year."""
    lacking = [one for one in read if any(NO_YEAR in problem.message for problem in one.problems)]
    years = {_year(ns) for one in read for ns in (one.first_at, one.last_at) if ns is not None}
    if not lacking or len(years) != 1:
        return list(read)
    year = years.pop()
    shas = {one.sha256 for one in lacking}
    again = [_read(_again(one), blobs, lake, Reading(one.zone, year)) for one in lacking]
    return [*(one for one in read if one.sha256 not in shas), *again]


def _year(ns: int) -> int:
    return datetime.fromtimestamp(ns // 10**9, UTC).year


def restore(evidence: Sequence[Evidence], blobs: Blobs, lake: Lake) -> None:
    """Read again whatever the lake does not hold any more: it is only derived."""
    for one in evidence:
        if not lake.has(one) and blobs.has(one.sha256):
            artefact = _again(one)
            if one.source == "refused":
                lake.write(one, ())
            else:
                _read(artefact, blobs, lake, Reading(one.zone, one.year))


def _again(one: Evidence) -> _Artefact:
    """The artefact as it was when it was read."""
    return _Artefact(one.sha256, one.size, one.name, one.within, asked=one.asked, seal=one.seal)


def _order(one: Evidence) -> tuple[bool, str, int, str]:
    return (not one.counted, one.source, one.first_at or 0, one.sha256)


def _nothing(read: Sequence[Evidence]) -> UnreadableError:
    reasons = [f"{one.name}: {one.problems[0].message}" for one in read if one.problems][:10]
    return UnreadableError("Nothing in this evidence can be read. " + "; ".join(reasons or ["It holds no bytes."]))
