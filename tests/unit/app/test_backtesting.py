"""Who answers when: a Prometheus where there is one, our own engine where there is none or it ends."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from afterword.app import backtesting, prometheus, recorded, rule_text
from afterword.app.prometheus import GoneError
from afterword.core.backtest import Backtest
from afterword.core.claim_trial import Tried, phrase_trial, trial
from afterword.core.promql.track import Track, labels_of
from afterword.core.promql.vector import Vector
from afterword.core.rule import AlertRule, RecordRule
from afterword.model.time import HOUR, MINUTE, SECOND, Span

TRACK = Track(labels_of({"__name__": "x", "job": "shop"}), np.arange(10, dtype=np.int64) * MINUTE, np.ones(10), "E1")
TIMES = TRACK.at


class Failing:
    """A Prometheus that ends at the second question."""

    name = "Prometheus 9.9.9"

    def __init__(self, _tracks: Any) -> None:
        self.asked = self.closed = 0

    def add(self, _tracks: Any) -> None:
        raise GoneError("it is gone")

    def ask(self, _expr: str, _times: Any) -> Vector:
        self.asked += 1
        if self.asked > 1:
            raise GoneError("it is gone")
        return Vector({})

    def close(self) -> None:
        self.closed += 1


def test_our_own_engine_goes_on_where_a_prometheus_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus, "binary", lambda: "/usr/bin/prometheus")
    monkeypatch.setattr(backtesting, "Prometheus", Failing)
    with backtesting.engine([TRACK]) as who:
        assert who.name == "Prometheus 9.9.9"
        assert who.ask("x", TIMES).rows == {}
        assert len(who.ask("x", TIMES).rows) == 1
        assert who.name == "afterword"
    with backtesting.engine([TRACK]) as who:
        who.add([])
        assert who.name == "afterword"


def test_without_a_prometheus_our_own_engine_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus, "binary", lambda: "")
    with backtesting.engine([TRACK]) as who:
        assert who.name == "afterword"
    with pytest.raises(GoneError, match="no program"):
        prometheus.Prometheus()


def test_two_series_that_answer_alike_are_sent_once_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a table only component and indicator are known; a server would refuse the whole request."""
    sent: list[Track] = []

    class Taking(Failing):
        def __init__(self, tracks: Any) -> None:
            super().__init__(tracks)
            sent.extend(tracks)

    monkeypatch.setattr(backtesting, "Prometheus", Taking)
    monkeypatch.setattr(prometheus, "binary", lambda: "/usr/bin/prometheus")
    twice = [Track(TRACK.labels, TRACK.at, TRACK.value, exact=False)] * 2
    with backtesting.engine(twice) as who:
        assert sent == twice[:1]
        (found,) = backtesting.trial.backtest([AlertRule("A", "x > 0")], twice, Span(0, HOUR), engine=who)
    assert "two recorded series answer to 'x'" in found.cannot


def test_the_recording_rules_of_the_evidence_come_before_rules_that_bring_none() -> None:
    theirs = RecordRule("a:b", "x * 2")
    held = recorded.Recording(rules=(theirs, AlertRule("Old", "a:b > 1")))
    mine = AlertRule("New", "a:b > 3")
    assert backtesting.with_records([mine], held) == (theirs, mine)
    own = RecordRule("a:b", "x * 3")
    assert backtesting.with_records([own, mine], held) == (own, mine)


def test_a_recording_rule_that_was_changed_is_worked_out_anew() -> None:
    """What the team's Prometheus recorded under its name rests on the old expression."""
    held = recorded.Recording(rules=(RecordRule("a:b", "x * 2"),))
    assert backtesting._changed([RecordRule("a:b", "x*2"), RecordRule("c:d", "x")], held) == set()
    assert backtesting._changed([RecordRule("a:b", "x * 3")], held) == {"a:b"}


# ------------------------------------------------------------------------------------------- what is read again


class Blobs:
    def __init__(self, bodies: dict[str, bytes]) -> None:
        self.bodies = bodies

    def open(self, sha: str) -> io.BytesIO:
        return io.BytesIO(self.bodies[sha])


def artefact(sha: str, source: str, size: int) -> Any:
    return SimpleNamespace(sha256=sha, source=source, size=size, name=sha, seal=None)


def test_series_and_rules_of_the_evidence_are_read_again_from_their_bytes() -> None:
    rules = b"groups:\n- rules:\n  - {alert: A, expr: x > 1}\n  - {record: 'r:x', expr: x}\n"
    bodies = {"m": b'x{job="shop"} 1 1772359200\nx{job="shop"} 2 1772359215\n', "r": rules, "again": rules, "bad": b"{"}
    sources = {"m": "openmetrics", "r": "rules-yaml", "again": "rules-yaml", "bad": "rules-json"}
    case: Any = SimpleNamespace(
        evidence=[artefact(sha, sources[sha], len(body)) for sha, body in bodies.items()],
        skews=[SimpleNamespace(clock="E1", applied=7)],
    )
    found = recorded.recording(case, Blobs(bodies))  # type: ignore[arg-type]
    (track,) = found.tracks
    assert dict(track.labels) == {"__name__": "x", "job": "shop"}
    assert (int(track.at[0]), track.source) == (1_772_359_200 * SECOND + 7, "E1")
    assert found.exact == {"E1"}
    assert [type(one).__name__ for one in found.rules] == ["RecordRule", "AlertRule"]


def test_too_many_samples_are_left_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "MOST", 1)
    body = b'x{job="shop"} 1 1772359200\n'
    case: Any = SimpleNamespace(evidence=[artefact(name, "openmetrics", 9) for name in "ab"], skews=[])
    found = recorded.recording(case, Blobs({"a": body, "b": body}))  # type: ignore[arg-type]
    assert len(found.tracks) == 1
    assert "b are left out" in found.notes[0]


# ------------------------------------------------------------------------------------------- rule files


def test_rules_are_written_as_a_valid_file() -> None:
    rule = AlertRule(
        "A", 'x{job="shop"} > 1', 90 * SECOND, HOUR, labels=(("severity", "page"),), annotations=(("summary", "é: {"),)
    )
    text = rule_text.text("g", [rule, AlertRule("B", "x > 2", SECOND // 2)])
    assert "for: 90s" in text
    assert "keep_firing_for: 1h" in text
    assert "for: 500ms" in text
    assert rule_text.checked(text)


@pytest.mark.parametrize("program", [True, False])
def test_a_file_that_is_not_valid_is_never_handed_out(monkeypatch: pytest.MonkeyPatch, program: bool) -> None:
    if program and not rule_text.shutil.which("promtool"):
        pytest.skip("no promtool is installed")
    if not program:
        monkeypatch.setattr(rule_text.shutil, "which", lambda _: None)
        assert "promtool is not installed" in rule_text.checked("groups: [{name: g, rules: [{alert: A, expr: x}]}]")
    with pytest.raises(ValueError, match=r"groups|parse error"):
        rule_text.checked("groups: [{name: g, rules: [{alert: A, expr: 'x >'}]}]" if program else "[]")


# ------------------------------------------------------------------------------------------- claims


def test_what_is_said_of_a_trial_is_worked_out_from_it() -> None:
    made = Tried(
        Backtest("A", "x > 1", 0, -1.5, extra=2, healthy_hours=0.25, held_seconds=90.0, notes=("thin",)), why="so"
    )
    key = {"alert": "A", "expr": "x > 1", "held": 90.0, "proposed": False}

    def told(part: str) -> str | None:
        return phrase_trial(part, trial([made], {**key, "part": part}))

    assert told("fired_at") == "1970-01-01 00:00:00 UTC"
    assert told("minutes_earlier") == "1 min 30 s later"
    assert told("held_seconds") == "1 min 30 s"
    assert told("healthy_hours") == "0.25 h"
    assert told("notes") == "thin"
    assert told("did_fire_at") == "–"
    assert told("extra") is None
    assert trial([made], {**key, "part": "why"}) == "so"
    assert phrase_trial("fired_at", None) == "never in the incident"
    with pytest.raises(LookupError):
        trial([made], {**key, "held": 1.0, "part": "extra"})
