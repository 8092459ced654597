"""Runs in a network namespace where 93.184.216.34 is ours: a public server, one at home, and a name that changes sides."""

from __future__ import annotations

import socket
import sys

import httpx2
from small_server import Answer, SmallServer

from afterword.app import address
from afterword.app.fetch import Access, Fetcher, Limits
from afterword.ports import GivenUpError, Request

PUBLIC, PORT = "93.184.216.34", 8080
_usual = socket.getaddrinfo


class NameServer:
    """The name is public the first time it is asked for, and this machine from then on."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, host: str, *rest: object, **more: object) -> list[tuple[object, ...]]:
        if host != "changing.example":
            return _usual(host, *rest, **more)  # type: ignore[arg-type, return-value]
        self.asked += 1
        return _usual(PUBLIC if self.asked == 1 else "127.0.0.1", *rest, **more)  # type: ignore[arg-type, return-value]


def main(probe: str) -> None:
    socket.getaddrinfo = NameServer()  # type: ignore[assignment]
    url = f"http://changing.example:{PORT}/"
    away = Answer(b"", 302, {"Location": f"http://127.0.0.1:{PORT}/"})
    with (
        SmallServer({"/": Answer(b"public"), "/away": away}, PUBLIC, PORT),
        SmallServer({"/": Answer(b"home")}, port=PORT),
    ):
        if probe == "naive":
            address.Guard().check(url)
            sys.stdout.write(httpx2.get(url, trust_env=False).text)
            return
        # Reached over a redirect or a page, not named by a person: so the guard knows of no named place here.
        asks = Fetcher(Access((url,)), Limits(tries=1))
        asks._guard = address.Guard()
        try:
            sys.stdout.write(asks.get(Request(url + ("away" if probe == "redirect" else ""))).body.decode())
        except GivenUpError as error:
            sys.stdout.write(str(error))


main(sys.argv[1])
