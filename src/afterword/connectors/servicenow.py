"""ServiceNow: change requests whose work began in the window or in the day before it.

A time in a query counts in the zone of whoever asks, which is not known here, so a day more is asked for on both sides. Each
field is asked for as it is stored (times in UTC) and as it is shown (names of services and people).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.asking import option, question
from afterword.asking import pages as paging
from afterword.model.time import DAY, iso
from afterword.ports import Connector, Request

if TYPE_CHECKING:
    from afterword.asking.question import Talk
    from afterword.ports import Ask

_LIMIT = 200
_FIELDS = "number,short_description,description,type,state,risk,cmdb_ci,business_service,assigned_to,work_start,work_end,start_date,end_date,opened_at,close_code"


def pages(ask: Ask) -> Talk:
    start, end = (iso(ns // 10**9 * 10**9)[:19].replace("T", " ") for ns in (ask.start - 2 * DAY, ask.end + DAY))
    query = f"work_start>={start}^work_start<={end}"
    more = option.text(ask, "query")
    said: dict[str, Any] = {
        "sysparm_query": f"{query}^{more}^ORDERBYwork_start" if more else f"{query}^ORDERBYwork_start",
        "sysparm_fields": _FIELDS,
        "sysparm_display_value": "all",
        "sysparm_limit": _LIMIT,
    }

    def asked(offset: int) -> Request:
        url = question.url(ask.url, "api", "now", "table", option.text(ask, "table", "change_request"), **said, sysparm_offset=offset)  # fmt: skip
        return Request(url, headers={"accept": question.JSON}, says="change requests")

    came = 0

    def following(_value: Any, here: paging.Objects, _page: int) -> Request | None:
        # A server may be told to give fewer at once: only an empty page is the last.
        nonlocal came
        came += len(here)
        return asked(came) if here else None

    yield from paging.followed(asked(0), "result", following=following)


CONNECTOR = Connector(
    "servicenow",
    "change requests of ServiceNow",
    pages,
    {
        "table": "The table. Default change_request.",
        "query": "An encoded query that records have to match beside the window.",
    },
    tested="recorded answers, written after the documentation: ServiceNow Table API",
)
