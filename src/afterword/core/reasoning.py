"""Rules about how a document reasons: what the linter of graphs asks, where a text alone can answer it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from afterword.core.outline import BULLET, Part
from afterword.core.remark import Draft, quote_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.outline import Line
    from afterword.core.wording import Hit

_FEWEST = 2
#: What an action begins with that only writes down, tells or trains.
_WEAK = re.compile(
    r"^\W*(?:(?:we|everyone|the team) (?:should|must|need to|will) )?(?:document|write (?:up |down )?(?:a |the )?(?:doc|guide|runbook|playbook|wiki|notes?|postmortem|how-?to)"
    r"|update (?:the |our )?(?:\w+ )?(?:docs?|documentation|wiki|runbooks?|readme)|train|educate|remind|teach|tell|inform|communicate|announce|be (?:more )?(?:careful|aware)"
    r"|discuss|review (?:the |our )?(?:docs?|documentation|process)|share|raise awareness|add (?:a )?(?:documentation|docs|note))\b",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"\b(?:deploy(?:ed|ing|ment|s)?|roll(?:ed)?[- ]?out|released?|upgrad(?:e|ed|ing)|merged|patch(?:ed)?|configuration change|config change|change (?:to|in|of) the|migrat(?:ed|ion|ing)"
    r"|new version|commit)\b",
    re.IGNORECASE,
)
_DEFENCE = re.compile(
    r"\btest|\bcanar|\breview|\bstag(?:ing|ed|e)\b|\bmonitor|\balert|\bCI\b|\bQA\b|\bbeta\b|\bvalidat|\bcheck|\blint|\bgradual|\brollback|\broll(?:ed|ing)?[- ]?back|\brevert|\bsafeguard"
    r"|\bdry[- ]run|\bicinga|\bnagios|\bprometheus|\bguard|\bprevent|\bcatch|\bcaught|\bfail-?safe|\bverif|\bdetect",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"\bwhy\b[^?]{0,200}\?", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9_]{2,}")
_PLAIN = frozenset(["the", "an", "of", "in", "on", "at", "to", "for", "and", "or", "was", "were", "is", "are", "be", "been", "by", "it", "its", "that", "with", "due", "caused", "cause", "root", "because", "this", "incident", "outage"])  # fmt: skip


def weak_actions(draft: Draft) -> Iterator[Hit]:
    """Two actions and more, and every one of them writes something down or tells people."""
    items = [one for one in draft.stated.actions if len(one.text.split()) > 2]
    if len(items) >= _FEWEST and all(_WEAK.match(one.text) for one in items):
        yield items[0].line, quote_of(items[0].text)


def no_defence(draft: Draft) -> Iterator[Hit]:
    """A change is told as the cause, and no test, review, canary or alert is spoken of anywhere in the document."""
    causes = [*draft.stated.root_causes, *([draft.stated.trigger] if draft.stated.trigger else [])]
    changed = next((one for one in causes if _CHANGED.search(one.quote)), None)
    if changed is not None and not speaks_of_defence(draft):
        yield changed.line, quote_of(changed.quote)


def speaks_of_defence(draft: Draft) -> bool:
    """A test, a review, a canary, an alert: in any line that is no heading."""
    return any(_DEFENCE.search(line.text) for line in draft.lines if not line.heading)


def one_chain(draft: Draft) -> Iterator[Hit]:
    """Three whys and more in one row, no branch, and nothing else in the document that contributed."""
    whys = [line for line in draft.lines if line.part is Part.WHYS and _QUESTION.search(line.text) and not line.heading]
    if (
        len(whys) >= 3
        and not _branches(whys)
        and not draft.stated.contributing_factors
        and "contribut" not in draft.text.lower()
    ):
        yield whys[-1].number, quote_of(whys[-1].bare)


def _branches(whys: list[Line]) -> bool:
    """The same question twice, or two questions side by side under a deeper one."""
    asked = [re.sub(r"\W+", " ", line.bare).strip().lower() for line in whys]
    indents = [len(line.text) - len(line.text.lstrip()) for line in whys if BULLET.match(line.text)]
    return len(set(asked)) < len(asked) or any(one > other for one, other in pairwise(indents))


def restates(draft: Draft) -> Iterator[Hit]:
    """The cause says the title again: the same words, and no other."""
    title = _words(draft.stated.title or "")
    if len(title) < 2:
        return
    for one in draft.stated.root_causes:
        words = _words(one.quote)
        if words and words <= title:
            yield one.line, quote_of(one.quote)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower())) - _PLAIN
