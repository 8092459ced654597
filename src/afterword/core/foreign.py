"""Read a postmortem that others wrote: what it states, each value with its line. What it does not state is None."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from afterword.core import dated
from afterword.core.foreign_action import ForeignAction, actions_of
from afterword.core.outline import BULLET, NOTHING, Line, Part, outline, sections, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from afterword.model.time import Instant


@dataclass(frozen=True, slots=True)
class StatedAt:
    """A point in time that the document states. ``at`` is None when the date or the time of day is missing."""

    at: Instant | None
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class StatedDuration:
    label: str
    minutes: float
    line: int


@dataclass(frozen=True, slots=True)
class Stated:
    """The two durations that every tool asks for; ``durations`` has all of them under the document's own names."""

    ttd_minutes: float | None = None
    ttr_minutes: float | None = None
    durations: tuple[StatedDuration, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the timeline. ``clock`` is what the document wrote; ``at`` needs a date too."""

    at: Instant | None
    text: str
    line: int
    clock: str


@dataclass(frozen=True, slots=True)
class Quote:
    quote: str
    line: int


@dataclass(frozen=True, slots=True)
class ForeignPostmortem:
    """The shape of ``afterword import``. ``lines`` says where the plain values stand (``title``, ``date``, ``zone``, …)."""

    title: str | None
    date: str | None
    zone: str | None
    points: Mapping[str, StatedAt]
    stated: Stated
    timeline: tuple[Entry, ...]
    trigger: Quote | None
    root_causes: tuple[Quote, ...]
    category: str | None
    contributing_factors: tuple[Quote, ...]
    actions: tuple[ForeignAction, ...]
    lines: Mapping[str, int] = field(default_factory=dict)


def import_(text: str) -> ForeignPostmortem:
    """Everything that the document states about its incident."""
    lines = outline(text)
    where: dict[str, int] = {}
    title = _title(lines, where)
    day = _date(lines, where)
    zone = _zone(lines, where)
    points = dict(_points(lines, day, zone))
    return ForeignPostmortem(
        title=title,
        date=day.isoformat() if day else None,
        zone=zone,
        points=points,
        stated=_stated(lines, where),
        timeline=tuple(_timeline(lines, day, zone)),
        trigger=next(iter(_quotes(lines, Part.TRIGGER, _TRIGGER)), None),
        root_causes=tuple(_quotes(lines, Part.CAUSE, _CAUSE)) or tuple(_cause_sentences(lines)),
        category=_category(lines, where),
        contributing_factors=tuple(_quotes(lines, Part.CONTRIBUTING, _FACTOR)),
        actions=tuple(actions_of(lines)),
        lines=where,
    )


# ------------------------------------------------------------------------------------------------ title, date, zone

_FRONT = re.compile(
    r"^\s*(?P<key>title|date|incident date|date of incident|incident on|category)\s*+[:|=]\s*+(?P<value>.+)$",
    re.IGNORECASE,
)
_NOT_TITLE = re.compile(r"^(---|<|!\[|\[|\||contents|table of contents|status:|date:|\d+$|=+$)", re.IGNORECASE)
_PREFIX = re.compile(r"^(incident documentation/|incident report:?|post-?mortem:?|incidents?/)\s*", re.IGNORECASE)


def _title(lines: Sequence[Line], where: dict[str, int]) -> str | None:
    """The first heading, the title of the front matter, or the first line; a date before the name is not part of it."""
    front = next((one for one in lines[:15] if (m := _FRONT.match(one.text)) and m["key"].lower() == "title"), None)
    if front is not None:
        match = _FRONT.match(front.text)
        return _found(
            "title", match["value"].rstrip().removesuffix("|").strip("\"' ") if match else None, front.number, where
        )
    candidates = [line for line in lines[:40] if line.bare and not line.aside]
    line = next((one for one in candidates if one.heading == 1), None)
    line = line or next((one for one in candidates if not _NOT_TITLE.match(one.bare) and "key: " not in one.bare), None)
    if line is None:
        return None
    text = re.split(r" {3,}", line.bare)[0]
    if text.endswith("-"):  # A title broken at the edge of a page.
        text += next((one.bare for one in lines[line.number : line.number + 3] if one.bare), "")
    return _found("title", _PREFIX.sub("", text).strip(" #") or text, line.number, where)


def _found(name: str, value: str | None, line: int, where: dict[str, int]) -> str | None:
    if value:
        where[name] = line
    return value or None


def _date(lines: Sequence[Line], where: dict[str, int]) -> date | None:
    """A labelled date, one in the title, one in a heading of the timeline, or the first with a year before the actions."""
    for line in _in_order_of_weight(lines):
        found = next((d for one in dated.days(line.text) if (d := one.dated())), None)
        if found is not None:
            where["date"] = line.number
            return found
    return None


_START_LABEL = re.compile(
    r"\s*+[-*|]*+\s*+\**+(impact |incident )?(start|began|first detected|detected)", re.IGNORECASE
)


def _in_order_of_weight(lines: Sequence[Line]) -> Iterator[Line]:
    head = lines[:60]
    yield from (one for one in head if _is_dated_label(re.sub(r"\*\*|^\s*[-*]\s", "", one.text)))
    yield from (one for one in head[:6] if one.text.strip())
    yield from (one for one in lines if _START_LABEL.match(one.text))
    yield from (one for one in lines if one.part is Part.TIMELINE and not one.aside)
    elsewhere = {Part.ACTIONS, Part.TIMELINE, Part.LESSONS}
    yield from (one for one in lines if one.part not in elsewhere and not one.aside)


def _is_dated_label(text: str) -> bool:
    match = _FRONT.match(text)
    return match is not None and "date" in match["key"].lower()


def _zone(lines: Sequence[Line], where: dict[str, int]) -> str | None:
    """The zone stated for the whole document, or the only one that stands beside its times."""
    for at, line in enumerate(lines):
        zone = next((z for text in _with_following(lines, at) if (z := dated.stated_zone(text))), None)
        if zone:
            where["zone"] = line.number
            return zone
    beside = [(clock.zone, line.number) for line in lines for clock in dated.clocks(line.text) if clock.zone]
    if beside and len({zone.upper() for zone, _ in beside if zone}) == 1:
        where["zone"] = beside[0][1]
        return (beside[0][0] or "").upper()
    return None


def _with_following(lines: Sequence[Line], at: int) -> Iterator[str]:
    """A line, and where it ends in the middle of the sentence, with what stands below it in the same column."""
    text = lines[at].text.rstrip()
    yield text
    if re.search(r"\btimes\b.{0,40}\b(in|are)$", text, re.IGNORECASE):
        for below in lines[at + 1 : at + 4]:
            yield f"{text} {re.split(r' {3,}', below.text.rstrip())[-1].strip()}"


def _category(lines: Sequence[Line], where: dict[str, int]) -> str | None:
    for line in lines:
        match = re.match(r"^\s*(?:[-*|]\s*)?\**category\**\s*[:|]\s*\**\s*(?P<value>[^|*]+)", line.text, re.IGNORECASE)
        if match:
            return _found("category", match["value"].strip(), line.number, where)
    return None


# ------------------------------------------------------------------------------------------------ points, durations

_POINTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"^\W*(?:{pattern})\b(?P<rest>.*)$", re.IGNORECASE))
    for name, pattern in (
        (
            "started",
            r"(?:incident |impact |outage |issue )?(?:start(?:ed|s)?(?: time| date)?|began|beginning)(?: at| on)?|(?:fault|incident) occur(?:s|red)",
        ),
        ("detected", r"(?:first |incident |issue )?(?:detect(?:ed|ion)(?: time)?|noticed)(?: at| on)?"),
        ("acknowledged", r"acknowledged(?: at)?"),
        ("declared", r"(?:incident )?declared(?: at)?"),
        ("identified", r"(?:cause )?identified(?: at)?"),
        ("mitigated", r"(?:incident |impact )?(?:mitigated|repaired|fixed)(?: at)?"),
        (
            "recovered",
            r"(?:service )?(?:recovered|restored)(?: at)?|(?:incident |impact |outage )?(?:end(?:ed)?(?: time)?)(?: at)?",
        ),
        ("resolved", r"(?:incident |issue |status\**:\s*)?resol(?:ved|ution time)(?: at| on)?"),
    )
)


def _points(lines: Sequence[Line], day: date | None, zone: str | None) -> Iterator[tuple[str, StatedAt]]:
    """Points on lines of their own: "First detected 2020-08-07 15:51". A sentence about a point is not one."""
    seen: set[str] = set()
    for at, line in enumerate(lines):
        if line.aside or line.part is Part.ACTIONS:
            continue
        if re.match(r"^.*\bIMPACT TIME\s*$", line.text):
            for name, point in _impact_time(lines[at + 1 : at + 4], day, zone):
                seen.add(name)
                yield name, point
        plain = re.sub(r"[*_`|]", " ", BULLET.sub("", line.text)).strip()
        for name, pattern in _POINTS:
            match = pattern.match(plain)
            if match and name not in seen and _only_a_time(match["rest"]):
                seen.add(name)
                yield name, _stated_at(match["rest"], line.number, day, zone)
                break


def _only_a_time(rest: str) -> bool:
    """A time, and hardly anything beside it."""
    found = dated.clocks(rest)
    if not found:
        return False
    spans = [(one.start, one.end) for one in found] + [(one.start, one.end) for one in dated.days(rest)]
    other = "".join(c for at, c in enumerate(rest) if not any(s <= at < e for s, e in spans))
    return len(re.findall(r"[A-Za-z]{2,}", other)) <= 4


def _stated_at(text: str, line: int, day: date | None, zone: str | None) -> StatedAt:
    clock = dated.clocks(text)[0]
    own = next((d for one in dated.days(text) if (d := one.dated(day.year if day else None))), None)
    on = own or day
    return StatedAt(dated.instant(on, clock, zone) if on else None, text.strip(" :-"), line)


def _impact_time(lines: Sequence[Line], day: date | None, zone: str | None) -> Iterator[tuple[str, StatedAt]]:
    """``Oct 7 at 16:38 to Oct 7 at 16:58`` in the column below "IMPACT TIME"."""
    for line in lines:
        match = re.search(r"(?P<a>[A-Z][a-z]{2} \d.*?) to (?P<b>.*)$", line.text)
        if match and dated.clocks(match["a"]) and dated.clocks(match["b"]):
            yield "started", _stated_at(match["a"], line.number, day, zone)
            yield "recovered", _stated_at(match["b"], line.number, day, zone)
            return


_DURATION = re.compile(
    r"^\W*(?P<label>time[- ]to[- ](?:detect(?:ion)?|acknowledge|engage|mitigat(?:e|ion)|repair|recover(?:y)?|restor(?:e|ation)|"
    r"resol(?:ve|ution)|fix|notice)|tt[dramnf]|mtt[drf]|(?:total |impact |outage |incident )?duration|downtime)\W*[:|=-]\W*(?P<value>.+)$",
    re.IGNORECASE,
)
_TTD = re.compile(r"^(m?ttd|time[- ]to[- ](detect|notice))", re.IGNORECASE)
_TTR = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (r"^(m?ttr|time[- ]to[- ]recover)", r"^time[- ]to[- ](repair|restor|fix)", r"^time[- ]to[- ]resol")
)


def _stated(lines: Sequence[Line], where: dict[str, int]) -> Stated:
    found = tuple(_durations(lines))
    ttd = next((one for one in found if _TTD.match(one.label)), None)
    ttr = next((one for pattern in _TTR for one in found if pattern.match(one.label)), None)
    for name, one in (("ttd_minutes", ttd), ("ttr_minutes", ttr)):
        if one is not None:
            where[f"stated.{name}"] = one.line
    return Stated(ttd.minutes if ttd else None, ttr.minutes if ttr else None, found)


def _durations(lines: Sequence[Line]) -> Iterator[StatedDuration]:
    for at, line in enumerate(lines):
        match = _DURATION.match(re.sub(r"[*_`]", "", BULLET.sub("", line.text)))
        minutes = dated.duration(match["value"]) if match else None
        if match and minutes is not None:
            yield StatedDuration(match["label"].lower(), minutes, line.number)
        elif re.search(r"(?:^|   )DURATION\s*$", line.text):
            below = next((one for one in lines[at + 1 : at + 3] if one.text.strip()), None)
            minutes = dated.duration(re.split(r" {3,}", below.text)[-1]) if below else None
            if below and minutes is not None:
                yield StatedDuration("duration", minutes, below.number)


# ------------------------------------------------------------------------------------------------ timeline


def _timeline(lines: Sequence[Line], day: date | None, zone: str | None) -> list[Entry]:
    """Rows that begin with a time: those of the timeline, else those outside the actions, else any."""
    where = (
        [line for line in lines if line.part is Part.TIMELINE],
        [line for line in lines if line.part is not Part.ACTIONS],
    )
    for some in (*where, lines):
        found = list(_entries(some, day, zone))
        if found:
            return found
    return []


def _entries(lines: Sequence[Line], day: date | None, zone: str | None) -> Iterator[Entry]:
    on, before = day, None
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        start = _row(line)
        if start is None:
            on, before = _carried(line, on, before)
            continue
        clock, own, rest = start
        on, before = _rolled(own, on, before, clock)
        rest, at = _continued(rest, line, lines, at)
        moment = dated.instant(on, clock, zone) if on else None
        yield Entry(moment, rest, line.number, f"{clock.hour:02d}:{clock.minute:02d}")


def _carried(line: Line, on: date | None, before: int | None) -> tuple[date | None, int | None]:
    """A line that is only a date is the date of what follows; so is one in a heading."""
    found = dated.days(line.text)
    if found and (line.heading or found[0].end - found[0].start > 0.4 * len(line.bare)):
        new = found[0].dated(on.year if on else None)
        if new:
            return new, None
    return on, before


def _rolled(own: dated.Day | None, on: date | None, before: int | None, clock: dated.Clock) -> tuple[date | None, int]:
    """The date of a row: its own, or the one carried; a row of the small hours after one of the late evening is the next day."""
    stated = own.dated(on.year if on else None) if own else None
    if own:
        on = stated
    elif on and before is not None and before >= 18 * 3600 and clock.seconds <= 8 * 3600:
        on += timedelta(days=1)
    return on, clock.seconds


_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_LEAD = re.compile(
    rf"^[\s*_`~\[({{|#>–—-]*(?:(?:at|around|about|approx\.?|circa|ca\.?|by|on)\s+|~\s*)?{_WEEKDAY}$", re.IGNORECASE
)


_UNCLEAR_DATE = re.compile(r"(?<!\d)\d{1,2}([-/.])\d{1,2}\1(?:20)?\d\d\s*,?\s*(?:at|-|–)?\s*$")


def _row(line: Line) -> tuple[dated.Clock, dated.Day | None, str] | None:
    """Clock, own date and text of a row that begins with a time; None for every other line."""
    if line.aside:
        return None
    text = BULLET.sub("", line.text)
    found = dated.clocks(text)
    if not found:
        return None
    clock = found[0]
    last = _label_first(line, text, found)
    if last:
        return last
    lead = text[: clock.start]
    own = next(iter(dated.days(text[: clock.end])), None)
    if own:
        lead = text[: own.start] + re.sub(r"[,T|@]|\bat\b|\d\d:\d\d.*", " ", text[own.end : max(own.end, clock.start)])
    unclear = _UNCLEAR_DATE.search(lead)
    if unclear:
        # Two readings: the row is kept, its date is not known.
        lead, own = lead[: unclear.start()] + lead[unclear.end() :], dated.Day(None, 0, 0, 0, 0)
    if not _LEAD.match(lead):
        return None
    end = max(clock.end, own.end if own else 0)
    rest = text[end:]
    until = re.match(r"\s*(?:-|–|—|to|until|→)\s*(?=\d)", rest)
    if until and (second := dated.clocks(rest[until.end() :])) and second[0].start == 0:
        rest = rest[until.end() + second[0].end :]
    if not own and (after := dated.days(rest)) and not re.search(r"\w{4,}", _no_weekday(rest[: after[0].start])):
        own = after[0]
        rest = rest[own.end :]
    return clock, own, tidy(rest)


def _label_first(
    line: Line, text: str, found: Sequence[dated.Clock]
) -> tuple[dated.Clock, dated.Day | None, str] | None:
    """``- First detected 2020-08-07 15:51``: in a timeline, a short row that ends with date and time."""
    day = next(iter(dated.days(text)), None)
    if line.part is not Part.TIMELINE or line.heading or day is None or not 2 < day.start < 60 or len(found) != 1:
        return None
    if text[found[0].end :].strip(" .*|") or found[0].end < day.end:
        return None
    return found[0], day, tidy(text[: day.start])


def _no_weekday(text: str) -> str:
    return re.sub(r"\b(mon|tues?|wednes|wed|thurs?|fri|satur|sat|sun)(day)?\b", "", text, flags=re.IGNORECASE)


def _continued(rest: str, first: Line, lines: Sequence[Line], at: int) -> tuple[str, int]:
    """The lines that go on with a row: wrapped text, or the paragraph below a heading that is only a time."""
    parts = [rest] if rest else []
    while at < len(lines) and len(" ".join(parts)) < 600:
        line = lines[at]
        if (
            line.heading
            or line.aside
            or _row(line)
            or (not first.heading and (BULLET.match(line.text) or "|" in line.text))
        ):
            break
        if not line.text.strip():
            if parts:
                break
        elif parts and dated.days(line.text) and len(line.bare) < 25:
            break
        else:
            parts.append(tidy(line.text))
        at += 1
    return " ".join(parts), at


# ------------------------------------------------------------------------------------------------ causes

_TRIGGER = re.compile(r"^\W*(?:the )?trigger\W*[:|]\W*(?P<value>\S.+)$", re.IGNORECASE)
_CAUSE = re.compile(r"^\W*(?:the )?(?:underlying |root[- ])?causes?\W*[:|]\W*(?P<value>\S.+)$", re.IGNORECASE)
_FACTOR = re.compile(r"^\W*contribut\w+ (?:factors?|causes?|conditions?)\W*[:|]\W*(?P<value>\S.+)$", re.IGNORECASE)
_CAUSE_SENTENCE = re.compile(
    r"\b(?:root[- ]cause|underlying cause|cause of (?:the|this) (?:outage|incident|issue|problem))(?: (?:of|for|behind) [^.,;:]{1,60}?)?"
    r" (?:was|is|were|are|(?:appears|seems|turned out) to be)\b"
    r"(?! (?:not|un|being|still|to be|unclear|under|carried|investigated|immediately|apparent|clear|obvious|known|found|identified|"
    r"determined|discovered|traced))",
    re.IGNORECASE,
)


def _quotes(lines: tuple[Line, ...], part: Part, label: re.Pattern[str]) -> Iterator[Quote]:
    """What a section or a labelled line says, one quote a bullet or paragraph."""
    found = False
    for own, _, inside in sections(lines):
        if own is part:
            for quote in _paragraphs(inside):
                found = True
                yield quote
    if found:
        return
    for line in lines:
        match = None if line.aside else label.match(line.text)
        if match and not NOTHING.match(match["value"]):
            yield Quote(tidy(match["value"]), line.number)


def _paragraphs(lines: Sequence[Line]) -> Iterator[Quote]:
    """Bullets and paragraphs with the line that each begins on."""
    held: list[Line] = []
    for line in [*lines, None]:
        ends = line is None or not line.text.strip() or BULLET.match(line.text) or line.heading
        if ends and held:
            text = tidy(" ".join(one.bare for one in held))
            if not NOTHING.match(text):
                yield Quote(text, held[0].number)
            held = []
        if line is not None and line.text.strip() and not line.heading and not line.aside:
            held.append(line)


def _cause_sentences(lines: Sequence[Line]) -> Iterator[Quote]:
    """Where no section names the cause, the sentence that does."""
    for line in lines:
        if line.aside or line.heading or line.part in {Part.ACTIONS, Part.LESSONS}:
            continue
        match = _CAUSE_SENTENCE.search(line.text)
        if match:
            begin = max(line.text.rfind(". ", 0, match.start()) + 1, 0)
            following = lines[line.number].text if line.number < len(lines) else ""
            joined = line.text[begin:].strip() + " " + following.strip()
            yield Quote(tidy(re.split(r"(?<=[.!?])\s", joined)[0]), line.number)


def every_line(found: ForeignPostmortem) -> Iterable[int]:
    """Every line that a value was taken from."""
    yield from found.lines.values()
    yield from (point.line for point in found.points.values())
    yield from (entry.line for entry in found.timeline)
    yield from (quote.line for quote in (*found.root_causes, *found.contributing_factors))
    yield from (action.line for action in found.actions)
