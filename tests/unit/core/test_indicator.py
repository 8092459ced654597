"""What an indicator measures, by its name as the tools of the field write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core.indicator import HARM, Family, family, is_setting, is_share_of_success, worse


@pytest.mark.parametrize(
    ("name", "which"),
    [
        ("http_5xx_rate", Family.ERRORS), ("container_restarts", Family.ERRORS), ("availability", Family.ERRORS),
        ("requests_timed_out_total", Family.ERRORS), ("http_server_duration_p99_ms", Family.LATENCY),
        ('http.server.request.duration{code="500"}', Family.LATENCY), ("consumer_lag", Family.LATENCY),
        ("queue_oldest_age_seconds", Family.LATENCY), ("db_pool_in_use", Family.SATURATION),
        ("node_memory_used_bytes", Family.SATURATION), ("go_goroutines", Family.SATURATION), ("rps", Family.TRAFFIC),
        ("kafka_messages_total", Family.TRAFFIC), ("weather", Family.OTHER), ("", Family.OTHER),
    ],
)  # fmt: skip
def test_the_family_of_a_name(name: str, which: Family) -> None:
    assert family(name) is which


@pytest.mark.parametrize(
    ("name", "way"),
    [("error_rate", 1), ("latency", 1), ("cpu", 1), ("availability", -1), ("cache_hit_ratio", -1), ("unavailable_replicas", 1), ("rps", 0), ("success_ratio", -1), ("failed_hits", 1)],
)  # fmt: skip
def test_which_way_is_worse(name: str, way: int) -> None:
    assert worse(name) == way


@pytest.mark.parametrize(("name", "setting"), [("pool_max", True), ("memory_limit", True), ("up", True), ("go_info", True), ("pool_in_use", False), ("uploads", False)])  # fmt: skip
def test_what_somebody_sets_is_no_symptom(name: str, *, setting: bool) -> None:
    assert is_setting(name) is setting


def test_full_health_is_the_ceiling_of_a_share_of_success() -> None:
    assert is_share_of_success("availability")
    assert not is_share_of_success("error_rate")
    assert not is_share_of_success("cache_hits")


@given(st.text(max_size=60))
def test_any_name_has_a_family_a_way_and_a_weight(name: str) -> None:
    assert family(name) in HARM
    assert worse(name) in (-1, 0, 1)
    assert family(name + '{pod="a"}') is family(name), "labels say whose it is, not what it measures"
