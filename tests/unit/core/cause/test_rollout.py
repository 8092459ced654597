"""Which instances a change brought, which it did not reach, and until when those are themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from rolled import NEW, OLD, errors, minute, one_of, released, samples, told

from afterword.core.case import Series
from afterword.core.cause import rollout
from afterword.model.evidence import Citation, Place


def test_a_change_that_names_what_it_brought() -> None:
    found, _ = one_of(told(errors(0.5), [released("shop", f"{NEW[0]} in for {OLD[0]}")]))
    assert found.brought == {NEW[0]}
    assert set(found.stayed) == set(OLD)
    assert found.named == {NEW[0]}
    assert not found.silent


def test_a_change_that_names_nothing_brought_what_came_after_it_with_another_template() -> None:
    """``shop-v2-654dcbd9f4`` has no instance before the change, ``shop-v1-685f9dd56f`` has: scaled out is not released."""
    grown = samples("shop-v1-685f9dd56f-zzzz9", "error_ratio", 0.01, 25)
    found, _ = one_of(told(errors(0.5), grown, [released("shop", "the shop", version="")]))
    assert found.brought == {NEW[0]}
    assert set(found.stayed) == set(OLD)


def test_what_came_with_the_next_change_is_that_ones() -> None:
    late = samples("shop-v3-9b4d585b4-k2587", "error_ratio", 0.5, 41)
    one, two = released("shop", "it", version=""), released("shop", "it", 40, version="", commit="cafe0003")
    case = told(errors(0.01), late, [one, two])
    first, second = rollout.rollouts(case, rollout.strands(case.series))
    assert first.brought == {NEW[0]}
    assert second.brought == {"shop-v3-9b4d585b4-k2587"}
    assert NEW[0] in second.stayed


def test_the_record_of_an_old_instance_that_goes_on_with_its_successor_ends_there() -> None:
    """A monitor keeps one slot: under the old name stands, sample for sample, what took its place."""
    case = told(errors(0.5), [released("shop", f"{NEW[0]} in for {OLD[0]}")])
    (after,) = [one for one in case.series if one.statistic == NEW[0]]
    slots = [
        replace(one, at=np.concatenate([one.at, after.at]), value=np.concatenate([one.value, after.value]))
        if one.statistic == OLD[0]
        else one
        for one in case.series
    ]
    found, _ = one_of(replace(case, series=tuple(slots)))
    assert found.stayed[OLD[0]] == minute(21)
    assert found.stayed[OLD[1]] > minute(60)


def test_labels_tell_instances_apart_as_well() -> None:
    def one(indicator: str) -> Series:
        return Series("shop", indicator, np.array([1]), np.array([1.0]), Citation("E1", Place(0, 1)))

    found = rollout.strand(one('http_errors{code="500",pod="shop-654dcbd9f4-9nhhb"}'))
    assert found is not None
    assert (found.name, found.instance) == ('http_errors{code="500"}', "shop-654dcbd9f4-9nhhb")
    assert rollout.strand(one('http_errors{code="500"}')) is None


def test_a_statistic_is_no_instance() -> None:
    plain = Series("shop", "latency", np.array([1]), np.array([1.0]), Citation("E1", Place(0, 1)), "p99")
    assert rollout.strand(plain) is None
