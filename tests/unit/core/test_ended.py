"""The end of an incident comes after its beginning, and the mitigation before its effect, or the point says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pool
from test_access import BAD, OVER, log, told

from afterword.model.event import Event, Kind
from afterword.model.incident import By, Point, PointName
from afterword.model.time import SECOND
from afterword.testing import event

if TYPE_CHECKING:
    from afterword.model.postmortem import Postmortem


def changes(undone: float) -> list[Event]:
    """A deploy that the incident follows, and its rollback at that second."""
    diff = pool.DIFF.replace("shop/", "web/")
    commit = event(Kind.CHANGE, pool.minute(20), "", name="bbbb2222", text="Shorten the order code", change="commit", files="web/orders.py", diff=diff)  # fmt: skip
    at = pool.minute(0) + (BAD - 20) * SECOND
    deploy = event(Kind.CHANGE, at, "web", name="dep-1", text="deploy", change="deploy", commit="bbbb2222")
    at = pool.minute(0) + round(undone * SECOND)
    back = event(Kind.CHANGE, at, "web", name="dep-2", text="rollback to the version before", change="deploy", commit="cccc3333")  # fmt: skip
    return [commit, deploy, back]


def points(found: Postmortem) -> dict[PointName, Point]:
    return {p.name: p for p in found.points if p.by is By.ESTIMATE}


def test_one_recovery_is_told_by_the_point_and_by_what_was_taken_back() -> None:
    """The last request fails at second 2996; the rollback was recorded eight seconds before."""
    found = told([*log(), *changes(OVER - 12)])
    recovered = points(found)[PointName.RECOVERED]
    assert recovered.at == pool.minute(0) + (OVER - 4) * SECOND
    said = [r.says for one in found.explanation.causes for r in one.reasons_for if "taking it back" in r.says]
    assert said == ["taking it back undid the trouble: recovery followed 8 s later"]


def test_inside_its_bounds_nothing_recovers_before_it_was_mitigated() -> None:
    """The rollback is recorded as done a second after the last failure, before the next request of its kind went well."""
    known = points(told([*log(), *changes(OVER - 3.5)]))
    assert known[PointName.MITIGATION_APPLIED].at <= known[PointName.MITIGATION_EFFECTIVE].at
    assert known[PointName.MITIGATION_EFFECTIVE].at <= known[PointName.RECOVERED].at


def test_what_was_over_before_it_was_recorded_as_mitigated_says_so() -> None:
    """A rollback takes half a minute, and is recorded when it is done."""
    found = told([*log(), *changes(OVER + 26)])
    recovered = points(found)[PointName.RECOVERED]
    assert recovered.at < points(found)[PointName.MITIGATION_APPLIED].at
    assert "30 s before the mitigation was recorded as done" in recovered.basis


def test_what_came_back_before_anybody_was_harmed_is_no_effect() -> None:
    """A latency of the shop that was high for a minute, ten minutes before the harm."""
    early = pool.metric("web", "latency_p99_ms", lambda m: 900 if 18 <= m < 19 else 80 if m < 30 or m > 50 else 400)
    known = points(told([*log(), *early]))
    assert known[PointName.STARTED].at <= known[PointName.MITIGATION_EFFECTIVE].at
    assert known[PointName.MITIGATION_EFFECTIVE].at <= known[PointName.RECOVERED].at
