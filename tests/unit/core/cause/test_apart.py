"""Two faults at once, and a time that nobody stated: told apart by when each departure begins and ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pool

from afterword.core import analyse, meant, window
from afterword.core.cause import apart, episode
from afterword.core.window import Onset
from afterword.model.cause import Role
from afterword.model.event import Event, Kind
from afterword.model.incident import Options
from afterword.model.time import MINUTE, SECOND
from afterword.testing import case_from, event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from afterword.core.case import Case

MS = 10**6
#: Healthy, then half an hour of which nothing was recorded in full, then the incident.
HEALTHY, LATER = range(0, 5 * MINUTE, 2 * SECOND), range(35 * MINUTE, 42 * MINUTE, 2 * SECOND)


def span(at: int, who: str, name: str, own: str, parent: str = "") -> Event:
    trace = own.partition("/")[0]
    return event(Kind.SPAN, at, who, name=name, took=10 * MS, trace=trace, span=own, parent=parent)


def line(at: int, who: str, text: str, own: str) -> Event:
    return event(Kind.LOG, at, who, text=text, severity="info", trace=own.partition("/")[0], span=own)


def request(n: int, at: int, who: str, *, broken: bool) -> list[Event]:
    """The web asks; who was asked says that it begins and, unless it breaks off, that it is done."""
    t = f"{who}{n}"
    rows = [span(at, "web", f"GET {who}", f"{t}/a"), span(at + 1, who, "serve", f"{t}/b", f"{t}/a")]
    rows.append(line(at + 2, who, f"{who} begins", f"{t}/b"))
    return rows if broken else [*rows, line(at + 3, who, f"{who} is done", f"{t}/b")]


def recorded(first: Callable[[int], bool], second: Callable[[int], bool], stated: int | None) -> Case:
    """Requests to the shop and to the mail, each broken when its own fault says so; a measure was taken all the time."""
    rows = [
        one
        for n, at in enumerate((*HEALTHY, *LATER))
        for who, fault in (("shop", first), ("mail", second))
        for one in request(n, at, who, broken=fault(at))
    ]
    load = [event(Kind.METRIC, at, "web", name="load", value=1.0 + at % 7) for at in range(0, 42 * MINUTE, 20 * SECOND)]
    return case_from([*rows, *load], Options(at=stated))


def between(start: float, end: float) -> Callable[[int], bool]:
    return lambda at: start * MINUTE <= at < end * MINUTE


def leader(case: Case) -> str:
    return analyse.analyse(case).explanation.components[0].component


def test_what_was_over_about_the_stated_time_is_another_incident() -> None:
    """The shop was ill from the first record on and well again at 37; from 38 on it is the mail. Stated is 36.5.

    Whoever states a time is two minutes off at worst, and what was gathered was gathered until it was over.
    """
    case = recorded(between(35, 37), between(38, 60), round(36.5 * MINUTE))
    told = analyse.analyse(case).explanation
    assert told.components[0].component == "mail"
    other = next(one for one in told.causes if one.role is Role.RULED_OUT)
    assert other.component == "shop"
    assert "another incident at the same time" in other.statement
    assert [reason.weight < 0 for reason in other.reasons_against] == [True]


def test_what_was_on_for_long_and_goes_on_unchanged_is_not_what_was_noticed() -> None:
    """The shop has been ill since minute 2 and still is; at 38 the mail falls ill, and at 38.5 somebody notices."""
    case = recorded(between(2, 60), between(38, 60), round(38.5 * MINUTE))
    assert leader(case) == "mail"
    # Negative control: nothing else began.
    assert leader(recorded(between(36, 60), lambda _: False, round(38.5 * MINUTE))) == "shop"


def test_what_goes_on_is_meant_however_early_it_began() -> None:
    """Negative control: the shop stays ill. Then the mail is the smaller trouble beside it, and nobody is set aside."""
    case = recorded(between(35, 60), between(41, 60), round(36.5 * MINUTE))
    told = analyse.analyse(case).explanation
    assert told.components[0].component == "shop"
    assert not [one for one in told.causes if "another incident" in one.statement]


def test_what_begins_much_later_is_not_what_was_noticed() -> None:
    """Negative control: the shop was well soon after the stated time, but the mail fell ill only after three minutes more."""
    case = recorded(between(35, 36.6), between(39.5, 60), round(36.5 * MINUTE))
    found = apart.find(case, analyse.all_series(case))
    assert found is not None
    assert not found.others


def test_untold_departures_say_when_it_began() -> None:
    """No measure tells anything, no time is stated: requests that go another way do."""
    case = recorded(lambda _: False, between(38, 60), None)
    found = apart.find(case, analyse.all_series(case))
    assert found is not None
    assert abs(found.window.start - 38 * MINUTE) <= 10 * SECOND
    assert leader(case) == "mail"


def test_untold_and_well_there_is_no_departure_to_vote() -> None:
    """Negative control: all requests go their way."""
    case = recorded(lambda _: False, lambda _: False, None)
    cut = meant.stretches(case)[-1]
    now = case.spans.at >= cut.start
    assert episode.episodes(case, ~now, now) == ()


def test_an_episode_is_dated_by_the_visits_around_it() -> None:
    """It began between the last usual visit and the first other one, and is over when so many go well again."""
    case = recorded(between(36, 38), lambda _: False, None)
    now = case.spans.at >= LATER.start
    (one,) = episode.episodes(case, ~now, now)
    assert one.component == "shop"
    assert one.earliest < 36 * MINUTE <= one.begin < 36 * MINUTE + 4 * SECOND
    assert one.until is not None
    assert 38 * MINUTE <= one.until < 38 * MINUTE + 4 * SECOND
    again = recorded(between(36, 60), lambda _: False, None)
    assert next(iter(episode.episodes(again, ~now, now))).until is None


def measured(first: tuple[float, float], second: tuple[float, float]) -> Iterator[Event]:
    yield from pool.metric("shop", "error_rate", pool.sick(0.01, 0.5, *first))
    yield from pool.metric("mail", "error_rate", pool.sick(0.01, 0.5, *second))
    yield from pool.metric("db", "cpu", lambda _: 40)


def in_series(first: tuple[float, float], second: tuple[float, float], stated: float) -> window.Found:
    case = case_from(list(measured(first, second)), Options(at=pool.minute(stated)))
    found = apart.find(case, analyse.all_series(case))
    assert found is not None
    return found


def test_two_faults_in_measures_are_told_apart_as_well() -> None:
    """The shop's errors were over a minute after the stated time; the mail's began then and stayed."""
    found = in_series((33, 41), (41.5, 70), 40)
    assert [one.component for one in found.others] == ["shop"]
    assert abs(found.window.start - pool.minute(41.5)) <= MINUTE


def test_measures_that_stay_ill_are_one_incident() -> None:
    """Negative controls: both go on; or the second one began too late to be what was noticed."""
    assert not in_series((33, 70), (41.5, 70), 40).others
    assert not in_series((33, 41), (60, 79), 40).others


def test_what_goes_on_has_to_weigh_something() -> None:
    """A clear failure that was over quickly is not set aside for a tremor that began afterwards."""
    series = analyse.all_series(case_from(pool.metric("shop", "error_rate", lambda _: 0.1)))[0]
    clear = Onset(series, 10 * MINUTE, 9 * MINUTE, 14 * MINUTE, 9.0, 9.0, 10.0)
    tremor = replace(clear, at=15 * MINUTE, until=None, weight=1.0)
    assert meant.told_apart([clear, tremor], 13 * MINUTE) == ([clear, tremor], ())
    kept, others = meant.told_apart([clear, replace(tremor, weight=8.0)], 13 * MINUTE)
    assert [one.weight for one in kept] == [8.0]
    assert [one.component for one in others] == ["shop"]


def test_lines_and_spans_that_were_cut_out_lie_in_stretches() -> None:
    """Five minutes of health and seven of the incident, half an hour apart; measures were taken throughout."""
    case = recorded(lambda _: False, lambda _: False, None)
    cut = meant.stretches(case)
    assert [one.start // MINUTE for one in cut] == [0, 35]


def test_what_was_recorded_all_the_time_was_not_cut_out() -> None:
    """Negative control: a silence in the middle of a log is no cut where nothing was measured meanwhile."""
    case = recorded(lambda _: False, lambda _: False, None)
    assert meant.stretches(replace(case, series=())) == ()
    assert meant.stretches(case_from(list(pool.telemetry()))) == ()
