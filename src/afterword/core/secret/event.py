"""Events without secrets: the texts of a batch are scanned as one, so that a line without any costs almost nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from afterword.core.secret.name import family
from afterword.core.secret.value import judge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from afterword.core.secret.found import Found
    from afterword.core.secret.redact import Redactor
    from afterword.model.event import Event
    from afterword.model.evidence import Problem


@dataclass(slots=True)
class EventRedactor:
    """Redacts what is read from one artefact, in its order: a private key may go on from one batch to the next."""

    redactor: Redactor
    inside: int = 0

    def problem(self, problem: Problem) -> Problem:
        """The problem, without secrets where its message quotes the bytes."""
        text = self.redactor.text(problem.message)
        return problem if text is problem.message else replace(problem, message=text)

    def events(self, batch: Sequence[Event]) -> Sequence[Event]:
        """The batch itself when nothing has to go."""
        return self.with_texts(batch, self.texts([event.text for event in batch]))

    def with_texts(self, batch: Sequence[Event], texts: Mapping[int, str]) -> Sequence[Event]:
        """The batch with these texts in the place of its own (by their place in it), everything else redacted."""
        words = self._words(batch)
        named = list(self._named(batch)) if "secrets" in self.redactor.kinds else []
        if not texts and not words and not named:
            return batch
        values = {id(attributes): made for attributes, made in named}
        return [_made(event, texts.get(row), words, values) for row, event in enumerate(batch)]

    def texts(self, texts: Sequence[str]) -> dict[int, str]:
        """What becomes of those texts in which something was found, by their place in the list."""
        body = joined(texts)
        found, self.inside = self.redactor.find_on(body, self.inside)
        return dict(changed(self.redactor, body, found)) if found else {}

    def _words(self, batch: Sequence[Event]) -> dict[str, str]:
        """What becomes of subjects, names and the values of attributes, where something was found in them."""
        words: dict[str, None] = {}
        last = None
        for event in batch:
            words[event.subject] = words[event.name] = words[event.place.part] = words[event.clock] = None
            if event.attributes is not last:
                last = event.attributes
                words.update(dict.fromkeys(last.values()))
        return self.words(list(words))

    def words(self, pieces: Sequence[str]) -> dict[str, str]:
        """What becomes of those words in which something was found."""
        body = joined(pieces)
        found = self.redactor.find(body)
        return {pieces[row]: text for row, text in changed(self.redactor, body, found)} if found else {}

    def _named(self, batch: Sequence[Event]) -> Iterator[tuple[Mapping[str, str], dict[str, str]]]:
        """Attributes whose own name says that their value is a secret, with what becomes of them."""
        last = None
        for event in batch:
            if event.attributes is last:
                continue
            last = event.attributes
            made = self.named(last)
            if made:
                yield last, made

    def named(self, attributes: Mapping[str, str]) -> dict[str, str]:
        """Those attributes whose name and value say that they are secrets, with a placeholder for the whole value."""
        made = {key: self._placed(key, attributes[key]) for key in telling(tuple(attributes))}
        return {key: value for key, value in made.items() if value != attributes[key]}

    def _placed(self, name: str, value: str) -> str:
        how = family(name)
        if how is None or not judge(how[0], value, sure=True, loose=False):
            return value
        return self.redactor.placeholder(f"secret:{how[1]}", value.encode("utf-8", "surrogatepass")).decode()


def joined(texts: Sequence[str]) -> bytes:
    """The texts with a zero byte between any two; zeros in them become another control character."""
    body = "\0".join(texts).encode("utf-8", "surrogatepass")
    if body.count(b"\0") != max(0, len(texts) - 1):
        body = "\0".join([text.replace("\0", "\1") for text in texts]).encode("utf-8", "surrogatepass")
    return body


def changed(redactor: Redactor, body: bytes, found: Sequence[Found]) -> Iterator[tuple[int, str]]:
    """Number and new text of each of the joined texts in which something was found."""
    ends = np.append(np.flatnonzero(np.frombuffer(body, np.uint8) == 0), len(body))
    rows = np.searchsorted(ends, [one.start for one in found], side="right")
    of_row: dict[int, list[Found]] = {}
    for row, one in zip(rows.tolist(), found, strict=True):
        of_row.setdefault(row, []).append(one)
    for row, ones in of_row.items():
        start = int(ends[row - 1]) + 1 if row else 0
        yield row, redactor.replaced(body, ones, start, int(ends[row])).decode("utf-8", "surrogatepass")


@lru_cache(maxsize=4096)
def telling(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the names that say that their value is a secret."""
    return tuple(name for name in names if family(name) is not None)


def _made(event: Event, text: str | None, words: Mapping[str, str], named: Mapping[int, dict[str, str]]) -> Event:
    """The event with what was replaced in it."""
    fields: dict[str, Any] = {} if text is None else {"text": text}
    for name in ("subject", "name", "clock"):
        word = getattr(event, name)
        if word in words:
            fields[name] = words[word]
    if event.place.part in words:
        fields["place"] = replace(event.place, part=words[event.place.part])
    own = named.get(id(event.attributes))
    if own or (words and not words.keys().isdisjoint(event.attributes.values())):
        fields["attributes"] = {key: words.get(value, value) for key, value in event.attributes.items()} | (own or {})
    return replace(event, **fields) if fields else event
