"""VictoriaMetrics: raw samples as they were stored (``/api/v1/export``), not evaluated at steps.

Its Prometheus API is asked by the connector ``prometheus``; this one gives every sample at its own time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.asking import question, series, when
from afterword.model.time import SECOND
from afterword.ports import Connector, GivenUpError, Request

if TYPE_CHECKING:
    from afterword.asking.question import Talk
    from afterword.ports import Ask


def pages(ask: Ask) -> Talk:
    start, end = when.whole(ask, SECOND)
    every = yield from series.interval(ask, end)
    points = int((end - start) / every) + 1
    selectors = yield from series.discovered(ask, str(start), str(end), points)
    for number, match in enumerate(selectors, 1):
        said = {"match[]": match, "start": start, "end": end}
        url = question.url(ask.url, "api", "v1", "export", **said)
        try:
            yield Request(url, says=f"series {number} of {len(selectors)}")
        except GivenUpError as error:
            if not error.status:
                raise


CONNECTOR = Connector(
    "victoriametrics",
    "raw samples of VictoriaMetrics, each at its own time",
    pages,
    series.OPTIONS,
    tested="VictoriaMetrics",
)
