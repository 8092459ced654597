"""Chat as text: logs of IRC clients and bots, WhatsApp's export, transcripts such as ``[10:24] nora: on it``.

A line that gives only a time of day is of the day that the file stated last (``--- Day changed …``, ``== 2026-03-02 ==``);
where it states none the message has no time. Lines that are no message go on with the one before.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from afterword.core.clock import Doubt, Stamp
from afterword.model.event import Event, Kind, Meaning
from afterword.model.evidence import Problem, Skipped
from afterword.ports import Source
from afterword.reading import moment
from afterword.reading.line import join, lines
from afterword.reading.remark import Remarks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.ports import Reading
    from afterword.reading.line import Line

_CLOCK = r"(?P<clock>\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,6})?)?(?:\s?[AaPp]\.?[Mm]\.?)?)"
_DATE = r"(?P<date>\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}|[A-Z][a-z]{2,8} \d{1,2},? \d{4}|\d{1,2} [A-Z][a-z]{2,8} \d{4})"
_ZONE = r"(?P<zone>\s?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?"
_STAMP = rf"[\[(]?(?:{_DATE}[T,]?\s*)?{_CLOCK}{_ZONE}[\])]?\s*(?:[-–|]\s*)?"
#: Who: in angle brackets as IRC has it, or up to a colon.
_WHO = r"(?:<[ @+%~&]?(?P<nick>[^<>\s][^<>]{0,60})>\s|@?(?P<who>[\w][\w.'\- ]{0,40}?(?: \([\w .]{1,30}\))?):\s)"
_LINE = re.compile(rf"\u200e?{_STAMP}{_WHO}\s*(?P<text>.*)")
_STATE = re.compile(rf"{_STAMP}(?:\*\*\*|\*|-!-|-->|<--|--)\s*(?P<text>.*)")
_DAY = re.compile(rf"\W*(?:(?:day changed|log opened|log closed|begin logging at|ending logging at|session start:?)\s+)?(?:[A-Z][a-z]{{2,8}},? )?{_DATE}\W*", re.IGNORECASE)  # fmt: skip
_ASCTIME = re.compile(r"\W*(?:day changed|log opened|begin logging at|session start:?)\s+\w{3} (?P<m>\w{3}) +(?P<d>\d{1,2}) (?:\d\d:\d\d(?::\d\d)? )?(?P<y>\d{4})\W*", re.IGNORECASE)  # fmt: skip
#: Words before a colon that are no names: a log writes them.
_LEVELS = re.compile(
    r"(?i)(?:info|warn(?:ing)?|error|debug|fatal|critical|trace|notice|exception|caused by|at|from|to|subject|date)$"
)
_PROGRAM = re.compile(r"\[\d+\]|/|\d{4,}|::|^[\w-]+(?:\.[\w-]+){2,}$")
_TALK = re.compile(
    r"\b(?:I|I'm|I'll|I've)\b|(?i:\b(?:im|we're|we|you|my|our|thanks|thank you|ok|okay|yes|hi|hello|let's|on it|looking|please|anyone|lgtm|seems|not sure)\b|[a-z]\?\s*$)"
)
_MACHINE = re.compile(
    r"\b(?:INFO|WARN|WARNING|ERROR|DEBUG|FATAL|TRACE)\b|\w=\S{1,300} \w{1,60}=\S|\b0x[0-9a-f]{4,}|Exception\b"
)
_MOST = 200


class _Said(NamedTuple):
    date: str
    clock: str
    zone: str
    who: str
    text: str


def sniff(head: bytes) -> float:
    """By the share of lines that are a time, a name and a text, and by names that come again."""
    text = head.decode("utf-8", "replace").removeprefix("\ufeff")
    if text.lstrip()[:1] in ("{", "<"):
        return 0.0
    found = [one.rstrip("\r") for one in text.split("\n")[:_MOST] if one.strip()]
    said = [one for line in found if (one := _said(line)) is not None]
    notes = sum(bool(_STATE.match(line) or _day(line)) for line in found)
    if len(said) < 2 or (len(said) + notes) * 10 < len(found) * 6:
        return 0.0
    angled = sum("<" in line[:40] and ">" in line[:80] for line in found)
    if angled * 2 > len(said):
        return 0.85
    again = len(said) > len({one.who for one in said}) or len(said) < 6
    return 0.72 if again and _talks(said, found) else 0.0


def _talks(said: list[_Said], found: list[str]) -> bool:
    """Whether ``time name: text`` is people talking: programs write this too, but neither in brackets nor in the first person."""
    people = sum(bool(_TALK.search(one.text)) for one in said) * 7 >= len(said)
    machine = sum(bool(_MACHINE.search(one.text)) for one in said) * 5 > len(said)
    framed = sum(
        line.lstrip("\u200e")[:1] in ("[", "(") or re.search(r"\d (?:-|–) ", line[:30]) is not None for line in found
    ) * 2 > len(said)
    coarse = all(one.clock.count(":") == 1 for one in said)
    return not machine and (people or (framed and coarse)) and (len({one.who for one in said}) > 1 or people)


def _said(line: str) -> _Said | None:
    found = _LINE.match(line)
    if found is None:
        return None
    who = (found["nick"] or found["who"] or "").strip()
    if found["who"] and (_LEVELS.search(who) or _PROGRAM.search(who) or len(who.split()) > 4):
        return None
    return _Said(found["date"] or "", found["clock"], (found["zone"] or "").strip(), who, found["text"])


def _day(line: str) -> str:
    """The date that a line states when it states nothing else."""
    found = _ASCTIME.fullmatch(line)
    if found:
        return f"{found['d']} {found['m']} {found['y']}"
    plain = _DAY.fullmatch(line)
    return plain["date"] if plain else ""


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    day, remarks = "", Remarks()
    held: Event | None = None
    for line in lines(stream):
        text = line.text.removeprefix("\ufeff")
        said = _said(text)
        if said is None and held is not None and text.strip() and not (_day(text) or _STATE.match(text)):
            if len(held.text) < 1 << 16:
                held = replace(held, text=f"{held.text}\n{text}")
            held = replace(held, place=join(held.place, line.place))
            continue
        if held is not None:
            yield held
        held = None
        if said is not None:
            day = said.date or day
            held = _message(said, day, line, remarks, reading)
            continue
        day = _day(text) or day
        if not text.strip() or _day(text) or _STATE.match(text):
            yield Skipped("a line that is no message: a date, somebody who came or went, nothing", line.place)
        else:
            yield Problem("no message, and none before that it could go on with", line.place, code="chat-line")
    if held is not None:
        yield held
    yield from remarks.problems()


def _message(said: _Said, day: str, line: Line, remarks: Remarks, reading: Reading) -> Event:
    found = _time(said, day, reading)
    if isinstance(found, Doubt):
        remarks.note("time", found.reason, line.place)
    return Event(
        Kind.MESSAGE,
        line.place,
        moment.at(found),
        "",
        said.who,
        said.text,
        offset=moment.offset(found),
        granularity=moment.granularity(found),
        meaning=Meaning.REPORTED,
    )


def _time(said: _Said, day: str, reading: Reading) -> Stamp | Doubt:
    if not day:
        return Doubt("only a time of day, no date stated")
    clock = _whole(said.clock)
    return Doubt("no such time of day") if clock is None else moment.stamp(f"{_calendar(day)} {clock}{' ' if said.zone[:1].isalpha() else ''}{said.zone}", reading)  # fmt: skip


def _whole(clock: str) -> str | None:
    """``9:05 PM`` as ``21:05:00``."""
    found = re.fullmatch(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s?([AaPp])?\.?(?:[Mm]\.?)?", clock)
    if found is None:
        return None
    hour = int(found[1])
    if found[5]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[5] in "Pp" else 0)
    return f"{hour:02d}:{found[2]}:{found[3] or '00'}" + (f".{found[4]}" if found[4] else "")


def _calendar(day: str) -> str:
    """A date as the clock of the house reads it; ``02.03.2026`` has its day first, ``3/2/2026`` may be either."""
    dotted = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{2,4})", day)
    if dotted:
        return f"{dotted[3].rjust(4, '0') if len(dotted[3]) == 4 else '20' + dotted[3][-2:]}-{int(dotted[2]):02d}-{int(dotted[1]):02d}"
    slashed = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d\d)", day)
    if slashed:
        return f"{slashed[1]}/{slashed[2]}/20{slashed[3]}"
    worded = re.fullmatch(r"([A-Za-z]{3})[a-z]* (\d{1,2}),? (\d{4})", day)
    if worded:
        return f"{worded[2]} {worded[1].title()} {worded[3]}"
    return re.sub(r"^(\d{1,2}) ([A-Za-z]{3})[a-z]* ", lambda m: f"{m[1]} {m[2].title()} ", day)


SOURCE = Source("chat-text", "chat as text: IRC logs, WhatsApp's export, transcripts", sniff, read)
