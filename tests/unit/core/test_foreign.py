"""A postmortem that another house wrote, read for what it states and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core import dated
from afterword.core.foreign import every_line, import_
from afterword.core.outline import Part, outline, part_of

DOCS = Path(__file__).parents[4] / "shared" / "data" / "postmortems" / "docs"

MARKDOWN = """# Name servers unreachable

On Monday 3. February 2020 an upgrade of the cluster broke name resolution.

## Timeline

All times in CET.

| Time             | Event                           |
| :--------------- | ------------------------------- |
| 2020-02-03 11:21 | Upgrade makes the pods restart  |
| 2020-02-03 11:52 | Downgraded by hand              |

## Trigger

The upgrade to 1.14.

## Root causes

- Vendor notes differ from the notes
  of the project
- No check after a step

## Contributing factors

- No monitor watches the resolver

## Action items

| Action | Owner | Due | Ticket |
| --- | --- | --- | --- |
| Alert on failed lookups | @ann | 2020-03-01 | OPS-12 |
| Read both notes before an upgrade | | | |

# Stats

- Category: Kubernetes
- Time to detection: 4 minutes
- Time to recovery: 1 hour 31 minutes
- Started: 2020-02-03 11:21
- Resolved: 12:52 UTC
"""

TEXT = """Incident documentation/20150103-Parser
  < Incident documentation


  Contents [hide]
  1 Summary
  2 Timeline
  3 Actionables


 Summary
 On Jan 3, 2015, the parser was slow.
 The root cause was a page with 25000 items. It is gone now.


 Timeline
 All times in UTC

    17:07 ops get a mail about the load
    on the parser
    23:50 the fix is pushed
    00:10 the load is back to normal

 Actionables
    Make the list handling more robust -- tracked at
    T85744
    Restart the service without help from ops, see T85939
"""


def test_a_markdown_postmortem() -> None:
    """Every value with its line; wall clocks in CET become UTC."""
    found = import_(MARKDOWN)
    assert found.title == "Name servers unreachable"
    assert (found.date, found.zone, found.category) == ("2020-02-03", "CET", "Kubernetes")
    assert found.lines == {
        "title": 1,
        "date": 3,
        "zone": 7,
        "category": 37,
        "stated.ttd_minutes": 38,
        "stated.ttr_minutes": 39,
    }
    assert [(e.at.iso(), e.text, e.line) for e in found.timeline if e.at] == [
        ("2020-02-03T10:21:00Z", "Upgrade makes the pods restart", 11),
        ("2020-02-03T10:52:00Z", "Downgraded by hand", 12),
    ]
    assert found.trigger is not None
    assert (found.trigger.quote, found.trigger.line) == ("The upgrade to 1.14.", 16)
    assert [(c.quote, c.line) for c in found.root_causes] == [
        ("Vendor notes differ from the notes of the project", 20),
        ("No check after a step", 22),
    ]
    assert [c.quote for c in found.contributing_factors] == ["No monitor watches the resolver"]
    assert (found.stated.ttd_minutes, found.stated.ttr_minutes) == (4.0, 91.0)
    assert found.points["started"].at is not None
    assert found.points["started"].at.iso() == "2020-02-03T10:21:00Z"
    assert found.points["resolved"].at is not None
    assert found.points["resolved"].at.iso() == "2020-02-03T12:52:00Z"


def test_actions_in_a_table() -> None:
    one, other = import_(MARKDOWN).actions
    assert (one.text, one.owner, one.due, one.ticket, one.line) == (
        "Alert on failed lookups",
        "@ann",
        "2020-03-01",
        "OPS-12",
        32,
    )
    assert (other.owner, other.due, other.ticket) == (None, None, None)


def test_a_text_made_from_a_page() -> None:
    """No marks at all: sections by their names, the table of contents is none of them, midnight passes."""
    found = import_(TEXT)
    assert found.title == "20150103-Parser"
    assert [(e.at.iso(), e.text) for e in found.timeline if e.at] == [
        ("2015-01-03T17:07:00Z", "ops get a mail about the load on the parser"),
        ("2015-01-03T23:50:00Z", "the fix is pushed"),
        ("2015-01-04T00:10:00Z", "the load is back to normal"),
    ]
    assert [c.quote for c in found.root_causes] == ["The root cause was a page with 25000 items."]
    assert [(a.text, a.ticket) for a in found.actions] == [
        ("Make the list handling more robust -- tracked at T85744", "T85744"),
        ("Restart the service without help from ops, see T85939", "T85939"),
    ]


def test_what_is_not_stated_is_none() -> None:
    """Nothing is filled in: no detection from the first alert, no zone, no date, no cause."""
    found = import_("Something broke.\n\n10:04 the alert fired\n10:30 all fine\n")
    assert (found.date, found.zone, found.category, found.trigger) == (None, None, None, None)
    assert dict(found.points) == {}
    assert (found.stated.ttd_minutes, found.stated.ttr_minutes) == (None, None)
    assert [(e.at, e.clock) for e in found.timeline] == [(None, "10:04"), (None, "10:30")]
    assert found.root_causes == found.contributing_factors == found.actions == ()


def test_a_time_without_a_zone_has_no_offset() -> None:
    found = import_("# Outage 2026-03-01\n\n## Timeline\n\n- 10:04 the alert fired\n")
    assert found.timeline[0].at is not None
    assert found.timeline[0].at.iso() == "2026-03-01T10:04:00"
    assert found.zone is None


def test_a_date_that_could_be_two_is_none() -> None:
    """07/08/2016 is July or August: the row is kept, its date is not guessed."""
    found = import_("## Timeline\n\n07/08/2016 10:04 the alert fired\n07/28/2016 10:05 it is over\n")
    assert [e.at.iso() if e.at else None for e in found.timeline] == [None, "2016-07-28T10:05:00"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-02-03", date(2020, 2, 3)),
        ("on 3. February 2020", date(2020, 2, 3)),
        ("Feb 3rd, 2020", date(2020, 2, 3)),
        ("the 3rd of February 2020", date(2020, 2, 3)),
        ("20200203-outage", date(2020, 2, 3)),
        ("25/12/2020", date(2020, 12, 25)),
        ("12/25/2020", date(2020, 12, 25)),
        ("03/03/2020", date(2020, 3, 3)),
        ("2020-13-01", None),
        ("2020-02-30", None),
        ("03/04/2020", None),
        ("version 1.2020.02", None),
    ],
)
def test_dates(text: str, expected: date | None) -> None:
    found = next((day for one in dated.days(text) if (day := one.dated())), None)
    assert found == expected


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("0h 38m", 38),
        ("1 hour and 20 minutes", 80),
        ("2d 3h", 3060),
        ("90 s", 1.5),
        ("about 12 min, later 3 min", 12),
        ("a while", None),
        ("5 users", None),
    ],
)
def test_durations(text: str, minutes: float | None) -> None:
    assert dated.duration(text) == minutes


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        ("UTC", 0),
        ("CET", 60),
        ("PDT", -420),
        ("UTC+2", 120),
        ("+05:30", 330),
        ("IST", None),
        ("PT", None),
        (None, None),
        ("Mars", None),
        ("UTC+99", None),
    ],
)
def test_zones(zone: str | None, offset: int | None) -> None:
    """IST is India, Israel and Ireland: the name stays, the offset is not invented."""
    assert dated.offset(zone) == offset


def test_times_of_day() -> None:
    def read(text: str) -> list[tuple[int, int, str | None]]:
        return [(one.hour, one.minute, one.zone) for one in dated.clocks(text)]

    assert read("4:38 PM PST") == [(16, 38, "PST")]
    assert read("12:05 am") == [(0, 5, None)]
    assert read("13:55 PM") == [(13, 55, None)]
    assert read("2020-02-03T11:21:07Z") == [(11, 21, "Z")]
    assert read("version 1.15 and port :8080 and 10.20.30.40") == []


def test_sections() -> None:
    assert part_of("3. Lessons learned and action items") is Part.ACTIONS
    assert part_of("Timeline (all times PST)") is Part.TIMELINE
    lines = outline("## Timeline\n\n### 10:04\n\nalert\n\n```\n# Root cause\n```\n\n## Elsewhere\n\ntext\n")
    assert [line.part for line in lines if line.text in {"alert", "text"}] == [Part.TIMELINE, Part.OTHER]
    assert not any(line.part is Part.CAUSE for line in lines)


@given(st.text(max_size=500))
def test_no_text_makes_it_fail(text: str) -> None:
    found = import_(text)
    assert all(1 <= line <= len(text.splitlines()) for line in every_line(found))


@given(st.lists(st.sampled_from(MARKDOWN.splitlines() + TEXT.splitlines()), max_size=60))
def test_shuffled_postmortems_do_not_make_it_fail(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert all(1 <= line <= len(lines) for line in every_line(import_(text)))


@pytest.mark.shared
def test_real_postmortems_are_read_without_a_crash() -> None:
    """456 documents of 17 organisations: all read, and nearly all timelines found."""
    if not DOCS.exists():
        pytest.skip("the postmortems are not beside the project (../shared/data/postmortems)")
    found = [import_(path.read_text(errors="replace")) for path in sorted(DOCS.iterdir())]
    assert all(one.title for one in found)
    assert sum(bool(one.timeline) for one in found) >= 370
    assert sum(one.date is not None for one in found) >= 430


def test_a_zone_in_a_column_beside_the_text() -> None:
    """The page had two columns: the sentence goes on below, in its own. A place is kept as the zone, no offset is made up."""
    text = "Something broke             *All times listed in this report are in\non March 1, 2026.           Edinburgh, London.\n\n10:04 alert\n"
    found = import_(text)
    assert found.zone == "Edinburgh, London"
    assert found.timeline[0].at is not None
    assert found.timeline[0].at.offset is None


def test_a_table_of_something_else_holds_no_actions() -> None:
    """Below the action items stands a list of the instances that were lost."""
    text = "## Actionables\n\n- Move the instances\n\n| ID | State |\n|---|---|\n| eac1020b-f152 | Running |\n"
    assert [action.text for action in import_(text).actions] == ["Move the instances"]
