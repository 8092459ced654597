"""Weaknesses of monitoring and ownership."""

from __future__ import annotations

import pytest
from weak import AT, found

from afterword.model.cause import Role
from afterword.model.event import Event, Kind
from afterword.model.incident import PointName
from afterword.model.time import MINUTE, Span
from afterword.testing import cause, cite, event, point, signal

WINDOW = Span(AT, AT + 60 * MINUTE)


def alert(
    name: str = "CartErrors", minute: int = 5, labels: str = '{severity="critical",team="cart"}', **more: str
) -> Event:
    return event(Kind.ALERT, AT + minute * MINUTE, "cart", name=name, labels=labels, **more)


def policy(kind: str, subject: str, name: str, **said: str) -> Event:
    return event(Kind.POLICY, None, subject, name=name, policy=kind, **said)


ROUTES = [
    policy("route", "nobody", "0", path="0"),
    policy("route", "pay", "0.0", path="0.0", matchers='team="pay"'),
    policy("receiver", "nobody", "nobody"),
    policy("receiver", "pay", "pay", ways="slack_configs"),
]


@pytest.mark.parametrize(
    ("labels", "weak"),
    [
        ('{severity="critical",team="cart"}', True),
        ('{team="pay"}', False),
        ('{severity="critical"}', True),  # all labels are known: it has no team
        ("", False),  # its labels are not known: neither is its way
    ],
)
def test_an_alert_whose_way_ends_where_nothing_is_sent(labels: str, weak: bool) -> None:
    assert bool(found("unrouted_alert", [alert(labels=labels), *ROUTES], window=WINDOW)) is weak


def test_an_alert_that_goes_on_to_somebody_is_routed() -> None:
    routes = [
        policy("route", "nobody", "0", path="0"),
        policy("route", "nobody", "0.0", path="0.0", matchers='team="cart"', **{"continue": "true"}),
        policy("route", "pay", "0.1", path="0.1", matchers='severity=~"crit.*"'),
        *ROUTES[2:],
    ]
    assert found("unrouted_alert", [alert(), *routes], window=WINDOW) == []
    assert found("unrouted_alert", [alert(), *routes[:2], *ROUTES[2:]], window=WINDOW)
    assert found("unrouted_alert", [alert(), *routes[:2]], window=WINDOW) == [], (
        "a receiver that is not given is not known"
    )


FAILING = [cause(Role.PROXIMATE, "cart", cite(1))]


def silence(start: int, end: int, held: str) -> Event:
    return event(
        Kind.MESSAGE,
        AT + start * MINUTE,
        "silences",
        name="sam",
        text=f"silenced {held}: maintenance",
        until=AT + end * MINUTE,
    )


@pytest.mark.parametrize(
    ("start", "end", "held", "weak"),
    [
        (-60, 60, 'alertname="CartErrors", severity="critical"', True),
        (-60, 60, 'alertname="PayErrors"', False),
        (-60, -10, 'alertname="CartErrors"', False),
        (20, 60, 'alertname="CartErrors"', False),  # somebody silenced what had been heard
        (-60, 60, 'team=~"ca.*"', True),
        (-60, 60, 'region="eu"', False),
    ],
)
def test_a_silence_that_had_begun_before_the_alert(start: int, end: int, held: str, weak: bool) -> None:
    assert bool(found("inhibited_alert", [alert(), silence(start, end, held)], causes=FAILING, window=WINDOW)) is weak


@pytest.mark.parametrize(("cluster", "minute", "weak"), [("eu", 1, True), ("us", 1, False), ("eu", 30, False)])
def test_a_rule_by_which_another_alert_inhibits_it(cluster: str, minute: int, weak: bool) -> None:
    rule = policy("inhibit", "", "inhibit", source='severity="critical"', target='severity="warning"', equal="cluster")
    mine = alert(labels='{severity="warning",cluster="eu"}')
    other = alert("NodeDown", minute, f'{{severity="critical",cluster="{cluster}"}}')
    assert bool(found("inhibited_alert", [mine, other, rule], causes=FAILING, window=WINDOW)) is weak


@pytest.mark.parametrize(("crossed", "weak"), [(2, True), (18, False)])
def test_an_alert_that_fired_long_after_its_own_threshold_was_crossed(crossed: int, weak: bool) -> None:
    events = [
        event(
            Kind.ALERT, AT + 20 * MINUTE, "cart", name="Errors", metric="error_rate", threshold="0.1", observed="0.4"
        ),
        *(
            event(Kind.METRIC, AT + n * MINUTE, "cart", name="error_rate", value=0.4 if n >= crossed else 0.01)
            for n in range(-20, 40)
        ),
    ]
    assert bool(found("slow_alert", events, window=WINDOW)) is weak
    assert found("slow_alert", events[1:], window=WINDOW) == []


@pytest.mark.parametrize(("minute", "weak"), [(1, False), (9, True)])
def test_a_signal_without_a_rule_matters_where_nobody_noticed_soon(minute: int, weak: bool) -> None:
    rule = event(Kind.RULE, None, "cart", name="QueueGrows", text="queue_depth > 10")
    points = [point(PointName.DETECTED, AT + minute * MINUTE)]
    signals = [signal("cart", "latency_p99_ms", AT, cited=cite(1))]
    assert bool(found("unwatched_signal", [rule], signals=signals, points=points)) is weak


def owner(pattern: str, names: str) -> Event:
    return event(Kind.OWNER, None, pattern, name=names)


def member(name: str, state: str = "active", kind: str = "person") -> Event:
    return event(Kind.MEMBER, None, "acme", name=name, member=kind, state=state)


HERE = [member("nora"), member("sam"), member("ada", "left")]


@pytest.mark.parametrize(
    ("owners", "weak"),
    [
        ([owner("/cart/", "@ada"), owner("/pay/", "@sam")], True),
        ([owner("/cart/", "@sam"), owner("/pay/", "@nora")], False),
        ([owner("/cart/", "@ada"), owner("/cart/", "@sam")], False),  # the last entry decides
        ([owner("/cart/", "@acme/cart"), owner("/pay/", "@sam")], False),  # who is in a team is not known
        ([owner("/cart/", "@zoe"), owner("/pay/", "@yan")], False),  # the list is of another organisation
    ],
)
def test_an_owner_who_is_no_member_any_more(owners: list[Event], weak: bool) -> None:
    events = [event(Kind.CHANGE, AT, "cart", name="x"), *owners, *HERE]
    made = found("departed_owner", events, causes=[cause(Role.PROXIMATE, "cart", cite(1))])
    assert bool(made) is weak
    assert all("ada" not in one.says for one in made), "an entry is named, nobody is"


def test_a_host_that_nobody_builds_has_no_entry_to_lack() -> None:
    entries = [owner("/web/", "@web")]
    host = [event(Kind.METRIC, AT, "node", name="cpu", value=1.0), *entries]
    ours = [event(Kind.CHANGE, AT, "cart", name="d"), *entries]
    assert found("unowned_component", host, causes=[cause(Role.PROXIMATE, "node", cite(1))]) == []
    assert found("unowned_component", ours, causes=[cause(Role.PROXIMATE, "cart", cite(1))])


def refused(minute: int, who: str = "nora") -> Event:
    return event(Kind.CHECK, AT + minute * MINUTE, "cart", name="delete pods", check="access", state="denied", who=who)


@pytest.mark.parametrize(
    ("events", "weak"),
    [
        ([refused(5)], True),
        ([refused(-60), refused(5)], False),  # refused every day
        ([refused(-60, "bot"), refused(5)], True),
        (
            [
                event(
                    Kind.LOG, AT + 5 * MINUTE, "host", text="sudo: nora : user NOT in sudoers ; COMMAND=/bin/systemctl"
                )
            ],
            True,
        ),
        ([event(Kind.LOG, AT + 5 * MINUTE, "host", text="sudo: nora : COMMAND=/bin/systemctl")], False),
    ],
)
def test_somebody_whom_a_system_refused_while_it_lasted(events: list[Event], weak: bool) -> None:
    points = [point(PointName.DETECTED, AT), point(PointName.RESOLVED, AT + 50 * MINUTE)]
    made = found("refused_access", events, points=points, window=WINDOW)
    assert bool(made) is weak
    assert all("nora" not in one.says.split("“")[0] for one in made)


def store(name: str, values: list[float], *more: Event) -> list[Event]:
    return [
        *(event(Kind.METRIC, AT + n * MINUTE, "db", name=name, value=value) for n, value in enumerate(values)),
        *more,
    ]


FALLING = [100.0, 100.0, *(100.0 - 7 * n for n in range(1, 14)), 5.0]


@pytest.mark.parametrize(
    ("events", "weak"),
    [
        (store("FreeStorageSpace", FALLING), True),
        (store("disk_used_pct", [100 - one for one in FALLING]), True),
        (store("FreeStorageSpace", [100.0] * 8 + [4.0] * 8), False),  # at once: nobody could have seen it come
        (store("FreeStorageSpace", [100.0 - n for n in range(16)]), False),  # much is left
        (store("cpu_free_pct", FALLING), False),  # nothing that is used up
        (store("FreeStorageSpace", FALLING, event(Kind.ALERT, AT + 4 * MINUTE, "db", name="DiskFillsUp")), False),
        (store("FreeStorageSpace", FALLING, event(Kind.ALERT, AT + 15 * MINUTE, "db", name="DiskFull")), True),
    ],
)
def test_a_store_that_ran_out_steadily_without_a_word_in_time(events: list[Event], weak: bool) -> None:
    assert bool(found("foreseeable_exhaustion", events)) is weak
