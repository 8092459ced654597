"""The HTTP interface of a ClickHouse server in front of chDB, so that the real client talks to the real engine; a program.

``python clickhouse_http.py PORT FOLDER [USER PASSWORD]``
"""

from __future__ import annotations

import base64
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import chdb

#: Parameters that are no settings of the engine.
_OTHERS = {
    "query",
    "database",
    "session_id",
    "session_timeout",
    "query_id",
    "compress",
    "enable_http_compression",
    "default_format",
}
_OTHERS |= {"client_protocol_version", "http_headers_progress_interval_ms", "send_progress_in_http_headers", "wait_end_of_query", "cancel_http_readonly_queries_on_client_close", "role"}  # fmt: skip


def main() -> None:
    port, folder, *login = sys.argv[1:]
    connection, one_at_a_time = chdb.connect(folder), threading.Lock()
    expected = "Basic " + base64.b64encode(":".join(login).encode()).decode() if login else ""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *said: object) -> None:
            pass

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def _answer(self, body: bytes) -> None:
            if self.path == "/ping":
                self._send(200, b"Ok.\n")
                return
            if expected and self.headers.get("Authorization") != expected:
                self._send(401, b"Code: 516. DB::Exception: Authentication failed. (AUTHENTICATION_FAILED)\n")
                return
            said = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
            try:
                with one_at_a_time:
                    found = self._asked(said, (said.get("query", "") + body.decode()).strip().rstrip(";"))
                self._send(200, found)
            except Exception as error:  # noqa: BLE001 - what the engine says is the answer
                self._send(500, f"Code: 1. DB::Exception: {error}\n".encode())

        def _asked(self, said: dict[str, str], sql: str) -> bytes:
            for name, value in said.items():
                if name not in _OTHERS and not name.startswith("param_"):
                    connection.query(f"SET {name} = '{value}'")
            return connection.query(sql, said.get("default_format", "TabSeparated")).bytes() or b""

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-ClickHouse-Timezone", "UTC")
            self.end_headers()
            self.wfile.write(body)

    ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main()
