"""The graph in words: evidence for each link, rules that keep consequences quiet, and its written forms."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml
from alert_world import alerts, learnt

from afterword.core.alert.graph import Told, graph
from afterword.core.alert.history import SECOND, Alert, history
from afterword.core.alert.told import fired
from afterword.core.alert.written import dot, inhibit_rules, mermaid
from afterword.model.event import Event, Fact, Kind
from afterword.model.evidence import Citation, Place

if TYPE_CHECKING:
    from afterword.model.alert import AlertGraph


@pytest.fixture(scope="module")
def found() -> AlertGraph:
    told = alerts()
    cites = [Citation("E1", Place(n, n + 1, n + 1, n + 1)) for n in range(len(told))]
    labels = [{"instance": one.component, "team": "shop", "n": str(n)} for n, one in enumerate(told)]
    return graph(learnt(told), Told(cites, labels))


def test_a_link_says_what_speaks_for_it(found: AlertGraph) -> None:
    """Every second consequence follows within 21 s (half-life of a mean of 30 s), most of them while the cause fires."""
    link = next(one for one in found.links if one.cause == "DiskFull")
    assert (link.effect, link.given) == ("DbStalls", False)
    assert link.confidence > 0.99
    assert link.direction > 0.99
    assert link.strength == pytest.approx(0.7, abs=0.1)
    assert link.delay == pytest.approx(21, abs=6)
    assert link.delay_low < link.delay < link.delay_high <= found.window
    assert link.pairs > 20 * link.chance
    assert link.same_component > 0.95
    assert link.while_firing is not None
    assert link.while_firing > 0.95
    assert len(link.cites) == 6


def test_kinds_stand_above_what_leads_to_them(found: AlertGraph) -> None:
    level = {one.name: one.level for one in found.kinds}
    assert [level[name] for name in ("DiskFull", "DbStalls", "ShopTimesOut", "QueueGrows", "Unrelated")] == [
        0,
        1,
        2,
        3,
        0,
    ]
    led = {one.name: one.led_to for one in found.kinds}
    assert led["DiskFull"] == 0
    assert led["DbStalls"] > 0.9


def test_a_rule_hides_what_is_on_the_same_component_only(found: AlertGraph) -> None:
    """The shop is beside the database, not on it: no label says so, and no rule may hide its alerts."""
    assert {(one.source, one.target) for one in found.inhibit} == {
        ("DiskFull", "DbStalls"),
        ("ShopTimesOut", "QueueGrows"),
    }
    rule = found.inhibit[0]
    assert rule.equal == ("instance",)
    assert 0 <= rule.in_vain < 0.1 * rule.hides <= 0.1 * rule.of


def test_no_rule_hides_what_is_no_consequence() -> None:
    """The control: databases stall without a full disk too, and a full disk is left for days: it would hide those as well."""
    short, long = (graph(learnt(alerts(also="DbStalls", firing=firing))) for firing in (600, 5 * 86400))
    assert ("DiskFull", "DbStalls") in {(one.source, one.target) for one in short.inhibit}
    assert ("DiskFull", "DbStalls") in {(one.cause, one.effect) for one in long.links}
    assert ("DiskFull", "DbStalls") not in {(one.source, one.target) for one in long.inhibit}


def test_rules_are_yaml_that_alertmanager_takes(found: AlertGraph) -> None:
    rules = yaml.safe_load(inhibit_rules(found))["inhibit_rules"]
    assert rules[0] == {
        "source_matchers": [f'alertname="{found.inhibit[0].source}"'],
        "target_matchers": [f'alertname="{found.inhibit[0].target}"'],
        "equal": ["instance"],
    }
    nameless = replace(found, inhibit=tuple(replace(one, equal=()) for one in found.inhibit))
    assert yaml.safe_load(inhibit_rules(nameless)) == {"inhibit_rules": []}


def test_written_forms_hold_every_link_and_no_live_text(found: AlertGraph) -> None:
    evil = 'a"];b -> c["<script>\n'
    links = (replace(found.links[0], cause=evil), *found.links[1:])
    kinds = (*found.kinds, replace(found.kinds[0], name=evil))
    hostile = replace(found, links=links, kinds=kinds)
    assert dot(hostile).count(" -> a") == len(links)
    assert '\\"];b' in dot(hostile)
    assert mermaid(hostile).count("-->|") == len(links)
    assert "<script" not in mermaid(hostile)
    rule = replace(found.inhibit[0], source=evil)
    written = yaml.safe_load(inhibit_rules(replace(found, inhibit=(rule,))))
    assert json.loads(written["inhibit_rules"][0]["source_matchers"][0].partition("=")[2]) == evil


def test_a_graph_of_nothing() -> None:
    empty = graph(learnt([]))
    assert (empty.links, empty.span, empty.alerts) == ((), None, 0)
    assert yaml.safe_load(inhibit_rules(empty)) == {"inhibit_rules": []}


def fact(line: int, name: str, at: int | None, **said: object) -> Fact:
    until = said.pop("until", None)
    event = Event(Kind.ALERT, Place(line, line + 1, line, line), at, "db-1", name, until=until, attributes=said)  # type: ignore[arg-type]
    return Fact(event, Citation("E1", event.place))


def test_an_alert_is_told_once_and_ends_when_its_end_is_told() -> None:
    """It fires, is sent again, resolves (with its start, as Alertmanager sends it); another resolves in a message of its own."""
    told, behind = fired(
        [
            fact(1, "A", 10), fact(2, "A", 10, state="resolved", until=50), fact(3, "B", 20), fact(4, "B", 90, state="resolved"),
            fact(5, "C", 30, state="pending"), fact(6, "D", None), fact(7, "A", 70),
        ]
    )  # fmt: skip
    assert told == [Alert("A", "db-1", 10, 50), Alert("B", "db-1", 20, 90), Alert("A", "db-1", 70)]
    assert [one.event.place.first for one in behind] == [1, 3, 7]


def test_the_tick_of_a_clock_is_found() -> None:
    assert history([Alert("a", "x", n * 60 * SECOND) for n in (1, 4, 9)]).tick == 60
    assert history([]).tick == 1
    assert history([Alert("a", "x", 7)]).tick == 1
