"""Alert rules that would have told of an incident earlier, and were silent over all that is known to be healthy.

A burn rate where an objective is known (windows and factors of Google's SRE workbook, chapter 5), else a threshold out
of the healthy stretch. Every proposal is tried on the recording before it is offered.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.backtest import Backtest, Replay, judged
from afterword.core.firing import Firing, firings
from afterword.core.promql import UnsupportedError, duration
from afterword.core.promql.node import Matching
from afterword.core.promql.vector import Vector, combined
from afterword.core.rule import AlertRule
from afterword.core.watch import WINDOW, Watch, watches
from afterword.model.time import MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from afterword.core.promql.track import Track
    from afterword.model.time import Span

MOST = 5
#: How long a threshold is held: as long as people are used to, longer where it is noisy, shorter where that is too late.
_HELD = (MINUTE, 2 * MINUTE, 5 * MINUTE, 30 * SECOND, 15 * SECOND)
#: Factor, long and short window, and who is called: two per cent of a month's budget in an hour, five in six, ten in three days.
_BURNS = ((14.4, "1h", "5m", "page"), (6.0, "6h", "30m", "page"), (1.0, "3d", "6h", "ticket"))
_SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.9)
#: A threshold stands so far above the worst that was ever healthy.
_MARGIN = 1.5
#: Nobody changes a rule for less than that.
LEAST_EARLIER = 0.25
#: Healthy hours without a firing before a threshold may page somebody.
LEAST_HOURS = 1
_ORDER = {"burn rate": 0, "error ratio": 1, "latency": 2, "error rate": 3, "saturation": 4}


@dataclass(frozen=True, slots=True)
class Proposed:
    """A rule with what became of it on the recording, and why it looks at what it does."""

    rule: AlertRule
    kind: str
    about: str
    trial: Backtest
    why: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What proposals are made for. ``objectives``: the share that has to go well, by component ("" for all)."""

    incident: Span
    detected: int | None
    #: Where users come in, the most important first.
    entries: Sequence[str] = ()
    objectives: Mapping[str, float] = field(default_factory=dict)
    #: Names of alerts that there are already.
    taken: frozenset[str] = frozenset()


def proposals(
    replay: Replay, tracks: Sequence[Track], setting: Setting, key_of: Callable[[Mapping[str, str]], str | None]
) -> tuple[Proposed, ...]:
    """The best of each kind, symptoms first; none that would have fired in vain or no earlier than somebody noticed."""
    found = [
        one
        for watch in watches(tracks, setting.entries, key_of)
        for one in (*_burning(watch, replay, setting), *_above(watch, replay, setting))
    ]
    chosen: list[Proposed] = []
    for one in sorted(found, key=lambda p: _rank(p, setting)):
        if len(chosen) < MOST and _adds(one, chosen):
            chosen.append(_called(one, chosen, setting))
    return tuple(chosen)


def _adds(one: Proposed, chosen: Sequence[Proposed]) -> bool:
    """Another kind of symptom, or clearly earlier than all before it; what is no symptom has to be that."""
    first = min((other.trial.fired_at or 0 for other in chosen), default=None)
    if first is None or first - (one.trial.fired_at or 0) >= LEAST_EARLIER * MINUTE:
        return True
    if one.kind == "saturation":
        return False
    alike = ("error ratio", "error rate") if one.kind in ("error ratio", "error rate") else (one.kind,)
    same = [other for other in chosen if other.kind in alike]
    return not same or (one.kind == "burn rate" and all(other.rule.name != one.rule.name for other in same))


def _rank(one: Proposed, setting: Setting) -> tuple[object, ...]:
    entry = setting.entries.index(one.about) if one.about in setting.entries else len(setting.entries)
    earlier = one.trial.minutes_earlier
    # A share of what was counted is weighed by traffic, an average of shares is not.
    weighed = one.kind == "burn rate" and "rate(" not in one.rule.expr
    return (_ORDER[one.kind], entry, weighed, -(earlier or 0.0), len(one.rule.expr), one.rule.expr)


def _called(one: Proposed, chosen: Sequence[Proposed], setting: Setting) -> Proposed:
    """A name that no other rule has."""
    taken = setting.taken | {other.rule.name for other in chosen}
    name = one.rule.name
    while name in taken:
        name += "Early" if not name.endswith("Early") else str(len(chosen))
    return replace(one, rule=replace(one.rule, name=name), trial=replace(one.trial, alert=name))


# ------------------------------------------------------------------------------------------- burn rates


def _burning(watch: Watch, replay: Replay, setting: Setting) -> Iterator[Proposed]:
    objective = _objective(watch, setting)
    if objective is None or not watch.over:
        return
    for factor, long, short, severity in _BURNS:
        limit = factor * (1 - objective)
        said = f"({factor:g} * {1 - objective:.6g})"
        expr = " and ".join(f"({watch.over.replace(WINDOW, window)}) > {said}" for window in (long, short))
        name = f"{_camel(watch.about or watch.metric)}ErrorBudgetBurn{long}"
        rule = AlertRule(name, expr, labels=(("severity", severity),))
        trial = _burnt(rule, watch, (long, short), limit, replay, setting)
        if trial is not None and _good(trial):
            why = f"an objective of {objective * 100:.6g} % is known; at this rate its budget of 30 days is used up in {30 / factor:.3g}"
            yield Proposed(rule, "burn rate", watch.about, trial, f"{why} days")


def _objective(watch: Watch, setting: Setting) -> float | None:
    """What is promised for all is promised to users: it is held against where they come in."""
    if watch.about and watch.about in setting.objectives:
        return setting.objectives[watch.about]
    return setting.objectives.get("") if watch.about in setting.entries or not setting.entries else None


def _burnt(
    rule: AlertRule, watch: Watch, windows: Sequence[str], limit: float, replay: Replay, setting: Setting
) -> Backtest | None:
    """Both windows beyond the limit. Where a window reaches back before the recording, that time is taken to have been
    as busy and without an error: the recording alone would make every long window a short one.
    """
    beyond: Vector | None = None
    try:
        for window in windows:
            vector, times = replay.ask(watch.over.replace(WINDOW, window))
            known = np.minimum(1.0, (times - times[0]) / duration(window))
            diluted = Vector({labels: (value * known, there) for labels, (value, there) in vector.rows.items()})
            here = _where(diluted, limit, above=True)
            beyond = here if beyond is None else combined("and", beyond, here, Matching())
    except UnsupportedError:
        return None
    assert beyond is not None
    found = tuple(Firing(watch.about, start, end, labels) for labels, start, end in firings(rule, beyond, times))
    about = Backtest(rule.name, rule.expr, engine=replay.engine.name)
    trial = judged(about, found, times, setting.incident, setting.detected)
    short = [window for window in windows if setting.incident.start - int(times[0]) < duration(window)]
    notes = (f"the {short[0]} before the recording are taken to have been without an error",) if short else ()
    return replace(trial, notes=notes)


# ------------------------------------------------------------------------------------------- thresholds


def _above(watch: Watch, replay: Replay, setting: Setting) -> Iterator[Proposed]:
    try:
        vector, times = replay.ask(watch.expr)
    except UnsupportedError:
        return
    limits = _thresholds(watch, vector, times, setting.incident)
    for held in _HELD:
        tried = [(limit, _fires(watch, vector, times, limit, held, setting)) for limit in limits]
        good = [(limit, at) for limit, at in tried if at is not None]
        if not good:
            continue
        # Where the trouble came at once a threshold further away from what is usual costs no time.
        soon = min(at for _, at in good) + 3 * int(times[1] - times[0])
        limit = [limit for limit, at in good if at <= soon][-1]
        rule = AlertRule(_name(watch), _expr(watch, limit), held, labels=(("severity", _severity(watch)),))
        made = _tried(rule, watch, replay, setting)
        if made is not None:
            yield replace(made, why=_why(watch, vector, times, setting.incident))
        return


def _expr(watch: Watch, limit: float) -> str:
    return f"{watch.expr} {'>' if watch.above else '<'} {limit:g}"


def _where(vector: Vector, threshold: float, *, above: bool) -> Vector:
    with np.errstate(invalid="ignore"):
        rows = {
            labels: (value, there & ((value > threshold) if above else (value < threshold)))
            for labels, (value, there) in vector.rows.items()
        }
    return Vector(rows)


def _fires(
    watch: Watch, vector: Vector, times: NDArray[np.int64], limit: float, held: int, setting: Setting
) -> int | None:
    """When it would have told, None where that is in vain or too late."""
    rule = AlertRule("", _expr(watch, limit), held)
    beyond = _where(vector, limit, above=watch.above)
    found = tuple(Firing("", start, end, labels) for labels, start, end in firings(rule, beyond, times))
    trial = judged(Backtest("", rule.expr), found, times, setting.incident, setting.detected)
    return trial.fired_at if _good(trial) else None


def _good(trial: Backtest) -> bool:
    """It fires inside the incident, before anybody noticed, and never when nothing was wrong."""
    if trial.cannot or trial.fired_at is None or trial.extra:
        return False
    return trial.minutes_earlier is None or trial.minutes_earlier >= LEAST_EARLIER


def _tried(rule: AlertRule, watch: Watch, replay: Replay, setting: Setting) -> Proposed | None:
    trial = replay.trial(rule, setting.incident, setting.detected)
    if not _good(trial):
        return None
    if trial.healthy_hours < LEAST_HOURS:
        # Nobody is woken by what has been silent for so short a time.
        rule = replace(rule, labels=(("severity", "ticket"),))
        trial = replace(trial, notes=(*trial.notes, f"less than {LEAST_HOURS} h of healthy recording stands behind it"))
    return Proposed(rule, watch.kind, watch.about, trial, "")


def _healthy(vector: Vector, times: NDArray[np.int64], incident: Span) -> NDArray[np.float64]:
    """Every value outside of the incident; just behind it a window may still look back on it."""
    well = (times < incident.start) | (times > incident.end + 5 * MINUTE)
    values = [value[there & well] for value, there in vector.rows.values()]
    found = np.concatenate(values) if values else np.zeros(0)
    return found[np.isfinite(found)]


def _inside(vector: Vector, times: NDArray[np.int64], incident: Span) -> NDArray[np.float64]:
    hurt = (times >= incident.start) & (times <= incident.end)
    values = [value[there & hurt] for value, there in vector.rows.values()]
    found = np.concatenate(values) if values else np.zeros(0)
    return found[np.isfinite(found)]


def _thresholds(watch: Watch, vector: Vector, times: NDArray[np.int64], incident: Span) -> list[float]:
    """Round numbers beyond the worst that was healthy and short of the worst that was not, the nearest to healthy first."""
    usual, hurt = _healthy(vector, times, incident), _inside(vector, times, incident)
    if not len(usual) or not len(hurt):
        return []
    if watch.share:
        worst, ill = (usual.max(), hurt.max()) if watch.above else (1 - usual.min(), 1 - hurt.min())
        # Near the top there is no room for the whole margin.
        least = min(worst * _MARGIN, (1 + worst) / 2)
        found = [one for one in _SHARES if one >= least and one > worst and one < ill]
        return found if watch.above else [round(1 - one, 6) for one in found]
    if not watch.above:
        return [one for one in _steps(float(usual.min()) / _MARGIN, up=False) if one > hurt.min()]
    start = float(usual.max()) * _MARGIN if usual.max() > 0 else float(hurt.max()) / 100
    return [one for one in _steps(start, up=True) if one < hurt.max()]


def _steps(value: float, *, up: bool) -> list[float]:
    """Twelve round numbers from there on."""
    made: list[float] = []
    while len(made) < 12 and value > 0 and math.isfinite(value):
        made.append(_rounded(value, up=up))
        value = made[-1] * (1.01 if up else 0.99)
    return made


def _rounded(value: float, *, up: bool) -> float:
    """To one, two or five of its power of ten."""
    if value <= 0 or not math.isfinite(value):
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1, 2, 5, 10)
    if up:
        return float(f"{next(s for s in steps if s * power >= value * (1 - 1e-9)) * power:.6g}")
    return float(f"{max(s for s in steps if s * power <= value * (1 + 1e-9)) * power:.6g}")


def _why(watch: Watch, vector: Vector, times: NDArray[np.int64], incident: Span) -> str:
    usual = _healthy(vector, times, incident)
    worst = float(usual.max() if watch.above else usual.min())
    return f"outside of the incident the {'highest' if watch.above else 'lowest'} was {worst:.4g}"


def _severity(watch: Watch) -> str:
    return "page" if watch.about and watch.kind != "saturation" else "ticket"


def _name(watch: Watch) -> str:
    side = "High" if watch.above else "Low"
    if not watch.about:
        return f"{_camel(watch.metric)}{side}"
    plain = {"error ratio": "ErrorRatio", "error rate": "Errors", "latency": "Latency"}
    return f"{_camel(watch.about)}{plain.get(watch.kind) or _camel(watch.metric)}{side}"


def _camel(text: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", text)
    made = "".join(word[:1].upper() + word[1:] for word in words)
    return made if made[:1].isalpha() else f"X{made}"
