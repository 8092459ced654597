"""An answer of a Prometheus, taken up again with all its labels and with the points at which it had nothing."""

from __future__ import annotations

import io
import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from afterword.core.promql.track import Track, labels_of, stale
from afterword.model.time import SECOND
from afterword.reading.track import Samples, gridded, merged, tracks
from afterword.sources import openmetrics, prometheus_json, victoriametrics

T = 1_772_359_200


def shape(track: Track) -> list[tuple[int, float | str]]:
    marks = stale(track.value)
    return [
        (int(at) // SECOND - T, "gone" if mark else float(v))
        for at, v, mark in zip(track.at, track.value, marks, strict=True)
    ]


def series(values: dict[int, float], **labels: str) -> Samples:
    return Samples(labels, [(T + at) * SECOND for at in values], list(values.values()))


def test_a_point_that_is_missing_is_marked_once_and_so_is_the_end() -> None:
    whole, holed = gridded([series({0: 1, 5: 1, 10: 1, 15: 1, 20: 1}, a="x"), series({0: 1, 5: 2}, a="y")])
    assert shape(whole) == [(0, 1.0), (5, 1.0), (10, 1.0), (15, 1.0), (20, 1.0)]
    assert shape(holed) == [(0, 1.0), (5, 2.0), (10, "gone")]
    (gap, _) = gridded([series({0: 1, 5: 2, 20: 3}, a="y"), series({0: 1, 20: 1}, a="z")])
    assert shape(gap) == [(0, 1.0), (5, 2.0), (10, "gone"), (20, 3.0)]


def test_times_of_scrapes_lie_on_no_grid_and_nothing_is_marked() -> None:
    one, _ = gridded([series({0: 1, 15: 1, 31: 1, 90: 1}, a="x"), series({7: 1}, a="y")])
    assert shape(one) == [(0, 1.0), (15, 1.0), (31, 1.0), (90, 1.0)]


def test_the_same_series_out_of_two_artefacts_is_one() -> None:
    first = Track(labels_of({"__name__": "x"}), np.array([1, 2]) * SECOND, np.array([1.0, 2.0]), "E1")
    second = Track(labels_of({"__name__": "x"}), np.array([2, 3]) * SECOND, np.array([9.0, 3.0]), "E2")
    (found,) = merged([first, second])
    assert found.value.tolist() == [1.0, 2.0, 3.0]
    assert merged([first]) == [first]


@given(st.dictionaries(st.integers(0, 100), st.floats(-5, 5), max_size=20), st.integers(1, 7))
def test_no_sample_is_lost_or_made(values: dict[int, float], step: int) -> None:
    given_ = series({at * step: v for at, v in values.items()}, a="x")
    found = list(gridded([given_]))
    kept = [pair for one in found for pair in shape(one) if pair[1] != "gone"]
    assert kept == sorted((at * step, v) for at, v in values.items())
    assert [pair for one in tracks([given_]) for pair in shape(one)] == kept


def test_sources_tell_every_label_and_the_buckets_of_histograms() -> None:
    """``read`` leaves buckets out and labels that say where; a rule of the team needs both."""
    labels = {"__name__": "d_bucket", "le": "0.5", "instance": "shop-1:80", "service": "cart"}
    answer = {"status": "success", "data": {"resultType": "matrix", "result": [
        {"metric": labels, "values": [[T, "1"], [T + 5, "NaN"], [T + 10, "x"], [T + 15, "3"]]},
        {"metric": {"service": "cart"}, "values": [[T, "1"]]},
    ]}}  # fmt: skip
    (found,) = list(prometheus_json.tracks(io.BytesIO(json.dumps(answer).encode())))
    assert dict(found.labels) == labels
    assert np.isnan(found.value[1])
    text = f'# TYPE d histogram\nd_bucket{{le="0.5",service="cart"}} 1 {T}\nd_bucket{{le="0.5",service="cart"}} 2 {T + 15}\nup 1\n'
    (found,) = list(openmetrics.tracks(io.BytesIO(text.encode())))
    assert (dict(found.labels)["le"], found.value.tolist()) == ("0.5", [1.0, 2.0])
    line = {"metric": labels, "values": [1, None, 3], "timestamps": [T * 1000, T * 1000 + 5000, 5]}
    (found,) = list(victoriametrics.tracks(io.BytesIO(json.dumps(line).encode() + b"\n[]\n{bad")))
    assert shape(found) == [(0, 1.0)]
