"""Weaknesses of tests, reviews and ways back: each beside the case that is like it and is none."""

from __future__ import annotations

import pytest
from weak import AT, SHA, change, found, set_off

from afterword.model.event import Event, Kind
from afterword.model.incident import PointName
from afterword.model.time import MINUTE, Span
from afterword.testing import event, point


def run(state: str, minutes: int, name: str = "unit", commit: str = SHA, **more: str) -> Event:
    return event(Kind.CHECK, AT + minutes * MINUTE, "shop", name=name, check="run", state=state, commit=commit, **more)


@pytest.mark.parametrize(
    ("runs", "weak"),
    [
        ([run("failure", 5)], True),
        ([run("cancelled", 5)], True),
        ([run("skipped", 5), run("success", 5, "lint")], True),
        ([run("failure", 3), run("success", 6)], False),
        ([run("success", 5)], False),
        ([run("failure", 5, commit="f" * 40)], False),
        ([run("failure", 60)], True),  # the first check ended an hour after it was live
        ([run("success", 5), run("failure", 60)], False),  # a night run afterwards accuses nobody
        ([], False),
    ],
)
def test_red_cancelled_skipped_and_late_checks_of_the_change(runs: list[Event], weak: bool) -> None:
    assert bool(found("red_checks", [*change(), *runs], causes=set_off())) is weak


def test_the_runs_of_the_pull_request_count_for_the_commit_that_it_landed_as() -> None:
    head = "b" * 40
    pull = event(Kind.CHANGE, AT, "cart", name=SHA, change="commit", head=head, pull="7")
    (one,) = found("red_checks", [*change(), pull, run("failure", 2, commit=head)], causes=set_off())
    assert "1 of 1 checks" in one.says
    assert "unit (failure)" in one.says


@pytest.mark.parametrize(
    ("attempt", "state", "weak"), [("2", "success", True), ("1", "success", False), ("2", "failure", False)]
)
def test_a_run_that_passed_when_it_was_run_again(attempt: str, state: str, weak: bool) -> None:
    events = [*change(), run(state, 5, attempt=attempt)]
    assert bool(found("retried_checks", events, causes=set_off())) is weak


def covered(hit: str, missed: str, path: str = "shop/cart.py") -> Event:
    return event(Kind.CHECK, None, path, name="coverage", check="coverage", hit=hit, missed=missed)


@pytest.mark.parametrize(
    ("report", "weak"),
    [
        (covered("1,4", "2-3"), True),
        (covered("1-4", ""), False),
        (covered("1,2,4", "3"), False),  # half of it ran
        (covered("1", "2-3", "other/cart.py"), False),  # another file of the same name
        (covered("1", "2-3", "srv/app/shop/cart.py"), True),
    ],
)
def test_lines_of_the_change_that_no_test_ran(report: Event, weak: bool) -> None:
    made = found("uncovered_change", [*change(), report], causes=set_off())
    assert bool(made) is weak
    assert all("None of the 2 lines" in one.says for one in made)


def test_a_line_that_the_errors_name_and_no_test_ran() -> None:
    log = event(Kind.LOG, AT + 12 * MINUTE, "cart", text="panic at shop/cart.py:3 index out of range", severity="error")
    report, whole = covered("1,2", "3"), Span(AT, AT + 20 * MINUTE)
    (one,) = found("uncovered_change", [log, report], window=whole)
    assert one.says == "The errors name shop/cart.py:3, a line that no test ran."
    assert found("uncovered_change", [log, covered("1-3", "")], window=whole) == []
    assert found("uncovered_change", [log], window=whole) == [], "no report, no finding"


def suite(minutes: int) -> list[Event]:
    return [
        event(Kind.CHECK, AT + minutes * MINUTE, "", name="pytest", check="suite", state="success"),
        event(Kind.CHECK, None, "", name="t.cart.b", check="test", state="flaky"),
    ]


@pytest.mark.parametrize(("minutes", "weak"), [(5, True), (-60, False), (30, False)])
def test_a_flaky_test_counts_when_it_ran_between_the_change_and_its_roll_out(minutes: int, weak: bool) -> None:
    assert bool(found("flaky_test", [*change(), *suite(minutes)], causes=set_off())) is weak


def test_the_reviews_of_the_forge_tell_who_approved() -> None:
    """Others carry an approval and this one carries none; one by its author alone is none either."""

    def pull(number: str, name: str, who: str) -> Event:
        return event(Kind.CHANGE, AT - 60 * MINUTE, "cart", name=name, change="commit", pull=number, who=who)

    def review(number: str, who: str, state: str = "approved") -> Event:
        return event(
            Kind.CHECK, AT - 70 * MINUTE, "shop", name="review", check="review", pull=number, who=who, state=state
        )

    others = [one for n in "2345" for one in (pull(n, n * 40, "sam"), review(n, "ada"))]
    mine = pull("7", SHA, "nora")
    events = [*change(), mine, *others]
    (bare,) = found("unreviewed_change", events, causes=set_off())
    assert "carries no review" in bare.says
    (own,) = found("unreviewed_change", [*events, review("7", "nora")], causes=set_off())
    assert "only by its author" in own.says
    assert found("unreviewed_change", [*events, review("7", "ada")], causes=set_off()) == []
    assert found("unreviewed_change", [*events, review("7", "ada", "commented")], causes=set_off()), (
        "a comment approves nothing"
    )
    assert found("unreviewed_change", [*change(), mine], causes=set_off()) == [], (
        "where none carries one, nothing is known"
    )


def told(*said: tuple[int, str]) -> list[Event]:
    return [event(Kind.MESSAGE, AT + minute * MINUTE, "#inc", name="u", text=text) for minute, text in said]


@pytest.mark.parametrize(
    ("text", "weak"),
    [
        ("the rollback is stuck on the migration", True),
        ("we can't roll back, the schema has moved on", True),
        ("rollback done, errors are gone", False),
        ("what if the rollback fails?", False),
        ("should we roll back if it is stuck", False),
    ],
)
def test_a_rollback_that_did_not_work(text: str, weak: bool) -> None:
    points = [point(PointName.DETECTED, AT)]
    assert bool(found("slow_rollback", told((5, text)), points=points)) is weak


@pytest.mark.parametrize(("back", "weak"), [(40, True), (15, False)])
def test_a_rollback_that_was_overtaken_by_another_change(back: int, weak: bool) -> None:
    events = [
        *told((5, "rolling back cart now")),
        event(Kind.CHANGE, AT + 18 * MINUTE, "cart", name="f", change="flag", state="on->off"),
        event(Kind.CHANGE, AT + back * MINUTE, "cart", name="d9", change="deploy", text="rollback to v1"),
    ]
    points = [point(PointName.DETECTED, AT), point(PointName.MITIGATION_EFFECTIVE, AT + 20 * MINUTE)]
    assert bool(found("slow_rollback", events, points=points)) is weak
