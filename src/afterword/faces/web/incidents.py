"""All incidents: newest first, with when, how long, and what is still open."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from afterword.core import action as life
from afterword.core.clock import Doubt, parse_time
from afterword.faces.web import plot
from afterword.faces.web.render import page
from afterword.model.incident import DURATIONS
from afterword.model.refusal import NotFoundError

if TYPE_CHECKING:
    from starlette.responses import Response

    from afterword.faces.web.visit import Visit
    from afterword.model.incident import Incident

#: Rows on one page: each needs its whole postmortem.
MOST = 50
_SHOWN = ("time to detect", "time to mitigate", "time to recover")


@dataclass(frozen=True, slots=True)
class Row:
    """One incident as the list shows it. Without an analysis only its record is known."""

    record: Incident
    at: str
    zone: str
    durations: tuple[dict[str, Any] | None, ...]
    trigger: str
    verdict: str
    not_over: int
    open_actions: int
    overdue: int

    def holds(self, text: str) -> bool:
        words = (self.record.id, self.record.title, self.record.severity, self.trigger, *self.record.services)
        return text.casefold() in " ".join((*words, self.record.status.value)).casefold()


def show(visit: Visit) -> Response:
    records = visit.look("incident.list")
    number = max(1, int(visit.query("page", "1")) if visit.query("page", "1").isdecimal() else 1)
    wanted = visit.query("q").strip()
    shown = records if wanted else records[(number - 1) * MOST : number * MOST]
    opened, late = _counts(visit, overdue=False), _counts(visit, overdue=True)
    rows = [_row(visit, record, opened[record.id], late[record.id]) for record in shown]
    kept = [row for row in rows if row.holds(wanted)] if wanted else rows
    return page(
        visit.request,
        "incidents.html",
        here="incidents",
        rows=kept,
        total=len(records),
        number=number,
        pages=1 if wanted else -(-len(records) // MOST),
        wanted=wanted,
        strip=plot.strip([one for one in (_place(row) for row in kept) if one is not None]),
        columns=[(name, start.value, end.value) for name, start, end in DURATIONS if name in _SHOWN],
    )


def _counts(visit: Visit, *, overdue: bool) -> Counter[str]:
    items = visit.look("action.list", overdue=overdue)
    return Counter(item.incident for item in items if overdue or item.state in life.OPEN)


def _row(visit: Visit, record: Incident, opened: int, late: int) -> Row:
    try:
        report = visit.look("incident.show", incident=record.id)
    except NotFoundError:
        return Row(record, "", "", (None,) * len(_SHOWN), "", "not analysed", 0, opened, late)
    started = report.incident["points"]["started"]
    at = started["at"] if started else (report.incident["window"] or [""])[0]
    by_name = {one["name"]: one for one in report.incident["durations"]}
    trigger = next((cause for cause in report.causes if cause["role"] == "trigger"), None)
    return Row(
        record,
        at,
        (started or {}).get("zone") or "",
        tuple(by_name.get(name) for name in _SHOWN),
        (trigger["category"] or "change") if trigger else "",
        report.verdict,
        len(report.not_over),
        opened,
        late,
    )


def _place(row: Row) -> tuple[str, str, int, str] | None:
    found = parse_time(row.at) if row.at else None
    if found is None or isinstance(found, Doubt):
        return None
    tone = "hurt" if row.not_over else "called" if row.open_actions else "helped"
    return row.record.id, row.record.title or row.record.id, found.ns, tone
