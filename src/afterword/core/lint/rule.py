"""Rule and remark of the linter, and the run of all rules over one subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.model.answer import Says

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from afterword.core.lint.subject import Subject

#: What a rule yields: what it is about (a node, ``cause>effect``, or ``graph``) and the words that show it.
Hit = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """``decides``: graph, text or question. The examples are sketches (see ``sketch``) and are tested."""

    id: str
    name: str
    severity: str
    decides: str
    says: str
    suggest: str
    source: str
    find: Callable[[Subject], Iterable[Hit]]
    bad: str
    good: str
    #: Put to a person about each hit; answers are kept and the rule reads them. Empty: nothing is asked.
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Lint:
    """One remark. ``waived`` holds the reason of the person who took it on themselves."""

    rule: str
    name: str
    severity: str
    about: str
    quote: str
    says: str
    suggest: str
    source: str
    asks: str = ""
    waived: str = ""


_ORDER = ("error", "warning", "info")


def lint(subject: Subject, rules: Sequence[Rule]) -> tuple[Lint, ...]:
    """Every remark, errors first; what was waived stays, with its reason, behind all others."""
    found = [made for rule in rules for made in _remarks(subject, rule)]
    return tuple(sorted(found, key=lambda one: (bool(one.waived), _ORDER.index(one.severity), one.rule, one.about)))


def _remarks(subject: Subject, rule: Rule) -> Iterator[Lint]:
    seen: set[str] = set()
    for about, quote in rule.find(subject):
        if about in seen:
            continue
        seen.add(about)
        yield Lint(
            rule.id, rule.name, rule.severity, about, quote, rule.says, rule.suggest, rule.source, rule.asks,
            _waiver(subject, rule.id, about),
        )  # fmt: skip


def _waiver(subject: Subject, rule: str, about: str) -> str:
    last = next((one for one in reversed(subject.answers) if (one.rule, one.about) == (rule, about)), None)
    return f"{last.text} ({last.role or last.by})" if last is not None and last.says is Says.WAIVED else ""
