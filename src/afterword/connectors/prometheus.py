"""Prometheus and whatever speaks its API (Thanos, Mimir, Cortex, VictoriaMetrics, managed services): series, rules, alerts.

Without ``queries`` all series of the window are asked for as they are, several metrics a question, the rarest first, up to
``limit`` series; buckets of histograms only with ``buckets``, since their count and sum say what an incident needs.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from afterword.asking import answer, option, question, selector, when
from afterword.model.refusal import InvalidError
from afterword.model.time import SECOND
from afterword.ports import Connector, GivenUpError, Left, Request
from afterword.reading.element import dig

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from afterword.ports import Ask, Response

    Talk = Generator[Request | Left, Response, None]

#: Prometheus answers at most so many points of a series.
MOST_POINTS = 11_000
#: Series that are asked for when nobody sets ``limit``.
LIMIT = 5_000
#: Samples of one question, so that an answer stays at some megabytes and the server within its own limits.
_SAMPLES = 400_000
_NAMES_AT_ONCE = 60
#: Seconds of raw samples to look at, and how far apart they are where nothing is found.
_LOOK, _USUAL = 300, 15.0
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
#: So many points of a series tell the shape of most incidents; a coarser step would hide their beginning.
_POINTS = 1_500
#: Longer questions travel as a form: addresses of more bytes are cut or refused on the way.
_LONGEST = 1_800
_ALL = '{__name__!=""}'
_LENGTH = re.compile(r"(\d+)(ms|s|m|h|d)?")
_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class _Grid(NamedTuple):
    """The moments at which series are evaluated, in seconds."""

    start: float
    end: float
    step: float

    @property
    def points(self) -> int:
        return int((self.end - self.start) / self.step) + 1


def pages(ask: Ask) -> Talk:
    grid = yield from _grid(ask)
    queries = _queries(ask)
    if not queries:
        queries = yield from _discovered(ask, grid)
    for number, query in enumerate(queries, 1):
        yield from _ranges(ask, query, grid, f"{number} of {len(queries)}")
    if option.yes(ask, "alerts", default=True):
        yield from _alerts(ask, grid)


def _queries(ask: Ask) -> list[str]:
    """PromQL that was given; commas are part of it, so one text is one query."""
    said = ask.options.get("queries", ())
    return [said] if isinstance(said, str) and said else list(option.texts(ask, "queries"))


def _grid(ask: Ask) -> Generator[Request | Left, Response, _Grid]:
    """Whole steps inside the window, so that two questions meet the same moments and none of them lies outside."""
    start, end = when.whole(ask, SECOND)
    step = _seconds(option.text(ask, "step"))
    if not step:
        every = yield from _interval(ask, end)
        step = float(next((one for one in _STEPS if one >= every and (end - start) / one <= _POINTS), _STEPS[-1]))
    first = math.ceil(start / step) * step
    return _Grid(first if first <= end else float(start), float(end), step)


def _interval(ask: Ask, end: int) -> Generator[Request | Left, Response, float]:
    """How often the server takes samples: the raw ones of ``up`` say it; a finer step would only repeat samples."""
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


def _seconds(text: str) -> float:
    found = _LENGTH.fullmatch(text.strip() or "0")
    if not found:
        raise InvalidError("The option step has to be a length such as 15s.", ("step: a length such as 15s is needed",))
    if not int(found[1]):
        return 0.0
    return max(0.001, int(found[1]) * _UNIT[found[2] or "s"])


def _discovered(ask: Ask, grid: _Grid) -> Generator[Request | Left, Response, list[str]]:
    """Selectors for everything that has samples in the window, as far as the limit goes."""
    match = option.text(ask, "match")
    counts: Mapping[str, int] = yield from _counted(ask, grid, match)
    buckets = option.yes(ask, "buckets")
    wanted = {name: count for name, count in counts.items() if buckets or not name.endswith("_bucket")}
    wanted = {name: count for name, count in wanted.items() if name not in ("ALERTS", "ALERTS_FOR_STATE")}
    limit = option.number(ask, "limit", LIMIT, most=1_000_000)
    taken, total = list[str](), 0
    for name in sorted(wanted, key=lambda name: (wanted[name], name)):
        if total + wanted[name] <= limit:
            taken.append(name)
            total += wanted[name]
    yield from _left(counts, wanted, taken, limit)
    return [selector.of(group, match) for group in _groups(sorted(taken), wanted, grid)]


def _counted(ask: Ask, grid: _Grid, match: str) -> Generator[Request | Left, Response, dict[str, int]]:
    """Every name of a metric that has samples in the window, with how many series it has at the end of it."""
    said = {"start": _text(grid.start), "end": _text(grid.end), "match[]": match or None}
    names = Request(_url(ask, "label", "__name__", "values", **said), says="names of metrics", keep=False)
    found = answer.value(names, (yield names))
    counts = dict.fromkeys(selector.names(found), 1)
    query = f"count by (__name__) ({match or _ALL})"
    number = Request(_url(ask, "query", query=query, time=_text(grid.end)), says="series of each metric", keep=False)
    try:
        counted = answer.value(number, (yield number))
    except GivenUpError:
        return counts
    for one in answer.objects(counted, "data", "result"):
        name, value = dig(one, "metric", "__name__"), dig(one, "value")
        text = str(value[1]) if isinstance(value, list) and len(value) == 2 else ""
        if isinstance(name, str) and name in counts and text.isascii() and text.isdigit():
            counts[name] = max(1, int(text[:9]))
    return counts


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


def _groups(names: Sequence[str], counts: Mapping[str, int], grid: _Grid) -> Iterator[list[str]]:
    """Names that are asked for together, so that an answer has a bounded number of samples."""
    group, samples = list[str](), 0
    points = min(grid.points, MOST_POINTS)
    for name in names:
        more = counts[name] * points
        if group and (samples + more > _SAMPLES or len(group) >= _NAMES_AT_ONCE):
            yield group
            group, samples = [], 0
        group.append(name)
        samples += more
    if group:
        yield group


def _ranges(ask: Ask, query: str, grid: _Grid, which: str) -> Talk:
    """The query over the whole window, in stretches of as many points as the server answers."""
    count = math.ceil(grid.points / MOST_POINTS)
    for part in range(count):
        low = grid.start + part * MOST_POINTS * grid.step
        high = min(grid.end, low + (MOST_POINTS - 1) * grid.step)
        says = f"series {which}" + (f", stretch {part + 1} of {count}" if count > 1 else "")
        try:
            yield _question(ask, query, _Grid(low, high, grid.step), says)
        except GivenUpError as error:
            if not error.status:
                raise


def _question(ask: Ask, query: str, grid: _Grid, says: str) -> Request:
    said = {"query": query, "start": _text(grid.start), "end": _text(grid.end), "step": _text(grid.step)}
    url = _url(ask, "query_range", **said)
    if len(url) <= _LONGEST:
        return Request(url, says=says)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return Request(_url(ask, "query_range"), "POST", form, body=urlencode(said).encode(), says=says)


def _alerts(ask: Ask, grid: _Grid) -> Talk:
    """Which alerts fired when, and the rules as they are now; not every server has them."""
    yield from _ranges(ask, 'ALERTS{alertstate="firing"}', grid, "of alerts")
    try:
        # The alerts that are active stand under their rules, where it is also said how long a rule waits.
        yield Request(_url(ask, "rules"), says="rules and the alerts under them")
    except GivenUpError as error:
        if not error.status:
            raise


def _url(ask: Ask, *path: str, **said: Any) -> str:
    return question.url(ask.url, "api", "v1", *path, **said)


def _text(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


CONNECTOR = Connector(
    "prometheus",
    "series, rules and alerts of Prometheus and of whatever speaks its API (Thanos, Mimir, VictoriaMetrics …)",
    pages,
    {
        "queries": "PromQL to ask for instead of all series; a list, or one query.",
        "match": 'Selector of the series to ask for, such as {namespace="shop"}. All when not given.',
        "step": "Distance of samples, such as 15s. Default: as they are taken, or what gives at most 1500 points.",
        "limit": "Most series to ask for when there are no queries. Default 5000; what is left out is told.",
        "buckets": "Buckets of histograms, too. Default false.",
        "alerts": "Alerts, and rules as they are now. Default true.",
    },
    tested="Prometheus, VictoriaMetrics",
)
