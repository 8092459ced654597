"""Prometheus and whatever speaks its API (Thanos, Mimir, Cortex, VictoriaMetrics, managed services): series, rules, alerts.

Without ``queries`` all series of the window are asked for as they are, several metrics a question, the rarest first, up to
``limit`` series; buckets of histograms only with ``buckets``, since their count and sum say what an incident needs.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from afterword.asking import option, question, series, when
from afterword.model.refusal import InvalidError
from afterword.model.time import SECOND
from afterword.ports import Connector, GivenUpError, Left, Request

if TYPE_CHECKING:
    from collections.abc import Generator

    from afterword.ports import Ask, Response

    Talk = Generator[Request | Left, Response, None]

#: Prometheus answers at most so many points of a series.
MOST_POINTS = 11_000
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
#: So many points of a series tell the shape of most incidents; a coarser step would hide their beginning.
_POINTS = 1_500
#: Longer questions travel as a form: addresses of more bytes are cut or refused on the way.
_LONGEST = 1_800
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
        points = min(grid.points, MOST_POINTS)
        queries = yield from series.discovered(ask, _text(grid.start), _text(grid.end), points)
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
        every = yield from series.interval(ask, end)
        step = float(next((one for one in _STEPS if one >= every and (end - start) / one <= _POINTS), _STEPS[-1]))
    first = math.ceil(start / step) * step
    return _Grid(first if first <= end else float(start), float(end), step)


def _seconds(text: str) -> float:
    found = _LENGTH.fullmatch(text.strip() or "0")
    if not found:
        raise InvalidError("The option step has to be a length such as 15s.", ("step: a length such as 15s is needed",))
    if not int(found[1]):
        return 0.0
    return max(0.001, int(found[1]) * _UNIT[found[2] or "s"])


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
        "step": "Distance of samples, such as 15s. Default: as they are taken, or what gives at most 1500 points.",
        **series.OPTIONS,
        "alerts": "Alerts, and rules as they are now. Default true.",
    },
    tested="Prometheus, VictoriaMetrics",
)
