"""The pages as the server sends them: what they show, how they refuse, and how fast they open."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import filled
import pytest
import stage
from starlette.testclient import TestClient

from afterword.app import desk
from afterword.faces.web import document as document_page
from afterword.faces.web import timeline as timeline_page

if TYPE_CHECKING:
    from pathlib import Path

    from afterword.app.workspace import Workspace


@pytest.mark.parametrize("path", stage.pages())
def test_every_page_opens_and_says_what_it_is(client: TestClient, path: str) -> None:
    got = client.get(path)
    assert got.status_code == (404 if path.startswith("/nowhere") else 200), got.text
    assert got.headers["content-type"].startswith("text/html")
    assert got.headers["cache-control"] == "no-store"
    if "fragment" not in path:
        assert len(re.findall("<h1", got.text)) == 1
        assert len(re.findall('<main id="main"', got.text)) == 1
        assert '<html lang="en">' in got.text


def test_an_empty_workspace_says_what_to_type(tmp_path: Path) -> None:
    empty = filled.workspace(tmp_path / ".afterword", face="web")
    client = TestClient(stage.application(empty), base_url="http://127.0.0.1:8710")
    text = client.get("/").text
    assert "afterword analyze FOLDER" in text
    assert "afterword demo" in text
    for path in ("/actions", "/trends", "/journal"):
        assert client.get(path).status_code == 200
    assert not (tmp_path / ".afterword").exists()


def test_the_list_shows_durations_with_their_endpoints(client: TestClient) -> None:
    text = client.get("/").text
    assert "started → detected" in text
    assert "started → mitigation effective" in text
    assert "4 min" in text
    assert "1 overdue" in text
    assert "not over" in text


def test_a_filter_works_without_scripts(client: TestClient) -> None:
    assert "inc-1" in client.get("/", params={"q": "SCRIPT"}).text
    nothing = client.get("/", params={"q": "no such words"}).text
    assert "No incident holds" in nothing
    assert 'href="/incidents/inc-1"' not in nothing


def test_moments_are_filtered_by_kind_words_and_component(client: TestClient) -> None:
    def shown(**query: object) -> set[str]:
        text = client.get("/incidents/inc-1/timeline", params=query).text  # type: ignore[arg-type]
        return set(re.findall(r'<li id="(m\d+)"', text))

    assert len(shown()) == 15
    assert len(shown(kind=["gap", "alert"])) == 2
    assert len(shown(q="recovery")) == 1
    assert shown(component="nobody") == set()
    assert len(shown(kind="no kind")) == 15


def test_a_gap_is_a_bar_of_its_length(client: TestClient) -> None:
    text = client.get("/incidents/inc-1/timeline").text
    assert "is-gap" in text
    assert re.search(r'<rect class="gap-bar" x="[\d.]+" y="[\d.]+" width="[\d.]+"', text)


def test_a_citation_opens_the_very_line_in_its_place(client: TestClient) -> None:
    """The seventh line of the log is cited; three lines around it are shown, and it alone is marked."""
    assert 'href="/incidents/inc-1/evidence?cite=E1%3A7"' in client.get("/incidents/inc-1/timeline").text
    page = client.get("/incidents/inc-1/evidence", params={"cite": "E1:7"}).text
    assert re.findall(r'<th scope="row">(\d+)</th>', page) == [str(n) for n in range(4, 11)]
    assert re.findall(r'<tr class="cited"><th scope="row">(\d+)', page) == ["7"]
    wider = client.get("/incidents/inc-1/evidence", params={"cite": "E1:7", "context": "15"}).text
    assert len(re.findall(r'<tr[^>]*><th scope="row">\d+</th>', wider)) == 22
    fragment = client.get("/incidents/inc-1/evidence", params={"cite": "E1:7", "fragment": "1"}).text
    assert "<html" not in fragment


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/incidents/inc-9", 404),
        ("/incidents/inc-9/timeline", 404),
        ("/incidents/inc-1/evidence?cite=E9:1", 404),
        ("/incidents/inc-1/evidence?cite=E1:4000", 404),
        ("/incidents/inc-1/evidence?cite=nonsense", 422),
        ("/incidents/inc-1/document/docx", 404),
        ("/incidents/inc-1/document/bundle", 404),
        ("/incidents/inc-1/pictures/none.svg", 404),
        ("/static/none.css", 404),
        ("/incidents/..%2f..%2fetc/timeline", 404),
    ],
)
def test_refusals_are_pages_with_a_sentence(client: TestClient, path: str, status: int) -> None:
    got = client.get(path)
    assert got.status_code == status, got.text
    assert "Traceback" not in got.text
    assert len(got.text) > 10


def test_programs_get_their_own_answers(client: TestClient) -> None:
    assert client.get("/api/v1/nowhere").json()["code"] == "not-found"
    assert client.get("/api/v1/incidents/inc-9").json()["code"] == "not-found"


def test_a_fault_is_a_sentence(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(desk, "ask", break_down)
    got = client.get("/actions")
    assert got.status_code == 500
    assert "fault of afterword" in got.text
    assert "secret" not in got.text
    assert "Traceback" not in got.text


def test_the_message_after_a_form_comes_from_a_closed_list(client: TestClient) -> None:
    assert "A-1 was accepted." in client.get("/actions?done=action.accept&on=A-1").text
    forged = client.get("/actions", params={"done": "Call 555 now", "on": "Call 555 now!"}).text
    assert 'class="flash"' not in forged
    assert "Call 555" not in client.get("/actions", params={"done": "action.accept", "on": "Call 555 <now>!"}).text


def test_the_document_alone_cannot_run_anything(client: TestClient) -> None:
    got = client.get("/incidents/inc-1/document/html?look=1")
    assert got.status_code == 200
    assert got.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert got.headers["content-disposition"].startswith("inline")
    saved = client.get("/incidents/inc-1/document/markdown")
    assert saved.headers["content-disposition"] == 'attachment; filename="inc-1.md"'
    picture = client.get("/incidents/inc-1/pictures/timeline.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.headers["content-security-policy"].startswith("sandbox")


def test_the_document_comes_as_pages(client: TestClient) -> None:
    pytest.importorskip("typst", reason="pages are set by Typst: pip install 'afterword[pdf]'")
    got = client.get("/incidents/inc-1/document/pdf")
    assert got.status_code == 200
    assert got.headers["content-type"] == "application/pdf"
    assert got.content.startswith(b"%PDF-")
    assert 'href="/incidents/inc-1/document/pdf"' in client.get("/incidents/inc-1/document").text


def test_citations_in_a_table_of_the_document_are_links() -> None:
    row = [[{"text": "a", "claim": "k1"}], [{"text": "b"}]]
    assert document_page._row_cites(row, {"k1": ["E1:7"]}) == ["E1:7"]
    assert document_page._row_cites([*row, [{"text": "E1:7"}]], {"k1": ["E1:7"]}) == []


def test_the_address_of_a_form_leads_to_its_page(client: TestClient) -> None:
    assert client.get("/actions/A-1/accept").headers["location"] == "/actions"
    assert client.get("/incidents/inc-1/verify").headers["location"] == "/incidents/inc-1/document"
    assert "location" not in client.get("/incidents/%2F%2Fevil.example/verify").headers


# ------------------------------------------------------------------------------------------------ many moments


def test_an_incident_of_five_thousand_moments_opens_in_two_seconds(ws: Workspace, client: TestClient) -> None:
    stage.crowd(ws, 5000)
    for path in ("", "/timeline", "/timeline?all=1&page=3", "/causes", "/actions"):
        # Of this process alone: the machine may be busy with others.
        started = time.process_time()
        got = client.get(f"/incidents/inc-2{path}")
        took = time.process_time() - started
        assert got.status_code == 200
        assert took < 2, (path, took)


def test_what_is_folded_is_counted_and_can_be_reached(ws: Workspace, client: TestClient) -> None:
    """600 moments: 250 are shown, the folds between them hold the other 350, and each can still be linked to."""
    stage.crowd(ws, 600)
    text = client.get("/incidents/inc-2/timeline").text
    assert len(re.findall(r'<li id="x\d+"', text)) == timeline_page.SHOWN
    assert sum(map(int, re.findall(r">(\d+) lesser moment", text))) == 350
    gone = next(n for n in range(600) if f'id="x{n}"' not in text)
    assert f'id="x{gone}"' in client.get(f"/incidents/inc-2/timeline?moment=x{gone}").text
    pages = [client.get(f"/incidents/inc-2/timeline?all=1&page={n}").text for n in (1, 2)]
    assert [len(re.findall(r'<li id="x\d+"', page)) for page in pages] == [500, 100]


def test_a_picture_too_wide_for_the_page_keeps_a_size_in_which_it_can_be_read() -> None:
    """Sixty nodes side by side: shrunk to the page their words would be six pixels high."""
    from afterword.faces.web.render import legible

    assert legible('<svg viewBox="0 0 3106.5 740" width="100%">') == 2330
    assert legible('<svg viewBox="0 0 900 300" width="100%">') == 0
    assert legible("<svg>") == 0
