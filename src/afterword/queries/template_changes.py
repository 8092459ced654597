"""Templates that are new, vanished, or come much more or less often than in the baseline, by component.

With b lines in B seconds of baseline and w lines in W seconds of window: *new* when b = 0, *vanished* when w = 0, *burst*
when w/W is at least ``factor`` times b/B and w at least ``least``, *dip* when b/B is at least ``factor`` times w/W and b at
least ``least``. The rates are compared by multiplying crosswise, in whole numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from afterword.queries import portable
from afterword.queries.question import Query

if TYPE_CHECKING:
    from afterword.queries.question import Question


def build(events: Any, question: Question) -> Any:
    assert question.window is not None
    assert question.baseline is not None
    rows = events.filter(events.kind == "log", events.at.notnull())
    before, now = (portable.inside(rows.at, one) for one in (question.baseline, question.window))
    rows = rows.filter(before | now)
    rows = rows.select(
        component=portable.known(rows.subject),
        template=portable.known(rows.template),
        at=rows.at,
        before=portable.inside(rows.at, question.baseline),
        now=portable.inside(rows.at, question.window),
        bad=portable.inside(rows.at, question.window) & portable.known(rows.severity).isin(portable.ERRORS),
    )
    made = rows.group_by("component", "template").agg(
        baseline=portable.counted(rows.before),
        window=portable.counted(rows.now),
        errors=portable.counted(rows.bad),
        first_seen=rows.at.min(),
        last_seen=rows.at.max(),
    )
    made = made.mutate(change=_change(made, question, _seconds(question.baseline), _seconds(question.window)))
    made = made.filter(made.change != "")
    made = made.select("component", "template", "change", "baseline", "window", "errors", "first_seen", "last_seen")
    return portable.ordered(made, "component", "template")


def _change(made: Any, question: Question, b_seconds: int, w_seconds: int) -> Any:
    b_rate = made.baseline * portable.whole(w_seconds)
    w_rate = made.window * portable.whole(b_seconds)
    factor, least = portable.whole(question.factor), portable.whole(question.least)
    return ibis.cases(
        (made.baseline == 0, "new"),
        (made.window == 0, "vanished"),
        ((w_rate >= factor * b_rate) & (made.window >= least), "burst"),
        ((b_rate >= factor * w_rate) & (made.baseline >= least), "dip"),
        else_="",
    )


def _seconds(span: tuple[int, int]) -> int:
    """Whole seconds, rounded up: products with counts stay inside 64 bits."""
    return max(1, -((span[0] - span[1]) // portable.SECOND))


QUERY = Query(
    "template-changes",
    "templates new, vanished, in a burst or a dip between baseline and window, by component",
    build,
    ("log",),
    takes=("window", "baseline", "factor", "least"),
    needs=("window", "baseline"),
)
