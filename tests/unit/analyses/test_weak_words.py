"""What the response itself said was missing."""

from __future__ import annotations

import pytest
from weak import AT, found

from afterword.model.event import Kind
from afterword.model.incident import PointName
from afterword.model.time import MINUTE
from afterword.testing import event, point


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("There was no test for a sold-out product.", "tests"),
        ("that path is not covered by any test", "tests"),
        ("I wanted a lint rule against that, it is not written yet.", "tests"),
        ("no tests failed on that commit", ""),
        ("we have no alert on queue depth", "monitoring"),
        ("no alerts firing any more", ""),
        ("the alert was silenced since last week", "monitoring"),
        ("nobody owns services/inventory.py in CODEOWNERS", "ownership"),
        ("who is the owner of inventory?", ""),
        ("nobody was asked for a review", "change control"),
        ("no review needed for this, it is a revert", ""),
        ("the flag knows only on and off", "change control"),
        ("there is no timeout on that call", "resilience"),
        ("no timeouts in the log since 10:00", ""),
        ("retries forever, that is why", "resilience"),
        ("DbPoolExhausted has no runbook", "knowledge"),
        ("the action from the last one is still open", "knowledge"),
        ("is there no runbook for this?", ""),
        ("same problem as last month", "knowledge"),
        ("everything looks fine", ""),
    ],
)
def test_what_somebody_says_is_missing(text: str, area: str) -> None:
    events = [event(Kind.MESSAGE, AT + MINUTE, "#inc", name="u2", text=text)]
    made = found("stated_weakness", events, points=[point(PointName.DETECTED, AT)])
    assert [one.area for one in made] == ([area] if area else [])
    assert all("u2" not in one.says for one in made)


def test_what_was_said_before_it_began_is_of_something_else() -> None:
    events = [event(Kind.MESSAGE, AT - MINUTE, "#inc", name="u2", text="DbPoolExhausted has no runbook")]
    assert found("stated_weakness", events, points=[point(PointName.DETECTED, AT)]) == []
