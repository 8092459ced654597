"""What an engine cannot be asked, and why. Everything that is not listed here gives the same rows on every engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from afterword.queries.question import Question


@dataclass(frozen=True, slots=True)
class Gap:
    """A query that one dialect cannot answer alike. ``option`` names the field of the question that opens the gap."""

    query: str
    dialect: str
    option: str
    reason: str
    #: What the SQL holds for as long as the gap is there; when it does not any more, the gap can be closed.
    sign: str


GAPS: Final[tuple[Gap, ...]] = (
    Gap(
        "text-search",
        "snowflake",
        "regex",
        "its REGEXP_LIKE matches whole texts, and what Ibis puts around the pattern ('.*') stops at a line feed",
        "CONCAT('.*', ",
    ),
)


def of(query: str, dialect: str, question: Question) -> Gap | None:
    """The gap that this question falls into, if any."""
    for gap in GAPS:
        if (gap.query, gap.dialect) == (query, dialect) and (not gap.option or getattr(question, gap.option)):
            return gap
    return None
