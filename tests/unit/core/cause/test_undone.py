"""A release is rolled back. Sometimes the errors stop there; sometimes they go on for a quarter of an hour, and somebody says so."""

from __future__ import annotations

import pool
import pytest

from afterword.core import analyse
from afterword.core.cause import undone
from afterword.model.cause import Grade, Role, Verdict
from afterword.model.event import Event, Kind
from afterword.testing import case_from, event

DEPLOY = event(Kind.CHANGE, pool.minute(39.9), "api", name="2.4.1", text="orders: new pricing client", change="deploy", commit="2.4.1")  # fmt: skip
BACK = event(Kind.CHANGE, pool.minute(60), "api", name="2.4.0", text="rollback of 2.4.1", change="deploy", commit="2.4.0")  # fmt: skip
FIRST = event(Kind.CHANGE, pool.minute(1), "api", name="2.4.0", text="first", change="deploy", commit="2.4.0")


def lines(until: float, path: str = "/api/orders") -> list[Event]:
    """A request a second and a half; from minute 40 half of them fail."""
    made = []
    for n in range(2 * 80 * 20):
        at = n / 40
        bad = 40 <= at < until and n % 2
        text = f'10.0.0.{n % 200} "GET {path} HTTP/1.1" {502 if bad else 200} {n}'
        made.append(event(Kind.LOG, pool.minute(at), "system", text=text, severity="error" if bad else "info"))
    return made


def told(*more: Event, until: float, path: str = "/api/orders") -> tuple[Verdict, list[tuple[str, Role, Grade]], str]:
    case = case_from([FIRST, DEPLOY, BACK, *more, *lines(until, path)])
    found = analyse.analyse(case, ()).explanation
    mine = [one for one in found.causes if one.component == "api" and "deploy 2.4.1" in one.statement]
    against = " ".join(r.says for one in mine for r in one.reasons_against)
    return found.verdict, [(one.component, one.role, one.grade) for one in mine], against


def test_errors_that_stop_at_the_rollback_were_undone_by_it() -> None:
    verdict, [(_, role, grade)], _ = told(until=60.4)
    assert (verdict, role, grade) == (Verdict.EXPLAINED, Role.TRIGGER, Grade.INTERVENTION)


def test_errors_that_go_on_as_before_refute_it() -> None:
    verdict, [(_, role, grade)], against = told(until=74)
    assert verdict is Verdict.INCONCLUSIVE
    assert role is not Role.TRIGGER
    assert grade < Grade.MECHANISM
    assert "did not help: things failed as often as before" in against


@pytest.mark.parametrize(
    "text", ["the rollback did nothing, it was the CDN", "rolled back 5 min ago, no effect", "rollback didn't help"]
)
def test_who_says_that_it_did_not_help_contests_it(text: str) -> None:
    said = event(Kind.MESSAGE, pool.minute(64), "inc", name="lee", text=text)
    verdict, _, against = told(said, until=60.4)
    assert verdict is Verdict.INCONCLUSIVE
    assert text in against


@pytest.mark.parametrize(
    "text", ["rolled back, it is fine again", "no change planned for today", "the deploy went out at ten"]
)
def test_other_words_contest_nothing(text: str) -> None:
    said = event(Kind.MESSAGE, pool.minute(64), "inc", name="lee", text=text)
    assert told(said, until=60.4)[0] is Verdict.EXPLAINED


def test_a_doubt_from_before_the_rollback_is_about_something_else() -> None:
    said = event(Kind.MESSAGE, pool.minute(50), "inc", name="lee", text="the restart did nothing, roll back next")
    assert told(said, until=60.4)[0] is Verdict.EXPLAINED


def test_requests_that_name_another_part_do_not_join_this_one() -> None:
    """Only the search fails; the release of the api went back in the same minute, and nothing joins the two."""
    other = event(Kind.CHANGE, pool.minute(2), "search", name="3.0", text="search", change="deploy", commit="3.0")
    verdict, found, against = told(other, until=60.4, path="/search/all")
    assert verdict is Verdict.INCONCLUSIVE
    assert all(role is not Role.TRIGGER for _, role, _ in found)
    assert "nothing in the evidence joins api" in against


def test_a_rate_that_falls_away_slowly_was_touched() -> None:
    import numpy as np

    before = np.arange(0, 600, 2) * 10**9
    after = (600 + np.cumsum(np.linspace(1, 40, 40))) * 10**9
    bad = np.concatenate([before, after.astype(np.int64)])
    assert not undone.went_on(bad, 0, 600 * 10**9, int(bad[-1]))
    steady = np.arange(0, 1500, 2) * 10**9
    assert undone.went_on(steady, 0, 600 * 10**9, 1500 * 10**9)
