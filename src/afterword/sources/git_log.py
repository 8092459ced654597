"""What ``git log`` and ``git format-patch`` print: author, date, message, and the patch where it was asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import commit, fact, moment
from afterword.reading.line import lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.ports import Reading
    from afterword.reading.line import Line

_COMMIT = re.compile(r"commit ([0-9a-f]{7,64})(?: \(.*\))?\s*", re.ASCII)
_MAIL = re.compile(r"From ([0-9a-f]{40,64}) \w{3} \w{3} +\d{1,2} \d\d:\d\d:\d\d \d{4}\s*", re.ASCII)
_FIELD = re.compile(r"(Author|AuthorDate|Commit|CommitDate|Date|Merge|From|Subject|Reflog|Reflog message):\s*(.*)")
#: ``Mon Mar 2 09:00:00 2026 +0100``: the year stands before the zone.
_GIT_DATE = re.compile(r"(\w{3} \w{3} +\d{1,2} \d\d:\d\d:\d\d) (\d{4})(?: ([+-]\d{4}))?")
_NUMSTAT = re.compile(r"(?:\d+|-)\t(?:\d+|-)\t(.+)")
_STAT = re.compile(r" (\S.*?)\s+\|\s+(?:\d+ [+-]*|Bin .*|Unmerged)\s*")
_STATUS = re.compile(r"[AMDRCTU]\d{0,3}\t(.+)")
_PLUS = re.compile(r"\+\+\+ b/(.+)|--- a/(.+)")
_MOST = 200_000


class _Open:
    """The commit that is being read."""

    def __init__(self, sha: str, line: Line) -> None:
        self.sha = sha
        self.place = line.place
        self.fields: dict[str, str] = {}
        self.message: list[str] = []
        self.patch: list[str] = []
        self.files: dict[str, None] = {}
        #: The blank line below the head was read.
        self.headed = False

    def add(self, line: Line) -> None:
        self.place = Place(self.place.start, line.end, self.place.first, line.number)


def sniff(head: bytes) -> float:
    """Sure of a commit or a mail with a commit's name, and the author below it."""
    text = head[:8192].decode("utf-8", "replace").lstrip("\ufeff\r\n ")
    first, _, rest = text.partition("\n")
    if _COMMIT.fullmatch(first):
        return 0.95 if re.match(r"(?:Merge|Reflog|Reflog message|Author|tree|parent)[: ]", rest) else 0.0
    return 0.95 if _MAIL.fullmatch(first) and rest.startswith("From:") else 0.0


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    held: _Open | None = None
    begins: tuple[re.Pattern[str], ...] = (_COMMIT, _MAIL)
    for line in lines(stream):
        text = line.text.removeprefix("\ufeff")
        pattern = next((one for one in begins if one.fullmatch(text)), None)
        found = pattern.fullmatch(text) if pattern else None
        if found:
            if held is not None:
                yield from _event(held, reading)
            held = _Open(found[1], line)
            # The message of a mail is not indented: a line of it may look like the head of a commit.
            begins = (pattern,) if pattern else begins
        elif held is None:
            yield (
                Skipped("a line before the first commit", line.place)
                if not text.strip()
                else Problem("no commit of git", line.place, code="git-line")
            )
        else:
            held.add(line)
            _take(held, text)
    if held is not None:
        yield from _event(held, reading)


def _take(held: _Open, text: str) -> None:
    """One line of a commit: a field of its head, its message, a name of a file, or its patch."""
    field = _FIELD.fullmatch(text)
    named = _NUMSTAT.fullmatch(text) or _STATUS.fullmatch(text) or (_STAT.fullmatch(text) if not held.patch else None)
    if not held.headed:
        if field:
            held.fields.setdefault(field[1], field[2].strip())
        elif text.startswith(" ") and "Subject" in held.fields:
            held.fields["Subject"] += text
        held.headed = not text.strip()
    elif held.patch or text.startswith(("diff --git ", "--- a/", "--- /dev/null")):
        if len(held.patch) < _MOST:
            held.patch.append(text)
        path = _PLUS.fullmatch(text)
        if path:
            held.files[path[1] or path[2]] = None
    elif text.startswith("    "):
        held.message.append(text[4:])
    elif named:
        held.files[named[1].split("\t")[-1]] = None
    elif "Subject" in held.fields and text != "---":
        held.message.append(text)
    elif not text.strip() and held.message:
        held.message.append("")


def _event(held: _Open, reading: Reading) -> Iterator[Event | Problem]:
    fields = held.fields
    who = re.sub(r"\s*<[^>]*>$", "", fields.get("Author") or fields.get("From", ""))
    subject = re.sub(r"^(?:\[PATCH[^\]]*\]\s*)", "", fields.get("Subject", ""))
    text = "\n".join([*([subject] if subject else []), *held.message]).strip()
    said = fact.attributes(
        {"change": "commit", "who": who, "files": list(held.files), "diff": "\n".join(held.patch)[: commit.LONGEST]}
    )
    event = Event(Kind.CHANGE, held.place, None, "", held.sha, text, attributes=said)
    stated = fields.get("CommitDate") or fields.get("Date") or fields.get("AuthorDate") or ""
    found = _GIT_DATE.fullmatch(stated)
    plain = " ".join(one for one in (found[1], found[3], found[2]) if one) if found else stated
    yield from fact.dated(event, moment.stamp(plain, reading))


SOURCE = Source("git-log", "what git log and git format-patch print", sniff, read)
