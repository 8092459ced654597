"""What a message does, in the words that people type under pressure: plans, questions and denials are not deeds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core import chat
from afterword.model.timeline import MomentKind as K


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I'm on it", K.ACKNOWLEDGEMENT), ("I’m looking", K.ACKNOWLEDGEMENT), ("got the page, looking", K.ACKNOWLEDGEMENT), ("acked", K.ACKNOWLEDGEMENT),
        ("Declaring SEV2 for checkout", K.DECLARATION), ("opened an incident", K.DECLARATION),
        ("rolled back shop to v41", K.MITIGATION), ("flag is off now", K.MITIGATION), ("restarted the workers", K.MITIGATION),
        ("error rate is dropping", K.RECOVERY), ("all good now, closing later", K.RECOVERY), ("live-pricing is off.", K.MITIGATION), ("latency is back to normal", K.RECOVERY),
        ("all clear, standing down", K.RESOLUTION), ("this is resolved", K.RESOLUTION),
        ("found the bug: the new pool leaks", K.DIAGNOSIS), ("suspecting the deploy of 14:02", K.DIAGNOSIS),
        ("paging the database team", K.ESCALATION), ("@lee can you join?", K.ESCALATION),
        ("customers can't check out", K.SYMPTOM), ("seeing 503 errors from the shop", K.SYMPTOM), ("FIRING HighErrorRate service=checkout", K.SYMPTOM),
        ("posted an update on the status page: we rolled back", K.COMMUNICATION), ("good morning", K.COMMUNICATION), ("", K.COMMUNICATION),
    ],
)  # fmt: skip
def test_what_a_message_is(text: str, kind: K) -> None:
    assert chat.kind_of(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "should we roll back?", "can someone roll it back", "let's roll back", "going to revert it in five minutes", "we will restart it",
        "not rolled back yet", "has it recovered?", "is this resolved?", "we haven't recovered", "it hasn’t recovered at all", "didn't roll back",
        "maybe we declare an incident?", "the rollback did nothing, it was the CDN",
    ],
)  # fmt: skip
def test_what_is_asked_planned_or_denied_has_not_happened(text: str) -> None:
    assert chat.kind_of(text) not in chat.POINTS or chat.kind_of(text) is K.ACKNOWLEDGEMENT


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("root cause is the deploy", True), ("found it: the pool", True), ("it's the new flag", True),
        ("is it the deploy?", False), ("the deploy is not the cause", False), ("identified? not yet, ruled out the flag", False),
        ("payment p95 is 900ms so that would do it", True), ("Oh: I turned `live-pricing` on for the trial", True), ("oh, that is slow", False),
        ("looking", False), ("it isn’t the cause, found it unrelated", False),
    ],
)  # fmt: skip
def test_when_the_cause_is_known(text: str, *, found: bool) -> None:
    assert chat.finds_cause(text) is found


@pytest.mark.parametrize(("text", "said"), [("This is SEV-2", "SEV2"), ("sev 1 now", "SEV1"), ("a P1 incident", "P1"), ("severe", ""), ("p99 is up", "")])  # fmt: skip
def test_a_severity_is_read_where_one_is_stated(text: str, said: str) -> None:
    assert chat.severity(text) == said


@pytest.mark.parametrize(
    ("text", "point"),
    [("error rate is dropping", None), ("latency is recovering", None), ("recovered", "recovered"), ("all good now", "recovered"), ("that explains why", "identified")],
)  # fmt: skip
def test_what_only_gets_better_has_not_recovered(text: str, point: str | None) -> None:
    assert chat.point_of(text) == point


def test_the_status_page_of_somebody_else_is_no_message_to_customers() -> None:
    assert chat.informs_customers("Status page: orders fail")
    assert not chat.informs_customers("the provider had an outage, per their status page")


def test_ruling_out_and_informing() -> None:
    assert chat.rules_out("database looks fine")
    assert chat.rules_out("the cache was a red herring")
    assert not chat.rules_out("the database is slow")
    assert chat.informs_customers("notified customers by mail")
    assert not chat.informs_customers("customers are angry")


@given(st.text(max_size=300))
def test_any_message_is_of_some_kind(text: str) -> None:
    assert chat.kind_of(text) in K
    assert isinstance(chat.severity(text), str)


@pytest.mark.parametrize("piece", ["not ", "roll back ", "seeing errors ", "it's the ", "sev2 ", "a", "? "])
def test_a_hostile_message_costs_what_is_looked_at_and_no_more(piece: str) -> None:
    chat.kind_of(piece * 200_000)
    chat.finds_cause(piece * 200_000)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I deployed inventory f43dc39 before the first errors. I think that is it.", True),
        ("that is it for today, thanks all", False),
        ("that is not it", False),
        ("you think that is it?", False),
    ],
)
def test_that_is_it_names_the_cause(text: str, found: bool) -> None:
    assert chat.finds_cause(text) is found


def test_who_is_told_by_name_in_an_order() -> None:
    assert chat.handed_to("Decision: roll it back. <@U2> please do it now.") == ("<@U2>",)
    assert chat.handed_to("<@U2> rolled it back") == ()
    assert chat.handed_to("Decision: roll it back.") == ()
