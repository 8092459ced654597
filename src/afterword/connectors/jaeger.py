"""Jaeger: traces of each service, and who calls whom. A trace of several services is found several times and asked for once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.asking import answer, option, question, when
from afterword.ports import Connector, Left, Request
from afterword.reading.element import dig

if TYPE_CHECKING:
    from afterword.asking.question import Talk
    from afterword.ports import Ask

#: What asks and is asked about itself.
_OWN = frozenset({"jaeger-query", "jaeger-all-in-one", "jaeger"})


def pages(ask: Ask) -> Talk:
    services = list(option.texts(ask, "services"))
    if not services:
        request = _request(ask, "services", says="the services", keep=False)
        listed = dig(answer.value(request, (yield request)), "data")
        services = (
            [one for one in listed if isinstance(one, str) and one not in _OWN] if isinstance(listed, list) else []
        )
    found: dict[str, None] = {}
    yield from answer.each(_search(ask, service, found) for service in dict.fromkeys(services))
    yield from answer.each(_trace(ask, number) for number in found)
    start, end = when.whole(ask, when.MILLI)
    yield from answer.each(
        [_one(_request(ask, "dependencies", says="who calls whom", endTs=end, lookback=max(1, end - start)))]
    )


def _one(request: Request) -> Talk:
    yield request


def _request(ask: Ask, *path: str, says: str, keep: bool = True, **said: Any) -> Request:
    return Request(question.url(ask.url, "api", *path, **said), headers={"accept": question.JSON}, says=says, keep=keep)


def _search(ask: Ask, service: str, found: dict[str, None]) -> Talk:
    start, end = when.whole(ask, when.MICRO)
    limit = option.number(ask, "limit", 200, most=10_000)
    said: dict[str, Any] = {
        "service": service,
        "start": start,
        "end": end,
        "limit": limit,
        "tags": option.text(ask, "tags"),
    }
    request = _request(ask, "traces", says=f"which traces {service} has", keep=False, **said)
    traces = answer.objects(answer.value(request, (yield request)), "data")
    if len(traces) >= limit:
        yield Left(f"traces of {service} beyond the newest {limit}: more than the option limit says")
    found |= answer.traces(traces)


def _trace(ask: Ask, number: str) -> Talk:
    yield _request(ask, "traces", number, says=f"trace {number}")


CONNECTOR = Connector(
    "jaeger",
    "traces and dependencies of Jaeger",
    pages,
    {
        "services": "Services whose traces are asked for; all where none is named.",
        "tags": 'Tags that traces have to have, as JSON such as {"error":"true"}.',
        "limit": "Most traces of one service. Default 200.",
    },
    tested="recorded answers, written after the documentation: the JSON API of Jaeger's query service",
)
