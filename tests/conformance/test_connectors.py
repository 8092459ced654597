"""What every connector must keep, whatever a server answers: it asks one place, ends, tells no secret, and is documented."""

from __future__ import annotations

import base64
import importlib
import json
import pkgutil
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import afterword.connectors
from afterword.app import plugs
from afterword.app.secret import Masker
from afterword.core.clock import Stamp, parse_time
from afterword.model.refusal import RefusalError
from afterword.ports import Ask, Connector, GivenUpError, Left, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Server = Callable[[Request], Response]

CONNECTORS = plugs.connectors()
URL = "https://system.example:8443/base"
#: More questions than this for one hour of an answering server is no paging, it is a loop.
MOST = 4_000
#: Options that are needed, where a plain word would be refused.
NEEDED = {"region": "eu-central-1", "repository": "shop/cart", "repositories": ["shop/cart"], "repos": ["shop/cart"]}
_NEEDED = re.compile(r"(?i)\bneeded\b|\brequired\b")


def instant(text: str) -> int:
    found = parse_time(text)
    assert isinstance(found, Stamp)
    return found.ns


def ask(one: Connector) -> Ask:
    options = {name: NEEDED.get(name, "shop") for name, says in one.options.items() if _NEEDED.search(says)}
    secrets = {name: f"s3cret-{name}-value" for name in one.secrets}
    return Ask(URL, instant("2026-03-02T09:00:00Z"), instant("2026-03-02T10:00:00Z"), options, secrets)


def talk(one: Connector, server: Server, most: int = MOST) -> Iterator[Request]:
    """Every question of the connector; what it may end with is that something was given up or refused."""
    try:
        conversation = one.pages(ask(one))
        said = next(conversation, None)
        for _ in range(most):
            if said is None:
                return
            if isinstance(said, Left):
                said = next(conversation, None)
                continue
            yield said
            try:
                answer = server(said)
            except GivenUpError as error:
                said = conversation.throw(error)
            else:
                said = conversation.send(answer)
    except (StopIteration, GivenUpError, RefusalError):
        return
    pytest.fail(f"{one.name} asked {most} times and had not come to an end")


def answering(body: bytes, status: int = 200, **headers: str) -> Server:
    said = Response(status, {"content-type": "application/json", **headers}, body)
    return lambda _: said


def luring(_: Request) -> Response:
    """Every way in which answers name a next page, all of them on another host, and always more of it."""
    there = "http://elsewhere.example/next"
    keys = "next nextLink next_link next_url nextUrl href url links self @odata.nextLink".split()  # noqa: SIM905
    tokens = "nextToken NextToken next_token next_cursor cursor continue pageToken _scroll_id id pit_id offset".split()  # noqa: SIM905
    inner: dict[str, Any] = (
        dict.fromkeys(keys, there) | dict.fromkeys(tokens, "more") | {"more": True, "has_more": True}
    )
    items = [inner | {"name": "a", "id": 7, "uid": "b", "sort": [1], "created_at": "2026-03-02T09:30:00Z"}] * 3
    lists = "data items hits result results events incidents messages log_entries channels logStreams logGroups Metrics Events".split()  # noqa: SIM905
    body = (
        inner
        | dict.fromkeys(lists, items)
        | {"metadata": inner, "response_metadata": inner, "ok": True, "status": "success"}
    )
    return Response(200, {"link": f'<{there}>; rel="next"', "location": there}, json.dumps(body).encode())


def endless(request: Request) -> Response:
    """A next page on the same host, again and again, under all names."""
    answer = luring(request)
    body = answer.body.replace(b"http://elsewhere.example/next", f"{URL}/next".encode())
    return Response(200, {"link": f'<{URL}/next?page=2>; rel="next"'}, body)


GARBAGE = [
    b"", b"\0" * 100, b"not json", b"<html>login</html>", b"[]", b"{}", b"null", b"1", b'"x"', b"[[[]]]", b"[null]", b'{"data": 1}',
    b'{"data": null}', b'{"data": []}', b'{"data": {"result": [{}]}}', b'{"data": {"result": [[1, 2], {"values": [[1]]}]}}', b'{"items": [1, {}]}',
    b'{"hits": {"hits": [{"sort": 1}, 2]}}', b'{"status": "error"}', b"[" * 2000, b'{"a":' * 2000, b"\xff\xfe{}", b'{"data": ["\xed\xa0\x80"]}',
    b'{"data": ["up", 1, null, {}]}', b'{"nextToken": 5, "events": {}}', b"1e999", b'{"data": [NaN]}',
]  # fmt: skip


def test_there_is_one_in_every_module() -> None:
    modules = [one.name for one in pkgutil.iter_modules(afterword.connectors.__path__)]
    assert sorted(importlib.import_module(f"afterword.connectors.{name}").CONNECTOR.name for name in modules) == [
        one.name for one in sorted(CONNECTORS, key=lambda one: one.name)
    ]
    assert len(CONNECTORS) == len({one.name for one in CONNECTORS})


@pytest.mark.parametrize("one", CONNECTORS, ids=lambda one: one.name)
def test_it_is_documented(one: Connector) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]*", one.name)
    assert one.about
    assert one.url == "" or one.url.startswith("https://")
    assert one.tested, "the server it is tested against, or that it is tested against recorded answers"
    for name, says in {**one.options, **one.secrets}.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        assert says.rstrip().endswith((".", ")")), f"{name} is described by a sentence"


@pytest.mark.parametrize("one", CONNECTORS, ids=lambda one: one.name)
@pytest.mark.parametrize("body", GARBAGE, ids=lambda body: repr(body[:20]))
def test_garbage_makes_no_fault(one: Connector, body: bytes) -> None:
    """Nothing but giving up ends it, and it gives up soon."""
    assert len(list(talk(one, answering(body)))) < MOST


@pytest.mark.parametrize("one", CONNECTORS, ids=lambda one: one.name)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from(GARBAGE),
            st.recursive(
                st.none() | st.integers(-5, 10**19) | st.floats(allow_nan=False) | st.text(max_size=8) | st.booleans(),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(
                        st.sampled_from(["data", "result", "items", "id", "hits", "metadata", "nextToken", "a"]),
                        inner,
                        max_size=4,
                    )
                ),
                max_leaves=12,
            ).map(lambda value: json.dumps(value).encode()),
            st.sampled_from([GivenUpError("gone"), GivenUpError("no", 404), GivenUpError("busy", 503)]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_no_answers_make_a_fault(one: Connector, answers: list[bytes | GivenUpError]) -> None:
    turn = iter(range(10**9))

    def server(_: Request) -> Response:
        found = answers[next(turn) % len(answers)]
        if isinstance(found, GivenUpError):
            raise GivenUpError(str(found), found.status)
        return Response(200, {"content-type": "application/json"}, found)

    assert len(list(talk(one, server))) < MOST


@pytest.mark.parametrize("one", CONNECTORS, ids=lambda one: one.name)
@pytest.mark.parametrize("server", [luring, endless], ids=["other host", "same host"])
def test_it_asks_no_other_host_and_comes_to_an_end(one: Connector, server: Server) -> None:
    asked = list(talk(one, server, 60_000))
    assert asked
    assert {urlsplit(request.url)[:2] for request in asked} == {urlsplit(URL)[:2]}


@pytest.mark.parametrize("one", CONNECTORS, ids=lambda one: one.name)
def test_no_secret_is_in_what_is_kept_or_shown(one: Connector) -> None:
    """What is stored of a question: its address, headers that are not secret, body and words."""
    said = ask(one)
    for request in list(talk(one, luring, 60_000))[:200]:
        open_ = [
            request.url,
            request.method,
            request.body.decode("utf-8", "replace"),
            request.says,
            request.subject,
            str(dict(request.headers)),
        ]
        for secret in said.secrets.values():
            for spelling in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()):
                assert all(spelling not in text for text in open_), f"{one.name} shows a secret"


@pytest.mark.parametrize("one", CONNECTORS, ids=lambda one: one.name)
def test_the_same_answers_make_the_same_questions(one: Connector) -> None:
    """Going on with a collection finds the answers of the run before by their questions."""

    def told() -> list[tuple[Any, ...]]:
        hours = ("date", "x-amz-date")
        return [
            (r.url, r.method, r.body, r.says, r.keep, {k: v for k, v in r.headers.items() if k.lower() not in hours})
            for r in talk(
                one, answering(b'{"data": ["up", "down"], "items": [{"metadata": {"name": "a", "namespace": "b"}}]}')
            )
        ]

    assert told() == told()


def test_the_checks_find_what_is_wrong() -> None:
    """The control: a connector that breaks each rule is found by each check."""

    def pages(ask: Ask) -> Any:
        while True:
            yield Request(f"http://elsewhere.example/?t={ask.secrets['token']}")

    bad = Connector("bad", "", pages, secrets={"token": "A token"})
    broken = (AssertionError, pytest.fail.Exception)
    with pytest.raises(broken, match="had not come to an end"):
        test_garbage_makes_no_fault(bad, b"")
    with pytest.raises(broken):
        test_it_is_documented(bad)

    def once(ask: Ask) -> Any:
        yield Request(f"http://elsewhere.example/?t={ask.secrets['token']}")

    bad = replace(bad, pages=once)
    with pytest.raises(broken, match="shows a secret"):
        test_no_secret_is_in_what_is_kept_or_shown(bad)
    with pytest.raises(broken, match="elsewhere"):
        test_it_asks_no_other_host_and_comes_to_an_end(bad, luring)
    assert Masker.of(["s3cret-token-value"]).url("http://h/?t=s3cret-token-value") == "http://h/?t=***"
