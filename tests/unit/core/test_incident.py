"""Closing: not while it hurts, and not while a proposal is undecided."""

from __future__ import annotations

from dataclasses import replace

import pytest

from afterword.core.incident import close, objections
from afterword.core.point import durations, with_stated
from afterword.model.action import ActionCategory, ActionItem, ActionKind, ActionState, Strength
from afterword.model.cause import Explanation, Verdict
from afterword.model.incident import By, Incident, Measured, Options, Point, PointName, StatedPoint, Status
from afterword.model.postmortem import Impact, Postmortem
from afterword.model.refusal import RefusalError
from afterword.model.time import SECOND, Span

NOTHING = Explanation("", (), (), (), Verdict.INCONCLUSIVE, none_of_the_changes=False, would_decide=())
PM = Postmortem(
    "inc-1", "Pool exhausted", Span(0, 1), None, None, (), (), (), (), NOTHING, (), (), None, (), (), Impact((), ())
)  # fmt: skip
INCIDENT = Incident("inc-1", "Pool exhausted", Status.ANALYSED, (), Options())
ACTION = ActionItem(
    "A-1", "inc-1", "Add a limit", ActionKind.CODE_FIX, ActionCategory.PREVENT, Strength.ELIMINATE, ("c1",), "it is there"
)  # fmt: skip


def test_it_is_not_over_while_a_signal_is_outside_its_baseline() -> None:
    """The rollback was called a success; the error ratio of checkout says otherwise."""
    with pytest.raises(RefusalError, match="checkout: error_ratio") as raised:
        close(INCIDENT, replace(PM, not_over=("checkout: error_ratio",)), [], at="2026-03-20T10:00:00Z", by="maria")
    assert raised.value.code == "incident-open"


def test_every_proposal_is_decided_first() -> None:
    assert objections(PM, [ACTION]) == ("Nobody has accepted or declined A-1.",)
    assert objections(PM, [replace(ACTION, state=ActionState.DECLINED)]) == ()


def test_closing_is_a_stated_point_of_its_life() -> None:
    closed = close(INCIDENT, PM, [], at="2026-03-20T10:00:00Z", by="maria", note="reviewed")
    assert closed.status is Status.CLOSED
    assert [(p.name, p.at, p.by) for p in closed.stated] == [(PointName.CLOSED, "2026-03-20T10:00:00Z", "maria")]
    with pytest.raises(RefusalError, match="already"):
        close(closed, PM, [], at="2026-03-20T11:00:00Z", by="maria")


def test_a_statement_dates_what_telemetry_could_not() -> None:
    """The pager was not among the evidence; the responder remembers when it rang."""
    started = Point(PointName.STARTED, 60 * SECOND, 0, 60 * SECOND, By.ESTIMATE, "first error", ())
    measured = replace(PM, points=(started,), durations=durations((started,)))
    said = StatedPoint(PointName.DETECTED, "1971-01-01T00:05:00Z", "maria", "the phone rang")
    told = with_stated(measured, (said,))
    found = {one.name: one for one in told.durations}
    assert found["time to detect"].state is Measured.RECORDED
    assert found["time to recover"].state is Measured.PENDING
    assert [p.basis for p in told.points] == ["first error", "stated by maria: the phone rang"]


def test_a_statement_never_overwrites_an_estimate() -> None:
    started = Point(PointName.STARTED, 60 * SECOND, 0, 60 * SECOND, By.ESTIMATE, "first error", ())
    measured = replace(PM, points=(started,), durations=durations((started,)))
    told = with_stated(measured, (StatedPoint(PointName.STARTED, "1971-01-01T00:05:00Z", "maria"),))
    assert told.points[0] == started
    assert told.durations == measured.durations
    assert with_stated(measured, (StatedPoint(PointName.STARTED, "yesterday", "maria"),)) == measured
