"""The points of an incident's life: estimates with their bounds, beside what people stated, and never one for the other."""

from __future__ import annotations

from dataclasses import replace

import pool
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core import analyse, point
from afterword.model.event import Kind
from afterword.model.incident import DURATIONS, By, Measured, Point, PointName, StatedPoint
from afterword.model.incident import PointName as P
from afterword.model.time import MINUTE
from afterword.testing import case_from, event
from afterword.testing import point as made

PM = analyse.analyse(pool.case())
ESTIMATED = {one.name: one for one in PM.points if one.by is By.ESTIMATE}
STATED = {one.name: one for one in PM.points if one.by is By.STATED}


@pytest.mark.parametrize(
    ("name", "minute"),
    [
        (P.TRIGGER, 39), (P.STARTED, 40), (P.DETECTABLE, 39.5), (P.DETECTED, 42), (P.PAGED, 42.5), (P.ACKNOWLEDGED, 44),
        (P.MITIGATION_APPLIED, 58), (P.MITIGATION_EFFECTIVE, 61), (P.RECOVERED, 61),
    ],
)  # fmt: skip
def test_each_point_lies_where_things_happened(name: P, minute: float) -> None:
    assert abs(ESTIMATED[name].at - pool.minute(minute)) <= MINUTE
    assert ESTIMATED[name].cites


def test_an_estimate_lies_inside_its_bounds() -> None:
    for one in PM.points:
        assert one.earliest <= one.at <= one.latest
        assert one.basis


def test_what_people_said_is_kept_beside_it() -> None:
    assert {name: STATED[name].at for name in (P.DECLARED, P.IDENTIFIED, P.RESOLVED)} == {
        P.DECLARED: pool.minute(45),
        P.IDENTIFIED: pool.minute(56),
        P.RESOLVED: pool.minute(66),
    }
    assert STATED[P.MITIGATION_APPLIED].at != ESTIMATED[P.MITIGATION_APPLIED].at


def test_what_nobody_knows_is_absent() -> None:
    """The channel never closed it; and without its words nobody knows when the right person was there."""
    assert P.CLOSED not in {one.name for one in PM.points}
    assert P.ENGAGED not in without(Kind.MESSAGE)


def test_the_right_person_is_who_mitigated_it() -> None:
    """Lee rolled it back, and had spoken first two minutes before."""
    assert ESTIMATED[P.ENGAGED].at == pool.minute(56)


def without(*kinds: Kind) -> dict[P, Point]:
    pm = analyse.analyse(case_from([one for one in pool.events() if one.kind not in kinds]))
    return {one.name: one for one in pm.points if one.by is By.ESTIMATE}


def test_without_alerts_pages_and_messages_nobody_noticed() -> None:
    """The start is not filled in for it."""
    points = without(Kind.ALERT, Kind.PAGE, Kind.MESSAGE)
    assert P.DETECTED not in points
    assert P.PAGED not in points
    assert P.STARTED in points


def test_a_person_who_was_first_is_who_noticed() -> None:
    report = event(Kind.MESSAGE, pool.minute(41), "inc", name="ann", text="customers report that checkout is failing")
    pm = analyse.analyse(case_from([*pool.events(), report]))
    detected = next(one for one in pm.points if one.name is P.DETECTED)
    assert detected.at == pool.minute(41)
    assert "a person reported it" in detected.basis
    assert "before the alert" in detected.basis


def test_words_of_recovery_before_anything_was_done_are_hopes() -> None:
    said = [
        event(Kind.MESSAGE, pool.minute(43), "inc", name="kim", text="errors are back down, recovered"),
        event(Kind.MESSAGE, pool.minute(58), "inc", name="kim", text="rolled it back"),
        event(Kind.MESSAGE, pool.minute(62), "inc", name="kim", text="it has recovered"),
    ]
    found = {one.name: one.at for one in point.stated(case_from(said), None)}
    assert found == {P.MITIGATION_APPLIED: pool.minute(58), P.RECOVERED: pool.minute(62)}


def test_a_message_long_before_belongs_to_another_day() -> None:
    said = [event(Kind.MESSAGE, pool.minute(-600), "inc", name="kim", text="declaring SEV1"), *pool.people()]
    found = {one.name: one.at for one in point.stated(case_from(said), made(P.STARTED, pool.minute(40)))}
    assert found[P.DECLARED] == pool.minute(45)


# ---------------------------------------------------------------------------------------------- durations


def test_a_duration_has_its_endpoints_and_its_bounds() -> None:
    points = [made(P.STARTED, 10 * MINUTE, early=2 * MINUTE, late=MINUTE), made(P.DETECTED, 20 * MINUTE, late=MINUTE)]
    (found,) = [one for one in point.durations(points) if one.name == "time to detect"]
    assert (found.start, found.end, found.state) == (P.STARTED, P.DETECTED, Measured.RECORDED)
    assert (found.shortest, found.ns, found.longest) == (9 * MINUTE, 10 * MINUTE, 13 * MINUTE)


def test_no_data_is_never_zero() -> None:
    states = {one.name: (one.state, one.ns) for one in point.durations([made(P.STARTED, 0)])}
    assert states["time to detect"] == (Measured.PENDING, None)
    assert states["time to acknowledge"] == (Measured.NOT_APPLICABLE, None)
    backwards = point.durations([made(P.STARTED, 10 * MINUTE), made(P.DETECTED, 5 * MINUTE)])
    assert next(one for one in backwards if one.name == "time to detect").state is Measured.INVALID


def test_the_estimate_is_measured_where_both_are_known() -> None:
    said = replace(made(P.DETECTED, 90 * MINUTE), by=By.STATED)
    found = point.durations([said, made(P.STARTED, 0), made(P.DETECTED, 5 * MINUTE)])
    assert next(one for one in found if one.name == "time to detect").ns == 5 * MINUTE


POINTS = st.lists(
    st.builds(
        lambda name, at, early, late, by: replace(made(name, at, early=early, late=late), by=by),
        st.sampled_from(PointName), st.integers(0, 10**6), st.integers(0, 1000), st.integers(0, 1000), st.sampled_from(By),
    ), max_size=12,
)  # fmt: skip


@given(POINTS)
def test_every_duration_of_the_house_is_given_and_lies_inside_its_bounds(points: list[Point]) -> None:
    found = point.durations(points)
    assert [(one.name, one.start, one.end) for one in found] == list(DURATIONS)
    for one in found:
        assert (one.ns is None) == (one.state is not Measured.RECORDED)
        if one.ns is not None:
            assert one.shortest is not None
            assert one.longest is not None
            assert 0 <= one.shortest <= one.ns <= one.longest


# ------------------------------------------------------------------------------------ statements of people


def test_a_statement_fills_what_telemetry_left_open_and_moves_nothing_that_it_dated() -> None:
    said = (
        StatedPoint(P.ENGAGED, "2026-03-14T09:47:00Z", "kim"),
        StatedPoint(P.STARTED, "2026-03-14T09:00:00Z", "kim"),
    )
    pm = point.with_stated(PM, said)
    durations = {one.name: one for one in pm.durations}
    assert durations["time to engage"].state is Measured.RECORDED
    assert durations["time to detect"] == next(one for one in PM.durations if one.name == "time to detect")
    assert [one for one in pm.points if one.by is By.ESTIMATE] == [one for one in PM.points if one.by is By.ESTIMATE]


@pytest.mark.parametrize("at", ["", "yesterday", "25:00", "2026-13-01"])
def test_a_statement_that_is_no_time_changes_nothing(at: str) -> None:
    assert point.with_stated(PM, (StatedPoint(P.CLOSED, at, "kim"),)) == PM


def test_it_is_over_when_every_main_signal_is_back() -> None:
    assert PM.not_over == ()
    cut = [one for one in pool.events() if one.at is None or one.at < pool.minute(55)]
    pm = analyse.analyse(case_from(cut))
    assert any("shop: error_rate" in one for one in pm.not_over)
    assert P.RECOVERED not in {one.name for one in pm.points if one.by is By.ESTIMATE}
