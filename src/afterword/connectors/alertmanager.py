"""Alertmanager: the alerts that it holds, the silenced and inhibited ones among them, and its silences.

It forgets an alert some minutes after its end, so what fired earlier is asked of Prometheus; silences it keeps for days.
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
    yield Request(question.url(ask.url, "api", "v2", "silences", filter=list(filters)), says="silences")


CONNECTOR = Connector(
    "alertmanager",
    "the alerts that Alertmanager holds now, and its silences",
    pages,
    {"filter": 'Matchers of the alerts and silences to ask for, such as team="shop"; a list.'},
    tested="Alertmanager",
)
