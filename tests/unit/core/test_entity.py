"""Pods and versions under the name of their service."""

from __future__ import annotations

import numpy as np

from afterword.core import entity
from afterword.core.case import Series
from afterword.model.event import Kind
from afterword.model.evidence import Citation, Place
from afterword.testing import case_from, event


def series(component: str, *at: int) -> Series:
    times = np.array(at, dtype=np.int64)
    return Series(component, "cpu", times, times.astype(np.float64), Citation("E1", Place(0, 1)))


def test_a_pod_goes_under_its_workload() -> None:
    assert entity.resolved(["ts-order-service-5b67c48447-mv5hb", "front-end-0", "mongo-db-12345"]) == {
        "ts-order-service-5b67c48447-mv5hb": "ts-order-service",
        "front-end-0": "front-end-0",
        "mongo-db-12345": "mongo-db-12345",
    }


def test_versions_go_under_the_service_where_it_is_known_by_its_own_name() -> None:
    pods = ["cart-v1-685f9dd56f-tpj7p", "cart-v2-654dcbd9f4-9nhhb"]
    assert set(entity.resolved(pods).values()) == {"cart"}
    assert entity.resolved(["api-v1"]) == {"api-v1": "api-v1"}
    assert entity.resolved(["api-v1", "api"])["api-v1"] == "api"


def test_pods_side_by_side_stay_apart_and_one_after_the_other_are_one_series() -> None:
    known = {"a-5b67c48447-mv5hb": "a", "a-5b67c48447-zz5hb": "a"}
    beside = entity._series([series("a-5b67c48447-mv5hb", 1, 5), series("a-5b67c48447-zz5hb", 2, 6)], known)
    assert [(one.component, one.statistic) for one in beside] == [
        ("a", "a-5b67c48447-mv5hb"),
        ("a", "a-5b67c48447-zz5hb"),
    ]
    [after] = entity._series([series("a-5b67c48447-mv5hb", 1, 5), series("a-5b67c48447-zz5hb", 6, 7)], known)
    assert after.at.tolist() == [1, 5, 6, 7]


def test_what_one_of_several_pods_reports_keeps_its_name() -> None:
    """Errors that only the new pod has are the new pod's; of a lone pod nothing has to be told apart."""
    one, two = "cart-v1-685f9dd56f-tpj7p", "cart-v2-654dcbd9f4-9nhhb"
    both = [event(Kind.METRIC, at, pod, name="cpu", value=1.0) for at in (1, 2, 3) for pod in (one, two)]
    case = entity.merged(case_from([*both, event(Kind.METRIC, 3, two, name="errors", value=1.0)]))
    assert [series.statistic for series in case.series if series.indicator == "errors"] == [two]
    lone = entity.merged(case_from([event(Kind.METRIC, at, two, name=name, value=1.0) for at in (1, 2) for name in ("cpu", "errors")]))  # fmt: skip
    assert {series.statistic for series in lone.series} == {""}
