"""The outline of a document that others wrote: its lines, and which section each belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


class Part(StrEnum):
    """What a section is about, whatever it is called."""

    SUMMARY = "summary"
    IMPACT = "impact"
    TIMELINE = "timeline"
    DETECTION = "detection"
    TRIGGER = "trigger"
    CAUSE = "root cause"
    CONTRIBUTING = "contributing"
    RESOLUTION = "resolution"
    WHYS = "five whys"
    LESSONS = "lessons"
    ACTIONS = "actions"
    OTHER = "other"


#: Tried in this order: "lessons learned and action items" is about actions, "impact timeline" is a timeline.
_NAMES: tuple[tuple[Part, re.Pattern[str]], ...] = tuple(
    (part, re.compile(pattern, re.IGNORECASE))
    for part, pattern in (
        (
            Part.ACTIONS,
            (
                r"\baction(able)?s?\b|action items?|follow[- ]?ups?|next steps?|to[- ]?dos?$|corrective|remediation items|preventi(ve|on)"
                r"|preventative|recommendations?|improvements?$|(?:things|work) to (?:work on|do|fix|improve)$|what we('re| are) doing about it|future work|planned work"
            ),
        ),
        (Part.TIMELINE, r"timeline|sequence of events|chronology|key events|log of events"),
        (Part.WHYS, r"(5|five)[- ]whys?|^whys?\??$"),
        (Part.CONTRIBUTING, r"contribut(ing|ory)"),
        (
            Part.CAUSE,
            r"root[- ]?causes?|^(the )?causes?$|underlying cause|cause of|what caused|^how (?:it|this) happened|^analysis$|^causal analysis",
        ),
        (Part.TRIGGER, r"^(the )?triggers?$"),
        (Part.DETECTION, r"detect|how (was|did) (it|we|this).{0,20}(notice|find)|^identified$|^alerting$"),
        (Part.IMPACT, r"impact|affected|what was lost|customer effect|blast radius"),
        (
            Part.LESSONS,
            (
                r"lessons?|learn(ed|t|ings)|conclusions?|takeaways|can be improved|went (well|wrong|poorly|badly)|go (so )?well|got lucky|get lucky"
                r"|retrospective"
            ),
        ),
        (Part.RESOLUTION, r"resol|recover|mitigat|repair|remediat|^fix(es)?$|response"),
        (
            Part.SUMMARY,
            r"summary|overview|what happened|issue summary|abstract|^tl;?dr|introduction|background|context",
        ),
    )
)
_MARKDOWN = re.compile(r"^\s{0,3}(#{1,6})\s++(.*)$")
_BOLD = re.compile(r"^\s*+(?:[-*+]\s++)?(?:\*\*|__)([^*_]{2,60}?):?(?:\*\*|__)\s*+:?\s*+$")
_LABEL = re.compile(r"^\s*(?:[-*+]\s+)?(?:\*\*|__)?([A-Z][A-Za-z' /?-]{2,40}?)(?:\*\*|__)?\s*:\s*(?:\*\*|__)?\s*$")
_NUMBERED = re.compile(r"^\s*\d+(?:\.\d+)*\.?\s+(.*)$")
BULLET = re.compile(r"^\s*(?:[-*+•●○▪◦‣·–]|\(?\d{1,2}[.)]|[a-z][.)])\s+(?:\[[ xX]\]\s*)?")
#: What people write into a field that they leave empty.
NOTHING = re.compile(r"^\W*(n/?a|tbd|todo|unknown|none|no comments added|\?+|-+|\.+)?\W*$", re.IGNORECASE)
_RULE = re.compile(r"^\s*(?:=+|-{3,}|\*{3,})\s*$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``number`` counts from 1; ``part`` and ``title`` are those of its section; ``heading`` is its depth."""

    number: int
    text: str
    part: Part
    title: str
    heading: int = 0
    #: Inside a fenced block, or a table of contents: not prose.
    aside: bool = False

    @property
    def bare(self) -> str:
        """Without bullet, emphasis and heading marks."""
        text = BULLET.sub("", self.text) if not self.heading else self.text.strip().lstrip("#").rstrip("#")
        return re.sub(r"\*\*|__|`", "", text).strip()


def part_of(title: str) -> Part:
    """What a heading announces."""
    plain = _NUMBERED.sub(r"\1", title).strip(" *_:#").strip()
    return next((part for part, pattern in _NAMES if pattern.search(plain)), Part.OTHER)


def outline(text: str) -> tuple[Line, ...]:
    """Every line with its section. A subsection without a meaning of its own belongs to what it stands under."""
    raw = text.splitlines()
    lines: list[Line] = []
    open_: list[tuple[int, str, Part]] = []
    aside = _asides(raw)
    for number, content in enumerate(raw, 1):
        depth, title = (0, "") if aside[number - 1] else _heading(raw, number - 1)
        if depth:
            open_ = [one for one in open_ if one[0] < depth]
            part = part_of(title)
            if part is Part.OTHER or (part is Part.LESSONS and _inside(open_, Part.ACTIONS)):
                part = next((one[2] for one in reversed(open_) if one[0] > 1), part)
            open_.append((depth, title, part))
        part = open_[-1][2] if open_ else Part.OTHER
        lines.append(Line(number, content, part, open_[-1][1] if open_ else "", depth, aside[number - 1]))
    return tuple(lines)


def _inside(open_: list[tuple[int, str, Part]], part: Part) -> bool:
    return any(one[2] is part for one in open_)


def _heading(raw: list[str], at: int) -> tuple[int, str]:
    """Depth and title, or depth 0."""
    line = raw[at]
    match = _MARKDOWN.match(line)
    if match:
        return len(match[1]), match[2].rstrip().rstrip("#").rstrip().strip(" *_")
    following = raw[at + 1] if at + 1 < len(raw) else ""
    if line.strip() and re.fullmatch(r"\s*(={3,}|-{3,})\s*", following) and len(line) < 80 and "|" not in line:
        return (1 if "=" in following else 2), line.strip()
    match = _BOLD.match(line) or _LABEL.match(line)
    if match and part_of(match[1]) is not Part.OTHER and len(match[1].split()) <= 6:
        return 5, match[1].strip()
    return _plain_heading(raw, at)


def _plain_heading(raw: list[str], at: int) -> tuple[int, str]:
    """A short line in a text without marks that is nothing but the name of a section; a second column is ignored."""
    line = raw[at].split("   ", 1)[0] if raw[at][:1].strip() else re.split(r"(?<=\S) {3,}", raw[at])[0]
    title = line.strip().rstrip(":")
    if (
        not 3 <= len(title) <= 40
        or not title[0].isupper()
        or re.search(r"[.,;(\[|]|\d:\d", title)
        or BULLET.match(raw[at])
    ):
        return 0, ""
    if len(title.split()) > 6 or part_of(title) is Part.OTHER or not _whole_name(title):
        return 0, ""
    before = raw[at - 1].strip() if at else ""
    return (4, title) if not before or _RULE.match(before) or len(before) < 60 else (0, "")


#: A heading without marks must be one of the usual names and nothing more: a sentence may begin with one of them.
_WHOLE = re.compile(
    r"(incident |outage |event |problem |issue |executive |full )?(timeline|summary|overview|impact|detection|trigger|resolution|"
    r"root[ -]causes?( analysis)?|causes?|conclusions?|actionables?|actions?|action items?|follow[ -]?ups?( actions?)?|next steps?|"
    r"lessons?( learn(ed|t))?|recommendations?|mitigations?|recovery|background|contributing (factors?|causes?|conditions?)|to-?dos?|"
    r"sequence of events|what (went|didn'?t go|did not go) (so )?(well|wrong|poorly|badly)\??|what happened\??|fix|"
    r"where (did )?we go?t lucky\??|(5|five) whys|analysis|response|key events)",
    re.IGNORECASE,
)


def _whole_name(title: str) -> bool:
    return bool(_WHOLE.fullmatch(title.strip()))


def _asides(raw: list[str]) -> list[bool]:
    """Fenced blocks, front matter and a table of contents hold names of sections that are not sections."""
    found = [False] * len(raw)
    opened: int | None = None
    for at, line in enumerate(raw):
        # Texts made from pages carry stray marks: only a pair of lines that hold nothing else is a fence.
        if re.match(r"^\s*+(```|~~~)\s*+[\w+-]*+\s*+$", line):
            if opened is None:
                opened = at
            else:
                found[opened : at + 1] = [True] * (at + 1 - opened)
                opened = None
    if raw and raw[0].strip() in {"---", "+++"} and raw[0].strip() in [line.strip() for line in raw[1:40]]:
        end = [line.strip() for line in raw].index(raw[0].strip(), 1)
        found[: end + 1] = [True] * (end + 1)
    contents = False
    numbers: list[int] = []
    for at, line in enumerate(raw):
        if re.match(r"^\s*(Table of )?Contents\b", line):
            contents, numbers = True, []
        elif contents and line.strip():
            match = re.match(r"^\s*(\d+)(?:\.\d+)*\.?\s+\S", line)
            if not match or (numbers and not numbers[-1] <= int(match[1]) <= numbers[-1] + 1):
                contents = False
            else:
                numbers.append(int(match[1]))
        found[at] = found[at] or (contents and bool(line.strip()))
    return found


def sections(lines: tuple[Line, ...]) -> list[tuple[Part, str, tuple[Line, ...]]]:
    """Each section with its own lines, the heading left out."""
    starts = [0, *(at for at, line in enumerate(lines) if line.heading and at), len(lines)]
    found = []
    for start, end in pairwise(starts):
        if start < end:
            first = lines[start]
            found.append((first.part, first.title, lines[start + 1 : end] if first.heading else lines[start:end]))
    return found


def tidy(text: str) -> str:
    """Plain words: no emphasis, no cell borders, one space between."""
    text = re.sub(r"\*\*|__|`", "", text)
    text = " ".join(cell.strip() for cell in text.split("|") if cell.strip(" -:"))
    return " ".join(text.strip(" \t*#]})>:;,–—-=~").split())
