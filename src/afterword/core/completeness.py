"""Rules about the whole document: what it lacks, and where its times contradict one another."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from afterword.core import dated
from afterword.core.outline import BULLET, Part
from afterword.core.remark import Draft, quote_of
from afterword.model.time import HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.foreign import Entry, StatedDuration
    from afterword.core.foreign_action import ForeignAction
    from afterword.core.wording import Hit

# ------------------------------------------------------------------------------------------------ actions

_WEAK = re.compile(
    r"^\W*(?:(?:we|everyone|people|engineers?|the team) (?:should|must|need to|will) )?(?:be (?:more )?(?:careful|vigilant|mindful|aware)|consider\b|think about|"
    r"try (?:to|and)\b|look (?:into|at)\b|discuss\b|talk (?:about|to)\b|explore\b|remind\b|remember to|pay (?:more |closer )?attention|raise awareness"
    r"|educate\b|keep (?:in mind|an eye)|maybe\b|perhaps\b|possibly\b|reflect on|be better)",
    re.IGNORECASE,
)
_OPEN_ENDED = re.compile(
    r"^\W*(?:improve|better|enhance|optimi[sz]e|strengthen|increase|more|revisit|rethink|clean up|harden|be (?:more )?\w+|make .{1,40} (?:better|more "
    r"(?:robust|reliable|resilient|stable)))\b",
    re.IGNORECASE,
)
_END_STATED = re.compile(
    r"\d|\b(?:so that|until|such that|to (?:at least|below|under|within)|when|if|instead of|by \w+ing|from .+ to )\b",
    re.IGNORECASE,
)


#: What is finished, and what only remarks on something: neither waits for an owner.
_FINISHED = re.compile(
    r"^\W*(?:done|completed|fixed|resolved|implemented|in progress|declined)\b|\b(?:done|completed)\W*$|\b(?:RT|Bug) \d+\W*$"
    r"|\b(?:has|have|was|were) (?:now )?(?:been )?\w*(?:ed|en|set|put|ing)\b|:\s+Implemented\b",
    re.IGNORECASE,
)
_REMARKING = re.compile(
    r"^\W*(?:from|usually|finally|our|these|this|that|it|its|the|there|a|an|while|most|some|they|he|she|i|if|because|since|as|for|see|note|at|also|please note|no|yes|we have)\b",
    re.IGNORECASE,
)
_ASKING = re.compile(r"\b(?:should|needs?|must|let'?s|ha(?:s|ve) to|to be|would be|ought|todo)\b", re.IGNORECASE)


def _asks(action: ForeignAction) -> bool:
    """Something still to be done, without a ticket: a ticket carries owner and date of its own."""
    if action.ticket is not None or _FINISHED.search(action.text):
        return False
    lead = action.text[:1].islower() or bool(_REMARKING.match(action.text[:20]))
    return not lead or bool(_ASKING.search(action.text))


def no_owner(draft: Draft) -> Iterator[Hit]:
    yield from (_hit(one) for one in draft.stated.actions if one.owner is None and _asks(one))


def no_due(draft: Draft) -> Iterator[Hit]:
    yield from (_hit(one) for one in draft.stated.actions if one.due is None and _asks(one))


def weak_verb(draft: Draft) -> Iterator[Hit]:
    yield from (_hit(one) for one in draft.stated.actions if _WEAK.match(one.text))


def not_measurable(draft: Draft) -> Iterator[Hit]:
    for one in draft.stated.actions:
        if (
            one.ticket is None
            and _OPEN_ENDED.match(one.text)
            and not _END_STATED.search(one.text)
            and len(one.text.split()) <= 12
        ):
            yield _hit(one)


def _hit(action: ForeignAction) -> Hit:
    return action.line, quote_of(action.text)


# ------------------------------------------------------------------------------------------------ sections

_WANTED: tuple[tuple[str, Part], ...] = (
    ("impact", Part.IMPACT),
    ("timeline", Part.TIMELINE),
    ("detection", Part.DETECTION),
    ("root cause", Part.CAUSE),
    ("action items", Part.ACTIONS),
    ("lessons", Part.LESSONS),
)
_LABELLED = re.compile(
    r"^\W*(?:\*\*)?(?P<name>impact|detection|detected(?: by)?|identified|root[- ]?causes?|causes?|trigger|lessons?(?: learn\w+)?|action items?|actions?"
    r"|time to detect\w*)(?:\*\*)?\s*[:|]",
    re.IGNORECASE,
)


def missing_sections(draft: Draft) -> Iterator[Hit]:
    there = {line.part for line in draft.lines if line.heading}
    there |= _labelled(draft)
    if len(draft.stated.timeline) >= 2:
        there.add(Part.TIMELINE)
    if draft.stated.root_causes or draft.stated.contributing_factors:
        there.add(Part.CAUSE)
    yield from ((1, name) for name, part in _WANTED if part not in there)


def _labelled(draft: Draft) -> set[Part]:
    found: set[Part] = set()
    for line in draft.lines:
        match = _LABELLED.match(line.text)
        if match:
            name = match["name"].lower()
            for part, words in (
                (Part.IMPACT, ("impact",)),
                (Part.DETECTION, ("detect", "identified")),
                (Part.LESSONS, ("lesson",)),
            ):
                if any(word in name for word in words):
                    found.add(part)
            if "cause" in name:
                found.add(Part.CAUSE)
            if "action" in name and "time" not in name:
                found.add(Part.ACTIONS)
    return found


def single_root(draft: Draft) -> Iterator[Hit]:
    """One root cause, in the singular, and nothing that contributed."""
    stated = draft.stated
    if (
        len(stated.root_causes) != 1
        or stated.contributing_factors
        or re.search(r"\b(?:combination|several|multiple|two|three|unknown)\b", stated.root_causes[0].quote)
        or re.search(r"contribut", draft.text, re.IGNORECASE)
    ):
        return
    quote = stated.root_causes[0]
    near = " ".join(line.text for line in draft.lines[max(0, quote.line - 4) : quote.line])
    if re.search(r"root[- ]cause(?!s)", near, re.IGNORECASE):
        yield quote.line, quote_of(quote.quote)


_DETECTION_WORDS = re.compile(
    r"\balert|\bpage[ds]?\b|\bpaging|monitor|\bnotice|\breport(?:ed|s|ing)?\b|\bdetect|\bdiscover|\balarm|icinga|pingdom|pagerduty|prometheus|nagios"
    r"|\bcomplain|\bspotted\b|\bobserved\b|\brealis|\brealiz|\bsaw\b|\bfound\b|\bticket\b|unnoticed|\bteam aware\b|\bidentified\b|\bseems? to be (?:\w+ )?(?:down|slow|broken)|\breceived (?:an? |the |several )?(?:e-?)?mail",
    re.IGNORECASE,
)
_BY_USERS = re.compile(
    r"\b(?:users?|customers?|community(?: \w+)?|students?|editors?) (?:\w+ ){0,3}(?:reported|noticed|complained|alerted us|contacted|raised|told)\b"
    r"|\b(?:reported|noticed|raised|alerted) by (?:an? |our |some |several |the )?(?:\w+ )?(?:users?|customers?|community|students?)\b",
    re.IGNORECASE,
)
_MONITORING = re.compile(
    r"alert|unnoticed|monitor|detect|alarm|probe|health ?check|uptime|pag(?:e|ing)|icinga|pingdom|metric|notif",
    re.IGNORECASE,
)


def detection_not_analysed(draft: Draft) -> Iterator[Hit]:
    """Nothing says how it was noticed; or users noticed first, and neither an item nor a lesson is about monitoring."""
    if not _DETECTION_WORDS.search(draft.text):
        yield 1, ""
        return
    if not draft.stated.actions or any(line.heading and line.part is Part.DETECTION for line in draft.lines):
        return
    answered = any(_MONITORING.search(action.text) for action in draft.stated.actions)
    answered = answered or any(
        _MONITORING.search(s.text) for s in draft.sentences if s.part in {Part.LESSONS, Part.ACTIONS}
    )
    first = next((s for s in draft.sentences if _BY_USERS.search(s.text) and s.part is not Part.ACTIONS), None)
    if first is not None and not answered and not _MONITORING.search(" ".join(s.text for s in draft.sentences[:6])):
        yield first.line, quote_of(first.text)


_EVIDENCE = re.compile(r"https?://|!\[|```|\[E\d+:|\bT\d{4,}\b|#\d+|<[+@%~]?[\w-]+>|\bPROBLEM - ", re.IGNORECASE)
_NUMBER = re.compile(
    r"\b(?!100\s?% (?:sure|certain)|[345]\d\d\s)\d[\d,.]{0,30}\s?(?:%|percent|errors?|requests?|users?|customers?|req/s|rps|qps)(?!\w)",
    re.IGNORECASE,
)


def has_evidence(text: str) -> bool:
    """A link, a picture, a log, a ticket: something that could show what is said."""
    return bool(_EVIDENCE.search(text))


def no_evidence(draft: Draft) -> Iterator[Hit]:
    """Numbers, and nothing in the whole document that leads to where they come from."""
    if draft.kind not in {"markdown", "text"} or _EVIDENCE.search(draft.text):
        return
    first = next((s for s in draft.sentences if _NUMBER.search(s.text) and not s.spoken), None)
    if first is not None:
        yield first.line, quote_of(first.text)


# ------------------------------------------------------------------------------------------------ times


def no_zone(draft: Draft) -> Iterator[Hit]:
    """Times of day, and no zone anywhere."""
    stated = draft.stated
    if stated.zone is not None or any(clock.zone for line in draft.lines for clock in dated.clocks(line.text)):
        return
    if len(stated.timeline) + len(stated.points) < 2 or re.search(
        r"\b(?:UTC|GMT|[CEMPW]E?S?T|local time)\b", draft.text
    ):
        return
    lines = [entry.line for entry in stated.timeline] + [point.line for point in stated.points.values()]
    yield min(lines), quote_of(draft.lines[min(lines) - 1].text)


def contradictions(draft: Draft) -> Iterator[Hit]:
    yield from _end_before_start(draft)
    yield from _duration_against_points(draft)
    yield from _range_against_duration(draft)
    yield from _out_of_order(draft)


#: Which pairs of points a duration by that name may be meant to span; the house's own is the first (words.md).
_SPANS: tuple[tuple[re.Pattern[str], tuple[str, ...], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern), starts, ends)
    for pattern, starts, ends in (
        (r"detect|ttd|notice", ("started",), ("detected",)),
        (r"acknowledge|tta", ("started", "detected"), ("acknowledged",)),
        (r"repair|fix|mitigat|ttm", ("started", "detected", "declared"), ("mitigated", "recovered", "resolved")),
        (
            r"recover|restor|ttr|duration|downtime",
            ("started", "detected", "declared"),
            ("recovered", "mitigated", "resolved"),
        ),
        (r"resol", ("started", "detected", "declared"), ("resolved", "recovered")),
    )
)
HALF_DAY, FORTNIGHT = 720, 14 * 1440
_LATE = ("mitigated", "recovered", "resolved")


def _end_before_start(draft: Draft) -> Iterator[Hit]:
    points = {name: point for name, point in draft.stated.points.items() if point.at is not None}
    for start in ("started", "detected"):
        for end in _LATE:
            first, last = points.get(start), points.get(end)
            if (
                first
                and last
                and first.at
                and last.at
                and _comparable(first.at.offset, last.at.offset)
                and last.at.ns < first.at.ns
            ):
                yield last.line, f"{end} {last.text}, {start} {first.text}"
                return


def _comparable(one: int | None, other: int | None) -> bool:
    return (one is None) == (other is None)


def _duration_against_points(draft: Draft) -> Iterator[Hit]:
    """A stated duration that no pair of stated points gives. Working hours are a clock of their own: left alone."""
    for stated in draft.stated.stated.durations:
        line = draft.lines[stated.line - 1].text
        if re.search(
            r"support hours|working|business|approx|about|~|less than|more than|over|under|up to|[<>]",
            line,
            re.IGNORECASE,
        ):
            continue
        found = _minutes_between(draft, stated)
        if not found or (HALF_DAY < min(found) < FORTNIGHT and stated.minutes < min(found)):
            continue  # Longer than a shift: it may have been counted in working hours.
        if all(abs(one - stated.minutes) > max(2.0, 0.05 * max(one, stated.minutes)) for one in found):
            spans = " or ".join(f"{one:g}" for one in sorted(set(found)))
            yield stated.line, quote_of(f"{line.strip()} (the points give {spans} minutes)")


def _minutes_between(draft: Draft, stated: StatedDuration) -> list[float]:
    points = draft.stated.points
    for pattern, starts, ends in _SPANS:
        if pattern.search(stated.label):
            pairs = [(points.get(start), points.get(end)) for start in starts for end in ends]
            return [
                (last.at.ns - first.at.ns) / MINUTE
                for first, last in pairs
                if first
                and last
                and first.at
                and last.at
                and _comparable(first.at.offset, last.at.offset)
                and last.at.ns >= first.at.ns
            ]
    return []


_RANGE = re.compile(
    r"\b(?P<a>\d{1,2}:\d\d)\s*+(?:UTC|GMT|[A-Z]{2,4})?\s*+(?:-|–|—|to|until|and)\s*+(?P<b>\d{1,2}:\d\d)\s*+(?:UTC|GMT|[A-Z]{2,4})?\s*+"
    r"[(,;]?\s*+(?:i\.e\.|a total of|for a total of|lasting|total:?|duration:?)?\s*+(?P<n>\d+ ?(?:h|hours?|hrs?|m|mins?|minutes?)\b(?:,? ?(?:and )?\d+ ?(?:m|mins?|minutes?)\b)?)"
)


def _range_against_duration(draft: Draft) -> Iterator[Hit]:
    """``21:08 to 22:15 UTC (127 minutes)``."""
    for line in draft.lines:
        for match in () if line.aside else _RANGE.finditer(line.text):
            first, last = dated.clocks(match["a"]), dated.clocks(match["b"])
            minutes = dated.duration(match["n"])
            if first and last and minutes is not None:
                between = (last[0].seconds - first[0].seconds) / 60 % 1440
                # The zone may stand between: an hour more or less would be a zone, not a mistake in counting.
                if abs(between - minutes) > max(2.0, 0.05 * minutes) and minutes < 1440:
                    yield (
                        line.number,
                        quote_of(f"{match[0]} (from {match['a']} to {match['b']} it is {between:g} minutes)"),
                    )


def _out_of_order(draft: Draft) -> Iterator[Hit]:
    """A row of the timeline that is earlier than the one above it, in a timeline that otherwise goes forward."""
    rows = [entry for entry in draft.stated.timeline if entry.at is not None]
    pairs = [(a, b) for a, b in pairwise(rows) if a.at and b.at and _in_one_list(draft, a, b)]
    back = [(a, b) for a, b in pairs if a.at and b.at and MINUTE < a.at.ns - b.at.ns < 4 * HOUR]
    if back and len(back) <= max(1, len(pairs) // 5):
        for before, row in back:
            yield row.line, quote_of(f"{row.clock} stands after {before.clock}")


def _in_one_list(draft: Draft, one: Entry, other: Entry) -> bool:
    """Both rows are written the same way under one heading: a log pasted below a row is no row of the same list."""
    first, second = draft.lines[one.line - 1], draft.lines[other.line - 1]
    between = draft.lines[one.line : other.line - 1]
    above = draft.lines[other.line - 2].text.strip()
    wrapped = other.text[:1].islower() and above[-1:].isalnum() and not BULLET.match(second.text)
    shapes = {_shape(first.text), _shape(second.text)}
    announced = any(line.text.rstrip().endswith(":") for line in between)
    return len(shapes) == 1 and "" not in shapes and first.title == second.title and not announced and not wrapped


def _shape(line: str) -> str:
    """What stands before the end of the first time, digits made alike; empty where the time does not lead."""
    clocks = dated.clocks(line)
    lead = line[: clocks[0].end] if clocks else ""
    return re.sub(r"\d", "9", lead) if len(re.findall(r"[A-Za-z]{3,}", lead)) <= 1 else ""
