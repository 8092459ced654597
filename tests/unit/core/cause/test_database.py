"""A database says who loads it, whether computing and waiting have one root, and how a failover went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause import database
from afterword.model.event import Event, Fact, Kind
from afterword.model.time import MINUTE
from afterword.testing import case_from, cite, event

if TYPE_CHECKING:
    from afterword.core.case import Case


def statement(text: str, load: float, wait: str, computing: float) -> Event:
    return event(Kind.PATTERN, subject="orders-db", text=text, value=load, wait=wait, computing=computing)


def asker(kind: str, name: str, load: float) -> Event:
    return event(Kind.PATTERN, subject="orders-db", text=name, value=load, asks=kind)


def cpu(*values: float, name: str = "CPUUtilization") -> list[Event]:
    return [event(Kind.METRIC, n * MINUTE, "orders-db", name=name, value=value) for n, value in enumerate(values)]


def said(case: Case, *near: str) -> str:
    events = [
        Fact(event(Kind.STATE, n * MINUTE, "db-instance/orders-db", text=text), cite(n)) for n, text in enumerate(near)
    ]
    return "\n".join(text for text, _ in database.besides(case, events))


def test_who_has_most_of_the_load_is_named_and_who_has_a_third_is_not() -> None:
    """The loader has 4.3 of 5.1 sessions; of three hosts none has half."""
    case = case_from(
        [asker("user", "loader", 4.3), asker("user", "reader", 0.8), *(asker("host", f"h{n}", 1.0) for n in range(3))]
    )
    assert said(case) == "84 % of the load comes from the user loader"


def test_what_computes_is_another_statement_than_what_waits() -> None:
    """An UPDATE waits for the log, a SELECT computes, CPU rises from 30 to 75 %: the one does not explain the other."""
    asked = [statement("UPDATE stock", 5.9, "WAL:Lock", 0.7), statement("SELECT report", 1.8, "CPU:user", 1.6)]
    assert "causally independent of it" in said(case_from([*asked, *cpu(30, 45, 70, 75, 75, 74, 76, 75)]))
    assert said(case_from([*asked, *cpu(30, 31, 30, 32, 31, 30, 31, 30)])) == ""


def test_what_waits_also_computes() -> None:
    asked = [statement("SELECT a", 5.2, "Client:ClientRead", 1.1), statement("SELECT b", 2.4, "Client:ClientRead", 0.6)]
    assert "have one root" in said(case_from([*asked, *cpu(88, 90, 91, 92, 93, 94, 94, 94)]))


def test_statements_stand_by_their_load_without_those_who_ask() -> None:
    case = case_from([statement("a", 1.0, "CPU", 1.0), asker("user", "u", 9.0), statement("b", 3.0, "IO:x", 0.0)])
    assert [fact.event.text for fact in database.statements(case)] == ["b", "a"]


def test_a_failover_is_told_in_its_phases_and_that_the_work_came_back() -> None:
    """Connections fall from 310 to 0 and are back at 312; the words are those of the events."""
    connections = cpu(312, 318, 314, 310, 0, 0, 300, 312, name="DatabaseConnections")
    told = said(
        case_from(connections), "Multi-AZ instance failover started.", "Multi-AZ failover in progress.",
        "Multi-AZ instance failover completed.", "DB instance is available.",
    )  # fmt: skip
    assert "failover initiated (00:00:00) → failover in progress (00:01:00) → failover completed" in told
    assert "fell to 0 and is back at 306: the workload resumed normally" in told


def test_a_failover_after_which_nobody_came_back_is_not_said_to_have_resumed() -> None:
    connections = cpu(312, 318, 314, 310, 0, 0, 0, 3, name="DatabaseConnections")
    assert "resumed" not in said(case_from(connections), "Multi-AZ failover has been initiated")
    assert said(case_from(connections), "DB instance is available.") == ""
