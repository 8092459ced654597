"""Evidence: bytes as they came, places in them, and what could not be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

_CITE = re.compile(r"^(E\d+):(\d+)(?:-(\d+))?(?:@(\d+)-(\d+))?(?:#(.*))?$", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands inside one artefact (after decompression).

    ``start`` and ``end`` are byte offsets (half open) and are the identity; ``first`` and ``last``
    are line numbers from 1, for people. ``part`` names a column, a series or an element where one
    stretch of bytes holds several things. ``inline`` says that the bytes are only a piece of the line.
    """

    start: int
    end: int
    first: int = 1
    last: int = 1
    part: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """A place in one artefact of an incident: ``E3:12-14``, ``E4:1@120-180``, ``E1:2-602#cart_cpu``."""

    evidence: str
    place: Place

    def __str__(self) -> str:
        p = self.place
        text = f"{self.evidence}:{p.first}" + (f"-{p.last}" if p.last != p.first else "")
        if p.inline:
            text += f"@{p.start}-{p.end}"
        return text + (f"#{p.part}" if p.part else "")


@dataclass(frozen=True, slots=True)
class CitationText:
    """What a written citation says: lines, or a stretch of bytes, or a part of them."""

    evidence: str
    first: int
    last: int
    start: int | None
    end: int | None
    part: str


def parse_citation(text: str) -> CitationText:
    """Read a citation back. Raises ``ValueError`` when the text is not one."""
    found = _CITE.match(text)
    if not found:
        raise ValueError(f"not a citation: {text!r}")
    evidence, first, last, start, end, part = found.groups()
    return CitationText(
        evidence, int(first), int(last or first), int(start) if start else None, int(end) if end else None, part or ""
    )


class Gravity(StrEnum):
    """How bad it is that something could not be read."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read, or was read only with a doubt; ``kept`` are the bytes set aside with it."""

    message: str
    place: Place
    gravity: Gravity = Gravity.WARNING
    code: str = "unreadable"
    #: True when the bytes were set aside (quarantined); False for a remark about bytes that were also read.
    quarantined: bool = True


@dataclass(frozen=True, slots=True)
class Skipped:
    """Bytes that hold nothing to read, and why: a blank line, a header, a separator."""

    reason: str
    place: Place


@dataclass(frozen=True, slots=True)
class Accounting:
    """Every byte of an artefact, accounted for: ``size == events + quarantined + skipped``.

    Counted are the bytes that sources read: those behind a compression, where there is one.
    """

    size: int
    events: int
    quarantined: int
    skipped: int

    @property
    def balanced(self) -> bool:
        return self.size == self.events + self.quarantined + self.skipped


@dataclass(frozen=True, slots=True)
class Asked:
    """The question that an artefact is the answer to; secrets are masked in it."""

    system: str
    connector: str
    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    status: int = 200
    #: When it was answered, RFC 3339 in UTC.
    at: str = ""
    #: What was asked for, in words.
    says: str = ""
    #: What the answer is about, where it does not say so itself.
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Seal:
    """What was replaced by placeholders when evidence was read, and the key of the placeholders of its evidence set."""

    #: 64 hexadecimal digits out of the sealed bytes. It stays with the records and the bundle: no face shows it.
    key: str = field(repr=False)
    #: ``secrets``, ``emails``, ``cards``, ``ids``.
    kinds: tuple[str, ...]
    #: Version of the rules.
    rules: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """One artefact: its bytes by hash, where it came from, how it was read, and what did not fit."""

    sha256: str
    size: int
    #: The name it came under. A name is data: it never decides how the bytes are read.
    name: str
    source: str
    #: Version of the reader; a newer one may read the same bytes again.
    reader: int = 1
    encoding: str = ""
    #: SHA-256 and member name, where the bytes came out of an archive.
    within: str = ""
    #: Reading rule for wall clocks without a zone, such as ``Europe/Berlin``; empty: none was given.
    zone: str = ""
    #: Year of dates that state none, taken from the other artefacts; None: there was no telling.
    year: int | None = None
    counted: int = 0
    first_at: int | None = None
    last_at: int | None = None
    accounting: Accounting = field(default_factory=lambda: Accounting(0, 0, 0, 0))
    problems: tuple[Problem, ...] = ()
    #: Problems beyond those kept above.
    more_problems: int = 0
    #: What it answers, where a live system was asked for it.
    asked: Asked | None = None
    #: How secrets are replaced in what is derived from it; None: everything is shown as it came.
    seal: Seal | None = None
