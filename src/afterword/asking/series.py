"""Which series there are in a window, how many of each metric and how dense, so that they are asked for in pieces of a bounded size.

What Prometheus, and whatever speaks its API, is asked first; the answers only find the way.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from afterword.asking import answer, option, question, selector
from afterword.model.refusal import InvalidError
from afterword.ports import GivenUpError, Left, Request
from afterword.reading.element import dig

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from afterword.ports import Ask, Response

#: Series that are asked for when nobody sets ``limit``.
LIMIT = 5_000
#: Samples of one question, so that an answer stays at some megabytes and the server within its own limits.
_SAMPLES = 400_000
_NAMES_AT_ONCE = 60
_ALL = '{__name__!=""}'
#: Seconds of raw samples to look at, and how far apart they are where nothing is found.
_LOOK, _USUAL = 300, 15.0
#: Alerts are asked for by themselves: they are no metrics.
_ALERTS = frozenset({"ALERTS", "ALERTS_FOR_STATE"})

OPTIONS = {
    "match": 'Selector of the series to ask for, such as {namespace="shop"}. All when not given.',
    "limit": "Most series to ask for when nothing else bounds them. Default 5000; what is left out is told.",
    "buckets": "Buckets of histograms, too. Default false.",
}


def interval(ask: Ask, end: int) -> Generator[Request | Left, Response, float]:
    """Seconds between samples: the raw ones of ``up`` say it; a finer step would only repeat samples."""
    raw = Request(_url(ask, "query", query=f"up[{_LOOK}s]", time=end), says="how often samples are taken", keep=False)
    try:
        found = answer.value(raw, (yield raw))
    except GivenUpError as error:
        if not error.status:
            raise
        return _USUAL
    apart = [
        _apart(times)
        for one in answer.objects(found, "data", "result")
        if len(times := [sample[0] for sample in dig(one, "values") or () if _is_sample(sample)]) > 2
    ]
    return min(apart, default=_USUAL)


def _is_sample(sample: Any) -> bool:
    return isinstance(sample, list) and len(sample) == 2 and isinstance(sample[0], int | float)


def _apart(times: Sequence[float]) -> float:
    """The usual distance of samples, to the whole second."""
    steps = sorted(after - before for before, after in pairwise(times))
    return max(1.0, float(round(steps[len(steps) // 2])))


def discovered(ask: Ask, start: str, end: str, points: int) -> Generator[Request | Left, Response, list[str]]:
    """Selectors for everything that has samples in the window, as far as the limit goes; the rarest metrics first.

    ``points`` is how many samples one series has in an answer.
    """
    match = _match(ask)
    counts = yield from _counted(ask, start, end, match)
    buckets = option.yes(ask, "buckets")
    wanted = {
        name: count
        for name, count in counts.items()
        if name not in _ALERTS and (buckets or not name.endswith("_bucket"))
    }
    limit = option.number(ask, "limit", LIMIT, most=1_000_000)
    taken, total = list[str](), 0
    for name in sorted(wanted, key=lambda name: (wanted[name], name)):
        if total + wanted[name] <= limit:
            taken.append(name)
            total += wanted[name]
    yield from _left(counts, wanted, taken, limit)
    return [selector.of(group, match) for group in _groups(sorted(taken), wanted, points)]


def _match(ask: Ask) -> str:
    match = option.text(ask, "match").strip()
    if match and not (match.startswith("{") and match.endswith("}")):
        raise InvalidError(
            'The option match has to be labels in braces, such as {namespace="shop"}.', ("match: {…} is needed",)
        )
    return match


def _counted(ask: Ask, start: str, end: str, match: str) -> Generator[Request | Left, Response, dict[str, int]]:
    """Every name of a metric that has samples in the window, with how many series it has at its end or in its middle."""
    said = {"start": start, "end": end, "match[]": match or None}
    names = Request(_url(ask, "label", "__name__", "values", **said), says="names of metrics", keep=False)
    found = answer.value(names, (yield names))
    counts = dict.fromkeys(selector.names(found), 1)
    query = f"count by (__name__) ({match or _ALL})"
    # A window may end after the last sample: then only its middle says how many there are.
    for at in (end, f"{(float(start) + float(end)) / 2:.0f}"):
        number = Request(_url(ask, "query", query=query, time=at), says=f"series of each metric at {at}", keep=False)
        try:
            _count(counts, answer.value(number, (yield number)))
        except GivenUpError:
            break
    return counts


def _count(counts: dict[str, int], found: Any) -> None:
    """Raise the counts to those of an answer."""
    for one in answer.objects(found, "data", "result"):
        name, value = dig(one, "metric", "__name__"), dig(one, "value")
        text = str(value[1]) if isinstance(value, list) and len(value) == 2 else ""
        if isinstance(name, str) and name in counts and text.isascii() and text.isdigit():
            counts[name] = max(counts[name], int(text[:9]))


def _left(counts: Mapping[str, int], wanted: Mapping[str, int], taken: Sequence[str], limit: int) -> Iterator[Left]:
    """What is not asked for, told."""
    buckets = [name for name in counts if name.endswith("_bucket") and name not in wanted]
    if buckets:
        yield Left(
            f"buckets of {len(buckets)} histograms; their counts and sums are asked for (buckets = true for all)"
        )
    beyond = sorted((name for name in wanted if name not in set(taken)), key=lambda name: (-wanted[name], name))
    if beyond:
        series = sum(wanted[name] for name in beyond)
        named = ", ".join(beyond[:5]) + (" …" if len(beyond) > 5 else "")
        yield Left(
            f"{series} series of {len(beyond)} metrics beyond the limit of {limit} series: {named} (limit, match)"
        )


def _groups(names: Sequence[str], counts: Mapping[str, int], points: int) -> Iterator[list[str]]:
    """Names that are asked for together, so that an answer has a bounded number of samples."""
    group, samples = list[str](), 0
    for name in names:
        more = counts[name] * points
        if group and (samples + more > _SAMPLES or len(group) >= _NAMES_AT_ONCE):
            yield group
            group, samples = [], 0
        group.append(name)
        samples += more
    if group:
        yield group


def _url(ask: Ask, *path: str, **said: Any) -> str:
    return question.url(ask.url, "api", "v1", *path, **said)
