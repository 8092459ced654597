"""What GitHub and Slack tell in several answers is told once."""

from __future__ import annotations

from dataclasses import replace

from afterword.core import joined
from afterword.model.event import Fact, Kind
from afterword.model.evidence import Citation, Place
from afterword.testing import event


def facts(*events: object) -> list[Fact]:
    return [Fact(one, Citation(f"E{i}", Place(0, 1))) for i, one in enumerate(events, 1)]  # type: ignore[arg-type]


def opened(name: str = "42", **more: str) -> object:
    return event(
        Kind.CHANGE, 100, "shop", name=name, text="Send in batches", change="deploy", commit="abc", who="nora", **more
    )


def status(at: int, state: str, name: str = "42") -> object:
    return event(Kind.CHANGE, at, "shop", name=name, text="done", change="deploy", state=state, who="bot")


def test_a_deployment_took_effect_when_its_status_says_so_and_keeps_its_commit() -> None:
    made = joined.changes(facts(opened(), status(300, "success"), status(200, "failure"), status(400, "success")))
    assert [(one.event.at, one.event.attributes["commit"], one.event.text, one.cite.evidence) for one in made] == [
        (300, "abc", "Send in batches", "E2")
    ]
    assert made[0].event.attributes["who"] == "bot"


def test_one_that_failed_is_told_as_failed() -> None:
    made = joined.changes(facts(status(200, "failure"), opened()))
    assert [(one.event.at, one.event.attributes["state"], one.event.attributes["commit"]) for one in made] == [
        (200, "failure", "abc")
    ]


def test_other_deployments_stay_as_they_are() -> None:
    """The control: a deployment without a status, a status without its deployment, two deploys of one name that both know their commit."""
    several = facts(opened("1"), status(5, "success", "2"), opened("3", state="success"), opened("3", state="success"))
    assert list(joined.changes(several)) == several


def test_a_run_gives_way_to_its_jobs() -> None:
    run = event(Kind.CHANGE, 9, "shop", name="7", change="deploy", commit="abc", state="success", workflow="Deploy")
    job = event(
        Kind.CHANGE, 8, "shop", name="7", change="deploy", commit="abc", state="success", job="deploy production"
    )
    assert [one.event.at for one in joined.changes(facts(run, job))] == [8]


def test_a_workflow_that_made_a_deployment_is_told_by_it() -> None:
    made = opened(state="success", environment="production")
    run, other, late = (
        event(Kind.CHANGE, at, "shop", name=name, change="deploy", commit=sha, state="success", workflow="CD")
        for at, name, sha in ((90, "7", "abc"), (90, "8", "def"), (10**13, "9", "abc"))
    )
    assert [one.event.name for one in joined.changes(facts(run, made, other, late))] == ["42", "8", "9"]


def test_a_message_that_stands_in_two_answers_is_one() -> None:
    first, other = (event(Kind.MESSAGE, at, "ops", name="U1", text="pool is dry") for at in (5, 6))
    undated = event(Kind.MESSAGE, None, "ops", name="U1", text="pool is dry")
    told = facts(first, first, other, undated, undated)
    assert [one.event.at for one in joined.messages(told)] == [5, 6, None, None]
    one_answer = [replace(one, cite=told[0].cite) for one in told]
    assert len(joined.messages(one_answer)) == 5
