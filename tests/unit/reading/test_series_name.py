"""Names of wide columns taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.reading.series_name import split

SITUATIONS = [
    # Components with hyphens, an indicator with an underscore and a number.
    (["carts_cpu", "carts-db_cpu", "carts_lat_50", "queue-master_mem"],
     [("carts", "cpu"), ("carts-db", "cpu"), ("carts", "lat_50"), ("queue-master", "mem")]),
    # Components with underscores: the indicators that repeat tell where one ends.
    (["order_service_cpu", "order_service_latency_p99", "user_db_cpu", "user_db_mem", "user_cpu"],
     [("order_service", "cpu"), ("order_service", "latency_p99"), ("user_db", "cpu"), ("user_db", "mem"), ("user", "cpu")]),
    # Long names of exporters stay whole.
    (["ads_container-cpu-usage-seconds-total", "ads_latency-90", "cart_memory_usage_bytes", "cart_request_duration_p99_ms"],
     [("ads", "container-cpu-usage-seconds-total"), ("ads", "latency-90"), ("cart", "memory_usage_bytes"), ("cart", "request_duration_p99_ms")]),
    # A word that is an indicator elsewhere is a component where its own indicators say so.
    (["queue_mem", "queue_cpu", "cart_mem", "message_queue_cpu"],
     [("queue", "mem"), ("queue", "cpu"), ("cart", "mem"), ("message_queue", "cpu")]),
    # One component alone: its indicators have no prefix.
    (["cpu", "mem", "latency_p99", "requests_per_second", "5xx_rate", "NodeCpu(%)"],
     [("", "cpu"), ("", "mem"), ("", "latency_p99"), ("", "requests_per_second"), ("", "5xx_rate"), ("", "NodeCpu(%)")]),
    # Words that nobody knows: repetition decides.
    (["svc_a_foo", "svc_a_bar", "svc_b_foo", "svc_b_bar"],
     [("svc_a", "foo"), ("svc_a", "bar"), ("svc_b", "foo"), ("svc_b", "bar")]),
    # An indicator of one component alone, whose component others name.
    (["checkout_cpu", "cart_cpu", "checkout_db_query_count"],
     [("checkout", "cpu"), ("cart", "cpu"), ("checkout", "db_query_count")]),
    (["cart.cpu.usage", "cart.mem.usage", "web.cpu.usage"], [("cart", "cpu.usage"), ("cart", "mem.usage"), ("web", "cpu.usage")]),
    (["cart", "checkout"], [("cart", "value"), ("checkout", "value")]),
    (["postgres_active_connections", "gateway_service_5xx", "cart_CpuUsage(%)"],
     [("postgres", "active_connections"), ("gateway_service", "5xx"), ("cart", "CpuUsage(%)")]),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "expected"), SITUATIONS)
def test_components_and_indicators(columns: list[str], expected: list[tuple[str, str]]) -> None:
    assert [tuple(one) for one in split(columns)] == expected


@given(st.lists(st.text(alphabet="ab_-./ cpu", min_size=1, max_size=12), max_size=8, unique=True))
def test_every_column_gets_a_name_and_the_order_of_columns_decides_nothing(columns: list[str]) -> None:
    found = dict(zip(columns, split(columns), strict=True))
    assert all(one.indicator for column, one in found.items() if column.strip())
    backwards = list(reversed(columns))
    assert dict(zip(backwards, split(backwards), strict=True)) == found


def test_a_hyphen_parts_component_and_indicator_where_nothing_else_does() -> None:
    columns = [f"{name}-{what}" for name in ("cart", "redis-cart") for what in ("cpu", "success_rate", "p95latency")]
    assert split(columns) == [
        (name, what) for name in ("cart", "redis-cart") for what in ("cpu", "success_rate", "p95latency")
    ]
