"""Nodes and links of a foreign postmortem's graph: the kind of each from its words, one node for what is told twice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from afterword.core import dated
from afterword.core.foreign_words import ABSENT, FAILED, TROUBLE
from afterword.core.outline import Part
from afterword.core.remark import printable
from afterword.model.cause import Cause, Grade, Held, Link, LinkKind, NodeKind, Role
from afterword.model.evidence import Citation, Place

if TYPE_CHECKING:
    from afterword.core.foreign_cause import Told
    from afterword.core.remark import Draft, Sentence

#: The document itself, as evidence.
DOCUMENT = "D1"
_ALIKE = 0.6
#: A graph of more nodes is a list of something else: what is told later is not taken.
MOST = 250
_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]{2,}")
_EMPTY = frozenset(
    [
        "the",
        "and",
        "was",
        "were",
        "had",
        "has",
        "have",
        "been",
        "being",
        "are",
        "for",
        "from",
        "that",
        "this",
        "with",
        "which",
        "when",
        "while",
        "than",
        "then",
        "into",
        "onto",
        "out",
        "its",
        "our",
        "their",
        "there",
        "these",
        "those",
        "not",
        "but",
        "also",
        "all",
        "any",
        "because",
        "due",
        "caused",
        "cause",
        "causes",
        "led",
        "resulted",
        "result",
        "some",
        "more",
        "most",
        "very",
        "same",
        "other",
        "such",
        "only",
        "over",
        "under",
        "after",
        "before",
        "during",
        "about",
        "between",
        "each",
        "both",
        "does",
        "did",
        "done",
        "can",
        "could",
        "would",
        "will",
        "may",
        "might",
        "should",
    ]
)
_CHANGE = re.compile(
    r"\b(?:deploy(?:ed|ment|ing|s)?|releas(?:e|ed|ing)|roll(?:ed)? ?out|rollout|upgrad(?:e|ed|ing)|merged?|patch(?:ed)?|commit|(?:config(?:uration)?|code|schema|dns|firewall|puppet) changes?|changes? (?:to|in|of|that)|migrat(?:ed|ion|ing)|new version|enabled|switched|removed|renamed|rotated)\b",
    re.IGNORECASE,
)
_CONFIG = re.compile(r"\bconfig|\bsetting|\bfirewall|\bdns\b|\bpuppet|\bterraform|\bhelm", re.IGNORECASE)
_PEOPLE = r"(?:I|we|he|she|they|someone|somebody|an? (?:\w+ )?(?:engineer|developer|operator|admin(?:istrator)?|sysadmin|technician|user|member)|the (?:\w+ )?(?:engineer|developer|operator|deployer|administrator|team))"
_ACT = re.compile(
    rf"\b{_PEOPLE} (?:\w+ly |had |then |also )?(?:ran|deleted|removed|deployed|merged|pushed|forgot|changed|restarted|stopped|disabled|enabled|typed|mistyped|executed|applied|rebooted|unplugged|dropped|missed|overlooked|failed to|did(?:n't| not))\b"
    r"|\b(?:human error|operator error|typo)\b|\b(?:accidental(?:ly)?|inadvertent(?:ly)?|mistaken(?:ly)?) (?:\w+ ){0,2}\w+(?:ed|tion|al|ing)\b",
    re.IGNORECASE,
)
_DECIDED = re.compile(r"\b(?:decided|chose|decision|opted|agreed) to\b|\bdecision\b", re.IGNORECASE)
_STATE = re.compile(
    r"\b(?:was|were|is|are|had|has|have|lack\w*|missing|no|not|without|full|too|misconfigur\w+|incompatib\w+|bug|default|limit\w*)\b",
    re.IGNORECASE,
)
_HARM = re.compile(
    r"\b(?:outage|incident|downtime|unavailab\w+|inaccessib\w+|unreachable|disruption|degrad\w+|(?:was|were|went|go|be|going|is) (?:\w+ly )?(?:down|offline|broken)|5\d\d|errors? (?:to|for|rate)|site ?wide|service interruption|data loss|timeouts?|unable to|failed to load)\b",
    re.IGNORECASE,
)
_LONGER = re.compile(
    r"\b(?:took|take|lasted?|outage|incident|recovery|investigat\w+|downtime|impact|problem)\b.{0,40}\b(?:longer|delayed|prolonged|extended|worse)\b|\bexacerbat\w+|\b(?:delay(?:ed|s)?|slowed) (?:the |our )?(?:recovery|response|investigation|fix|resolution)",
    re.IGNORECASE,
)


_AT_START = re.compile(r"^\W*(?:At |On |~|\d)")


@dataclass(frozen=True, slots=True)
class Quoted:
    """The words of the document. ``start`` and ``end`` count characters of the text as it was read."""

    quote: str
    line: int
    last: int
    start: int
    end: int


class Maker:
    """Collects nodes and links; the same thing told in other words becomes one node, with the first words."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.nodes: dict[str, Cause] = {}
        self.links: dict[tuple[str, str], Link] = {}
        self.quotes: dict[str, Quoted] = {}
        self._words: dict[str, frozenset[str]] = {}
        self._starts = _starts(draft.text)
        self._rows = {entry.line: entry.at.ns for entry in draft.stated.timeline if entry.at is not None}

    def impact(self, id_: str, title: str, at: int | None) -> None:
        self.nodes[id_] = Cause(
            id_, printable(title), Role.IMPACT, "", (), at=at, earliest=at, latest=at, kind=NodeKind.EVENT
        )  # fmt: skip

    def cause(self, statement: str, line: int, role: Role, kind: LinkKind, effect: str) -> str:
        """The node of a statement that stands under a heading, linked to its effect; its id, empty where it says nothing."""
        statement = printable(statement).strip(" *_")
        if len(statement.split()) < 2:
            return ""
        quoted = self._quoted(statement, line, line + statement.count("\n"))
        id_ = self._node(statement, quoted, role)
        self._link(id_, effect, kind, quoted)
        return id_ if id_ != effect else ""

    def told(self, one: Told, top: str) -> None:
        """Cause and effect of a sentence. An effect that is the harm itself is the impact."""
        sentence = one.sentence
        quoted = self._quoted(sentence.text, sentence.line, sentence.last)
        effect = self._known(one.effect)
        if not effect:
            effect = top if self._is_harm(one.effect, sentence) else self._node(one.effect, quoted, Role.CONTRIBUTING)
        cause = self._node(one.cause, quoted, Role.CONTRIBUTING)
        kind = LinkKind.AMPLIFIES if _LONGER.search(one.effect) else LinkKind.PRODUCES
        self._link(cause, top if kind is LinkKind.AMPLIFIES else effect, kind, quoted)

    def aside(
        self, sentence: Sentence, role: Role, kind: NodeKind, held: Held | None, link: LinkKind | None, effect: str
    ) -> None:  # fmt: skip
        """A defence, a mitigation, or what was ruled out."""
        quoted = self._quoted(sentence.text, sentence.line, sentence.last)
        id_ = self._node(sentence.text, quoted, role, kind, held)
        if link is not None and self.nodes[id_].role is role:
            self._link(id_, effect, link, quoted)

    def _is_harm(self, effect: str, sentence: Sentence) -> bool:
        title = words(self.draft.stated.title or "")
        mine = words(effect)
        near = sentence.part in (Part.SUMMARY, Part.IMPACT, Part.CAUSE, Part.TRIGGER)
        return bool(_HARM.search(effect)) or len(title & mine) >= 2 or (near and bool(TROUBLE.search(effect)))

    def _known(self, statement: str) -> str:
        """The node that says the same, by its words."""
        mine = words(statement)
        best = max(
            ((len(mine & other) / len(mine | other), id_) for id_, other in self._words.items() if mine and other),
            default=(0.0, ""),
        )
        return best[1] if best[0] >= _ALIKE else ""

    def _node(
        self, statement: str, quoted: Quoted, role: Role, kind: NodeKind | None = None, held: Held | None = None
    ) -> str:  # fmt: skip
        statement = printable(statement)
        if len(self.nodes) >= MOST:
            return next(iter(self.nodes))
        if known := self._known(statement):
            return known
        id_ = f"n{len(self.nodes)}"
        at = self._rows.get(quoted.line) or self._dated(quoted.quote)
        change = bool(_CHANGE.search(statement))
        act = bool(_ACT.search(statement))
        if kind is None and (ABSENT.search(statement) or FAILED.search(statement)):
            kind, held = NodeKind.DEFENCE, Held.ABSENT if ABSENT.search(statement) else Held.FAILED
        decided = NodeKind.DECISION if _DECIDED.search(statement) else None
        found = (
            kind
            or decided
            or (NodeKind.EVENT if act or (change and not _STATE.search(statement)) else NodeKind.CONDITION)
        )
        category = ("config" if _CONFIG.search(statement) else "code") if change else ""
        self.nodes[id_] = Cause(
            id_, statement, role, "", (_cite(quoted),), category=category, layer="act" if act else "",
            at=at, earliest=at, latest=at, kind=found, held=held,
        )  # fmt: skip
        self._words[id_] = words(statement)
        self.quotes[id_] = quoted
        return id_

    def _dated(self, quote: str) -> int | None:
        """The instant that a sentence begins with: "At 10:31 UTC the index was dropped"."""
        stated = self.draft.stated
        found = dated.clocks(quote[:30]) if _AT_START.match(quote) else []
        if not found or stated.date is None or found[0].zone is None:
            return None
        return dated.instant(date.fromisoformat(stated.date), found[0], stated.zone).ns

    def _link(self, cause: str, effect: str, kind: LinkKind, quoted: Quoted) -> None:
        if cause == effect or (effect, cause) in self.links:
            return
        if (cause, effect) not in self.links:
            tests = ("the document says so; nothing else was looked at",)
            self.links[cause, effect] = Link(cause, effect, kind, Grade.ASSERTED, tests, (_cite(quoted),))
            self.quotes[f"{cause}>{effect}"] = quoted

    def _quoted(self, quote: str, line: int, last: int) -> Quoted:
        """Where the words stand: from the first of them on their line to the last on theirs."""
        last = min(max(line, last), len(self.draft.lines))
        first_text, last_text = self.draft.lines[line - 1].text, self.draft.lines[last - 1].text
        begin = first_text.find(quote[:12])
        stop = last_text.rfind(quote[-12:])
        start = self._starts[line - 1] + max(0, begin)
        end = self._starts[last - 1] + (stop + len(quote[-12:]) if stop >= 0 else len(last_text))
        return Quoted(quote, line, last, start, max(start, end))


def _starts(text: str) -> list[int]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _cite(quoted: Quoted) -> Citation:
    return Citation(DOCUMENT, Place(quoted.start, quoted.end, quoted.line, quoted.last, inline=True))


def words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower())) - _EMPTY
