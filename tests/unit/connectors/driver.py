"""Drives a connector without a network: each request is answered by the first rule that it matches, or by a small server.

A rule is ``(pattern, answer)``: a regular expression that is searched in ``METHOD URL BODY`` and what comes back — a value
(sent as JSON), bytes, a Response, or a function of the request. A request that no rule knows fails the test; an answer of
GivenUpError is thrown into the connector, as ``app/fetch.py`` does it.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from afterword.app import intake, plugs
from afterword.core.clock import Stamp, parse_time
from afterword.model.event import Event
from afterword.model.evidence import Problem, Skipped
from afterword.ports import Ask, Connector, GivenUpError, Left, Reading, Request, Response

Server = Callable[[Request], Any]
Rules = Sequence[tuple[str, Any]]
START, END = "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"


def ns(text: str) -> int:
    found = parse_time(text)
    assert isinstance(found, Stamp)
    return found.ns


def ask(url: str, *, start: str | int = START, end: str | int = END, secrets: Mapping[str, str] | None = None, **options: Any) -> Ask:  # fmt: skip
    """What a connector is asked for; the window is nine to ten on the second of March unless it is given."""
    first, last = (ns(one) if isinstance(one, str) else one for one in (start, end))
    return Ask(url, first, last, options, secrets or {})


@dataclass(slots=True)
class Talked:
    """What was asked and answered; ``short`` is how the connector said that it did not get everything."""

    requests: list[Request] = field(default_factory=list)
    kept: list[tuple[Request, bytes]] = field(default_factory=list)
    short: str = ""

    def urls(self) -> list[str]:
        return [unquote(one.url) for one in self.requests]

    def values(self) -> list[Any]:
        """The kept answers as JSON."""
        return [json.loads(body) for _, body in self.kept]


def drive(connector: Connector, asked: Ask, rules: Rules | Server, *, most: int = 2_000) -> Talked:
    """Let a connector ask until it is done."""
    answer = rules if callable(rules) else _by_rules(rules)
    talk, done, sent = connector.pages(asked), Talked(), None
    try:
        request = next(talk)
        while True:
            assert len(done.requests) < most, "it asks for ever"
            if isinstance(request, Left):
                done.short = f"{done.short}\n{request.says}".strip()
                request = next(talk)
                continue
            done.requests.append(request)
            found = answer(request)
            if isinstance(found, GivenUpError):
                request = talk.throw(found)
                continue
            sent = _response(found)
            if request.keep:
                done.kept.append((request, sent.body))
            request = talk.send(sent)
    except StopIteration:
        return done
    except GivenUpError as error:
        done.short = f"{done.short}\n{error}".strip()
        return done


def _response(found: Any) -> Response:
    if isinstance(found, Response):
        return found
    return Response(200, {}, found if isinstance(found, bytes) else json.dumps(found).encode())


def _by_rules(rules: Rules) -> Server:
    def answer(request: Request) -> Any:
        line = f"{request.method} {unquote(request.url)} {request.body.decode()}"
        for pattern, found in rules:
            if re.search(pattern, line):
                return found(request) if callable(found) else found
        raise AssertionError(f"nobody answers {line}")

    return answer


def query(request: Request) -> dict[str, str]:
    """The parameters of a request; of repeated ones the last."""
    return dict(parse_qsl(urlsplit(request.url).query))


def page(items: Sequence[Any], request: Request, *, size: str = "per_page", number: str = "page", inside: str = "") -> Response:  # fmt: skip
    """A numbered page of a list, with the Link header that names the next one."""
    said = query(request)
    count, here = int(said.get(size, "30")), int(said.get(number, "1"))
    some = list(items[(here - 1) * count : here * count])
    headers = {}
    if here * count < len(items):
        bare = re.sub(rf"[?&]{number}=\d+", "", request.url)
        headers["link"] = f'<{bare}{"&" if "?" in bare else "?"}{number}={here + 1}>; rel="next", <{bare}>; rel="first"'
    return Response(200, headers, json.dumps({inside: some} if inside else some).encode())


def read(talked: Talked) -> list[tuple[str, Event | Problem | Skipped]]:
    """What the sources read out of the kept answers, each by the source that is surest of it, as the intake does it."""
    made: list[tuple[str, Event | Problem | Skipped]] = []
    for request, body in talked.kept:
        sure = sorted(((one.sniff(body[: 1 << 16]), one.name) for one in plugs.sources()), key=lambda p: (-p[0], p[1]))
        source = next(one for one in plugs.sources() if one.name == sure[0][1])
        for one in source.read(io.BytesIO(body), Reading(subject=request.subject)):
            named = isinstance(one, Event) and request.subject
            made.append((source.name, intake.named(one, request.subject) if named else one))
    return made


def events(talked: Talked, source: str = "") -> list[Event]:
    """The events of the kept answers; those of one source where it is named, and then of no other."""
    made = read(talked)
    if source:
        told = {name for name, one in made if not isinstance(one, Skipped)}
        assert told <= {source}, told
    return [one for _, one in made if isinstance(one, Event)]


def problems(talked: Talked) -> list[Problem]:
    return [one for _, one in read(talked) if isinstance(one, Problem)]


def checks(connector: Connector, talked: Talked) -> None:
    """What holds of every connector: it says what it asks, hides its secrets, and names its options."""
    hidden = {value for one in talked.requests for value in one.secret.values()}
    for one in talked.requests:
        assert one.says, one.url
        shown = f"{one.url} {dict(one.headers)} {one.body!r} {one.says}"
        assert not any(value and value in shown for value in hidden), one.url
    assert connector.about
    assert connector.tested
    assert all(connector.options.values())
    assert all(connector.secrets.values())
