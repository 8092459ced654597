"""Rows that engines like to read differently, and the questions that are asked of them."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from afterword.model.refusal import InvalidError
from afterword.queries import portable_regex
from afterword.queries.question import Question
from afterword.stores.lake_columns import STORED

if TYPE_CHECKING:
    from pathlib import Path

MINUTE = 60 * 10**9
NOON = 1_773_489_600 * 10**9
ARTEFACTS = ("ab" * 32, "cd" * 32)
#: Moments at the edges of minutes and hours, before 1970, and as far from it as 64 bits go.
TIMES = (
    None, 0, 1, -1, MINUTE, MINUTE - 1, -MINUTE, -MINUTE - 1, NOON, NOON - 1, NOON + 1, NOON + 59 * MINUTE, NOON + 60 * MINUTE - 1,
    9_223_372_036_854_775_807, -9_223_368_000_000_000_000, 2**53, 2**53 + 1,
)  # fmt: skip
WORDS = (
    None, "", " ", "a", "A", "a ", "aa", "b", "é", "e\u0301", "ß", "ss", "\U0001f600", "\uffff", "\U00010000", "Ω", "'", "\\", '"', "%", "_", "\n",
    "null", "NULL", "0", "-1", "it's; DROP TABLE events --",
)  # fmt: skip
TEXTS = (
    None, "", "timeout after 30 s", "Timeout after 30 s", "a\\nb", "a\nb", "100% of it's \"quoted\"", "日本語 timeout", "\U0001f600\U0001f600",
    "x_y", "xzy", "tab\tbed", "\\", "$1 ${x} {0} %s", "connect 10.0.0.7:5432 refused", "ends in a line\n", "timeout\n",
)  # fmt: skip
TOOK = (None, 0, 1, 1, 2, 3, 5, 5, 5, 10**9, -1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63) + 1)
VALUES = (
    None, 0.0, -0.0, 1.5, -1.5, 0.1, 1 / 3, 5e-324, -5e-324, 1.7976931348623157e308, math.nan, math.inf, -math.inf, 2.0**53, 1e22, 1e-7, 123456789.123,
)  # fmt: skip
SEVERITIES = (None, "", "info", "error", "fatal", "ERROR", "warn")
KINDS = ("log", "log", "span", "span", "metric", "metric", "alert", "change")


def row(number: int, artefact: str = ARTEFACTS[0], **fields: Any) -> dict[str, Any]:
    """A row of the lake with nothing in the columns that are not named."""
    made: dict[str, Any] = dict.fromkeys(STORED.names)
    made |= {
        "artefact": artefact,
        "reading": "0" * 12,
        "row": number,
        "kind": "log",
        "subject": "",
        "name": "",
        "text": "",
    }
    made |= {
        "start": 10 * number,
        "end": 10 * number + 9,
        "first": number // 2 + 1,
        "last": number // 2 + 1,
        "part": "",
    }
    made |= {"inline": False, "granularity": 1, "meaning": "occurred", "clock": "", "offset": 0, "severity": ""}
    return made | fields


def rows(seed: int, count: int) -> list[dict[str, Any]]:
    """Rows out of all the words above; the same seed gives the same rows."""
    dice = random.Random(seed)
    made = []
    for number in range(count):
        # A few words come often, so that groups have more than one row.
        few = dice.random() < 0.6
        made.append(
            row(
                number // 2,
                ARTEFACTS[number % 2],
                kind=dice.choice(KINDS),
                at=NOON + dice.randrange(-3 * MINUTE, 3 * MINUTE) if few else dice.choice(TIMES),
                subject=dice.choice(("cart", "payment", "") if few else WORDS),
                name=dice.choice(("GET /", "POST /pay") if few else WORDS),
                text=dice.choice(TEXTS),
                value=dice.choice(VALUES),
                took=dice.randrange(10**7) if few else dice.choice(TOOK),
                severity=dice.choice(SEVERITIES),
                trace=dice.choice(("t1", "t2", "t3", "", None)),
                span=dice.choice(("s1", "s2", "s3", "s4", "s5", "", None)),
                parent=dice.choice(("s1", "s2", "s3", "s9", "", None)),
                template=dice.choice(("a1b2c3d4e5f6", "0a0a0a0a0a0a", "", None) if few else WORDS),
            )
        )
    return made


def write(folder: Path, found: list[dict[str, Any]]) -> list[str]:
    """The rows as files laid out like the lake, one for each kind and artefact."""
    paths = []
    for kind in dict.fromkeys(one["kind"] for one in found):
        for artefact in ARTEFACTS:
            mine = [one for one in found if one["kind"] == kind and one["artefact"] == artefact]
            if mine:
                path = folder / f"signal={kind}" / "hour=any" / f"{artefact}-000000000000.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                pq.write_table(pa.Table.from_pylist(mine, schema=STORED), path, store_schema=False)
                paths.append(str(path))
    return paths


NOW = (NOON, NOON + 5 * MINUTE)
BEFORE = (NOON - 4 * MINUTE, NOON)
EVER = (-(2**63) + 1, 2**63 - 1)
#: Every query with every question: name of the case, name of the query, question.
CASES: tuple[tuple[str, str, Question], ...] = (
    ("template-minutes", "template-minutes", Question()),
    ("template-minutes in a window", "template-minutes", Question(window=NOW)),
    ("template-changes", "template-changes", Question(window=NOW, baseline=BEFORE, factor=2, least=2)),
    ("template-changes against ever", "template-changes", Question(window=NOW, baseline=EVER, factor=1, least=1)),
    ("template-changes by the nanosecond", "template-changes", Question(window=(NOON, NOON + 1), baseline=(0, 7), least=1)),
    ("error-minutes", "error-minutes", Question()),
    ("span-minutes", "span-minutes", Question()),
    ("span-minutes in a window", "span-minutes", Question(window=NOW)),
    ("component-minutes", "component-minutes", Question()),
    ("error-samples", "error-samples", Question(most=2)),
    ("template-seen", "template-seen", Question()),
    ("template-seen, one of them", "template-seen", Question(template="a1b2c3d4e5f6", window=NOW)),
    ("metric-minutes", "metric-minutes", Question()),
    ("call-edges", "call-edges", Question()),
    ("call-edges in a window", "call-edges", Question(window=NOW)),
    ("text-search", "text-search", Question(text="timeout", most=7)),
    ("text-search, one component", "text-search", Question(text="t", component="cart", window=BEFORE)),
    *(
        (f"text-search {number}", "text-search", Question(text=text))
        for number, text in enumerate(("\\", "'", '"', "%", "_", "\n", "\\n", "\U0001f600", "語", "${x}", "{0}", "\t", "; DROP"))
    ),
    *(
        (f"text-search by pattern {number}", "text-search", Question(text=text, regex=True))
        for number, text in enumerate((r"[Tt]imeout after \d+ s", r"^x[_z]y", r"\d+\.\d+\.\d+\.\d+:\d{4}", r"a\\n", r"(timeout|refused)", r"\$1 \$\{x\}", r"'s"))
    ),
    ("neighbours", "neighbours", Question(artefact=ARTEFACTS[0], line=9, most=4)),
    ("neighbours at the start", "neighbours", Question(artefact=ARTEFACTS[1], line=1, most=3)),
    ("neighbours of nothing", "neighbours", Question(artefact="ef" * 32, line=1, most=3)),
    ("signal-hours", "signal-hours", Question()),
    ("signal-hours in a window", "signal-hours", Question(window=NOW)),
)  # fmt: skip


def patterns(seed: int, count: int) -> list[str]:
    """Regular expressions thrown together out of pieces, of those that are declared to be portable."""
    dice = random.Random(seed)
    pieces = (
        "a", "t", "timeout", "T", "x", "_", "30", " ", "é", "日", "\U0001f600", "'", '"', "%", "/", "-", ":", ",", "#", "@", "!", "<", "=", "&", "~",
        r"\d", r"\w", r"\.", r"\\", r"\$", r"\*", r"\{", r"\[", r"\|", r"\^", r"\/", r"\-", r"\(", "[a-z]", "[Tt]", r"[\d_]", r"[\w.]", "[ -~]", "[^a]", "[%_]",
        "(", "(?:", ")", "|", "^", "*", "+", "?", "{2}", "{1,3}", "{,2}", "{2,}", ".", "$", r"\b", r"\s", "(?i)", "*?", "++", "]", "}", "{",
    )  # fmt: skip
    made: dict[str, None] = {}
    while len(made) < count:
        one = "".join(dice.choice(pieces) for _ in range(dice.randrange(1, 7)))
        try:
            made[portable_regex.checked(one)] = None
        except InvalidError:
            continue
    return list(made)
