"""No spans: lines that name their trace tell of visits, of who asks whom, of who is not heard, and of time that passes."""

from __future__ import annotations

from afterword.core.cause import course, heard, traced, waiting
from afterword.core.window import Found
from afterword.model.event import Event, Kind
from afterword.model.time import MINUTE, SECOND, Span
from afterword.testing import case_from, event

MS = 10**6
HEALTHY, TROUBLE = Span(0, 10 * MINUTE), Span(20 * MINUTE, 30 * MINUTE)
FOUND = Found(TROUBLE, HEALTHY, (), Span(0, 30 * MINUTE))
TIMES = [*range(0, 10 * MINUTE, 10 * SECOND), *range(20 * MINUTE, 30 * MINUTE, 10 * SECOND)]


def line(n: int, at: int, who: str, text: str, severity: str = "info") -> Event:
    return event(Kind.LOG, at, who, text=text, severity=severity, trace=f"t{n}")


def request(n: int, at: int, *, silent: bool = False, broken: bool = False, slow: int = 0) -> list[Event]:
    """The web asks the shop, the shop the prices. Silent: the prices print nothing. Broken: the shop stops before it asks."""
    rows = [line(n, at, "web", "asked to buy"), line(n, at + 5 * MS, "shop", "begin to buy")]
    asked = at + 10 * MS + slow
    if not broken and not silent:
        rows.append(line(n, asked, "prices", "a price is wanted"))
    if not broken:
        rows.append(line(n, asked + 5 * MS, "shop", "bought it"))
    return [*rows, line(n, asked + 10 * MS, "web", "answered")]


def of(**trouble: int) -> list[Event]:
    return [one for n, at in enumerate(TIMES) for one in request(n, at, **(trouble if at >= TROUBLE.start else {}))]  # type: ignore[arg-type]


def departed(**trouble: int) -> list[str]:
    return [one.component for one in course.departed(heard.visited(case_from(of(**trouble))), FOUND)]


def test_whose_lines_go_on_around_those_of_another_asked_it() -> None:
    """Three visits a trace, one below the other."""
    spans = heard.visited(case_from(request(1, SECOND))).spans
    assert [spans.components[one] for one in spans.component] == ["web", "shop", "prices"]
    assert spans.parent.tolist() == [-1, 0, 1]
    assert spans.took.tolist() == [20 * MS, 10 * MS, 0]


def test_a_caller_that_was_cut_off_is_known_by_the_other_traces() -> None:
    """In one trace the shop said nothing after it had asked; in all the others it did."""
    rows = [one for n in range(10) for one in request(n, n * SECOND)]
    rows = [one for one in rows if not (one.text == "bought it" and one.attributes["trace"] == "t9")]
    spans = heard.visited(case_from(rows)).spans
    prices = spans.components.index("prices")
    asker = [spans.components[spans.component[spans.parent[row]]] for row in (spans.component == prices).nonzero()[0]]
    assert asker == ["shop"] * 10


def test_who_stops_half_way_departs() -> None:
    """The shop breaks off: its own last line is missing, and so is what it asked."""
    assert departed(broken=True) == ["shop"]


def test_who_is_not_heard_departs_where_the_one_that_asked_goes_on() -> None:
    """The prices fail before their first line; the shop prints all of its own, as if they had answered."""
    assert departed(silent=True) == ["prices"]


def test_where_all_is_as_ever_nobody_departs() -> None:
    """Negative control."""
    assert departed() == []


def test_time_is_lost_on_the_way_to_the_one_that_is_waited_for() -> None:
    """Half a second passes between the last line of the shop and the first of the prices, and nowhere else."""
    lost = waiting.lost(heard.visited(case_from(of(slow=500 * MS))), FOUND)
    assert {one.component for one in lost} <= {"shop", "prices"}
    assert {place.ends for one in lost for place in one.places} == {("shop", "prices")}


def test_no_time_is_lost_where_lines_follow_as_fast_as_ever() -> None:
    """Negative control."""
    assert waiting.lost(heard.visited(case_from(of())), FOUND) == ()


def test_recorded_spans_are_left_as_they_are() -> None:
    """Negative control: with one span there is nothing to be made up; and lines that name no trace tell of no visit."""
    row = event(Kind.SPAN, SECOND, "web", name="GET", took=MS, trace="t1", span="a")
    case = case_from([row, *request(1, SECOND)])
    assert heard.visited(case) is case
    plain = case_from([event(Kind.LOG, SECOND, "web", text="hello", severity="info")])
    assert heard.visited(plain) is plain


def span(n: int, at: int, who: str, own: str, parent: str, took: int) -> Event:
    return event(
        Kind.SPAN, at, who, name=own, took=took, trace=f"t{n}", span=f"t{n}{own}", parent=parent and f"t{n}{parent}"
    )


def gives_up(*, slow: bool) -> dict[str, float]:
    """In the incident the shop does not go on after it has asked the prices; they are slow, or they are not."""
    rows = []
    for n, at in enumerate(TIMES):
        late = at >= TROUBLE.start
        took = 900 * MS if slow and late else 9 * MS + n % 5 * MS
        rows += [span(n, at, "shop", "buy", "", took + 8 * MS), span(n, at + 1, "shop", "ask", "buy", took + 4 * MS)]
        rows.append(span(n, at + 2, "prices", "price", "ask", 2 * MS))
        own = f"t{n}buy"
        said = "gave up" if late else "bought it"
        rows.append(event(Kind.LOG, at + 3, "shop", text=said, severity="info", trace=f"t{n}", span=own))
    tallies = traced.traces(case_from(rows), FOUND)
    return {name: tally.own for name, tally in tallies.items()}


def test_who_gives_up_waiting_departs_because_of_the_other_one() -> None:
    """The shop takes another way, but only after it has waited for the prices a hundred times longer than usual."""
    waited, alone = gives_up(slow=True), gives_up(slow=False)
    assert waited["prices"] > waited["shop"]
    # Negative control: where nobody waits the departure is the shop's own.
    assert alone["shop"] > 2 * waited["shop"]
    assert "prices" not in alone
