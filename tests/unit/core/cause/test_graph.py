"""The graph: impact, what failed, what set it off, what was ruled out; every link graded by what the evidence shows."""

from __future__ import annotations

import pool
import pytest

from afterword.core import analyse
from afterword.core.cause import graph
from afterword.model.cause import Explanation, Grade, LinkKind, Role, Verdict
from afterword.model.event import Event, Kind
from afterword.testing import case_from, event


def explained(events: list[Event]) -> Explanation:
    return analyse.analyse(case_from(events)).explanation


EVENTS = pool.events()
WHOLE = explained(EVENTS)


def role(of: Explanation, *roles: Role) -> list[str]:
    return [one.ref or one.component for one in of.causes if one.role in roles]


def test_the_story_is_told_with_its_parts() -> None:
    assert role(WHOLE, Role.IMPACT) == ["web"]
    assert role(WHOLE, Role.PROXIMATE) == ["shop"]
    assert role(WHOLE, Role.TRIGGER) == ["bbbb2222"]
    assert set(role(WHOLE, Role.RULED_OUT)) >= {"aaaa1111"}
    assert (WHOLE.verdict, WHOLE.would_decide) == (Verdict.EXPLAINED, ())
    assert not WHOLE.none_of_the_changes


def test_undoing_it_undid_it() -> None:
    (link,) = [one for one in WHOLE.links if one.kind is LinkKind.TRIGGERS]
    assert link.grade is Grade.INTERVENTION
    assert link.tests
    assert link.cites
    without = [one for one in EVENTS if "rollback" not in one.text and one.text != "rolled it back"]
    (weaker,) = [one for one in explained(without).links if one.kind is LinkKind.TRIGGERS]
    assert weaker.grade is Grade.MECHANISM


def test_links_join_causes_of_the_graph_and_lead_to_the_impact() -> None:
    known = {one.id for one in WHOLE.causes}
    assert all({one.cause, one.effect} <= known for one in WHOLE.links)
    reached = {WHOLE.top}
    while more := {one.cause for one in WHOLE.links if one.effect in reached} - reached:
        reached |= more
    told = {one.id for one in WHOLE.causes if one.role in (Role.TRIGGER, Role.PROXIMATE)}
    assert told <= reached


def test_nothing_above_the_evidence_is_called_a_cause() -> None:
    for one in WHOLE.causes:
        if one.role in (Role.TRIGGER, Role.PROXIMATE):
            assert one.grade >= Grade.MECHANISM
            assert one.cites


def test_without_a_record_of_changes_it_is_inconclusive_and_says_what_would_decide() -> None:
    bare = explained([one for one in EVENTS if one.kind is not Kind.CHANGE])
    assert bare.verdict is Verdict.INCONCLUSIVE
    assert role(bare, Role.TRIGGER) == []
    assert any("a record of deploys" in one for one in bare.would_decide)
    assert not bare.none_of_the_changes, "none was looked at"


def test_changes_that_nothing_speaks_against_are_suspected_and_not_convicted() -> None:
    """Only the harmless deploy half an hour before, without its diff, and the rollback."""
    innocent = [one for one in EVENTS if one.name not in ("bbbb2222", "dep-1")]
    none = explained(innocent)
    assert none.none_of_the_changes
    assert role(none, Role.TRIGGER) == []
    (one,) = [one for one in none.causes if one.ref == "aaaa1111"]
    assert (one.role, one.grade < Grade.MECHANISM) == (Role.CONTRIBUTING, True)
    assert "suspected, not proved" in one.statement
    assert "cccc3333" in role(none, Role.RULED_OUT)


def test_a_change_after_the_start_is_no_cause_of_it() -> None:
    late = event(Kind.CHANGE, pool.minute(50), "shop", name="late0000", text="tidy", change="deploy", diff=pool.DIFF, files="shop/orders.py")  # fmt: skip
    assert "late0000" not in role(explained([*EVENTS, late]), Role.TRIGGER, Role.CONTRIBUTING)


def test_ids_survive_evidence_that_comes_later() -> None:
    """A judgement of a person is kept under the id of its cause."""
    more = explained([*EVENTS, event(Kind.MESSAGE, pool.minute(70), "inc", name="kim", text="thanks all")])
    assert [one.id for one in more.causes] == [one.id for one in WHOLE.causes]


@pytest.mark.parametrize(
    ("text", "indicators", "category", "defect"),
    [
        ("QueuePool limit: could not get a connection", [], "capacity", "exhausted"),
        ("write /data: no space left on device", [], "storage", "exhausted"),
        ("container OOMKilled", [], "compute", "exhausted"),
        ("panic: nil pointer dereference", [], "code", "unhandled error"),
        ("fatal error: concurrent map writes", [], "code", "racing"),
        ("missing required field 'price'", [], "data/schema", "incompatible"),
        ("x509: certificate has expired", [], "certificate/secret/identity", "stale/expired"),
        ("401 unauthorized", [], "certificate/secret/identity", "incorrect"),
        ("connection refused", [], "network", "unhandled error"),
        ("context deadline exceeded", [], "dependency", "unhandled error"),
        ("", ["db_pool_in_use"], "capacity", "exhausted"),
        ("", ["disk_free"], "storage", "exhausted"),
        ("", ["cpu"], "compute", "contended"),
        ("it is raining", ["weather"], "", ""),
    ],
)
def test_object_and_defect_by_what_a_component_says_and_measures(
    text: str, indicators: list[str], category: str, defect: str
) -> None:
    assert graph.categorise(text, indicators) == (category, defect)


def test_signals_of_what_calls_the_failing_ones_are_concerned_and_the_rest_is_not() -> None:
    mail = pool.metric("mail", "queue_length", pool.sick(3, 60, 50, 70))
    case = case_from([*EVENTS, *mail])
    _, signals = pool.found(case)
    told = {one.component for one in graph.concerned(pool.ranking(case), signals)}
    assert {"shop", "db", "web"} <= told


@pytest.mark.parametrize(
    ("edge", "says"),
    [
        (["checkout", "db"], "Users of checkout met"),
        (["db"], "Users met"),
        (["system"], "Users met"),
        (["checkout", "gateway"], "Users of checkout and gateway met"),
        (["sqlite-viewer", "dbt"], "Users of sqlite-viewer and dbt met"),
    ],
)
def test_a_store_and_what_has_no_name_have_no_users_of_their_own(edge: list[str], says: str) -> None:
    assert f"Users{graph.users_of(edge)} met" == says
