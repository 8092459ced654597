"""Evidence: list what was read, show the very line of a citation, read again, drop."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from afterword.model.evidence import Citation, Evidence, Place, parse_citation
from afterword.model.incident import Incident
from afterword.model.refusal import InvalidError, NotFoundError, RefusalError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.app.content import Bytes
    from afterword.app.workspace import Workspace
    from afterword.model.evidence import CitationText

#: A cited line may be megabytes long; so much of it is shown.
LONGEST = 4000
#: And so many lines.
MOST_LINES = 400
#: In larger artefacts lines are not counted from the beginning.
LARGE = 16 << 20


@dataclass(frozen=True, slots=True)
class Artefact:
    """One artefact of an incident under the id that citations use."""

    id: str
    evidence: Evidence
    #: Why its bytes are gone, when they were dropped.
    dropped: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    text: str
    cited: bool


@dataclass(frozen=True, slots=True)
class Passage:
    """What stands at a citation, with the lines around it."""

    citation: str
    name: str
    sha256: str
    lines: tuple[Line, ...]
    #: The cited bytes alone, where a citation points inside a line.
    piece: str = ""
    #: True when more was cited than is shown.
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Unsealed:
    """That somebody read bytes with their secrets: which, why, who and when."""

    incident: str
    citation: str
    sha256: str
    reason: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """That bytes were removed, by whom and why."""

    reason: str
    by: str
    at: str


def list_(ws: Workspace, *, incident: Annotated[str, "id of the incident"]) -> tuple[Artefact, ...]:
    """List the artefacts of an incident: how each was read, and what did not fit."""
    return tuple(_artefacts(ws, ws.get("incident", incident, Incident)))


def show(
    ws: Workspace,
    *,
    incident: Annotated[str, "id of the incident"],
    citation: Annotated[str, "as documents write it, such as E3:12-14"],
    context: Annotated[int, "lines before and after"] = 3,
) -> Passage:
    """Show the very line that a citation names, from the bytes as they came, with placeholders for secrets."""
    if not 0 <= context <= 200:
        raise InvalidError("context is 0 to 200 lines", ("context: 0 to 200",))
    artefact, cited, content = _cited(ws, incident, citation)
    return _passage(ws, artefact, cited, content, context, citation)


def _cited(ws: Workspace, incident: str, citation: str) -> tuple[Artefact, CitationText, Bytes]:
    """The artefact that is cited, the place, and the bytes. Raises NotFoundError when they are gone."""
    from afterword.app import content

    try:
        cited = parse_citation(citation.strip().strip("[]"))
    except ValueError as error:
        raise InvalidError(str(error), (f"citation: {error}",)) from error
    artefact = _artefact(ws, incident, cited.evidence)
    if artefact.dropped:
        raise NotFoundError(f"The bytes of {artefact.id} were dropped: {artefact.dropped}")
    return artefact, cited, content.of(ws.blobs, artefact.evidence)


def cited(ws: Workspace, incident: str, citation: str) -> Citation:
    """The place in the bytes that a written citation names. Raises InvalidError, NotFoundError."""
    from afterword.app.content import count_lines, nth

    artefact, text, content = _cited(ws, incident, citation)
    if text.start is not None and text.end is not None:
        return Citation(artefact.id, Place(text.start, text.end, text.first, text.last, text.part))
    if not 1 <= text.first <= text.last <= (count := count_lines(content, text.last, [])):
        raise NotFoundError(f"{artefact.id} has {count} lines; {citation} is none of them.")
    start = nth(content, text.first - 1, 0)
    return Citation(artefact.id, Place(start, nth(content, text.last - text.first + 1, start), text.first, text.last))


def moment(ws: Workspace, incident: str, cited: Sequence[Citation]) -> int | None:
    """When the first of what is cited happened, in ns; None where nothing there is dated or its events are gone."""
    import pyarrow.compute as pc

    from afterword.app.operations.incident import evidence_of

    taken = evidence_of(ws, ws.get("incident", incident, Incident))
    dates: list[int] = []
    for one in cited:
        try:
            table = ws.lake.tables([taken[int(one.evidence[1:]) - 1]])
        except NotFoundError:
            continue
        here = pc.and_(pc.less(table["start"], one.place.end), pc.greater(table["end"], one.place.start))
        dates += [at for at in table.filter(here)["at"].to_pylist() if at is not None]
    return min(dates, default=None)


def original(
    ws: Workspace,
    *,
    incident: Annotated[str, "id of the incident"],
    citation: Annotated[str, "as documents write it, such as E3:12-14"],
    reason: Annotated[str, "why the secrets have to be read; the journal keeps it"],
) -> Passage:
    """Show the bytes of a citation with the secrets and people in them, and write down who read them and why."""
    if not reason.strip():
        raise RefusalError("What is sealed is read for a reason: say which.", code="original-reason")
    artefact, cited, content = _cited(ws, incident, citation)
    bare = replace(artefact, evidence=replace(artefact.evidence, seal=None))
    found = _passage(ws, bare, cited, content, 0, citation)
    # The journal first: nobody sees what it does not know of.
    id_ = f"{incident} {citation.strip().strip('[]')}"
    ws.find("unsealed", id_, Unsealed)
    made = Unsealed(incident, found.citation, artefact.evidence.sha256, reason.strip(), ws.actor, ws.now())
    ws.keep([("unsealed", id_, made)], operation="evidence.original")
    return found


def reread(ws: Workspace, *, incident: Annotated[str, "id of the incident"]) -> tuple[Artefact, ...]:
    """Read the evidence of an incident again from its bytes, with the readers of today."""
    from afterword.app import intake

    record = ws.get("incident", incident, Incident)
    before = {one.evidence.sha256: one.evidence for one in _artefacts(ws, record) if not one.dropped}
    with tempfile.TemporaryDirectory(prefix="afterword-reread-") as folder:
        for sha in before:
            # Under its hash: a name is data and never decides how bytes are read.
            with ws.blobs.open(sha) as stream, (Path(folder) / sha).open("wb") as into:
                shutil.copyfileobj(stream, into, 1 << 20)
        asked = {sha: one.asked for sha, one in before.items() if one.asked}
        taken = intake.collect(
            [folder],
            ws.blobs,
            ws.lake,
            zone=record.options.zone,
            progress=ws.progress,
            asked=asked,
            redact=record.seal or (),
        )
    again = [
        replace(one, name=before[one.sha256].name, within=before[one.sha256].within)
        for one in taken.evidence
        if one.sha256 in before
    ]
    ws.keep([("evidence", one.sha256, one) for one in again], operation="evidence.reread")
    return tuple(_artefacts(ws, record))


def drop(
    ws: Workspace,
    *,
    incident: Annotated[str, "id of the incident"],
    evidence: Annotated[str, "id of the artefact, such as E3"],
    reason: Annotated[str, "why; the journal keeps it"],
) -> Artefact:
    """Remove the bytes of an artefact for good; that they were there, and why they went, stays."""
    artefact = _artefact(ws, incident, evidence)
    if not reason.strip():
        raise RefusalError("Evidence is dropped with a reason: documents cite it.", code="evidence-reason")
    sha = artefact.evidence.within.split("/")[0] if artefact.evidence.within else artefact.evidence.sha256
    # The record first: when the removal fails, the bytes are named as dropped and can be dropped again.
    made = Dropped(reason.strip(), ws.actor, ws.now())
    ws.find("dropped", artefact.evidence.sha256, Dropped)
    ws.keep([("dropped", artefact.evidence.sha256, made)], operation="evidence.drop")
    for one in dict.fromkeys((artefact.evidence.sha256, sha)):
        if ws.blobs.has(one):
            ws.blobs.remove(one)
    return _artefact(ws, incident, evidence)


def _artefacts(ws: Workspace, record: Incident) -> Iterator[Artefact]:
    for index, sha in enumerate(record.evidence, start=1):
        dropped = ws.find("dropped", sha, Dropped)
        said = f"{dropped.reason} ({dropped.by}, {dropped.at})" if dropped else ""
        yield Artefact(f"E{index}", replace(ws.get("evidence", sha, Evidence), seal=record.seal), said)


def _artefact(ws: Workspace, incident: str, id_: str) -> Artefact:
    found = list(_artefacts(ws, ws.get("incident", incident, Incident)))
    for one in found:
        if one.id == id_:
            return one
    there = f"E1 to {found[-1].id}" if found else "none at all"
    raise NotFoundError(f"There is no {id_} in {incident}. There is {there}.")


def _passage(
    ws: Workspace, artefact: Artefact, cited: CitationText, content: Bytes, context: int, citation: str
) -> Passage:
    from afterword.app import passage
    from afterword.app.content import count_lines

    if cited.start is not None and cited.end is not None and passage.is_binary(artefact.evidence):
        return _binary(artefact, cited.start, cited.end, cited.part, content, citation)
    anchors = ws.lake.anchors(artefact.evidence) if len(content) > LARGE else []
    count = count_lines(content, cited.last + context, anchors)
    if cited.first < 1 or cited.last < cited.first or cited.first > count:
        raise NotFoundError(f"{artefact.id} has {count} lines; {citation} is none of them.")
    low, high = max(1, cited.first - context), min(count, cited.last + context)
    texts = passage.lines(artefact.evidence, content, low, min(high, low + MOST_LINES - 1), anchors)
    shown = [
        Line(number, text[:LONGEST], cited.first <= number <= cited.last)
        for number, text in enumerate(texts, start=low)
    ]
    piece = ""
    if cited.start is not None and cited.end is not None:
        piece = passage.told(artefact.evidence, content, cited.start, cited.end, cited.part)
    one = artefact.evidence
    return Passage(citation, one.name, one.sha256, tuple(shown), piece, high - low >= MOST_LINES)


def _binary(artefact: Artefact, start: int, end: int, part: str, content: Bytes, citation: str) -> Passage:
    """What a binary format says at a place, with the bytes that say it: rows are numbered by their offsets."""
    from afterword.app import passage, seal

    if not start < end <= len(content):
        raise NotFoundError(f"{artefact.id} has {len(content)} bytes; {citation} is none of them.")
    redactor = seal.redactor(artefact.evidence.seal)
    bare = redactor.blanked(content[start:end]) if redactor else content[start:end]
    rows = [Line(start + at, text, True) for at, text in islice(passage.rows(bare, 0, len(bare)), MOST_LINES + 1)]
    said = passage.told(artefact.evidence, content, start, end, part)
    one = artefact.evidence
    return Passage(citation, one.name, one.sha256, tuple(rows[:MOST_LINES]), said, len(rows) > MOST_LINES)
