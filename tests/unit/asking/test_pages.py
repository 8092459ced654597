"""Pages: followed to their end, never in a circle, never to another host."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from afterword.asking import answer, pages
from afterword.ports import GivenUpError, Left, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://host.test/list?x=1"


def run(talk: Any, server: Callable[[Request], Response], most: int = 5_000) -> list[Request]:
    asked, said = [], next(talk, None)
    while said is not None:
        assert len(asked) < most
        asked.append(said)
        try:
            said = talk.send(server(said))
        except StopIteration:
            break
    return asked


def page(value: Any, link: str = "") -> Response:
    return Response(200, {"link": link} if link else {}, json.dumps(value).encode())


def test_links_are_followed_also_when_they_are_only_paths() -> None:
    answers = {URL: page([{"a": 1}], '</list?x=2>; rel="next"'), "https://host.test/list?x=2": page([{"a": 2}])}
    found: list[dict[str, Any]] = []
    asked = run(pages.linked(Request(URL, says="a list", secret={"k": "v"}), into=found), lambda r: answers[r.url])
    assert [one.says for one in asked] == ["a list", "a list, page 2"]
    assert asked[1].secret == {"k": "v"}
    assert found == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    "link", ["https://evil.test/list?x=2", "//evil.test/x", "http://host.test/list?x=2", "https://host.test:444/x"]
)
def test_another_host_is_not_asked(link: str) -> None:
    with pytest.raises(answer.ShortError, match="another host"):
        run(pages.linked(Request(URL)), lambda _: page([], f'<{link}>; rel="next"'))


def test_a_circle_ends() -> None:
    circle = {
        URL: "https://host.test/b",
        "https://host.test/b": "https://host.test/c",
        "https://host.test/c": "https://host.test/b",
    }
    assert len(run(pages.linked(Request(URL)), lambda r: page([], f'<{circle[r.url]}>; rel="next"'))) == 3


def test_a_list_without_an_end_is_told() -> None:
    count = iter(range(10**6))
    with pytest.raises(answer.ShortError, match="stopped after 1000 pages"):
        run(
            pages.linked(Request(URL, says="a list")),
            lambda _: page([], f'<https://host.test/{next(count)}>; rel="next"'),
        )


def test_the_link_header_is_read_as_servers_write_it() -> None:
    for header, wanted in (
        ('<https://h/a?p=1,2>; rel="prev", <https://h/b>; rel="next"', "https://h/b"),
        ("<https://h/b>; rel=next", "https://h/b"),
        ('<https://h/b>; title="x"; rel="last next"', "https://h/b"),
        ('<https://h/b>; rel="nextish"', ""),
        ('<https://h/b>; rel="next"; results="false"', ""),
        ("", ""),
        ("<>;rel=next", ""),
    ):
        assert answer.linked(Response(200, {"link": header}, b"")) == wanted, header


def test_parameters_are_changed_in_place() -> None:
    assert pages.at(Request("https://h/a?b=1&c=%2F&d="), b=2, e="x y").url == "https://h/a?c=%2F&d=&b=2&e=x%20y"


def test_parts_that_fall_short_are_told_and_do_not_stop_the_others() -> None:
    def part(error: GivenUpError | None) -> Any:
        yield Request(URL)
        if error:
            raise error

    talk = answer.each([part(answer.ShortError("half of it")), part(GivenUpError("told elsewhere")), part(None)])
    said = [next(talk), *(talk.send(page([])) for _ in range(3))]
    assert [type(one).__name__ for one in said] == ["Request", "Left", "Request", "Request"]
    assert said[1] == Left("half of it")


def test_an_answer_that_is_no_json_falls_short() -> None:
    for body in (b"<html>", b"\xff", b"", b'{"a": 1, "a": 2}', b"[" * 200):
        with pytest.raises(answer.ShortError, match="a list: the answer is no JSON"):
            answer.value(Request(URL, says="a list"), Response(200, {}, body))
    assert answer.value(Request(URL), Response(200, {}, b"\xef\xbb\xbf[1]")) == [1]
