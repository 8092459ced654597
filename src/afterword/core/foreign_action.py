"""The action items of a foreign postmortem: bullets, rows of a table, or the lines of a text without marks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.core import dated
from afterword.core.outline import BULLET, NOTHING, Line, Part, sections, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class ForeignAction:
    text: str
    owner: str | None
    due: str | None
    ticket: str | None
    line: int


_TICKET = re.compile(
    r"(?P<bug>https?://phab[\w.]*/T\d{2,7})|(?P<url>https?://\S*?/(?:issues?|pull|pulls|browse|merge_requests|task|tickets?|r|c)/[\w#/+-]*\w)|(?<![\w/])(?P<task>T\d{4,7})(?!\w)"
    r"|(?<![\w-])(?P<key>[A-Z][A-Z0-9]{1,9}-\d{1,6})(?![\w-])|(?<![\w/])(?P<number>(?:[\w.-]+/[\w.-]+)?#\d{1,6})(?!\w)"
    r"|\b(?P<change>gerrit-\d+)"
)
_NOT_KEYS = re.compile(
    r"^(UTF|SHA|ISO|RFC|CVE|TLS|HTTP|AES|IPV|MD|RSA|COVID|P|PM|EKS|GPT|US|EU|AZ|Q|H|V|PHP|JDK|LTS|GH)-", re.IGNORECASE
)
_OWNER = re.compile(
    r"(?:\b(?:owner|assignee|assigned to|responsible|dri|poc)\b\s*+(?:\||:|=|is)?\s*+\**+\s*+(?P<name>@?[\w.-]+(?: [A-Z][\w.-]+)?))"
    r"|(?<![\w@/.])(?P<handle>@[A-Za-z][\w.-]{1,38}\w)(?!\S{0,100}/)",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"\b(?:due|deadline|eta|target|by|before|until)\b(?: date)?\s*[:=|]?\s*(?P<rest>.{0,30})", re.IGNORECASE
)


def actions_of(lines: tuple[Line, ...]) -> Iterator[ForeignAction]:
    for part, _, inside in sections(lines):
        if part is Part.ACTIONS:
            yield from _table(inside) if any(line.text.count("|") >= 2 for line in inside) else _items(inside)


def _items(lines: Sequence[Line]) -> Iterator[ForeignAction]:
    """Bullets, and in texts without bullets the lines that begin something new."""
    bullets = any(BULLET.match(line.text) for line in lines)
    held: list[Line] = []
    for line in [*_listed(lines), None]:
        if line is None or _begins(line, held, lines, bullets=bullets):
            if held and (action := _action(" ".join(one.bare for one in held), held[0].number)):
                yield action
            held = []
        if line is not None and line.text.strip() and not line.heading and not line.aside:
            held.append(line)


#: Where the actions end and a timeline without a heading begins: a time and words.
_CLOCK_ROW = re.compile(r"^\s*\d{1,2}:\d\d(?:\s?[AP]M)?\s+[A-Z]\w+", re.IGNORECASE)


#: What stands below the actions and has no heading mark in a text made from a page.
_AFTER = re.compile(
    r"^\s*(?:references|warnings:?|see also|footnotes|attendees|links to relevant documentation|thanks|background|content is available.*|retrieved from.*|last edited.*)\W*$",
    re.IGNORECASE,
)


def _listed(lines: Sequence[Line]) -> Sequence[Line]:
    end = next(
        (at for at, line in enumerate(lines) if _CLOCK_ROW.match(line.text) or _AFTER.match(line.text)), len(lines)
    )
    return lines[:end] if end else lines


def _begins(line: Line, held: Sequence[Line], lines: Sequence[Line], *, bullets: bool) -> bool:
    if not line.text.strip() or line.heading:
        return True
    if BULLET.match(line.text):
        return True
    if bullets or not held:
        return False
    widest = max(len(one.text.rstrip()) for one in lines)
    short = len(held[-1].text.rstrip()) < widest - 22
    ended = held[-1].text.rstrip().endswith((".", "!", "?", ")"))
    return (short or ended) and line.text.strip()[:1].isupper()


def _action(text: str, line: int) -> ForeignAction | None:
    text = re.sub(r"(https?://(?:\S*/)?) +(?=\S)", r"\1", text)  # A link that was broken at the end of the line.
    plain = tidy(re.sub(r"^\[[ xX]?\]\s*", "", text))
    label_only = plain.endswith(":") or text.rstrip().endswith(":")
    if (
        NOTHING.match(plain)
        or len(plain.split()) < 2
        or label_only
        or (dated.days(plain) and len(plain) < 20)
        or _NOT_ACTION.match(plain)
    ):
        return None
    return ForeignAction(plain, _owner(text), _due(text), _ticket(text), line)


#: Notes to the author that a template left behind, pictures, states.
_NOT_ACTION = re.compile(
    r"^(<!--|status:|!\[|note: please|please note|refer to |\{\{|these are only sample|they should focus|\d\d:\d\d <|explicit next steps to prevent)",
    re.IGNORECASE,
)


def _owner(text: str) -> str | None:
    match = _OWNER.search(text)
    name = (match["name"] or match["handle"]).strip(" .") if match else ""
    return None if NOTHING.match(name) or name.lower() in {"by", "to", "the", "of", "and"} else name


def _due(text: str) -> str | None:
    for match in _DUE.finditer(text):
        for day in dated.days(match["rest"]):
            found = day.dated()
            if found and day.start < 12:
                return found.isoformat()
    return None


def _ticket(text: str) -> str | None:
    for match in _TICKET.finditer(text):
        if not (match["key"] and _NOT_KEYS.match(match["key"])):
            return match[0].rstrip(".,)")
    return None


_COLUMNS: Mapping[str, re.Pattern[str]] = {
    "owner": re.compile(r"owner|assignee|assigned|who|responsible|dri", re.IGNORECASE),
    "due": re.compile(r"due|deadline|eta|when|target|date", re.IGNORECASE),
    "ticket": re.compile(r"ticket|issue|bug|link|jira|task id|reference", re.IGNORECASE),
    "text": re.compile(r"action|item|description|what|task|todo|summary|title", re.IGNORECASE),
}


def _table(lines: Sequence[Line]) -> Iterator[ForeignAction]:
    """A table with a header: its columns say what is what."""
    columns: dict[str, int] = {}
    rest: list[Line] = []
    for line in lines:
        if line.text.count("|") < 2:
            rest.append(line)
            continue
        cells = [cell.strip() for cell in line.text.strip().strip("|").split("|")]
        if not columns:
            columns = _header(cells)
        elif not all(re.fullmatch(r":?-*:?", cell) for cell in cells):
            action = _of_row(cells, columns, line.number)
            if action:
                yield action
    yield from _items(rest)


def _header(cells: Sequence[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for name, pattern in _COLUMNS.items():
        at = next((at for at, cell in enumerate(cells) if pattern.search(cell) and at not in columns.values()), None)
        if at is not None:
            columns[name] = at
    if "text" not in columns and "owner" not in columns:
        return {"none": -1}  # A list of something else, pasted into the section.
    columns.setdefault("text", next((at for at in range(len(cells)) if at not in columns.values()), 0))
    return columns


def _of_row(cells: Sequence[str], columns: Mapping[str, int], line: int) -> ForeignAction | None:
    def cell(name: str) -> str:
        at = columns.get(name)
        return tidy(cells[at]) if at is not None and at < len(cells) else ""

    text = cell("text")
    if NOTHING.match(text) or len(text.split()) < 2:
        return None
    due = next((d.isoformat() for one in dated.days(cell("due")) if (d := one.dated())), None)
    owner = cell("owner")
    return ForeignAction(
        text,
        None if NOTHING.match(owner) else owner,
        due,
        _ticket(cell("ticket")) or _ticket(" ".join(cells)),
        line,
    )
