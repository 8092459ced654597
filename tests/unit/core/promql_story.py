"""A small shop as series, the moments it is looked at, and expressions over it; the answers beside it are Prometheus' own."""

from __future__ import annotations

import numpy as np

from afterword.core.promql.track import STALE, Track, labels_of
from afterword.model.time import SECOND

START = 1_772_359_200 * SECOND  # 2026-03-01T10:00:00Z
#: Every half minute, and on until the last sample is forgotten.
TIMES = START + np.arange(24, dtype=np.int64) * 30 * SECOND


def _one(name: str, text: str, **labels: str) -> Track:
    """Samples every 15 s: numbers, ``_`` where there is none, ``!`` where the series ended, ``n`` for no number."""
    held = [(i, word) for i, word in enumerate(text.split()) if word != "_"]
    at = START + np.array([i for i, _ in held], dtype=np.int64) * 15 * SECOND
    value = [STALE if word == "!" else float("nan") if word == "n" else float(word) for _, word in held]
    return Track(labels_of({"__name__": name, **labels}), at, np.array(value), "E1")


SERIES = [
    _one("reqs_total", "0 10 20 30 40 50 60 70 80 90 100 110 120 130 140 150", job="shop", inst="a", code="200"),
    _one("reqs_total", "0 0 0 0 3 9 15 2 8 14 20 26 26 26 26 26", job="shop", inst="a", code="500"),
    _one("reqs_total", "5 9 13 17 _ _ _ 33 37 41 45 ! 0 4 8 12", job="shop", inst="b", code="200"),
    _one("reqs_total", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", job="mail", inst="a", code="200"),
    _one("temp", "20 21 19 22 25 31 38 45 44 41 30 24 21 20 20 20", inst="a", zone="z1"),
    _one("temp", "-3 -2 n 0 1 2 2 2 _ _ 5 ! _ _ 1 1", inst="b", zone="z2"),
    _one("info", "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", inst="a", version="v2"),
    _one("info", "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", inst="b", version="v1"),
    *(
        _one("lat_bucket", " ".join(str(rate * i + (bump if i > 6 else 0)) for i in range(16)), job="shop", le=le)
        for le, rate, bump in (("0.1", 4, 0), ("0.5", 7, 2), ("1", 8, 20), ("+Inf", 9, 40))
    ),
]

_RANGES = [
    "rate",
    "increase",
    "delta",
    "irate",
    "idelta",
    "deriv",
    "changes",
    "resets",
    "avg_over_time",
    "min_over_time",
    "max_over_time",
    "sum_over_time",
    "count_over_time",
    "stddev_over_time",
    "stdvar_over_time",
    "last_over_time",
    "present_over_time",
]
_PLAIN = ("abs", "ceil", "floor", "round", "exp", "ln", "log2", "log10", "sqrt", "sgn", "sort", "sort_desc")
_DATES = ("minute", "hour", "day_of_week", "day_of_month", "day_of_year", "month", "year", "days_in_month")

EXPRESSIONS = [
    "reqs_total", 'reqs_total{code!="200"}', '{__name__=~"temp|info", inst="a"}', "temp offset 1m", "temp offset -45s", 'temp{nope=""}',
    *(f"{name}({series}[{width}])" for name in _RANGES for series, width in (("reqs_total", "1m"), ("temp", "47s"))),
    "quantile_over_time(0.3, temp[1m])", "quantile_over_time(2, temp[1m])", "predict_linear(temp[1m] offset 30s, 300)",
    "max_over_time(rate(reqs_total[1m])[2m:30s])", "avg_over_time((temp > 20)[2m:])", "sum_over_time(vector(2)[1m:20s])",
    *(f"{name}(temp)" for name in _PLAIN), "clamp(temp, 0, 30)", "clamp(temp, 30, 0)", "clamp_min(temp, 21)", "clamp_max(temp, 21)", "round(temp, 10)",
    *(f"{name}()" for name in _DATES), *(f"{name}(vector(1709164799))" for name in _DATES),
    *(f"{op} by (job) (reqs_total)" for op in ("sum", "avg", "min", "max", "count", "group")),
    "stddev(temp)", "stdvar without (zone) (temp)", "quantile(0.9, reqs_total)", "quantile by (inst) (-1, temp)", "topk(1, reqs_total)",
    "bottomk by (job) (2, reqs_total)", "sum(temp) without (zone)", "topk(2, temp)",
    "histogram_quantile(0.5, rate(lat_bucket[1m]))", "histogram_quantile(0.99, sum by (le) (lat_bucket))", "histogram_quantile(-1, lat_bucket)",
    'histogram_quantile(0.5, lat_bucket{le!="+Inf"})', "histogram_quantile(1.5, lat_bucket)", "histogram_quantile(0.01, lat_bucket)",
    "temp + 1", "2 - temp", "temp * 2 ^ 2 ^ 0", "temp % 7", "temp / 0", "-temp", "-2 ^ 2 + temp", "temp > 20", "20 < temp", "temp > bool 20", "temp != 20", "temp == 20",
    "temp <= bool 20 < bool 2", "1 + 2 > bool 2 * temp", "temp > -Inf", "reqs_total / on (inst, job) group_left sum by (inst, job) (reqs_total)",
    'reqs_total{code="500"} / ignoring (code) reqs_total{code="200"}', "temp * on (inst) group_left (version) info", "info * on (inst) group_right (version) temp",
    "temp and on (inst) info", "temp and info", 'temp unless on (inst) reqs_total{job="mail"}', "temp or info", "temp or on (inst) info", "temp > 30 or temp < 0",
    "reqs_total - on (inst) temp", "temp + on () temp", "label_replace(temp, 'pod', '$2-$1', 'inst', '(a|b)()')", "label_replace(temp, 'zone', '', 'zone', '.*')",
    "label_replace(temp, 'x', 'y', 'inst', 'c')", "label_join(temp, 'both', '/', 'inst', 'zone', 'none')",
    'label_replace(temp, "x", "${name}$$-$9", "inst", "(?P<name>a|b)")', "histogram_quantile(NaN, lat_bucket)", "histogram_quantile(0.5, lat_bucket * 0)",
    'histogram_quantile(0.5, label_replace(lat_bucket, "le", "-1", "le", "0.1"))', 'histogram_quantile(0.1, label_replace(lat_bucket, "le", "-1", "le", "0.1"))',
    'histogram_quantile(0.5, label_replace(lat_bucket, "le", "odd", "le", "0.1"))', 'histogram_quantile(0.5, lat_bucket{le="+Inf"})',
    "absent(temp)", 'absent(temp{inst="c", zone=~"z.*", job="x"})', 'absent_over_time(reqs_total{inst="b"}[30s])', "absent(sum(nope))",
    "scalar(sum(temp))", "vector(scalar(temp))", "vector(time())", "time() - 1772359200", "timestamp(temp)", "timestamp(temp + 1)", "sum(reqs_total) > bool 100 and on () vector(1)",
]  # fmt: skip
