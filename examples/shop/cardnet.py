"""The card network of another company: an HTTP service that takes its time, and only so many requests a second."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 8090
RATE, BURST = 4.0, 8.0


class Allowance:
    """A bucket of tokens: what the contract with this merchant allows."""

    def __init__(self) -> None:
        self._left, self._at, self._lock = BURST, time.monotonic(), threading.Lock()

    def take(self) -> bool:
        with self._lock:
            now = time.monotonic()
            self._left, self._at = min(BURST, self._left + (now - self._at) * RATE), now
            if self._left < 1:
                return False
            self._left -= 1
            return True


class Network(BaseHTTPRequestHandler):
    allowance = Allowance()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if not self.allowance.take():
            return self._say(429, {"error": "Too Many Requests"})
        time.sleep(min(0.4, random.lognormvariate(-2.6, 0.4)))
        return self._say(200, {"authorisation": uuid.uuid4().hex[:12]})

    def _say(self, status: int, answer: dict[str, str]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Its logs are with the other company."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", PORT), Network).serve_forever()
