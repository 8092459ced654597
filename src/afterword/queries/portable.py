"""The portable subset: what queries may say so that every engine gives the same answer, bit for bit.

* Time is int64 ns. Minutes and hours are cut with ``floored``: a division would pass through floats.
* Totals are sums of decimals without a fraction, never of floats: those depend on the order of the rows.
* Percentiles are the nearest rank on whole numbers (``nearest_rank``); ``quantile`` differs from engine to engine.
* No count of distinct values: ``uniq`` of ClickHouse is an estimate. Group twice instead.
* No ``lag`` without ``coalesce`` (ClickHouse gives 0 where others give NULL), no outer join, no as-of join.
* Floats are compared only when they are finite, and zero has one sign (``finite``).
* Every answer is ordered by keys that leave no tie, NULL last, and text by its code points (``ordered``).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import ibis

if TYPE_CHECKING:
    from collections.abc import Sequence

SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE

#: The columns of the lake that queries may read. ``artefact`` is the SHA-256 of the bytes that a row was read from, ``row``
#: its number in there.
EVENTS: Final = ibis.schema(
    {
        "artefact": "string",
        "row": "int64",
        "kind": "string",
        "at": "int64",
        "until": "int64",
        "subject": "string",
        "name": "string",
        "text": "string",
        "value": "float64",
        "took": "int64",
        "severity": "string",
        "trace": "string",
        "span": "string",
        "parent": "string",
        "template": "string",
        "attributes": "string",
        "start": "int64",
        "end": "int64",
        "first": "int64",
        "last": "int64",
        "part": "string",
    }
)
#: Severities that count as an error.
ERRORS: Final = ("error", "fatal")
#: What tells any two rows apart.
ROW: Final = ("artefact", "row")


def of(events: Any, kind: str, window: tuple[int, int] | None) -> Any:
    """The dated rows of one kind, those in the window where one is given."""
    rows = events.filter(events.kind == kind, events.at.notnull())
    return within(rows, window)


def within(rows: Any, window: tuple[int, int] | None) -> Any:
    """The rows whose time lies in ``[start, end)``; all of them without a window."""
    return rows if window is None else rows.filter(inside(rows.at, window))


def inside(at: Any, window: tuple[int, int]) -> Any:
    return (at >= whole(window[0])) & (at < whole(window[1]))


def whole(number: int) -> Any:
    return ibis.literal(number, "int64")


def floored(at: Any, width: int) -> Any:
    """The start of the stretch of ``width`` ns that holds ``at``, also before 1970; whole numbers all the way."""
    rest = at % whole(width)
    return at - rest - (rest < 0).ifelse(whole(width), whole(0))


def known(column: Any) -> Any:
    """Text with nothing in the place of NULL: engines disagree on NULL in keys and comparisons."""
    return column.fill_null("")


def counted(condition: Any) -> Any:
    """How many rows meet the condition; NULL is no."""
    return condition.fill_null(False).ifelse(whole(1), whole(0)).sum().cast("int64")


def total(column: Any) -> Any:
    """The exact sum of whole numbers, which may exceed 64 bits: a decimal of 38 digits."""
    return column.fill_null(0).cast("decimal(38, 0)").sum()


def finite(column: Any) -> Any:
    """A float that compares alike everywhere: NaN and infinities become NULL, -0.0 becomes 0.0.

    A range and no ``isnan``: every engine puts NaN outside of it, whatever it thinks that NaN is.
    """
    zero, most = ibis.literal(0.0, "float64"), ibis.literal(sys.float_info.max, "float64")
    usual = (column >= -most) & (column <= most)
    return ibis.cases((column == zero, zero), (usual, column), else_=None)


def ranked(rows: Any, keys: Sequence[str], column: str) -> Any:
    """``rank`` of each row from 1 by the column inside its group, and ``known`` values of the group; NULL comes last."""
    value = rows[column]
    order = [value.isnull(), value.fill_null(0)]
    window = ibis.window(group_by=list(keys), order_by=order)
    return rows.mutate(
        rank=(ibis.row_number().over(window) + 1).cast("int64"),
        ranks=value.count().over(ibis.window(group_by=list(keys))).cast("int64"),
    )


def nearest_rank(rows: Any, column: str, percent: int) -> Any:
    """The smallest value that at least so many percent of the values do not exceed; ``rows`` are ``ranked``."""
    value = rows[column]
    reached = value.notnull() & (rows["rank"] * whole(100) >= rows["ranks"] * whole(percent))
    return value.min(where=reached)


def ordered(rows: Any, *keys: str) -> Any:
    """The rows by these keys; NULL comes last on every engine."""
    return rows.order_by(order(rows, keys))


def order(rows: Any, keys: Sequence[str], *, backwards: bool = False) -> list[Any]:
    """Keys for ``order_by`` that no engine can read in two ways."""
    made = []
    for key in keys:
        column = rows[key]
        nothing = "" if column.type().is_string() else 0
        made += [column.isnull(), column.fill_null(nothing)]
    return [ibis.desc(one) for one in made] if backwards else made
