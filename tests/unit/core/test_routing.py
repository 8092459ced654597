"""Where an alert goes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from afterword.core import routing
from afterword.core.routing import Matcher, matchers
from afterword.model.event import Fact, Kind
from afterword.testing import cite, event


def route(path: str, receiver: str, wanted: str = "", **said: str) -> Fact:
    return Fact(
        event(Kind.POLICY, None, receiver, name=path, policy="route", path=path, matchers=wanted, **said), cite(1)
    )


def test_matchers_are_read_as_people_write_them() -> None:
    assert matchers('team="pay"\nseverity=~"a|b", env!=prod') == (
        Matcher("team", "=", "pay"), Matcher("severity", "=~", "a|b"), Matcher("env", "!=", "prod"),
    )  # fmt: skip
    assert matchers('{quote="say \\"hi\\""}') == (Matcher("quote", "=", 'say "hi"'),)
    assert matchers("what is this") is None
    assert matchers("") == ()


def test_a_label_that_is_not_known_leaves_it_open_and_one_that_is_not_there_is_empty() -> None:
    one = Matcher("team", "=", "pay")
    assert one.holds({}, whole=False) is None
    assert one.holds({}, whole=True) is False
    assert Matcher("team", "!=", "pay").holds({}, whole=True) is True
    assert Matcher("team", "=~", "(").holds({"team": "x"}, whole=True) is None, "no pattern"
    assert routing.all_hold((one, Matcher("a", "=", "b")), {"a": "c"}, whole=False) is False, (
        "one that does not hold decides"
    )


def test_the_tree_is_walked_first_come_first_served_unless_it_goes_on() -> None:
    routes = [route("0", "all"), route("0.0", "pay", 'team="pay"', **{"continue": "true"}), route("0.1", "page", 'severity="page"'), route("0.1.0", "night", 'env="eu"')]  # fmt: skip

    def ends(labels: str) -> list[str] | None:
        found = routing.receivers(routes, event(Kind.ALERT, 1, "cart", name="A", labels=labels))
        return None if found is None else [one.event.subject for one in found]

    assert ends('{team="pay",severity="page",env="us"}') == ["pay", "page"]
    assert ends('{team="pay",severity="low"}') == ["pay"]
    assert ends('{severity="page",env="eu"}') == ["night"]
    assert ends('{severity="low"}') == ["all"]
    assert ends("") is None
    assert routing.receivers(routes[1:], event(Kind.ALERT, 1, "cart", labels='{a="b"}')) is None, "no root, no way"


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader_of_matchers(text: str) -> None:
    made = matchers(text)
    assert made is None or all(one.name for one in made)
