"""Metrics of PostgreSQL and of Redis, a port each, from what the two say of themselves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psycopg
import redis
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

if TYPE_CHECKING:
    from collections.abc import Iterator

POSTGRES_PORT, REDIS_PORT = 9187, 9121


class Postgres:
    """Connections by application and state, transactions, the oldest open transaction."""

    def __init__(self) -> None:
        dsn = "host=127.0.0.1 dbname=shop user=shop application_name=exporter"
        self._conn = psycopg.connect(dsn, autocommit=True)

    def collect(self) -> Iterator[Metric]:
        held = GaugeMetricFamily("pg_connections", "Connections", labels=["application", "state"])
        sql = (
            "SELECT application_name, coalesce(state, 'none'), count(*) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' GROUP BY 1, 2"
        )
        for application, state, count in self._conn.execute(sql).fetchall():
            held.add_metric([application, state], count)
        yield held
        sql = "SELECT coalesce(max(extract(epoch FROM now() - xact_start)), 0) FROM pg_stat_activity"
        age = self._conn.execute(sql).fetchall()[0][0]
        yield GaugeMetricFamily("pg_oldest_transaction_seconds", "Age of the oldest transaction", float(age))
        sql = "SELECT xact_commit, xact_rollback FROM pg_stat_database WHERE datname = 'shop'"
        done, undone = self._conn.execute(sql).fetchall()[0]
        yield CounterMetricFamily("pg_xact_commit", "Transactions committed", done)
        yield CounterMetricFamily("pg_xact_rollback", "Transactions rolled back", undone)


class Redis:
    """Commands, hits, misses and memory."""

    def __init__(self) -> None:
        self._client = redis.Redis(host="127.0.0.1", port=6379)

    def collect(self) -> Iterator[Metric]:
        info = self._client.info()
        yield CounterMetricFamily("redis_commands_processed", "Commands", info["total_commands_processed"])
        yield CounterMetricFamily("redis_keyspace_hits", "Hits", info["keyspace_hits"])
        yield CounterMetricFamily("redis_keyspace_misses", "Misses", info["keyspace_misses"])
        yield GaugeMetricFamily("redis_memory_used_bytes", "Memory", info["used_memory"])
        yield GaugeMetricFamily("redis_connected_clients", "Clients", info["connected_clients"])
        sizes = GaugeMetricFamily("redis_key_size", "Entries of a list", labels=["key"])
        for key in ("orders:new", "orders:busy"):
            sizes.add_metric([key], self._client.llen(key))
        yield sizes


if __name__ == "__main__":
    for collector, port in ((Postgres(), POSTGRES_PORT), (Redis(), REDIS_PORT)):
        registry = CollectorRegistry()
        registry.register(collector)
        start_http_server(port, "127.0.0.1", registry)
    while True:
        time.sleep(3600)
