"""Collection: what live systems answered when they were asked about a stretch of time, and what they did not."""

from __future__ import annotations

from dataclasses import dataclass

from afterword.model.evidence import Asked
from afterword.model.time import Span


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its bytes by hash, and the question. ``key`` finds it again when the collection goes on."""

    key: str
    sha256: str
    size: int
    name: str
    asked: Asked


@dataclass(frozen=True, slots=True)
class Failure:
    """A question without a useful answer, and why; ``status`` is 0 where nothing answered."""

    says: str
    why: str
    status: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one system gave. Questions are counted once, however often they had to be sent."""

    system: str
    connector: str
    url: str
    #: Questions put in this run.
    asked: int = 0
    #: Answers that were here already, from a run before.
    again: int = 0
    #: Answers that are evidence.
    got: int = 0
    size: int = 0
    pages: tuple[Page, ...] = ()
    failed: tuple[Failure, ...] = ()
    #: What is there and was not asked for, and why.
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """All answers about one window. The same systems, options and window give the same id again."""

    id: str
    window: Span
    systems: tuple[Fetched, ...] = ()
    #: The folder with the answers as files, where one was asked for.
    out: str = ""

    @property
    def pages(self) -> tuple[Page, ...]:
        return tuple(page for one in self.systems for page in one.pages)

    @property
    def whole(self) -> bool:
        """Nothing failed."""
        return not any(one.failed for one in self.systems)
