"""Queries over a real incident: what they say agrees with the evidence, and every row leads back to its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from afterword.app import desk
from afterword.model.refusal import InvalidError, NotFoundError

if TYPE_CHECKING:
    from analysed import Analysed


def ask(small: Analysed, query: str, **arguments: Any) -> Any:
    return desk.ask(small.ws, "query.ask", {"name": query, "incident": small.id, **arguments})


def rows(found: Any) -> list[dict[str, Any]]:
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def test_every_event_is_counted_once(small: Analysed) -> None:
    found = rows(ask(small, "signal-hours"))
    counted = sum(one.evidence.counted for one in desk.ask(small.ws, "evidence.list", {"incident": small.id}))
    assert sum(one["rows"] for one in found) == counted > 0


def test_changes_are_compared_with_the_window_of_the_incident(small: Analysed) -> None:
    found = rows(ask(small, "template-changes", least=1))
    assert {one["change"] for one in found} <= {"new", "vanished", "burst", "dip"}
    assert [one for one in found if one["change"] == "new" and one["errors"]]
    assert all(one["masked"] for one in found), "each template has its words beside it"


def test_a_row_leads_to_its_line_and_the_line_to_its_neighbours(small: Analysed) -> None:
    word = next(row["masked"] for row in rows(ask(small, "template-seen"))).split("<", maxsplit=1)[0].strip()
    first = rows(ask(small, "text-search", text=word, most=1))[0]
    passage = desk.ask(small.ws, "evidence.show", {"incident": small.id, "citation": first["cite"], "context": 0})
    assert word in passage.lines[0].text
    around = rows(ask(small, "neighbours", citation=first["cite"], most=2))
    assert first["row"] in [one["row"] for one in around]
    assert 1 < len(around) <= 5


def test_most_cuts_what_is_shown_and_not_the_hash(small: Analysed) -> None:
    whole, cut = ask(small, "template-minutes"), ask(small, "template-minutes", most=2)
    assert (len(cut.rows), cut.total, cut.sha256) == (2, len(whole.rows), whole.sha256)


def test_without_an_incident_everything_is_asked(small: Analysed) -> None:
    found = desk.ask(small.ws, "query.ask", {"name": "signal-hours"})
    assert found.sha256 == ask(small, "signal-hours").sha256


def test_the_spill_is_gone_afterwards(small: Analysed) -> None:
    ask(small, "signal-hours")
    assert list((small.ws.root / "spill").iterdir()) == []


@pytest.mark.parametrize(
    ("query", "arguments", "says"),
    [
        ("signal-hours", {"component": "cart"}, "reads no component"),
        ("signal-hours", {"text": "cart"}, "reads no text"),
        ("text-search", {}, "needs text"),
        ("text-search", {"text": "a.b", "regex": True}, "line feeds"),
        ("neighbours", {}, "needs artefact and line"),
        ("neighbours", {"citation": "nonsense"}, "not a citation"),
        ("signal-hours", {"window": "yesterday"}, "window"),
        ("signal-hours", {"most": 0}, "most is 1"),
        ("signal-hours", {"engine": "postgres://host/db"}, "is no engine"),
    ],
)
def test_what_a_query_cannot_use_is_refused(small: Analysed, query: str, arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidError, match=says):
        ask(small, query, **arguments)


def test_what_is_not_there_is_named(small: Analysed) -> None:
    with pytest.raises(NotFoundError, match="There is call-edges, "):
        ask(small, "weather")
    with pytest.raises(NotFoundError, match="There is no E99"):
        ask(small, "neighbours", citation="E99:1")


def test_the_list_says_what_each_takes(small: Analysed) -> None:
    found = {one.name: one for one in desk.ask(small.ws, "query.list", {})}
    assert len(found) == 12
    assert found["neighbours"].needs == ("citation",)
    assert found["template-changes"].takes == ("window", "baseline", "factor", "least")
