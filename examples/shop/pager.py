"""Stores what Alertmanager posts, a line a payload, as it came."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PORT = 9099


class Receiver(BaseHTTPRequestHandler):
    target: Path

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.target.open("ab") as file:
            file.write(body.replace(b"\n", b"") + b"\n")
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """The payloads are the record; a line a request would add nothing."""


if __name__ == "__main__":
    Receiver.target = Path(sys.argv[1])
    ThreadingHTTPServer(("127.0.0.1", PORT), Receiver).serve_forever()
