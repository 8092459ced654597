"""Forms: they change the records through the desk, keep what was typed, and say everything that is wrong at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import stage
from starlette.testclient import TestClient

from afterword.app import desk
from afterword.app.workspace import Scope
from afterword.faces.web.form import MOST_FIELDS, Filled, arguments, parse
from afterword.model.refusal import InvalidError, RefusalError

if TYPE_CHECKING:
    from pathlib import Path

    from afterword.app.workspace import Workspace


def post(client: TestClient, path: str, **given: Any) -> Any:
    return client.post(path, **stage.fields(**given))


def test_accepting_an_action_changes_the_record_and_the_journal_names_the_face(
    ws: Workspace, client: TestClient
) -> None:
    done = post(client, "/incidents/inc-1/actions/A-1/accept", owner="tom", due="2026-04-01", priority="P0")
    assert (done.status_code, done.headers["location"]) == (
        303,
        "/incidents/inc-1/actions?done=action.accept&on=A-1#A-1",
    )
    item = desk.ask(ws.for_caller("cli"), "action.show", {"action": "A-1"})
    assert (item.state, item.owner, item.due, item.priority) == ("accepted", "tom", "2026-04-01", "P0")
    lines = ws.records.journal("action", "A-1")[-2:]
    assert [(line.face, line.operation, line.actor) for line in lines] == [
        ("web", "action.edit", "maria"), ("web", "action.accept", "maria"),
    ]  # fmt: skip


def test_the_page_of_all_actions_keeps_its_filters(client: TestClient) -> None:
    done = post(client, "/actions/A-2/move?state=accepted&done=x", state="in progress")
    assert done.headers["location"] == "/actions?state=accepted&done=action.move&on=A-2#A-2"


def test_a_refused_form_comes_back_as_it_was_typed(client: TestClient) -> None:
    """Two things are wrong: the title is missing, and it answers something that is not there."""
    back = post(client, "/incidents/inc-1/actions", title="", done_when="<b>it is red</b>", answers="c9", owner="tom")
    assert back.status_code == 422
    assert "&lt;b&gt;it is red&lt;/b&gt;" in back.text
    assert 'value="tom"' in back.text
    assert back.text.count('role="alert"') >= 1
    assert "title" in back.text


def test_every_reason_stands_at_its_field() -> None:
    error = InvalidError("x", ("owner: is missing", "due: no date", "due: twice", "something else"))
    form = Filled.refused("accept-A-1", {"owner": [""]}, error)
    assert form.wrong("accept-A-1", "due") == ("no date", "twice")
    assert form.wrong("accept-A-2", "due") == ()
    assert form.others("accept-A-1", ("due",)) == "something else owner: is missing"
    assert form.value("accept-A-2", "owner", "kept") == "kept"
    assert Filled.refused("x", {}, RefusalError("no")).message == "no"


def test_declining_needs_a_reason_and_a_risk_is_signed(ws: Workspace, client: TestClient) -> None:
    assert post(client, "/incidents/inc-1/actions/A-1/decline", reason="").status_code == 409
    assert post(client, "/incidents/inc-1/actions/A-1/decline", reason="off in May", risk="true").status_code == 303
    item = desk.ask(ws.for_caller("cli"), "action.show", {"action": "A-1"})
    assert (item.state, item.by, item.reason) == ("accepted risk", "maria", "off in May")


def test_an_item_is_moved_and_verified_with_proof_one_a_line(ws: Workspace, client: TestClient) -> None:
    for state in ("in progress", "implemented"):
        assert post(client, "/actions/A-2/move", state=state).status_code == 303
    assert post(client, "/actions/A-2/verify", proof="").status_code == 422
    assert post(client, "/actions/A-2/verify", proof="E1:7\r\nhttps://ci.example/1").status_code == 303
    assert desk.ask(ws.for_caller("cli"), "action.show", {"action": "A-2"}).proof[-2:] == (
        "E1:7",
        "https://ci.example/1",
    )


def test_a_wrong_step_is_refused_in_words(client: TestClient) -> None:
    back = post(client, "/actions/A-1/move", state="implemented")
    assert back.status_code == 409
    assert "cannot become implemented" in back.text
    assert post(client, "/actions/A-1/explode", state="x").status_code == 404
    assert post(client, "/actions/A-77/move", state="implemented").status_code == 404


def test_editing_keeps_what_is_not_changed(ws: Workspace, client: TestClient) -> None:
    shown = desk.ask(ws.for_caller("cli"), "action.show", {"action": "A-2"})
    post(client, "/actions/A-2/edit", title="Limit the pool", done_when=shown.done_when, owner="", due=shown.due)
    assert desk.ask(ws.for_caller("cli"), "action.show", {"action": "A-2"}) == shown
    done = post(
        client, "/actions/A-2/edit", title="Limit the pool", done_when="x", owner="ann", due="2026-05-01", ticket=""
    )
    assert done.status_code == 303
    changed = desk.ask(ws.for_caller("cli"), "action.show", {"action": "A-2"})
    assert (changed.title, changed.owner, changed.ticket) == ("Limit the pool", "ann", "")


def test_a_person_judges_a_cause(ws: Workspace, client: TestClient) -> None:
    path = "/incidents/inc-1/causes/c1"
    assert post(client, path, verdict="reject", reason="").status_code == 409
    assert post(client, path, verdict="maybe", reason="x").status_code == 422
    assert post(client, path, verdict="reject", reason="it was full before").status_code == 303
    assert "rejected by maria" in client.get("/incidents/inc-1/causes").text
    assert ws.records.journal("incident")[-1].face == "web"


def test_a_person_states_a_point_and_takes_it_back(client: TestClient) -> None:
    path = "/incidents/inc-1/points"
    assert post(client, path, point="detected", at="next tuesday").status_code == 422
    done = post(client, path, point="detected", at="2026-03-14T10:20:00+01:00", note="a call")
    assert done.status_code == 303
    assert "stated by maria" in client.get("/incidents/inc-1").text
    assert post(client, path, point="detected", at="").status_code == 303
    assert "stated by maria" not in client.get("/incidents/inc-1").text


def test_evidence_is_dropped_only_with_a_reason(client: TestClient) -> None:
    path = "/incidents/inc-1/evidence/E1/drop"
    assert post(client, path, reason=" ").status_code == 409
    assert post(client, path, reason="names of customers").status_code == 303
    assert "bytes dropped: names of customers" in client.get("/incidents/inc-1/evidence").text
    assert client.get("/incidents/inc-1/evidence?cite=E1:7").status_code == 404


def test_a_caller_who_may_only_look_is_told_so(tmp_path: Path) -> None:
    stage.workspace(tmp_path)
    looking = stage.filled.workspace(tmp_path / ".web", face="web", may=frozenset({Scope.READ}))
    client = TestClient(stage.application(looking), base_url="http://127.0.0.1:8710")
    back = post(client, "/actions/A-1/accept", owner="eve")
    assert back.status_code == 403
    assert "may only look" in back.text or "needs a person" in back.text
    assert desk.ask(looking, "action.show", {"action": "A-1"}).state == "proposed"


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
def test_a_page_of_somebody_else_cannot_send_our_forms(ws: Workspace, client: TestClient, origin: str) -> None:
    back = client.post("/actions/A-1/accept", data={"owner": "eve"}, headers={"Origin": origin})
    assert back.status_code == 403
    assert desk.ask(ws.for_caller("cli"), "action.show", {"action": "A-1"}).owner == ""


def test_what_is_no_form_is_refused(client: TestClient) -> None:
    ours = {"Origin": "http://127.0.0.1:8710"}
    assert client.post("/actions/A-1/accept", json={"owner": "x"}, headers=ours).status_code == 422
    assert post(client, "/actions/A-1/accept", owner="x" * 300_000).status_code == 422
    assert post(client, "/actions/A-1/accept", owner="x", colour="red").status_code == 422
    assert post(client, "/actions/A-1/accept", owner=["a", "b"]).status_code == 422


def test_fields_are_read_strictly() -> None:
    assert parse(b"a=1&a=2&b=x%0D%0Ay&c=") == {"a": ["1", "2"], "b": ["x\ny"], "c": [""]}
    for body in (b"a=%ff", b"\xff", b"&".join([b"a=1"] * (MOST_FIELDS + 1))):
        with pytest.raises(InvalidError):
            parse(body)
    assert arguments({"a": [""], "b": [" x "], "c": [""]}, ("c",)) == {"b": [" x "], "c": [""]}


def test_an_incident_is_closed_only_when_nothing_of_it_is_open(client: TestClient) -> None:
    """A signal is still outside of its range, and an action is undecided."""
    back = post(client, "/incidents/inc-1/close", note="done with it")
    assert back.status_code == 409
    assert "done with it" in back.text
    assert '<details class="act" open><summary>Close the incident' in back.text


def test_the_argument_is_asked_answered_and_added_to(client: TestClient) -> None:
    """A responder adds what the machine did not see, answers a question, thinks better of it and withdraws."""
    page = "/incidents/inc-1/argument"
    typed = {"place": "new", "effect": "c1", "statement": "no test fills the pool", "kind": "defence", "held": "absent"}
    assert post(client, f"{page}/causes", **{**typed, "statement": " "}).status_code == 422
    assert post(client, f"{page}/causes", **typed).status_code == 303
    shown = client.get(page).text
    assert "no test fills the pool" in shown
    said = {"rule": "C35", "about": "graph", "says": "no", "text": "nothing else changed", "role": "owner"}
    assert post(client, f"{page}/answers", **said).status_code == 303
    assert "nothing else changed" in client.get(page).text
    assert post(client, "/incidents/inc-1/edits/g1", reason="").status_code >= 400
    assert post(client, "/incidents/inc-1/edits/g1", reason="there is one").status_code == 303
    assert "Withdrawn by maria" in client.get(page).text
