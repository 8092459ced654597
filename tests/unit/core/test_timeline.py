"""The timeline: what happened, moment by moment, the same in whatever order it was read."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pool
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.core import analyse, timeline
from afterword.model.event import Event, Kind
from afterword.model.incident import By
from afterword.model.incident import PointName as P
from afterword.model.time import HOUR, MINUTE, SECOND, minutes
from afterword.model.timeline import Moment
from afterword.model.timeline import MomentKind as K
from afterword.testing import case_from, cite, event
from afterword.testing import point as made

EVENTS = pool.events()
PM = analyse.analyse(case_from(EVENTS))


def kinds(*kind: K) -> list[str]:
    return [one.title for one in PM.moments if one.kind in kind]


def moments(*more: Event) -> tuple[Moment, ...]:
    return analyse.analyse(case_from([*EVENTS, *more])).moments


def test_the_story_is_told_from_cause_to_end() -> None:
    told = [one.kind for one in PM.moments if one.weight >= 0.7]
    for first, then in pairwise((K.TRIGGER, K.IMPACT, K.ALERT, K.PAGE, K.DECLARATION, K.DIAGNOSIS, K.MITIGATION, K.RECOVERY, K.RESOLUTION)):  # fmt: skip
        assert told.index(first) < told.index(then), (first, then)


def test_moments_stand_in_the_order_of_time_with_ids_of_their_own() -> None:
    assert [one.at for one in PM.moments] == sorted(one.at for one in PM.moments)
    assert len({one.id for one in PM.moments}) == len(PM.moments)


def test_every_moment_cites_and_every_citation_leads_to_a_line() -> None:
    lines = {cite(row + 1).place.first for row in range(len(EVENTS))}
    for one in PM.moments:
        assert one.cites, one
        for cited in one.cites:
            assert cited.evidence == "E1"
            assert cited.place.first in lines
            assert cited.place.last in lines


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_lines_decides_nothing(random) -> None:
    """Another export of the same evidence writes its lines in another order."""
    again = analyse.analyse(case_from(random.sample(EVENTS, len(EVENTS)))).moments
    assert sorted(map(bare, again)) == sorted(map(bare, PM.moments))


def bare(one: Moment) -> tuple[object, ...]:
    """A moment without the places that it cites."""
    return (one.at, one.kind.value, one.title, one.component, one.quote, one.until or 0, one.weight)


def test_an_id_follows_what_is_cited_and_nothing_else() -> None:
    """What people decided about a moment survives a better reader that words it in another way."""
    one = timeline.moment(K.ALERT, 5, "one title", (cite(1),))
    assert timeline.moment(K.ALERT, 9, "another", (cite(1),)).id == one.id
    assert timeline.moment(K.ALERT, 5, "one title", (cite(2),)).id != one.id
    assert timeline.moment(K.PAGE, 5, "one title", (cite(1),)).id != one.id


def test_a_rollback_is_what_helped_and_no_further_suspect() -> None:
    assert any("rollback" in title for title in kinds(K.MITIGATION))
    assert not any("rollback" in title for title in kinds(K.CHANGE, K.TRIGGER))


def test_a_commit_that_was_deployed_is_told_through_its_deploy() -> None:
    """Unless it is the one that did it: then both its review and its deploy matter."""
    quiet = event(Kind.CHANGE, pool.minute(20), "", name="dddd4444", text="quiet commit", change="commit")
    shipped = event(Kind.CHANGE, pool.minute(21), "mail", name="dep-9", text="deploy", change="deploy", commit="dddd4444")  # fmt: skip
    told = [one.title for one in moments(quiet, shipped) if "quiet commit" in one.title]
    assert told == ["Deploy of mail (dddd4444): quiet commit"]


def test_one_version_that_goes_to_many_components_is_one_moment() -> None:
    """A release of the whole platform must not push everything else out of the timeline."""
    names = ["web", "mail", "cart", "pay", "search", "login"]
    rolled = [
        event(Kind.CHANGE, pool.minute(20) + n * SECOND, name, name=f"d{n}", change="deploy", commit="eeee5555")
        for n, name in enumerate(names)
    ]
    later = event(Kind.CHANGE, pool.minute(25), "web", name="d9", change="deploy", commit="eeee5555")
    told = [one for one in moments(*rolled, later) if "eeee5555" in one.title]
    assert [one.title for one in told] == [
        "Deploy of cart, login, mail, pay and 2 more (eeee5555)",
        "Deploy of web (eeee5555)",
    ]
    assert len(told[0].cites) == len(names)


def test_the_same_alert_from_two_systems_is_one_firing() -> None:
    twin = event(Kind.ALERT, pool.minute(42) + 20 * SECOND, "shop", name="ShopErrors", state="resolved", until=pool.minute(62))  # fmt: skip
    later = event(Kind.ALERT, pool.minute(50), "shop", name="ShopErrors", state="firing")
    told = [one for one in moments(twin, later) if one.kind is K.ALERT]
    assert [one.at for one in told] == [pool.minute(42), pool.minute(50)]
    assert len(told[0].cites) == 2
    assert (told[0].until, "later resolved" in told[0].title) == (pool.minute(62), True)


def test_who_speaks_of_symptoms_after_the_alert_looks_into_them() -> None:
    early = event(Kind.MESSAGE, pool.minute(41), "inc", name="ann", text="customers complain about the checkout")
    late = event(Kind.MESSAGE, pool.minute(47), "inc", name="ann", text="seeing errors in the shop")
    told = {one.quote: one.title for one in moments(early, late) if one.quote}
    assert told[early.text] == "Somebody reports trouble"
    assert told[late.text] == "The responders speak of what they see"


def test_what_lies_hours_away_is_another_story() -> None:
    old = event(Kind.ALERT, pool.minute(40) - 3 * HOUR, "shop", name="OldAlert")
    ancient = event(Kind.CHANGE, pool.minute(40) - 9 * HOUR, "shop", name="old", text="an old change", change="deploy")
    assert not [one for one in moments(old, ancient) if "OldAlert" in one.title or "old change" in one.title]


def test_an_error_with_a_trace_of_calls_is_quoted_by_what_it_says() -> None:
    trace = "Traceback (most recent call last):\n  File a.py\nValueError: no such order"
    lines = [event(Kind.LOG, pool.minute(41) + n, "shop", text=trace, severity="error") for n in range(3)]
    assert "ValueError: no such order" in [one.quote for one in moments(*lines)]


# --------------------------------------------------------------------------------------------------- gaps


def test_a_gap_lies_between_what_is_known_and_names_its_length() -> None:
    points = [made(P.DETECTABLE, 0, cite(1)), made(P.DETECTED, 12 * MINUTE, cite(2))]
    (gap,) = timeline.gaps(points)
    assert (gap.at, gap.until, gap.cites) == (0, 12 * MINUTE, (cite(1), cite(2)))
    assert gap.title == "12 min in which the signal was visible and nobody knew (00:00:00 to 00:12:00)"


def test_no_gap_without_both_ends_nor_where_hardly_any_time_passed() -> None:
    assert not list(timeline.gaps([made(P.DETECTABLE, 0)]))
    assert not list(timeline.gaps([made(P.DETECTABLE, 0), made(P.DETECTED, 59 * SECOND)]))
    assert not list(timeline.gaps([made(P.DETECTABLE, 9 * MINUTE), made(P.DETECTED, 0)]))


def test_a_gap_ends_where_somebody_begins_to_act() -> None:
    """The exact defect was found two minutes after the rollback: those are no minutes in which nobody acted."""
    points = [made(P.ACKNOWLEDGED, 0), made(P.IDENTIFIED, 6 * MINUTE)]
    rolled_back = made(P.MITIGATION_APPLIED, 4 * MINUTE)
    (gap,) = timeline.gaps([*points, rolled_back])
    assert gap.until == 4 * MINUTE
    # Control: what was done before anybody had taken it on cuts nothing off.
    early = timeline.gaps([*(replace(p, at=p.at + 5 * MINUTE) for p in points), rolled_back])
    assert [one.until for one in early] == [11 * MINUTE]


def test_a_gap_is_measured_from_the_estimate_where_both_are_known() -> None:
    said = replace(made(P.DETECTED, 50 * MINUTE), by=By.STATED)
    (gap,) = timeline.gaps([said, made(P.DETECTABLE, 0), made(P.DETECTED, 5 * MINUTE)])
    assert gap.until == 5 * MINUTE


@pytest.mark.parametrize(
    ("seconds", "says"),
    [(0, "0 s"), (45, "45 s"), (89.6, "1 min 30 s"), (120, "2 min"), (150, "2 min 30 s"), (16 * 60 + 20, "16 min 20 s"), (24 * 60 + 55, "24 min 55 s"), (5400, "1 h 30 min"), (7500, "2 h 05 min"), (774_120, "8 d 23 h")],
)  # fmt: skip
def test_a_length_of_time_as_people_say_it(seconds: float, says: str) -> None:
    assert minutes(round(seconds * SECOND)) == says


@pytest.mark.parametrize(
    ("change", "title"),
    [
        (event(Kind.CHANGE, 0, "shop", name="new-cart", text="off -> on", change="flag"), "Flag new-cart on shop: off -> on"),
        (event(Kind.CHANGE, 0, "", name="new-cart", text="off -> on", change="flag"), "Flag new-cart: off -> on"),
        (event(Kind.CHANGE, 0, "shop", name="559e94cefff", text="tidy\nmore", change="commit"), "Commit (559e94ce): tidy"),
        (event(Kind.CHANGE, 0, "shop", name="v7", change="config"), "Configuration of shop (v7)"),
        (event(Kind.CHANGE, 0, "", change="deploy"), "Deploy of an unnamed component"),
    ],
)  # fmt: skip
def test_what_a_change_is_called(change: Event, title: str) -> None:
    assert timeline.change_title(change) == title
