"""Any address: the window in several notations, bodies, pages by Link headers on the same host only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from driver import ask, checks, drive, events

from afterword.connectors.http import CONNECTOR
from afterword.model.refusal import InvalidError
from afterword.ports import Response

if TYPE_CHECKING:
    from afterword.ports import Request

URL = "https://logs.test/export"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("?from={start}&to={end}", "?from=2026-03-02T09:00:00Z&to=2026-03-02T10:00:00Z"),
        ("?from={start:s}&to={end:ms}", "?from=1772442000&to=1772445600000"),
        ("?from={start:us}&to={end:ns}", "?from=1772442000000000&to=1772445600000000000"),
        ("/{start:date}.log", "/2026-03-02.log"),
        ("?from={start:iso}&q={x}", "?from=2026-03-02T09:00:00Z&q={x}"),
    ],
)
def test_the_window_in_the_address(written: str, said: str) -> None:
    talked = drive(CONNECTOR, ask(URL + written), [(r"", b"2026-03-02T09:00:01Z hello\n")])
    assert talked.urls() == [URL + said]
    assert [one.text for one in events(talked)] == ["hello"] or talked.kept
    checks(CONNECTOR, talked)


def test_a_post_with_the_window_in_its_body() -> None:
    talked = drive(CONNECTOR, ask(URL, method="post", body='{"from": "{start}"}'), [(r"", b"x")])
    (one,) = talked.requests
    assert (one.method, one.body) == ("POST", b'{"from": "2026-03-02T09:00:00Z"}')
    assert one.headers["Content-Type"] == "application/json"


def test_pages_by_link_headers() -> None:
    def server(request: Request) -> Response:
        number = int(request.url.partition("page=")[2] or 1)
        where = f"/export?page={number + 1}" if number < 3 else "https://elsewhere.test/export?page=4"
        return Response(200, {"link": f'<{where}>; rel="next"'}, f"page {number}\n".encode())

    talked = drive(CONNECTOR, ask(URL), server)
    assert talked.urls() == [URL, f"{URL}?page=2", f"{URL}?page=3"]
    assert "on another host" in talked.short


@pytest.mark.parametrize("options", [{"method": "DELETE"}, {"body": "{start:weeks}"}])
def test_options_that_cannot_be_used(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidError):
        drive(CONNECTOR, ask(URL, **options), [(r"", b"x")])
