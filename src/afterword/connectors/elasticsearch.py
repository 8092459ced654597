"""Elasticsearch and OpenSearch: the documents of a window.

Elasticsearch is read at a point in time with search_after, where its tie-breaker ``_shard_doc`` keeps documents of the same
moment apart. OpenSearch, and Elasticsearch before 7.10, have no such tie-breaker everywhere, so there the window is scrolled.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from afterword.asking import answer, option, question, when
from afterword.model.refusal import InvalidError
from afterword.ports import Connector, GivenUpError, Request
from afterword.reading import name
from afterword.reading.element import dig

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from afterword.asking.question import Talk
    from afterword.ports import Ask, Left, Response

_SIZE, _MOST = 1_000, 10_000
#: How long the server remembers where we are between two pages.
_ALIVE = "5m"
_WAYS = ("auto", "pit", "scroll")


def pages(ask: Ask) -> Talk:
    way = option.text(ask, "paging", "auto")
    if way not in _WAYS:
        raise InvalidError("The option paging has to be auto, pit or scroll.", ("paging: auto, pit or scroll",))
    held: list[str] = []
    if way == "auto":
        way = yield from _way(ask)
    if way == "pit":
        yield from _opened(ask, held)
    yield from _at_a_point(ask, held) if held else _scrolled(ask)


def _way(ask: Ask) -> Generator[Request | Left, Response, str]:
    """By what the server says of itself: OpenSearch says so, Elasticsearch says its version."""
    request = _request(ask, question.url(ask.url, ""), {}, "what the server is", method="GET", keep=False)
    try:
        value = answer.value(request, (yield request))
    except GivenUpError:
        return "scroll"
    number = [int(part) for part in name.text(dig(value, "version", "number")).split(".")[:2] if part.isdigit()]
    return "pit" if dig(value, "version", "distribution") is None and number >= [7, 10] else "scroll"


def _opened(ask: Ask, held: list[str]) -> Talk:
    request = _request(ask, _url(ask, "_pit", keep_alive=_ALIVE), {}, "a point in time", keep=False)
    held.append(name.text(dig(answer.value(request, (yield request)), "id")))


def _at_a_point(ask: Ask, held: list[str]) -> Talk:
    yield from _closing(_pages_at(ask, held), lambda: _closes(ask, question.url(ask.url, "_pit"), {"id": held[0]}))


def _pages_at(ask: Ask, held: list[str]) -> Talk:
    """Every answer may give the point another name, which is the one to use from then on."""
    said, after = {**_search(ask), "sort": [{_field(ask): {"order": "asc", "unmapped_type": "date"}}]}, None
    for _ in range(answer.MOST_PAGES):
        more = {"pit": {"id": held[0], "keep_alive": _ALIVE}, **({} if after is None else {"search_after": after})}
        request = _request(ask, question.url(ask.url, "_search"), {**said, **more})
        value = answer.value(request, (yield request))
        held[0] = str(dig(value, "pit_id") or held[0])
        _complete(request, value)
        hits = answer.objects(value, "hits", "hits")
        after = hits[-1].get("sort") if hits else None
        if len(hits) < said["size"] or after is None:
            return
    raise answer.many(request.says)


def _scrolled(ask: Ask) -> Talk:
    held = [""]
    url = question.url(ask.url, "_search", "scroll")
    yield from _closing(_scrolls(ask, held, url), lambda: _closes(ask, url, {"scroll_id": held}) if held[0] else None)


def _scrolls(ask: Ask, held: list[str], further: str) -> Talk:
    said = {**_search(ask), "sort": ["_doc"]}
    request = _request(ask, _url(ask, "_search", scroll=_ALIVE), said)
    for _ in range(answer.MOST_PAGES):
        value = answer.value(request, (yield request))
        held[0] = str(dig(value, "_scroll_id") or "")
        _complete(request, value)
        if len(answer.objects(value, "hits", "hits")) < said["size"] or not held[0]:
            return
        request = _request(ask, further, {"scroll": _ALIVE, "scroll_id": held[0]})
    raise answer.many(request.says)


def _closing(part: Talk, close: Callable[[], Request | None]) -> Talk:
    """Whether the part ended well or not, give back what the server holds for us; it forgets by itself where that fails."""
    fault = None
    try:
        yield from part
    except GivenUpError as error:
        fault = error
    last = close()
    if last is not None:
        with suppress(GivenUpError):
            yield last
    if fault is not None:
        raise fault


def _closes(ask: Ask, url: str, said: Mapping[str, Any]) -> Request:
    return _request(ask, url, said, "to forget where we were", method="DELETE", keep=False)


def _complete(request: Request, value: Any) -> None:
    """A search that timed out or lost shards answers 200 all the same."""
    failed = dig(value, "_shards", "failed")
    if dig(value, "timed_out") is True or (isinstance(failed, int) and failed > 0):
        raise answer.ShortError(f"{request.says}: the server answered with a part only ({failed or 0} shards failed)")


def _search(ask: Ask) -> dict[str, Any]:
    start, end = when.whole(ask, when.MILLI)
    found: list[Any] = [{"range": {_field(ask): {"gte": start, "lt": end, "format": "epoch_millis"}}}]
    if text := option.text(ask, "query"):
        found.append({"query_string": {"query": text}})
    size = option.number(ask, "size", _SIZE, most=_MOST)
    return {"size": size, "query": {"bool": {"filter": found}}, "track_total_hits": False}


def _field(ask: Ask) -> str:
    return option.text(ask, "time", "@timestamp")


def _url(ask: Ask, *path: str, **parameters: Any) -> str:
    return question.url(ask.url, ",".join(option.texts(ask, "index", ("logs-*",))), *path, **parameters)


def _request(
    ask: Ask, url: str, said: Mapping[str, Any], what: str = "", *, method: str = "POST", keep: bool = True
) -> Request:
    return Request(
        url,
        method,
        {"accept": question.JSON, "content-type": question.JSON},
        question.key(ask, "api_key", "ApiKey "),
        question.body(said) if said else b"",
        what or f"the documents of {', '.join(option.texts(ask, 'index', ('logs-*',)))}",
        keep,
    )


CONNECTOR = Connector(
    "elasticsearch",
    "the documents of Elasticsearch and OpenSearch",
    pages,
    {
        "index": "Indices, data streams or patterns. Default logs-*.",
        "query": "A query in Lucene's syntax that documents have to match beside the window.",
        "time": "The field that holds the time. Default @timestamp.",
        "size": "Documents a page, at most 10000. Default 1000.",
        "paging": "auto, pit (Elasticsearch since 7.10) or scroll (OpenSearch too). Default auto.",
    },
    {"api_key": "An API key of Elasticsearch, as it was given out (base64)."},
    "recorded answers, written after the documentation: the search, point in time and scroll APIs of Elasticsearch 8 and OpenSearch 2",
)
