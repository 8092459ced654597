"""Tally: what is counted, and redacted, while the events of one artefact pass by on their way into the lake."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from afterword.app import batch
from afterword.core.extent import Extent
from afterword.model.event import Event
from afterword.model.evidence import Accounting, Evidence, Problem, Skipped
from afterword.ports import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.core.secret.event import EventRedactor

BATCH = 10_000
#: Characters of text in one batch of events: ten thousand lines of a megabyte would be ten gigabytes.
HEAVY = 16 << 20
#: Problems that are kept with an artefact; the rest is counted.
MOST_PROBLEMS = 200


@dataclass(slots=True)
class Tally:
    """Counts while the events pass by."""

    size: int
    problems: list[Problem] = field(default_factory=list)
    redactor: EventRedactor | None = None
    more: int = 0
    counted: int = 0
    first: int | None = None
    last: int | None = None
    events: Extent = field(default_factory=Extent)
    aside: Extent = field(default_factory=Extent)

    def batches(self, stream: Iterator[Event | Problem | Skipped | Batch]) -> Iterator[Sequence[Event] | Batch]:
        made: list[Event] = []
        weight = 0
        for one in stream:
            if isinstance(one, Batch):
                if made:
                    yield self._counted(made)
                    made = []
                yield self._columns(one)
                continue
            if not isinstance(one, Event):
                self.add(one)
                continue
            made.append(one)
            weight += len(one.text)
            self.events.add(one.place.start, one.place.end)
            if len(made) == BATCH or weight > HEAVY:
                yield self._counted(made)
                made, weight = [], 0
        if made:
            yield self._counted(made)

    def _counted(self, batch: Sequence[Event]) -> Sequence[Event]:
        self.counted += len(batch)
        self._seen([event.at for event in batch if event.at is not None])
        return self.redactor.events(batch) if self.redactor else batch

    def _columns(self, one: Batch) -> Batch:
        """Count a batch of columns."""
        self._seen([event.at for event in one.events if event.at is not None])
        self.counted += one.table.num_rows + len(one.events)
        for start, end in batch.stretches(one):
            self.events.add(start, end)
        self._seen(batch.ends(one))
        return batch.redacted(one, self.redactor) if self.redactor else one

    def _seen(self, dated: Sequence[int]) -> None:
        if dated:
            self.first = min(dated if self.first is None else [self.first, *dated])
            self.last = max(dated if self.last is None else [self.last, *dated])

    def add(self, one: Problem | Skipped) -> None:
        if isinstance(one, Skipped):
            return
        if one.quarantined:
            self.aside.add(one.place.start, one.place.end)
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(self.redactor.problem(one) if self.redactor else one)
        else:
            self.more += 1

    def close(self, evidence: Evidence) -> Evidence:
        """The artefact with its accounts: what no event holds and nothing set aside lies between them."""
        events = self.events.length()
        quarantined = self.aside.without(self.events)
        accounting = Accounting(self.size, events, quarantined, self.size - events - quarantined)
        return replace(
            evidence,
            counted=self.counted,
            first_at=self.first,
            last_at=self.last,
            accounting=accounting,
            problems=tuple(self.problems),
            more_problems=self.more,
        )
