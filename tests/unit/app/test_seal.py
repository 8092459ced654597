"""Two hundred secrets are planted in evidence of every kind: afterwards they are in the sealed bytes and nowhere else."""

from __future__ import annotations

import base64
import json
import random
import sys
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from analysed import NOW
from starlette.testclient import TestClient

from afterword.app import desk, seal, verify, wire
from afterword.app.operations import incident
from afterword.app.workspace import Scope, Workspace, open_workspace
from afterword.faces import serve
from afterword.model.evidence import Evidence
from afterword.model.incident import Incident
from afterword.model.refusal import ForbiddenError, InvalidError, RefusalError
from afterword.stores.blobs_folder import BlobsFolder
from afterword.testing import small_incident

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "core" / "secret"))

import leaky

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.app.report import Report

BEGIN = "2026-03-14T09:{minute:02d}:{second:02d}Z"
PEOPLE = ("jane.doe@acme.io", "4242 4242 4242 4242", "DE89 3704 0044 0532 0130 00", "536-22-1234")


@dataclass
class Planted:
    """Evidence with secrets; ``secrets`` are looked for as text."""

    folder: Path
    secrets: list[str]


def planted(folder: Path) -> Planted:
    """Evidence of a small incident in the formats in which secrets come, with secrets among what matters."""
    small_incident(folder)
    rng = random.Random(11)
    made: list[str] = []

    def token() -> str:
        kinds = list(leaky.TYPED)
        made.append(leaky.TYPED[kinds[len(made) % len(kinds)]](rng))
        return made[-1]

    def password() -> str:
        made.append(leaky.some(rng, leaky.ALNUM, 6) + "-" + leaky.some(rng, leaky.ALNUM, 8) + "7q")
        return made[-1]

    files = {
        "leaky.log": "\n".join(_log(token, password)) + "\n",
        "leaky.jsonl": "\n".join(json.dumps(one) for one in _json_lines(token, password)) + "\n",
        "pem.log": "\n".join(_key(rng, made)) + "\n",
        "alerts.json": json.dumps(_alerts(token, password)),
        "chat.json": json.dumps(_chat(token, password)),
        "commits.json": json.dumps(_commits(token, password)),
        "spans.json": json.dumps(_spans(token, password)),
        "pods.json": json.dumps(_pods(token, password)),
        "logs.csv": "\n".join(_csv(token, password)) + "\n",
        f"dump-{PEOPLE[0]}.txt": f"{BEGIN.format(minute=21, second=0)} ERROR shop: nothing here\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return Planted(folder, [*made, *PEOPLE])


def _log(token: Any, password: Any) -> Iterator[str]:
    for minute in range(20, 32):
        at = BEGIN.format(minute=minute, second=10)
        yield f"{at} ERROR shop: no connection in pool, url=postgres://app:{password()}@db:5432/shop"
        yield f"{at} ERROR shop: upstream refused Authorization: Bearer {token()} after 2000 ms"
        yield f"{at} ERROR shop: GET https://api.acme.io/v1?api_key={token()}&page=2 401"
        yield f"{at} WARN shop: login of {PEOPLE[0]} failed, password={password()}"
        yield f"{at} WARN shop: card {PEOPLE[1]} from {PEOPLE[2]} declined, ssn {PEOPLE[3]}"


def _json_lines(token: Any, password: Any) -> Iterator[dict[str, Any]]:
    for minute in range(20, 32):
        at = BEGIN.format(minute=minute, second=20)
        yield {"timestamp": at, "level": "error", "service": "cart", "message": f"refused {token()}", "user": PEOPLE[0]}
        yield {"timestamp": at, "level": "error", "service": "cart", "message": "bad config", "db_password": password()}
        yield {"timestamp": at, "level": "error", "service": "cart", "message": json.dumps({"clientSecret": token()})}


def _key(rng: random.Random, made: list[str]) -> Iterator[str]:
    body = base64.b64encode(rng.randbytes(480)).decode()
    at = BEGIN.format(minute=21, second=30)
    yield f"{at} ERROR shop: cannot use key"
    yield f"{at} ERROR shop: -----BEGIN RSA PRIVATE KEY-----"
    for place in range(0, len(body), 64):
        made.append(body[place : place + 64])
        yield f"{at} ERROR shop: {made[-1]}"
    yield f"{at} ERROR shop: -----END RSA PRIVATE KEY-----"


def _alerts(token: Any, password: Any) -> list[dict[str, Any]]:
    return [
        {
            "labels": {"alertname": f"AuthFailing{number}", "service": "shop", "severity": "critical"},
            "annotations": {
                "summary": f"401 with key {token()}",
                "description": f"dsn app:{password()}@tcp(db:3306)/shop; ask {PEOPLE[0]}",
            },
            "startsAt": BEGIN.format(minute=22, second=number),
            "endsAt": BEGIN.format(minute=38, second=number),
            "fingerprint": f"{number:016x}",
            "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
            "receivers": [{"name": "page"}],
            "updatedAt": BEGIN.format(minute=22, second=number),
            "generatorURL": f"http://prometheus/graph?token={token()}",
        }
        for number in range(8)
    ]


def _chat(token: Any, password: Any) -> list[dict[str, Any]]:
    begin = 1_773_479_520
    said = []
    for number in range(12):
        said += [
            {
                "type": "message",
                "user": "U1",
                "ts": f"{begin + number * 60}.000100",
                "text": f"the password is {password()}",
            },
            {
                "type": "message",
                "user": "U2",
                "ts": f"{begin + number * 60 + 9}.000200",
                "text": f"try `export TOKEN={token()}`",
            },
        ]
    return said


def _commits(token: Any, password: Any) -> list[dict[str, Any]]:
    return [
        {
            "sha": f"{number:040x}",
            "author": {"login": "jane-d"},
            "commit": {
                "author": {"name": "Jane", "email": PEOPLE[0], "date": BEGIN.format(minute=18, second=number)},
                "committer": {"name": "Jane", "email": PEOPLE[0], "date": BEGIN.format(minute=18, second=number)},
                "message": f"Use the new key {token()}",
            },
            "files": [
                {
                    "filename": "shop/config.py",
                    "patch": f'@@ -1 +1 @@\n-PASSWORD = "{password()}"\n+PASSWORD = "{password()}"',
                }
            ],
        }
        for number in range(8)
    ]


def _spans(token: Any, password: Any) -> dict[str, Any]:
    spans = []
    for number in range(12):
        begin = 1_773_480_000_000_000_000 + number * 10**9
        attributes = {"http.request.header.authorization": f"Bearer {token()}", "db.password": password(), "url.full": f"https://a.b/?sig=1&access_token={token()}"}  # fmt: skip
        spans.append(
            {
                "traceId": f"{number + 1:032x}", "spanId": f"{number + 1:016x}", "name": "GET /cart", "kind": 2,
                "startTimeUnixNano": str(begin), "endTimeUnixNano": str(begin + 10**8), "status": {"code": 2, "message": f"refused {token()}"},
                "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()],
            }
        )  # fmt: skip
    service = {"attributes": [{"key": "service.name", "value": {"stringValue": "cart"}}]}
    return {"resourceSpans": [{"resource": service, "scopeSpans": [{"spans": spans}]}]}


def _pods(token: Any, password: Any) -> dict[str, Any]:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "cart-1", "namespace": "shop", "creationTimestamp": BEGIN.format(minute=1, second=0)},
        "spec": {"containers": [{"name": "cart", "image": "cart:1", "env": [{"name": "DB_PASSWORD", "value": password()}, {"name": "API_TOKEN", "value": token()}]}]},
        "status": {"phase": "Running", "containerStatuses": [{"name": "cart", "restartCount": 3, "ready": False, "state": {"waiting": {"reason": "CrashLoopBackOff", "message": f"exited: token {token()} refused"}}}]},
    }  # fmt: skip
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "db", "namespace": "shop", "creationTimestamp": BEGIN.format(minute=1, second=0)},
        "data": {"password": base64.b64encode(password().encode()).decode()},
    }
    return {"apiVersion": "v1", "kind": "List", "items": [pod, secret]}


def _csv(token: Any, password: Any) -> Iterator[str]:
    yield "timestamp,service,level,message"
    for minute in range(20, 32):
        yield f'{BEGIN.format(minute=minute, second=40)},pay,error,"refused {token()}"'
        yield f'{BEGIN.format(minute=minute, second=41)},pay,error,"redis://:{password()}@cache:6379/0 timed out"'


@dataclass
class Done:
    ws: Workspace
    report: Report
    planted: Planted

    @property
    def id(self) -> str:
        return str(self.report.incident["id"])

    @property
    def bundle(self) -> Path:
        return Path(self.report.outputs["bundle"])

    @property
    def out(self) -> Path:
        return self.bundle.parent


def analysed(root: Path, **options: Any) -> Done:
    found = planted(root / "evidence")
    ws = open_workspace(root / "ws", actor="maria", now=lambda: NOW)
    report = incident.analyze(ws, evidence=(str(found.folder),), out=str(root / "out"), **options)
    return Done(ws, report, found)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    return analysed(tmp_path_factory.mktemp("sealed"))


def everything(done: Done) -> Iterator[tuple[str, str]]:
    """Whatever is derived from the evidence, as text with the name of its place."""
    yield "report", json.dumps(wire.public(done.report), ensure_ascii=False)
    for path in sorted(done.out.glob("*")):
        if path.suffix != ".afterword":
            yield path.name, path.read_text()
    with zipfile.ZipFile(done.bundle) as archive:
        for name in archive.namelist():
            if not name.startswith("evidence/"):
                yield f"bundle {name}", archive.read(name).decode()
    yield from _workspace(done.ws.root)
    yield from _faces(done)


def _workspace(root: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(root.rglob("*")):
        if path.suffix == ".parquet":
            yield f"lake {path.name}", json.dumps(pq.ParquetFile(path).read().to_pylist(), ensure_ascii=False)
        elif path.is_file() and path.relative_to(root).parts[0] != "objects":
            yield str(path.relative_to(root)), path.read_bytes().decode("utf-8", "replace")


def _faces(done: Done) -> Iterator[tuple[str, str]]:
    """Every page, and every answer of what an agent may ask, also about each line of each artefact."""
    artefacts = desk.ask(done.ws, "evidence.list", {"incident": done.id})
    cites = [
        f"{one.id}:{first}-{first + 20}"
        for one in artefacts
        for first in range(1, 1 + _bytes(done, one.evidence.sha256).count(b"\n"), 20)
    ]
    here = lambda face="web": done.ws.for_caller(face)  # noqa: E731
    with TestClient(serve.application(here, here), base_url="http://127.0.0.1") as client:
        base = f"/incidents/{done.id}"
        pages = [base, *(f"{base}/{tab}" for tab in ("timeline", "causes", "document", "actions", "evidence"))]
        for page in ["/", "/actions", "/trends", "/journal", *pages, *(f"{base}/evidence?cite={one}" for one in cites)]:
            yield page, client.get(page).text
    agent = replace(done.ws.for_caller("mcp"), may=frozenset({Scope.READ, Scope.WRITE}))
    for name in ("incident.show", "document.show", "timeline.show", "cause.list", "point.list", "evidence.list"):
        yield f"mcp {name}", json.dumps(wire.public(desk.ask(agent, name, {"incident": done.id})), ensure_ascii=False)
    for one in cites:
        found = desk.ask(agent, "evidence.show", {"incident": done.id, "citation": one, "context": 3})
        yield f"mcp {one}", json.dumps(wire.public(found), ensure_ascii=False)
    yield "journal", json.dumps(wire.public(desk.ask(agent, "admin.journal", {"most": 500})), ensure_ascii=False)


def _bytes(done: Done, sha256: str) -> bytes:
    with done.ws.blobs.open(sha256) as stream:
        return stream.read()


def leaks(done: Done) -> list[tuple[str, str]]:
    return [(place, one) for place, text in everything(done) for one in done.planted.secrets if one in text]


def test_two_hundred_secrets_are_nowhere_but_in_the_sealed_bytes(done: Done) -> None:
    assert len(done.planted.secrets) >= 200
    assert leaks(done) == []
    listed = desk.ask(done.ws, "evidence.list", {"incident": done.id})
    sealed = b"\n".join(_bytes(done, one.evidence.sha256) for one in listed)
    assert all(one.encode() in sealed or base64.b64encode(one.encode()) in sealed for one in done.planted.secrets)


def test_placeholders_stand_in_their_place(done: Done) -> None:
    said = dict(everything(done))
    lake = "".join(text for place, text in said.items() if place.startswith("lake"))
    for kind in ("secret:github-token", "secret:jwt", "secret:private-key", "secret:database-password", "email", "card", "iban", "id:us-ssn"):  # fmt: skip
        assert f"[{kind}:" in lake, kind
    assert "jane-d" in lake, "names stay: people are told apart"


def test_the_control_with_nothing_redacted_finds_them(tmp_path: Path) -> None:
    bare = analysed(tmp_path, keep=("secrets", "emails", "cards", "ids"))
    found = {one for _, one in leaks(bare)}
    assert len(found) > 0.9 * len(bare.planted.secrets)
    assert "lake" in " ".join(place for place, _ in leaks(bare))


def test_the_document_holds_and_says_the_same_from_its_bundle(done: Done) -> None:
    found = verify.verify(done.bundle)
    assert (found.contradicted, found.missing, found.unsupported) == ((), (), ())
    assert found.claims == found.verified > 0


def test_the_same_evidence_gives_the_same_bytes(done: Done, tmp_path: Path) -> None:
    again = analysed(tmp_path)
    for name in ("postmortem.md", "postmortem.html", "postmortem.afterword"):
        assert (again.out / name).read_bytes() == (done.out / name).read_bytes(), name


def test_the_key_is_shown_by_no_face(done: Done) -> None:
    key = done.ws.get("incident", done.id, Incident).seal.key  # type: ignore[union-attr]
    assert len(key) == 64
    told = [place for place, text in everything(done) if key in text]
    assert all(
        place.startswith(("records.sqlite", "bundle evidence.json", "bundle incident.json")) for place in told
    ), told


def test_what_the_lake_lost_is_read_again_alike(tmp_path: Path) -> None:
    first = analysed(tmp_path)
    before = (first.out / "postmortem.md").read_bytes()
    for path in first.ws.root.joinpath("lake").rglob("*.parquet"):
        path.unlink()
    incident.export(first.ws, incident=first.id, out=str(first.out))
    assert (first.out / "postmortem.md").read_bytes() == before
    desk.ask(first.ws, "evidence.reread", {"incident": first.id})
    assert leaks(first) == []


def test_an_incident_keeps_its_seal_when_another_reads_the_same_bytes(tmp_path: Path) -> None:
    first = analysed(tmp_path)
    mine = first.ws.get("incident", first.id, Incident).seal
    incident.analyze(first.ws, evidence=(str(first.planted.folder / "leaky.log"),), out=str(tmp_path / "other"))
    found = desk.ask(first.ws, "evidence.list", {"incident": first.id})
    assert {one.evidence.seal for one in found} == {mine}


class TestOriginal:
    """Reading what is sealed."""

    CITE = "E{}:1"

    @pytest.fixture
    def cite(self, done: Done) -> str:
        found = desk.ask(done.ws, "evidence.list", {"incident": done.id})
        return next(f"{one.id}:1" for one in found if one.evidence.name == "leaky.log")

    def test_it_is_shown_for_a_reason_and_the_journal_says_who(self, done: Done, cite: str) -> None:
        found = desk.ask(done.ws, "evidence.original", {"incident": done.id, "citation": cite, "reason": "revoke it"})
        assert any(one in found.lines[0].text for one in done.planted.secrets)
        line = done.ws.records.journal("unsealed")[-1]
        assert (line.actor, line.operation, line.body["reason"]) == ("maria", "evidence.original", "revoke it")
        assert (line.body["citation"], line.body["at"]) == (cite, NOW)

    def test_without_a_reason_nothing_is_shown(self, done: Done, cite: str) -> None:
        before = len(done.ws.records.journal("unsealed"))
        with pytest.raises(RefusalError, match="reason"):
            desk.ask(done.ws, "evidence.original", {"incident": done.id, "citation": cite, "reason": " "})
        assert len(done.ws.records.journal("unsealed")) == before

    def test_an_agent_needs_a_right_of_its_own(self, done: Done, cite: str) -> None:
        agent = replace(done.ws, may=frozenset({Scope.READ, Scope.WRITE, Scope.JUDGE}))
        with pytest.raises(ForbiddenError, match="--unseal"):
            desk.ask(agent, "evidence.original", {"incident": done.id, "citation": cite, "reason": "curious"})

    def test_when_the_journal_cannot_be_written_nothing_is_shown(self, done: Done, cite: str) -> None:
        reader = replace(done.ws, may=frozenset({Scope.READ, Scope.UNSEAL}))
        with pytest.raises(ForbiddenError):
            desk.ask(reader, "evidence.original", {"incident": done.id, "citation": cite, "reason": "look"})


def test_what_is_kept_has_to_be_something(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "ws", actor="maria", now=lambda: NOW)
    with pytest.raises(InvalidError, match="phones"):
        incident.analyze(ws, evidence=(str(small_incident(tmp_path / "e")),), keep=("phones",))


def test_a_seal_stands_on_the_bytes_alone(tmp_path: Path) -> None:
    blobs = BlobsFolder(tmp_path / "a")
    shas = []
    for body in (b"one", b"two"):
        path = tmp_path / body.decode()
        path.write_bytes(body)
        with path.open("rb") as stream:
            shas.append(blobs.put(stream)[0])
    made = seal.made(shas, blobs)
    assert made is not None
    assert made == seal.made(reversed(shas), blobs)
    assert made.key != seal.made(shas[:1], blobs).key  # type: ignore[union-attr]
    assert made.key not in repr(made)
    assert "key" not in wire.public(Evidence("0" * 64, 1, "x", "y", seal=made))["seal"]
    assert seal.made(shas, blobs, ()) is None
    assert seal.redactor(None) is None
    assert seal.text(None, "password=hunter2") == "password=hunter2"
