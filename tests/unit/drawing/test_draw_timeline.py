"""The headline picture: every point, where the time went, and at most six signals, on one axis."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from story import HOSTILE, NAMES, POINTS, T0, all_series, at, point, postmortem, series, signal

from afterword.core.timeline import moment
from afterword.drawing import axis as axes
from afterword.drawing import band, panel, svg, timeline
from afterword.model.incident import PointName
from afterword.model.time import HOUR, MINUTE, SECOND, Span
from afterword.model.timeline import MomentKind

WINDOW = Span(at(62), at(96))
AXIS = axes.around(WINDOW, [p.at for p in POINTS], 186, 1006)


def words(drawn: str) -> list[str]:
    space = "{http://www.w3.org/2000/svg}"
    return [" ".join("".join(one.itertext()).split()) for one in ET.fromstring(drawn).iter(f"{space}text")]


def test_an_engineer_sees_the_incident_in_one_picture() -> None:
    said = words(timeline.draw(postmortem(), all_series()))
    for expected in (
        "Trigger 16:01:00",
        "Impact started 16:02:00",
        "Detected 16:11:00",
        "Acknowledged (stated) 16:16:30",
        "Recovered 16:36:00",
        "34 min in which users were harmed",
        "8 min 48 s in which the signal was visible and nobody knew",
        "Deploy of checkout (559e94ce)",
        "2026-11-24, UTC",
        "16:10",
        "http_5xx_rate",
        "40",
    ):
        assert any(expected in one for one in said), expected


def test_it_is_well_formed_ours_and_the_same_each_time() -> None:
    pm = postmortem(title=HOSTILE)
    drawn = timeline.draw(pm, all_series())
    assert drawn == timeline.draw(pm, all_series())
    assert svg.only_ours(drawn)
    assert "<script" not in drawn
    root = ET.fromstring(drawn)
    assert root.get("role") == "img"
    assert root.get("width") == "100%"
    assert "Impact started at 16:02:00" in (root[1].text or "")


def test_hostile_names_of_components_are_inert() -> None:
    pm = replace(postmortem(), signals=(signal(HOSTILE, HOSTILE),))
    drawn = timeline.draw(pm, (series(HOSTILE, HOSTILE),))
    assert svg.only_ours(drawn)
    assert "⟨U+202E⟩" in drawn


def test_a_postmortem_without_points_or_series_is_drawn() -> None:
    """Only a stretch of trouble is known: the picture says no more than that."""
    assert svg.only_ours(timeline.draw(postmortem(points=()), ()))


def test_an_incident_that_is_not_over_says_so() -> None:
    points = tuple(p for p in POINTS if p.name not in (PointName.RECOVERED, PointName.RESOLVED))
    assert any("and not over in this evidence" in one for one in words(timeline.draw(postmortem(points), all_series())))


def test_signals_are_chosen_for_harm_and_told_in_the_order_of_their_onset() -> None:
    signals = tuple(signal(*name, shift=100 - n, onset=80 - n) for n, name in enumerate(NAMES))
    chosen = timeline.chosen(replace(postmortem(), signals=signals), {name: series(*name) for name in NAMES})
    onsets = [one.onset or 0 for one, _ in chosen]
    assert len(chosen) == 6
    assert onsets == sorted(onsets)
    assert [one.component for one, _ in chosen if one.indicator == "cpu_pct"] == ["checkout"]
    assert {"http_5xx_rate", "duration_p99_ms"} <= {one.indicator for one, _ in chosen if one.component == "checkout"}


@given(st.lists(st.tuples(st.sampled_from(list(PointName)), st.floats(-30, 200)), max_size=20))
@settings(max_examples=150, deadline=None)
def test_law_no_words_of_points_overlap_and_no_leader_runs_through_them(
    given_points: list[tuple[PointName, float]],
) -> None:
    points = [point(name, minute) for name, minute in given_points]
    axis = axes.around(WINDOW, [p.at for p in points], 186, 1006)
    flags = band.flags(points, axis)
    assert len(flags) == len(points)
    for one in flags:
        for other in flags:
            if one is not other and one.row == other.row:
                assert one.right <= other.x or other.right <= one.x
            if other.row < one.row:
                assert not other.x < one.x < other.right


@given(st.lists(st.tuples(st.floats(40, 120), st.floats(0, 1), st.text(max_size=80)), max_size=15))
@settings(max_examples=150, deadline=None)
def test_law_no_words_of_moments_overlap(given_moments: list[tuple[float, float, str]]) -> None:
    moments = [
        moment(MomentKind.CHANGE, at(minute), title, (), weight=weight) for minute, weight, title in given_moments
    ]
    labels = band._labels(moments, AXIS, quoted=False)
    for one in labels:
        for other in labels:
            if one is not other and one.row == other.row:
                assert one.right <= other.x or other.right <= one.x


def test_what_people_say_they_do_stands_with_the_people() -> None:
    said = moment(MomentKind.MITIGATION, at(88), "The responders act", (), quote="rolling back now", weight=0.7)
    done = moment(MomentKind.MITIGATION, at(90), "Rollback of checkout", (), weight=0.95)
    drawn = "".join(band.lanes([said, done], AXIS, 10)[0])
    assert "“rolling back now”" in drawn
    assert drawn.count("aw-solid aw-good") == 1


def test_points_far_away_stand_at_the_edge_with_their_distance() -> None:
    """A certificate was issued 90 days before: the incident keeps its size in the picture."""
    far = (point(PointName.TRIGGER, -90 * 24 * 60), *POINTS[1:])
    said = words(timeline.draw(postmortem(far), all_series()))
    assert any(one.startswith("◂ Trigger") and one.endswith("before") for one in said)


@pytest.mark.parametrize("length", [20 * SECOND, 9 * MINUTE, 34 * MINUTE, 8 * HOUR, 30 * 24 * HOUR, 4000 * 24 * HOUR])
def test_ticks_are_round_and_not_crowded(length: int) -> None:
    axis = axes.Axis(T0 + 7 * SECOND, T0 + 7 * SECOND + length, 0, 800)
    ticks = axis.ticks()
    assert 1 <= len(ticks) <= 10
    assert all(axis.x(b) - axis.x(a) >= 89 for a, b in pairwise(ticks))
    assert len({axis.label(tick) for tick in ticks}) == len(ticks)


def test_thinning_keeps_the_extremes() -> None:
    """A day of samples each second, one of them a spike of a single second: the picture shows the spike."""
    times = T0 + np.arange(86_400, dtype=np.int64) * SECOND
    value = np.sin(np.arange(86_400) / 500)
    value[40_123], value[61_001] = 9.0, -9.0
    rows = np.concatenate(panel.thin(times, value))
    assert len(rows) <= 600
    assert {40_123, 61_001} <= set(rows.tolist())
    assert (np.diff(rows) > 0).all()


def test_a_silence_breaks_the_line() -> None:
    times = np.concatenate([T0 + np.arange(50) * SECOND, T0 + (500 + np.arange(50)) * SECOND]).astype(np.int64)
    assert [len(run) for run in panel.thin(times, np.ones(100))] == [50, 50]


@pytest.mark.parametrize("values", [[], [1.0], [float("inf"), 2.0], [5.0, 5.0, 5.0], [-3.0, -1.0], [1e-9, 1e12]])
def test_series_of_any_shape_are_drawn(values: list[float]) -> None:
    times = np.array([at(60 + n) for n in range(len(values))], dtype=np.int64)
    one = replace(series("a", "b"), at=times, value=np.array(values))
    for shift in (5.0, -5.0):
        drawn = panel.draw(panel.Panel(signal("a", "b", shift=shift), one, None, AXIS, 10))
        ET.fromstring(drawn)
        assert "nan" not in drawn
        assert "inf" not in drawn


def test_the_picture_stays_small() -> None:
    assert len(timeline.draw(postmortem(), all_series())) < 80_000
