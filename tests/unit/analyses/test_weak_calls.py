"""Weaknesses of resilience, and causes that were known."""

from __future__ import annotations

import pytest
from weak import AT, found

from afterword.analyses import known_cause
from afterword.core.lesson import outline
from afterword.model.cause import Cause, Grade, Link, LinkKind, Role
from afterword.model.event import Event, Kind
from afterword.model.incident import PointName
from afterword.model.lesson import Fingerprint
from afterword.model.time import MINUTE, SECOND, Span
from afterword.testing import case_from, cause, cite, event, point, scene_from

WINDOW, BASELINE = Span(AT, AT + 20 * MINUTE), Span(AT - 30 * MINUTE, AT - SECOND)


def calls(caller: str, callee: str, minutes: range, a_minute: int, *, failing: bool) -> list[Event]:
    made = []
    for minute in minutes:
        for n in range(a_minute):
            at, key = AT + minute * MINUTE + n * SECOND, f"{caller}{callee}{minute}.{n}"
            made.append(event(Kind.SPAN, at, caller, name="in", took=SECOND, trace=key, span=f"{key}a"))
            made.append(
                event(
                    Kind.SPAN,
                    at + 1,
                    callee,
                    name="out",
                    took=SECOND,
                    trace=key,
                    span=f"{key}b",
                    parent=f"{key}a",
                    severity="error" if failing else "",
                )
            )
    return made


HEALTHY = calls("web", "cart", range(-30, 0), 10, failing=False)


@pytest.mark.parametrize(
    ("now", "says", "weak"),
    [
        (calls("web", "cart", range(10), 10, failing=True), "", True),
        (calls("web", "cart", range(10), 2, failing=True), "", False),  # they became fewer: something cut them off
        (calls("web", "cart", range(2), 30, failing=True), "", False),  # too short for any breaker
        (calls("web", "cart", range(10), 10, failing=False), "", False),
        (calls("web", "cart", range(10), 10, failing=True), "circuit breaker open for cart", False),
    ],
)
def test_calls_that_went_on_though_they_failed(now: list[Event], says: str, weak: bool) -> None:
    words = [event(Kind.LOG, AT + MINUTE, "web", text=says, severity="warn")] if says else []
    assert bool(found("unbroken_calls", [*HEALTHY, *now, *words], window=WINDOW, baseline=BASELINE)) is weak


def test_who_fails_its_callers_only_because_of_another_is_not_told_beside_it() -> None:
    events = [*HEALTHY, *calls("cart", "db", range(-30, 0), 10, failing=False)]
    events += [*calls("web", "cart", range(10), 10, failing=True), *calls("cart", "db", range(10), 10, failing=True)]
    (one,) = found("unbroken_calls", events, window=WINDOW, baseline=BASELINE)
    assert "calls of cart to db failed" in one.says


def spread(*users: str) -> tuple[list[Cause], list[Link]]:
    origin = cause(Role.PROXIMATE, "db", cite(1))
    others = [cause(Role.CONTRIBUTING, name, cite(n + 2)) for n, name in enumerate(users)]
    links = [Link(origin.id, one.id, LinkKind.PROPAGATES, Grade.PRECEDES, (), one.cites) for one in others]
    return [origin, *others], links


def edge(caller: str, callee: str) -> Event:
    return event(Kind.EDGE, None, caller, name=callee)


@pytest.mark.parametrize(
    ("edges", "weak"),
    [([edge("cart", "db"), edge("pay", "db")], True), ([edge("cart", "db"), edge("pay", "cart")], False)],
)
def test_what_several_share_failed_each_of_them(edges: list[Event], weak: bool) -> None:
    """A chain is no sharing."""
    causes, links = spread("cart", "pay")
    assert bool(found("shared_dependency", edges, causes=causes, links=links)) is weak


def guard(subject: str, kind: str) -> Event:
    return event(Kind.POLICY, None, subject, name=subject, policy=kind)


@pytest.mark.parametrize(
    ("guards", "weak"),
    [
        ([guard("mail", "breaker")], True),
        ([guard("mail", "breaker"), guard("db", "none")], True),
        ([guard("mail", "breaker"), guard("db", "breaker")], False),
        ([guard("mail", "timeout"), guard("db", "pool")], False),
        ([guard("db", "none")], False),  # where nothing has a guard, they may stand elsewhere
        ([], False),
    ],
)
def test_a_dependency_without_the_guard_that_others_have(guards: list[Event], weak: bool) -> None:
    causes, links = spread("cart")
    assert bool(found("unguarded_dependency", guards, causes=causes, links=links)) is weak


@pytest.mark.parametrize(
    ("text", "gap", "weak"),
    [
        ("record_id=77 out of range", 30 * SECOND, True),
        ("record_id=77 out of range", SECOND // 10, False),  # one failure, told in many lines
        ("upstream did not answer", 30 * SECOND, False),
    ],
)
def test_one_message_that_is_tried_without_end(text: str, gap: int, weak: bool) -> None:
    events = [event(Kind.LOG, AT + n * gap, "mail", text=text, severity="error") for n in range(8)]
    assert bool(found("endless_redelivery", events, window=WINDOW)) is weak


def test_many_messages_that_fail_once_each_are_not_one_that_is_tried_without_end() -> None:
    events = [
        event(Kind.LOG, AT + n * 30 * SECOND, "mail", text=f"record_id={n} out of range", severity="error")
        for n in range(8)
    ]
    assert found("endless_redelivery", events, window=WINDOW) == []


def wanted(text: str, *minutes: int) -> list[Event]:
    return [event(Kind.LOG, AT + minute * MINUTE, "web", text=text) for minute in minutes]


@pytest.mark.parametrize(
    ("events", "weak"),
    [
        (wanted("scale up wanted; pods pending", 1, 5, 9), True),
        (wanted("scale up wanted; pods pending", 1), False),
        (wanted("scale up wanted; pods pending", -20, 1, 5), False),  # as ever
        (wanted("scaled to 10 replicas", 1, 5), False),
        (
            [
                event(
                    Kind.STATE,
                    AT + n * MINUTE,
                    "pod/web-1",
                    name="FailedScheduling",
                    text="0/3 nodes are available: 3 Insufficient cpu.",
                )
                for n in (1, 6)
            ],
            True,
        ),
    ],
)
def test_instances_that_were_wanted_and_did_not_come(events: list[Event], weak: bool) -> None:
    assert bool(found("slow_scaling", events, window=WINDOW)) is weak


def alone(category: str, said: str = "") -> list[object]:
    trigger = cause(Role.TRIGGER, "host", cite(1), category=category)
    top = cause(Role.IMPACT, "web")
    links = [Link(trigger.id, "impact", LinkKind.PRODUCES, Grade.MECHANISM, (), trigger.cites)]
    events = [
        event(Kind.LOG, AT, "host", text="x"),
        *([event(Kind.MESSAGE, AT, "#inc", name="u", text=said)] if said else []),
    ]
    return found(
        "single_point", events, causes=[trigger, Cause("impact", top.statement, Role.IMPACT, "web", ())], links=links
    )  # type: ignore[return-value]


def test_a_cut_set_of_order_one_outside_of_the_changes() -> None:
    (one,) = alone("storage")
    assert "order one" in one.says  # type: ignore[attr-defined]
    assert alone("code") == [], "code is the same in every copy"
    assert alone("storage", "we failed over to the standby") == []


def test_what_is_outside_counts_though_it_is_not_called_the_trigger() -> None:
    outside = cause(Role.CONTRIBUTING, "api.pay.example", cite(1), category="dependency", layer="external")
    events = [event(Kind.LOG, AT, "pay", text="POST https://api.pay.example returned 503", severity="error")]
    assert found("single_dependency", events, causes=[outside], window=WINDOW)
    words = event(Kind.LOG, AT, "pay", text="switching to the second provider", severity="warn")
    assert found("single_dependency", [*events, words], causes=[outside], window=WINDOW) == []


@pytest.mark.parametrize(("watcher", "weak"), [("web", True), ("supervisor", False)])
def test_a_failure_spreads_to_callers_and_not_to_those_who_watch(watcher: str, weak: bool) -> None:
    events = [
        edge("shop", "cart"), edge("web", "shop"),
        *(event(Kind.LOG, AT + n * SECOND, "shop", text="upstream cart failed", severity="error") for n in range(4)),
        *(event(Kind.LOG, AT + n * SECOND, watcher, text="upstream shop failed", severity="error") for n in range(4)),
        event(Kind.LOG, AT, "cart", text="boom", severity="error"),
    ]  # fmt: skip
    assert bool(found("cascade", events, causes=[cause(Role.PROXIMATE, "cart", cite(11))], window=WINDOW)) is weak


def before(incident: str, started: int, *promised: str, mechanism: tuple[str, ...] = ()) -> Fingerprint:
    mine = outline(incident, exhausted())
    return Fingerprint(
        incident,
        "",
        started,
        mine.components,
        mine.trigger,
        mine.category,
        mechanism or mine.mechanism,
        (),
        (),
        (),
        (),
        promised,
    )


def exhausted() -> list[Cause]:
    return [
        cause(Role.PROXIMATE, "cart", cite(1), category="capacity", defect="exhausted", indicator="db_pool_waiting")
    ]


@pytest.mark.parametrize(
    ("earlier", "weak"),
    [
        ((before("INC-0", AT - 60 * MINUTE, "A-1 “Bound the pool” (accepted)"),), True),
        ((before("INC-0", AT - 60 * MINUTE),), False),  # all of it is done
        ((before("INC-0", AT + 60 * MINUTE, "A-1 “Bound the pool” (accepted)"),), False),  # it came later
        (
            (before("INC-0", AT - 60 * MINUTE, "A-1 “x” (accepted)", mechanism=("category code", "defect racing")),),
            False,
        ),
        ((), False),
    ],
)
def test_the_same_cause_as_before_with_work_still_open(earlier: tuple[Fingerprint, ...], weak: bool) -> None:
    scene = scene_from(
        case_from([event(Kind.LOG, AT, "cart", text="x")]), exhausted(), points=[point(PointName.STARTED, AT)]
    )
    scene = type(scene)(
        scene.case, scene.baseline, scene.window, scene.points, scene.signals, scene.explanation, earlier
    )
    made = list(known_cause.run(scene))
    assert bool(made) is weak
    assert all("A-1 “Bound the pool” (accepted)" in one.says for one in made)


def slow(took: int, gave_up: int, minutes: range) -> list[Event]:
    """One call a minute that takes a second longer each minute, and how long its caller stayed."""
    made = []
    for minute in minutes:
        key, at = f"s{minute}", AT + minute * MINUTE
        longer = took + max(0, minute) * SECOND
        made.append(event(Kind.SPAN, at, "web", name="in", took=gave_up, trace=key, span=f"{key}a"))
        made.append(event(Kind.SPAN, at, "cart", name="out", took=longer, trace=key, span=f"{key}b", parent=f"{key}a"))
    return made


@pytest.mark.parametrize(("gave_up", "weak"), [(200 * SECOND, True), (4 * SECOND, False)])
def test_a_caller_that_gave_up_has_a_limit_however_long_the_other_went_on(gave_up: int, weak: bool) -> None:
    usual = slow(SECOND // 100, SECOND // 10, range(-30, 0))
    now = slow(10 * SECOND, gave_up, range(1, 12))
    assert bool(found("unbounded_wait", [*usual, *now], window=WINDOW, baseline=BASELINE)) is weak


def test_one_caller_is_enough_where_users_met_it() -> None:
    events = [
        edge("shop", "cart"),
        *(event(Kind.LOG, AT + n * SECOND, "shop", text="upstream cart failed", severity="error") for n in range(4)),
        event(Kind.LOG, AT, "cart", text="boom", severity="error"),
    ]  # fmt: skip
    origin = cause(Role.PROXIMATE, "cart", cite(6))
    assert found("cascade", events, causes=[origin, cause(Role.IMPACT, "shop")], window=WINDOW)
    assert found("cascade", events, causes=[origin, cause(Role.IMPACT, "cart")], window=WINDOW) == []
    door = [*events, edge("shop", "pay"), edge("shop", "mail")]
    assert found("cascade", door, causes=[origin, cause(Role.IMPACT, "shop")], window=WINDOW) == [], (
        "a gateway only hands on"
    )
