"""What a query is, and what it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a query. Times are ns since the epoch, stretches of time half open: ``[start, end)``.

    A query reads the fields that its ``takes`` names, and no others.
    """

    window: tuple[int, int] | None = None
    baseline: tuple[int, int] | None = None
    component: str = ""
    template: str = ""
    text: str = ""
    #: The text is a regular expression in the portable subset of ``portable_regex``.
    regex: bool = False
    #: SHA-256 of one artefact, and a line in it.
    artefact: str = ""
    line: int = 0
    #: The most rows of an answer, where a query has a limit.
    most: int = 1000
    #: So many times more often than in the baseline is a burst, so many times less often a dip.
    factor: int = 3
    #: A burst has at least so many rows in the window, a dip in the baseline.
    least: int = 10


@dataclass(frozen=True, slots=True)
class Query:
    """One query: an Ibis expression over the table of events, written once for every engine.

    ``build`` takes an Ibis table with the columns of ``portable.EVENTS`` and returns an expression whose rows come in
    one order on every engine. ``kinds`` are the kinds of events that it reads; empty: all of them.
    """

    name: str
    about: str
    build: Callable[[Any, Question], Any]
    kinds: tuple[str, ...] = ()
    takes: tuple[str, ...] = ("window",)
    #: Fields of the question that must not be empty.
    needs: tuple[str, ...] = ()
    #: Rows outside of the window matter too.
    reaches: bool = False
