"""Lines without traces: what always comes together makes a chain, and the first link that is missing tells where it broke."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause import chain
from afterword.core.window import Found
from afterword.model.event import Event, Kind
from afterword.model.time import MINUTE, SECOND, Span
from afterword.testing import case_from, event

if TYPE_CHECKING:
    from collections.abc import Sequence

MS = 10**6
HEALTHY, TROUBLE = Span(0, 10 * MINUTE), Span(20 * MINUTE, 30 * MINUTE)
FOUND = Found(TROUBLE, HEALTHY, (), Span(0, 30 * MINUTE))
#: The shop asks the prices, and tells the web; all of it in some hundredths of a second.
SAID = (
    ("web", "asked to buy"),
    ("shop", "begin to buy"),
    ("prices", "a price is wanted"),
    ("shop", "the price is known"),
    ("shop", "bought it"),
    ("web", "answered"),
)


def requests(start: int, many: int, missing: Sequence[int] = (), seed: int = 1) -> list[Event]:
    """So many requests at uneven times of ten minutes, without some of what is usually said."""
    times = np.sort(np.random.default_rng(seed).uniform(0, 10 * MINUTE, many)).astype(np.int64)
    return [
        event(Kind.LOG, start + int(at) + 10 * MS * place, who, text=text, severity="info")
        for at in times
        for place, (who, text) in enumerate(SAID)
        if place not in missing
    ]


def reads(start: int, many: int, seed: int) -> list[Event]:
    """Another kind of request, at times of its own."""
    times = np.sort(np.random.default_rng(seed).uniform(0, 10 * MINUTE, many)).astype(np.int64)
    return [
        event(Kind.LOG, start + int(at) + place * MS, who, text=text, severity="info")
        for at in times
        for place, (who, text) in enumerate((("news", "asked to read"), ("news", "read it"), ("web", "shown")))
    ]


def broken(now: list[Event]) -> list[str]:
    case = case_from([*requests(0, 60), *reads(0, 40, 5), *now])
    return [one.component for one in chain.broken(case, FOUND, np.zeros(len(case.logs), dtype=np.bool_))]


def test_where_somebody_goes_on_it_is_the_one_that_is_not_heard() -> None:
    """The prices print nothing any more; the shop prints all that it ever did."""
    assert broken(requests(TROUBLE.start, 50, missing=(2,))) == ["prices"]


def test_a_line_that_one_skips_is_its_own() -> None:
    """The shop no longer says that the price is known, and goes on."""
    assert broken(requests(TROUBLE.start, 50, missing=(3,))) == ["shop"]


def test_where_nobody_goes_on_it_is_who_was_at_work() -> None:
    """After the prices have been asked nothing more comes from anybody: the shop had not finished, nor had the web."""
    assert broken(requests(TROUBLE.start, 50, missing=(3, 4, 5))) == ["shop"]


def test_another_mix_of_requests_breaks_nothing() -> None:
    """Negative control: half as much is bought and three times as much is read."""
    assert broken([*requests(TROUBLE.start, 30, seed=2), *reads(TROUBLE.start, 120, 6)]) == []


def test_what_is_not_asked_any_more_breaks_nothing() -> None:
    """Negative control: nobody buys; a chain that does not come at all is not broken."""
    assert broken(reads(TROUBLE.start, 40, 6)) == []


def test_a_few_lines_tell_nothing() -> None:
    """Negative control: of two requests one went without a line."""
    now = [*requests(TROUBLE.start, 1, missing=(2,)), *requests(TROUBLE.start + 5 * SECOND, 1, seed=3)]
    assert broken(now) == []
