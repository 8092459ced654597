"""HTTP: derived routes, strict arguments, refusals as status codes, and who may call."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from filled import workspace
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from afterword.app import desk, table
from afterword.app.workspace import Scope, Workspace
from afterword.faces import serve
from afterword.faces.http import app as http
from afterword.faces.http.guard import LOOPBACK, host_name
from afterword.faces.http.openapi import document
from afterword.model.refusal import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RefusalError,
    UnreadableError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

API = "/api/v1"
OURS = {"Origin": "http://127.0.0.1:8710"}


def opener(folder: Path, may: frozenset[Scope] = frozenset(Scope)) -> Any:
    def open_ws(face: str) -> Workspace:
        return workspace(folder / ".afterword", face=face, may=may, folders=(folder,))

    return open_ws


@pytest.fixture
def client(folder: Path) -> TestClient:
    made = http.build(opener(folder), hosts=LOOPBACK)
    return TestClient(made, base_url="http://127.0.0.1:8710")


def test_it_is_alive_and_ready(client: TestClient, folder: Path) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 200
    (folder / ".afterword" / "records.sqlite").write_bytes(b"garbage, not a database" * 100)
    for name in ("records.sqlite-wal", "records.sqlite-shm"):
        (folder / ".afterword" / name).unlink(missing_ok=True)
    assert client.get("/readyz").status_code == 503


def test_a_get_answers_with_the_words_of_the_desk(client: TestClient) -> None:
    found = client.get(f"{API}/actions", params={"state": "proposed", "overdue": "false"})
    assert found.status_code == 200
    assert [one["id"] for one in found.json()] == ["A-1"]
    moments = client.get(f"{API}/incidents/inc-1/timeline", params=[("kind", "gap"), ("kind", "symptom")]).json()
    assert [one["at"] for one in moments] == ["2026-03-14T09:12:00Z", "2026-03-14T09:13:00"]
    assert moments[0]["cites"] == ["E1:2"]


def test_a_post_writes_with_its_face_in_the_journal(client: TestClient, folder: Path) -> None:
    done = client.post(f"{API}/actions/A-1/accept", json={"owner": "tom"}, headers=OURS)
    assert (done.status_code, done.json()["state"]) == (200, "accepted")
    line = workspace(folder / ".afterword").records.journal("action", "A-1")[-1]
    assert (line.face, line.operation) == ("http", "action.accept")


def test_every_get_is_a_get_only(client: TestClient) -> None:
    for one in table.OPERATIONS:
        route = API + one.route.replace("{incident}", "inc-1").replace("{action}", "A-1")
        twins = {other.method for other in table.OPERATIONS if other.route == one.route}
        for method in {"GET", "POST", "PUT", "DELETE", "PATCH"} - twins:
            if "{" not in route:
                assert client.request(method, route, headers=OURS).status_code == 405, (method, route)


@pytest.mark.parametrize(
    ("path", "params", "reasons"),
    [
        ("/actions", {"overdue": "0"}, 1),
        ("/actions", {"overdue": "maybe", "state": "x", "colour": "red"}, 3),
        ("/actions", [("owner", "a"), ("owner", "b")], 1),
        ("/actions/A-1", {"action": "A-2"}, 1),
        ("/incidents/inc-1/timeline", {"most": "many"}, 1),
    ],
)
def test_a_query_is_read_strictly(client: TestClient, path: str, params: Any, reasons: int) -> None:
    refused = client.get(API + path, params=params)
    assert refused.status_code == 422
    assert refused.json()["code"] == "invalid"
    assert len(refused.json()["reasons"]) == reasons


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{",
        '"x"',
        '{"owner": 5}',
        '{"owner": NaN}',
        '{"owner": "a", "x": 1}',
        '{"action": "A-2"}',
        "[" * 100_000,
    ],
)
def test_a_body_is_read_strictly(client: TestClient, body: str) -> None:
    refused = client.post(
        f"{API}/actions/A-1/accept", content=body, headers={**OURS, "Content-Type": "application/json"}
    )
    assert refused.status_code == (409 if body == "" else 422), refused.text
    assert refused.json()["message"]


def test_bodies_of_another_kind_or_size(client: TestClient) -> None:
    form = client.post(f"{API}/actions/A-1/accept", data={"owner": "tom"}, headers=OURS)
    assert (form.status_code, form.json()["code"]) == (415, "media-type")
    big = client.post(f"{API}/actions/A-1/accept", json={"owner": "x" * http.LARGEST}, headers=OURS)
    assert (big.status_code, big.json()["code"]) == (413, "too-large")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InvalidError("x", ("a", "b")), 422, "invalid"), (UnreadableError("x"), 422, "unreadable"),
        (NotFoundError("x"), 404, "not-found"), (ConflictError("x"), 409, "conflict"),
        (ForbiddenError("x"), 403, "forbidden"), (RefusalError("x", code="action-owner"), 409, "action-owner"),
        (NotFoundError("x", code="own"), 404, "own"), (ZeroDivisionError("secret"), 500, "fault"),
    ],
)  # fmt: skip
def test_refusals_are_status_codes(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(desk, "ask", refuse)
    refused = client.get(f"{API}/actions")
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert "secret" not in refused.text
    assert isinstance(refused.json()["reasons"], list)


def test_what_is_not_there(client: TestClient) -> None:
    assert client.get("/nowhere").json()["code"] == "not-found"
    assert client.get(f"{API}/actions/A-9").status_code == 404


# ------------------------------------------------------------------------------------------------ who may call

CROSS = (
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:9999"},
    {"Origin": "https://127.0.0.1:8710"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", **OURS},
)


@pytest.mark.parametrize("headers", CROSS, ids=str)
def test_another_site_cannot_change_anything(client: TestClient, headers: dict[str, str]) -> None:
    refused = client.post(f"{API}/actions/A-1/accept", json={"owner": "eve"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "cross-site")
    assert client.get(f"{API}/actions/A-1").json()["owner"] == ""


@pytest.mark.parametrize(
    "headers", [{}, OURS, {"Sec-Fetch-Site": "same-origin", **OURS}, {"Sec-Fetch-Site": "none"}], ids=str
)
def test_our_own_page_and_programs_can(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post(f"{API}/actions/A-1/accept", json={"owner": "tom"}, headers=headers).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8710", "", "[::1", "localhost.:8710"])
def test_another_name_is_not_answered(client: TestClient, host: str) -> None:
    assert client.get(f"{API}/actions", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8710", "localhost", "[::1]:8710", "LOCALHOST:1"])
def test_our_names_are(client: TestClient, host: str) -> None:
    assert client.get(f"{API}/actions", headers={"Host": host}).status_code == 200
    assert host_name(host) in LOOPBACK


def test_a_token_opens_what_is_not_loopback(folder: Path) -> None:
    client = TestClient(http.build(opener(folder), token="s3cret"), base_url="http://box.example")
    basic = base64.b64encode(b"maria:s3cret").decode()
    wrong = base64.b64encode(b"maria:guess").decode()
    for header in (None, "Bearer guess", f"Basic {wrong}", "Basic ???", "Digest s3cret"):
        refused = client.get(f"{API}/actions", headers={"Authorization": header} if header else {})
        assert refused.status_code == 401
        assert "WWW-Authenticate" in refused.headers
    for header in ("Bearer s3cret", f"Basic {basic}"):
        assert client.get(f"{API}/actions", headers={"Authorization": header}).status_code == 200


def test_a_read_only_server_and_files_elsewhere(folder: Path) -> None:
    client = TestClient(http.build(opener(folder, frozenset({Scope.READ}))))
    assert client.get(f"{API}/actions").status_code == 200
    assert client.post(f"{API}/actions/A-1/accept", json={"owner": "x"}).status_code == 403
    assert client.get(f"{API}/review", params={"file": "/etc/passwd"}).status_code == 403


def test_every_answer_is_fenced_in_with_a_fresh_nonce(folder: Path) -> None:
    async def page(request: Request) -> Response:
        return PlainTextResponse(request.state.nonce)

    client = TestClient(http.build(opener(folder), more=[Route("/page", page)]))
    first, second = client.get("/page"), client.get("/page")
    assert first.text != second.text
    for answer in (
        first,
        client.get("/nowhere"),
        client.get(f"{API}/actions"),
        client.post("/x", headers={"Origin": "http://e"}),
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
    assert f"'nonce-{first.text}'" in first.headers["Content-Security-Policy"]


# ------------------------------------------------------------------------------------------------ OpenAPI


def test_openapi_describes_what_is_answered(client: TestClient) -> None:
    described = client.get(f"{API}/openapi.json").json()
    assert described == json.loads(json.dumps(document()))
    assert described["openapi"].startswith("3.1")
    values = {"incident": "inc-1", "action": "A-1", "to": "inc-1", "file": "inc-1"}
    checked = 0
    for route, methods in described["paths"].items():
        for operation in [methods["get"]] if "get" in methods else []:
            needed = [one for one in operation["parameters"] if one["required"]]
            if not {one["name"] for one in needed} <= set(values):
                continue
            path = route.format(**values)
            answer = client.get(
                path, params={one["name"]: values[one["name"]] for one in needed if one["in"] == "query"}
            )
            if answer.status_code == 200:
                schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
                jsonschema.validate(answer.json(), {**schema, "components": described["components"]})
                checked += 1
    assert checked >= 14


def test_every_reference_of_openapi_leads_somewhere() -> None:
    described = json.dumps(document())
    names = set(document()["components"]["schemas"])
    import re

    assert set(re.findall(r'"#/components/schemas/(\w+)"', described)) <= names
    assert "$defs" not in described


def test_all_faces_in_one_application(folder: Path) -> None:
    app = serve.application(opener(folder), opener(folder), hosts=LOOPBACK)
    with TestClient(app, base_url="http://127.0.0.1:8710") as client:
        assert client.get("/healthz").status_code == 200
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
        accept = {"Accept": "application/json, text/event-stream"}
        assert client.post("/mcp", json=body, headers={**accept, "Origin": "http://evil.example"}).status_code == 403
        assert client.post("/mcp", json=body, headers={**accept, "Host": "evil.example"}).status_code == 421
