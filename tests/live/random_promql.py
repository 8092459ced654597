"""Series and expressions by chance, from a seed: counters with resets, gauges, histograms, gaps and marks; all kinds of PromQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.core.promql.track import STALE, Track, labels_of
from afterword.model.time import SECOND

if TYPE_CHECKING:
    from random import Random

_NAMES = ("reqs_total", "errs_total", "temp", "load", "info")
_MATCHERS = ('inst="a"', 'inst!="b"', 'job=~"x|y"', 'job!~"y.*"', 'job="x"', 'zone=""', 'nope="z"')
_OVER = (
    "rate", "increase", "delta", "irate", "idelta", "deriv", "avg_over_time", "max_over_time", "min_over_time", "sum_over_time",
    "count_over_time", "changes", "resets", "last_over_time", "present_over_time", "quantile", "predict", "subquery",
)  # fmt: skip
_GROUPS = ("", "by (job)", "by (inst, job)", "without (inst)", "by (code)", "without (code, job)")
_ONE = {
    "abs": "abs({v})", "ceil": "ceil({v})", "floor": "floor({v})", "round": "round({s}, 3)", "sgn": "sgn({v})", "clamp": "clamp({v}, 1, 5)",
    "clamp_min": "clamp_min({v}, 2)", "clamp_max": "clamp_max({v}, 3)", "minus": "-({v})", "scalar": "vector(scalar({v}))",
    "replace": 'label_replace({v}, "d", "$1-z", "inst", "(a|b)")', "join": 'label_join({v}, "d", "-", "inst", "job")',
    "timestamp": "timestamp({s})", "absent": "absent({s})", "gone": "absent_over_time({s}[20s])", "hour": "hour({v})",
}  # fmt: skip
_OPERATORS = ("+", "-", "*", "/", "%", ">", "<", ">=", "==", "!=", "> bool", "<= bool", "and", "or", "unless")
_SETS = ("and", "or", "unless")
_MATCHINGS = (
    "", "", "", " on (inst, job)", " on (job)", " ignoring (code)", " ignoring (code, zone)", " on ()",
    " on (inst, job) group_left (zone)", " on (inst, job) group_left", " on (inst, job) group_right",
)  # fmt: skip


def series(chance: Random, start: int, length: int, step: int = 0) -> list[Track]:
    """Samples over ``length`` seconds; without a step each series has its own, and some are off the grid."""
    made = []
    for name in (*_NAMES, "lat_bucket"):
        for inst in "abc":
            for job in "xy":
                if chance.random() < 0.85:
                    made += _one(chance, {"__name__": name, "inst": inst, "job": job}, start, length, step)
    return made


def _one(chance: Random, labels: dict[str, str], start: int, length: int, fixed: int) -> list[Track]:
    step = fixed or chance.choice((5, 5, 5, 10, 15))
    off = 0 if fixed or chance.random() < 0.7 else chance.randrange(5000)
    at = start + np.arange(length // step, dtype=np.int64) * step * SECOND + off * 1_000_000
    name = labels["__name__"]
    if name.endswith("_total"):
        value = np.cumsum([chance.randrange(9) for _ in at])
        if chance.random() < 0.3:
            reset = chance.randrange(len(at))
            value[reset:] -= value[reset]
        return [_holed(chance, {**labels, "code": code}, at, value // part) for code, part in (("200", 1), ("500", 2))]
    if name == "lat_bucket":
        counts = np.cumsum(np.cumsum([[chance.randrange(4) for _ in range(4)] for _ in at], axis=1), axis=0)
        bounds = ("0.1", "0.5", "1", "+Inf")
        return [_holed(chance, {**labels, "le": le}, at, counts[:, i]) for i, le in enumerate(bounds)]
    if name == "info":
        return [_holed(chance, {**labels, "zone": chance.choice("pq")}, at, np.ones(len(at)))]
    return [_holed(chance, labels, at, np.array([chance.randrange(-5, 20) for _ in at]))]


def _holed(chance: Random, labels: dict[str, str], at: np.ndarray, value: np.ndarray) -> Track:
    """With a gap, and with the mark of an end, by chance."""
    value, kept = value.astype(np.float64), np.ones(len(at), dtype=bool)
    low, high = sorted((chance.randrange(len(at)), chance.randrange(len(at))))
    if chance.random() < 0.4:
        kept[low : min(high, low + len(at) // 3)] = False
    if chance.random() < 0.3:
        value[low], kept[low] = STALE, True
    return Track(labels_of(labels), at[kept], value[kept])


def selector(chance: Random) -> str:
    inner = "{" + chance.choice(_MATCHERS) + "}" if chance.random() < 0.4 else ""
    return chance.choice(_NAMES) + inner


def expression(chance: Random, depth: int = 0) -> str:
    """An expression that has a vector as its answer."""
    kind = chance.random()
    if depth > 3 or kind < 0.2:
        return selector(chance) + _offset(chance)
    if kind < 0.5:
        return _over(chance, depth)
    if kind < 0.7:
        return _aggregate(chance, depth)
    if kind < 0.8:
        return chance.choice(tuple(_ONE.values())).format(v=expression(chance, depth + 1), s=selector(chance))
    if kind < 0.83:
        group = chance.choice(("sum by (le, job) ", "sum by (le) ", "max without (inst) "))
        return (
            f"histogram_quantile({chance.choice(('0.5', '0.9', '0.99'))}, {group}(rate(lat_bucket[{_range(chance)}])))"
        )
    return _binary(chance, depth)


def _offset(chance: Random) -> str:
    return chance.choice(("", "", "", "", "", " offset 30s", " offset 1m", " offset -20s"))


def _range(chance: Random) -> str:
    return chance.choice(("10s", "20s", "30s", "1m", "47s", "2m"))


def _over(chance: Random, depth: int) -> str:
    function = chance.choice(_OVER)
    ranged = f"{selector(chance)}[{_range(chance)}]{_offset(chance)}"
    if function == "quantile":
        return f"quantile_over_time({chance.choice(('0.5', '0.9', '0', '1'))}, {ranged})"
    if function == "predict":
        return f"predict_linear({ranged}, {chance.choice(('60', '600'))})"
    if function == "subquery":
        outer = chance.choice(("max_over_time", "avg_over_time", "min_over_time", "rate", "count_over_time"))
        step = chance.choice(("10s", "15s", "5s", ""))
        return f"{outer}(({expression(chance, depth + 2)})[{_range(chance)}:{step}]{_offset(chance)})"
    return f"{function}({ranged})"


def _aggregate(chance: Random, depth: int) -> str:
    op = chance.choice(("sum", "avg", "min", "max", "count", "group", "topk", "bottomk", "quantile"))
    number = {"topk": "2, ", "bottomk": "1, ", "quantile": "0.7, "}.get(op, "")
    return f"{op} {chance.choice(_GROUPS)} ({number}{expression(chance, depth + 1)})"


def _binary(chance: Random, depth: int) -> str:
    op, matching = chance.choice(_OPERATORS), chance.choice(_MATCHINGS)
    left, right = (f"({expression(chance, depth + 1)})" for _ in range(2))
    if op in _SETS:
        return f"{left} {op}{matching.partition(' group')[0]} {right}"
    if chance.random() < 0.4:
        number = chance.choice((0, 1, 0.5, 3, 7, 10))
        return f"{left} {op} {number}" if chance.random() < 0.7 else f"{number} {op} {left}"
    return f"{left} {op}{matching} {right}"
