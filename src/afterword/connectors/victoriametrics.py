"""VictoriaMetrics: raw samples as they were stored (``/api/v1/export``), not evaluated at steps.

Its Prometheus API is asked by the connector ``prometheus``; this one gives every sample at its own time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.asking import answer, option, question, selector, when
from afterword.model.time import SECOND
from afterword.ports import Connector, GivenUpError, Left, Request

if TYPE_CHECKING:
    from collections.abc import Generator

    from afterword.ports import Ask, Response

    Talk = Generator[Request | Left, Response, None]

_NAMES_AT_ONCE = 40
#: Metrics that are asked for when nobody sets ``limit``.
LIMIT = 2_000


def pages(ask: Ask) -> Talk:
    match = option.text(ask, "match")
    if match:
        yield _export(ask, match, "all series that match")
        return
    start, end = when.whole(ask, SECOND)
    ask_names = Request(
        question.url(ask.url, "api", "v1", "label", "__name__", "values", start=start, end=end),
        says="names of metrics",
        keep=False,
    )
    found = answer.value(ask_names, (yield ask_names))
    names = selector.names(found)
    wanted = names if option.yes(ask, "buckets") else [one for one in names if not one.endswith("_bucket")]
    limit = option.number(ask, "limit", LIMIT, most=1_000_000)
    if len(wanted) < len(names):
        yield Left(f"buckets of {len(names) - len(wanted)} histograms (buckets = true for all)")
    if len(wanted) > limit:
        yield Left(
            f"{len(wanted) - limit} metrics beyond the limit of {limit}: {', '.join(wanted[limit : limit + 5])} …"
        )
        wanted = wanted[:limit]
    groups = [wanted[at : at + _NAMES_AT_ONCE] for at in range(0, len(wanted), _NAMES_AT_ONCE)]
    for number, group in enumerate(groups, 1):
        try:
            yield _export(ask, selector.of(group), f"series {number} of {len(groups)}")
        except GivenUpError as error:
            if not error.status:
                raise


def _export(ask: Ask, match: str, says: str) -> Request:
    start, end = when.whole(ask, SECOND)
    said = {"match[]": match, "start": start, "end": end}
    return Request(question.url(ask.url, "api", "v1", "export", **said), says=says)


CONNECTOR = Connector(
    "victoriametrics",
    "raw samples of VictoriaMetrics, each at its own time",
    pages,
    {
        "match": 'Selector of the series to export, such as {job="shop"}. All when not given.',
        "limit": "Most metrics to export when there is no match. Default 2000; what is left out is told.",
        "buckets": "Buckets of histograms, too. Default false.",
    },
    tested="VictoriaMetrics",
)
