"""The connection pool that every service with a database uses."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import SpanKind
from prometheus_client import Gauge
from psycopg_pool import ConnectionPool

from services import telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

MAX = Gauge("db_pool_max", "Connections the pool may hold")
IN_USE = Gauge("db_pool_in_use", "Connections that are checked out")
WAITING = Gauge("db_pool_waiting", "Requests that wait for a connection")
OLDEST = Gauge("db_pool_oldest_checkout_seconds", "Age of the oldest checkout")


class Pool:
    """A pool that knows who holds what since when.

    Prefer `connection()`. Whoever calls `getconn` must call `putconn` on every path.
    """

    def __init__(self, size: int = 8, wait: float = 2.0) -> None:
        dsn = f"host=127.0.0.1 dbname=shop user=shop application_name={telemetry.SERVICE}"
        self._pool = ConnectionPool(dsn, min_size=2, max_size=size, timeout=wait, open=True)
        self._out: dict[int, tuple[Connection[Any], float]] = {}
        self._lock = threading.Lock()
        MAX.set(size)
        IN_USE.set_function(lambda: len(self._out))
        WAITING.set_function(lambda: self._pool.get_stats().get("requests_waiting", 0))
        OLDEST.set_function(self._oldest)

    def _oldest(self) -> float:
        with self._lock:
            return max((time.monotonic() - since for _, since in self._out.values()), default=0.0)

    def getconn(self) -> Connection[Any]:
        with telemetry.tracer.start_as_current_span("db.pool.acquire", record_exception=False) as span:
            span.set_attribute("db.client.connection.pool.in_use", len(self._out))
            conn = self._pool.getconn()
        with self._lock:
            self._out[id(conn)] = (conn, time.monotonic())
        return conn

    def putconn(self, conn: Connection[Any]) -> None:
        with self._lock:
            self._out.pop(id(conn), None)
        self._pool.putconn(conn)

    @contextlib.contextmanager
    def connection(self) -> Iterator[Connection[Any]]:
        """A connection for one transaction: committed, or rolled back on an error; returned always."""
        conn = self.getconn()
        try:
            with conn.transaction():
                yield conn
        finally:
            self.putconn(conn)


def query(conn: Connection[Any], sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run one statement under a span."""
    attributes = {"db.system.name": "postgresql", "db.query.text": sql}
    name = " ".join(sql.split()[:1])
    with telemetry.tracer.start_as_current_span(name, None, SpanKind.CLIENT, attributes):
        cursor = conn.execute(sql, values)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []
