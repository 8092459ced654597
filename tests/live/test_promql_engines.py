"""Our PromQL against that of Prometheus itself: by a server on the same samples, and by ``promtool test rules``."""

from __future__ import annotations

import os
import subprocess
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml
from random_promql import expression, series
from real_servers import needed

from afterword.app import prometheus
from afterword.app.prometheus import GoneError, Prometheus
from afterword.core.backtest import AlertRule, RecordRule, Replay
from afterword.core.promql.node import UnsupportedError
from afterword.core.promql.own import OwnEngine
from afterword.core.promql.track import STALE, Labels, Track, labels_of, stale
from afterword.model.time import SECOND

if TYPE_CHECKING:
    from pathlib import Path

    from afterword.core.promql.vector import Row, Vector

START = 1_772_359_200 * SECOND  # 2026-03-01T10:00:00Z
STEP = 15
LENGTH = 600


@pytest.fixture(autouse=True)
def _there() -> None:
    needed("prometheus", "promtool")


def closed() -> bool:
    """Before Prometheus 3 a range held a sample at its very start."""
    return prometheus.version(prometheus.binary()).startswith("2.")


def answer(engine: OwnEngine | Prometheus, expr: str, times: np.ndarray) -> Vector | str:
    try:
        return engine.ask(expr, times)
    except UnsupportedError as error:
        return str(error)


def apart(one: Vector, other: Vector, count: int) -> list[Labels]:
    """The rows that are not there at the same times with the same values."""
    none: Row = (np.zeros(count), np.zeros(count, dtype=bool))
    found = []
    for labels in {**one.rows, **other.rows}:
        (a, a_there), (b, b_there) = one.rows.get(labels, none), other.rows.get(labels, none)
        same = np.array_equal(a_there, b_there) and np.allclose(
            np.where(a_there, a, 0), np.where(b_there, b, 0), rtol=1e-9, atol=1e-9, equal_nan=True
        )
        if not same:
            found.append(labels)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_two_engines_say_the_same_of_every_sample(seed: int) -> None:
    """Two hundred expressions a seed. What ours refuses it may refuse; what Prometheus refuses ours may not answer."""
    chance = Random(seed)
    tracks = series(chance, START, LENGTH)
    answered = 0
    with Prometheus(tracks, every=15 * SECOND) as real:
        own = OwnEngine(tracks, closed=closed(), every=15 * SECOND)
        for _ in range(200):
            expr, step = expression(chance), chance.choice((5, 15, 30))
            times = START + np.arange(-2, LENGTH // step + 10, dtype=np.int64) * step * SECOND
            mine, theirs = answer(own, expr, times), answer(real, expr, times)
            if isinstance(theirs, str):
                assert isinstance(mine, str), f"Prometheus refuses {expr}: {theirs}"
            elif isinstance(mine, str):
                assert "needs a Prometheus" in mine, f"{expr}: {mine}"
            else:
                assert apart(mine, theirs, len(times)) == [], expr
                answered += 1
    assert answered > 150


# ------------------------------------------------------------------------------------------- promtool


def notation(track: Track, count: int) -> str:
    """The samples as promtool writes them: ``_`` where there is none."""
    held = dict(
        zip((track.at // SECOND // STEP).tolist(), zip(track.value, stale(track.value), strict=True), strict=True)
    )
    return " ".join("_" if i not in held else "stale" if held[i][1] else f"{held[i][0]:g}" for i in range(count))


def written(labels: Labels) -> str:
    inner = ",".join(f'{key}="{value}"' for key, value in labels if key != "__name__")
    return f"{dict(labels)['__name__']}{{{inner}}}"


def promtool(folder: Path, rules: list[RecordRule | AlertRule], tracks: list[Track], fired: dict[tuple[int, str], list[dict[str, str]]]) -> str:  # fmt: skip
    """Empty where promtool finds the very alerts at the very moments; else what it says."""
    made = []
    for rule in rules:
        one: dict[str, object] = {"expr": rule.expr, "labels": dict(rule.labels)}
        if isinstance(rule, AlertRule):
            one |= {"alert": rule.name, "for": f"{rule.held // SECOND}s", "keep_firing_for": f"{rule.kept // SECOND}s"}
        else:
            one["record"] = rule.name
        made.append(one)
    (folder / "rules.yml").write_text(
        yaml.safe_dump({"groups": [{"name": "g", "interval": f"{STEP}s", "rules": made}]})
    )
    count = LENGTH // STEP
    tests = [
        {"eval_time": f"{at}s", "alertname": name, "exp_alerts": [{"exp_labels": one} for one in found]}
        for (at, name), found in sorted(fired.items())
    ]
    given = [{"series": written(one.labels), "values": notation(one, count)} for one in tracks]
    test = {"interval": f"{STEP}s", "input_series": given, "alert_rule_test": tests}
    whole = {"rule_files": ["rules.yml"], "evaluation_interval": f"{STEP}s", "tests": [test]}
    (folder / "test.yml").write_text(yaml.safe_dump(whole))
    done = subprocess.run(
        ["promtool", "test", "rules", "test.yml"], cwd=folder, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def firing(rules: list[RecordRule | AlertRule], tracks: list[Track], engine: OwnEngine | Prometheus) -> dict[tuple[int, str], list[dict[str, str]]]:  # fmt: skip
    """Which alerts fire at each evaluation, by our replay on that engine. What cannot be answered raises."""
    replay = Replay([*tracks, CLOCK], engine, STEP * SECOND, lambda _: "")
    found: dict[tuple[int, str], list[dict[str, str]]] = {}
    for rule in rules:
        if isinstance(rule, RecordRule):
            assert replay.record(rule)
            continue
        firings, times = replay.alert(rule)
        for at in times.tolist():
            here = [dict(one.labels) for one in firings if one.start <= at and (one.end is None or at < one.end)]
            found[at // SECOND, rule.name] = here
    return found


#: Both look at the same stretch, whatever the series of a rule cover.
CLOCK = Track(
    labels_of({"__name__": "clock"}),
    np.arange(LENGTH // STEP, dtype=np.int64) * STEP * SECOND,
    np.zeros(LENGTH // STEP),
)


def random_rules(chance: Random, recorded: bool) -> list[RecordRule | AlertRule]:
    made: list[RecordRule | AlertRule] = []
    if recorded:
        made.append(RecordRule("job:errs:rate", "sum by (job) (rate(errs_total[1m])) > 0.1", labels=(("made", "yes"),)))
    for number in range(4):
        expr = "job:errs:rate" if recorded and number == 0 else expression(chance, 1)
        # Which of equal series these keep depends on the order in which they lie in the database.
        expr = expr.replace("bottomk", "quantile").replace("topk", "quantile")
        expr = f"{expr} > {chance.choice((0, 0.2, 1, 5))}" if chance.random() < 0.7 else expr
        held, kept = (chance.choice((0, 15, 30, 45, 60, 100)) * SECOND for _ in range(2))
        labels = (("severity", "page"),) if chance.random() < 0.5 else ()
        made.append(AlertRule(f"A{number}", expr, held, kept if chance.random() < 0.4 else 0, labels=labels))
    return made


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kind", ["own", "real"])
def test_alerts_fire_at_the_moments_at_which_promtool_says_so(seed: int, kind: str, tmp_path: Path) -> None:
    """Labels and moments of every alert, with ``for``, ``keep_firing_for`` and recording rules, on both engines."""
    chance = Random(1000 + seed)
    tracks = series(chance, 0, LENGTH, STEP)
    rules, found = random_rules(chance, recorded=seed % 2 == 0), None
    while found is None:
        engine = Prometheus([*tracks, CLOCK]) if kind == "real" else OwnEngine([*tracks, CLOCK], closed=closed())
        try:
            found = firing(rules, tracks, engine)
        except UnsupportedError:
            rules = random_rules(chance, recorded=seed % 2 == 0)
        finally:
            engine.close()
    assert promtool(tmp_path, rules, tracks, found) == ""


def test_promtool_would_have_noticed(tmp_path: Path) -> None:
    """The control of the test above: an alert that is left out of the answer, or moved by one evaluation, is told."""
    tracks = [Track(labels_of({"__name__": "x"}), CLOCK.at, np.ones(len(CLOCK.at)))]
    rules: list[RecordRule | AlertRule] = [AlertRule("A", "x > 0", 30 * SECOND)]
    right = firing(rules, tracks, OwnEngine(tracks))
    assert promtool(tmp_path, rules, tracks, right) == ""
    assert promtool(tmp_path, rules, tracks, {**right, (30, "A"): []}) != ""
    assert promtool(tmp_path, rules, tracks, {**right, (15, "A"): [{}]}) != ""


# ------------------------------------------------------------------------------------------- the process


def test_nothing_is_left_of_it() -> None:
    with Prometheus([CLOCK]) as real:
        assert real._process is not None
        pid, folder = real._process.pid, real._folder.name
        assert real.name.startswith("Prometheus ")
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not os.path.exists(folder)  # noqa: PTH110


def test_it_listens_on_the_loopback_only() -> None:
    with Prometheus([CLOCK]) as real:
        listening = subprocess.run(["ss", "-Htlnp"], capture_output=True, text=True, check=False).stdout
        mine = [line.split()[3] for line in listening.splitlines() if f":{real._port} " in line]
        assert mine in ([f"127.0.0.1:{real._port}"], [])


def test_marks_of_an_end_reach_it() -> None:
    """Blocks made from text would let the series go on for five minutes."""
    ended = Track(labels_of({"__name__": "x"}), START + np.array([0, 15]) * SECOND, np.array([1.0, STALE]))
    times = START + np.arange(4, dtype=np.int64) * 15 * SECOND
    with Prometheus([ended]) as real:
        (row,) = real.ask("x", times).rows.values()
    assert row[1].tolist() == [True, False, False, False]


def test_a_program_that_is_none_is_told(tmp_path: Path) -> None:
    other = tmp_path / "prometheus"
    other.write_text("#!/bin/sh\necho hello\n")
    other.chmod(0o755)
    with pytest.raises(GoneError, match="does not say its version"):
        Prometheus(program=str(other))
    other.write_text(
        "#!/bin/sh\n[ \"$1\" = --version ] && echo 'prometheus, version 9.9.9' && exit\necho broken >&2; exit 1\n"
    )
    prometheus.version.cache_clear()
    with pytest.raises(GoneError, match="broken"):
        Prometheus(program=str(other))
    with pytest.raises(GoneError, match="does not run"):
        Prometheus(program=str(tmp_path / "none"))


def test_a_name_that_no_rule_can_select_does_no_harm() -> None:
    odd = [Track(labels_of({"__name__": "span latency ms"}), CLOCK.at, CLOCK.value)]
    odd.append(Track(labels_of({"__name__": "x", "service.name": "a"}), CLOCK.at, CLOCK.value))
    with Prometheus([*odd, CLOCK]) as real:
        assert len(real.ask('{__name__=~".+"}', CLOCK.at).rows) == 1
