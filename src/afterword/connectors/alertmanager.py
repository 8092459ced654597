"""Alertmanager: the alerts that it holds, the silenced and inhibited ones among them.

It forgets an alert some minutes after its end, so what fired earlier is asked of Prometheus. Silences are not asked for:
no source reads them, and what an alert was silenced by stands in the alert.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.asking import option, question
from afterword.ports import Connector, Request

if TYPE_CHECKING:
    from afterword.asking.question import Talk
    from afterword.ports import Ask


def pages(ask: Ask) -> Talk:
    filters = option.texts(ask, "filter")
    said = {"active": True, "silenced": True, "inhibited": True, "unprocessed": True, "filter": list(filters)}
    yield Request(question.url(ask.url, "api", "v2", "alerts", **said), says="alerts, silenced and inhibited ones too")


CONNECTOR = Connector(
    "alertmanager",
    "the alerts that Alertmanager holds now",
    pages,
    {"filter": 'Matchers of the alerts to ask for, such as team="shop"; a list.'},
    tested="Alertmanager",
)
