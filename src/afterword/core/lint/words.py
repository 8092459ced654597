"""Rules about the words of single nodes. What the review says of documents holds for a node that stands under causes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core import wording
from afterword.core.remark import draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from afterword.core.lint.rule import Hit
    from afterword.core.lint.subject import Subject
    from afterword.core.remark import Draft

_WORD = re.compile(r"[a-z0-9_]+")
_EMPTY = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "and",
        "or",
        "was",
        "were",
        "is",
        "are",
        "be",
        "been",
        "by",
        "it",
        "its",
        "that",
        "which",
        "with",
        "had",
        "has",
        "have",
        "because",
    ]
)
#: Two finite verbs around an "and": two things at once.
_TWO = re.compile(
    r"\b(?:was|were|is|had|did|could|failed|ran|fell|rose|broke|stopped|returned|timed out|filled)\b[^.;]*? and (?:the |a |an |its |no |nobody |it )?"
    r"(?:\w+ ){0,3}?(?:was|were|is|had|did|could|failed|ran|fell|rose|broke|stopped|returned|timed out|filled|noticed|knew|told)\b",
    re.IGNORECASE,
)


def twice(subject: Subject) -> Iterator[Hit]:
    """The same words, or all the same evidence in the same part."""
    seen: dict[object, str] = {}
    for one in subject.factors:
        for key in (" ".join(sorted(_words(one.statement))), (one.cites, one.role, one.component) if one.cites else ""):
            if key and key in seen and seen[key] != one.id:
                yield one.id, f"{one.statement} (as {seen[key]})"
            elif key:
                seen[key] = one.id


def restates(subject: Subject) -> Iterator[Hit]:
    """The same words, or the effect with "failed" for its cause."""
    for link in subject.leading:
        cause, effect = subject.nodes[link.cause], subject.nodes[link.effect]
        mine, its = _words(cause.statement), _words(effect.statement)
        if mine and its and len(mine & its) / len(mine | its) > 0.8:
            yield f"{link.cause}>{link.effect}", f"{cause.statement} → {effect.statement}"


def compound(subject: Subject) -> Iterator[Hit]:
    for one in subject.factors:
        if found := _TWO.search(one.statement):
            yield one.id, found[0]


def human_error(subject: Subject) -> Iterator[Hit]:
    return _by(subject, wording.human_error)


def should_have(subject: Subject) -> Iterator[Hit]:
    return _by(subject, wording.should_have)


def normative(subject: Subject) -> Iterator[Hit]:
    return _by(subject, wording.normative)


def person(subject: Subject) -> Iterator[Hit]:
    return _by(subject, wording.blame_person)


def vague(subject: Subject) -> Iterator[Hit]:
    return _by(subject, wording.vague_cause)


def _by(subject: Subject, find: Callable[[Draft], Iterator[tuple[int, str]]]) -> Iterator[Hit]:
    for one in subject.factors:
        text = one.statement if one.statement.endswith((".", "!", "?")) else one.statement + "."
        for _, quote in find(draft(f"## Root cause\n\n{text[:1].upper()}{text[1:]}\n", "markdown")):
            yield one.id, quote


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower())) - _EMPTY
