"""Systems that cannot run here, as a server on this machine that replays recorded answers: the whole command asks it.

The answers are those of the connectors' own tests. What is tested here is the way between: the file of systems, secrets out
of the environment, headers, pages over the network, storing, reading.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "connectors"))

import driver
import test_argocd_connector as argocd
import test_elasticsearch_connector as elasticsearch
import test_github_connector as github
import test_gitlab_connector as gitlab
import test_grafana_connector as grafana
import test_jaeger_connector as jaeger
import test_jira_connector as jira
import test_kubernetes_connector as kubernetes
import test_launchdarkly_connector as launchdarkly
import test_loki_connector as loki
import test_opsgenie_connector as opsgenie
import test_pagerduty_connector as pagerduty
import test_sentry_connector as sentry
import test_servicenow_connector as servicenow
import test_slack_connector as slack
import test_statuspage_connector as statuspage
import test_tempo_connector as tempo

from afterword.ports import GivenUpError, Request, Response

AFTERWORD = Path(sys.executable).with_name("afterword")
WINDOW = f"{driver.START}/{driver.END}"
AT = driver.ns("2026-03-02T09:05:00Z")
ROOT = slack.message(60, "pool is dry", reply_count=1, thread_ts=f"{slack.START + 60}.000100")
REPLY = slack.message(90, "rolling back", "U999ZZ1YX", thread_ts=ROOT["ts"])
ENTRIES = [pagerduty.entry("trigger", "2026-03-02T09:05:00Z"), pagerduty.entry("resolve", "2026-03-02T09:50:00Z")]
#: Connector, its lines in afterword.toml, its server, the header that lets in, and what has to be read.
SYSTEMS: list[tuple[str, str, Any, tuple[str, str], dict[str, int]]] = [
    ("loki", 'query = \'{app=~".+"}\'\nlimit = 3\ntoken_env = "KEY"', loki.server([(AT + i // 2, f"pay-{i}") for i in range(9)]), ("Authorization", "Bearer s3cret-key"), {"log": 9}),
    ("elasticsearch", 'index = "logs-shop"\nsize = 3\napi_key_env = "KEY"', elasticsearch.Server([(AT // 10**6, f"doc {i}") for i in range(8)]), ("Authorization", "ApiKey s3cret-key"), {"log": 8}),
    ("kubernetes", 'token_env = "KEY"', kubernetes.Server({"pods": [kubernetes.pod("pay-1", restarts=1)], "events": [kubernetes.EVENT]}), ("Authorization", "Bearer s3cret-key"), {"log": 2}),
    ("github", 'repositories = ["acme/shop"]\ntoken_env = "KEY"', driver._by_rules(github.RULES), ("Authorization", "Bearer s3cret-key"), {}),
    ("gitlab", 'projects = ["acme/shop"]\nprivate_token_env = "KEY"', driver._by_rules(gitlab.RULES), ("Private-Token", "s3cret-key"), {"change": 4}),
    ("pagerduty", 'api_key_env = "KEY"', pagerduty.Server([pagerduty.incident(1)], ENTRIES), ("Authorization", "Token token=s3cret-key"), {"page": 2}),
    ("slack", 'channels = ["#incident-7"]\ntoken_env = "KEY"', slack.Server([ROOT], {ROOT["ts"]: [REPLY]}), ("Authorization", "Bearer s3cret-key"), {}),
    ("grafana", 'token_env = "KEY"', lambda _: [grafana.annotation(1)], ("Authorization", "Bearer s3cret-key"), {"change": 1}),
    # Two of the three traces are the same bytes, which are one artefact.
    ("tempo", 'token_env = "KEY"', driver._by_rules(tempo.RULES), ("Authorization", "Bearer s3cret-key"), {"span": 2}),
    ("jaeger", 'token_env = "KEY"', driver._by_rules(jaeger.RULES), ("Authorization", "Bearer s3cret-key"), {"span": 2, "edge": 1}),
    ("opsgenie", 'api_key_env = "KEY"', opsgenie.server(120), ("Authorization", "GenieKey s3cret-key"), {"page": 360}),
    ("sentry", 'organization = "acme"\ntoken_env = "KEY"', sentry.server([sentry.ISSUE | {"id": str(i)} for i in range(5)], [sentry.RELEASE]), ("Authorization", "Bearer s3cret-key"), {"pattern": 5, "change": 1}),
    ("argocd", 'token_env = "KEY"', lambda _: {"items": [argocd.APP]}, ("Authorization", "Bearer s3cret-key"), {"change": 1}),
    ("launchdarkly", 'api_key_env = "KEY"', launchdarkly.server(45), ("Authorization", "s3cret-key"), {"change": 45}),
    ("statuspage", 'token_env = "KEY"', lambda r: statuspage.page(1) if "incidents" in r.url else statuspage.NONE, ("Authorization", "Bearer s3cret-key"), {"status": 1}),
    ("servicenow", 'token_env = "KEY"', servicenow.server(201), ("Authorization", "Bearer s3cret-key"), {"change": 201}),
    ("jira", 'jql = "project = CHG"\nuser = "nora"\npassword_env = "KEY"', jira.server(150), ("Authorization", "Basic bm9yYTpzM2NyZXQta2V5"), {"change": 150}),
]  # fmt: skip


@contextmanager
def serving(answer: Any, header: tuple[str, str], busy: int = 0) -> Iterator[str]:
    """A server that lets in only with the header, and is too busy for the first requests."""
    left = [busy]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            found: Any = GivenUpError("no", 401)
            if left[0]:
                left[0] -= 1
                found = Response(429, {"retry-after": "0"}, b"{}")
            elif self.headers.get(header[0]) == header[1]:
                lower = {name.lower(): value for name, value in self.headers.items()}
                found = answer(Request(f"{url}{self.path}", self.command, lower, {}, body))
            said = Response(found.status, {}, b"{}") if isinstance(found, GivenUpError) else driver._response(found)
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, _moved(value, url))
            self.send_header("content-length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        do_POST = do_DELETE = do_GET  # noqa: N815 - the names are those of http.server

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield url
    finally:
        server.shutdown()
        server.server_close()


def _moved(value: str, url: str) -> str:
    """Links as this server would write them, and not the one whose answers were recorded."""
    return value.replace("https://api.github.test", url).replace("https://sentry.test", url)


def collected(folder: Path, code: int = 0) -> Any:
    environment = os.environ | {"AFTERWORD_WORKSPACE": str(folder / "ws"), "KEY": "s3cret-key"}
    done = subprocess.run([AFTERWORD, "collect", "--window", WINDOW, "--json"], cwd=folder, capture_output=True, text=True, check=False, env=environment, timeout=120)  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def events(folder: Path, collection: str) -> list[dict[str, Any]]:
    from afterword.app import intake
    from afterword.app.workspace import open_workspace
    from afterword.model.collection import Collection

    ws = open_workspace(folder / "ws")
    taken = intake.collect([], ws.blobs, ws.lake, pages=ws.get("collection", collection, Collection).pages)
    assert all(one.accounting.balanced for one in taken.evidence)
    assert not [p for one in taken.evidence for p in one.problems if p.code != "deployment-created"]
    return ws.lake.tables(taken.evidence).select(["kind", "at", "subject", "name", "text"]).to_pylist()


@pytest.mark.parametrize(
    ("connector", "options", "answer", "header", "wanted"), SYSTEMS, ids=[one[0] for one in SYSTEMS]
)
def test_it_is_collected_and_read(connector: str, options: str, answer: Any, header: tuple[str, str], wanted: dict[str, int], tmp_path: Path) -> None:  # fmt: skip
    with serving(answer, header, busy=1) as url:
        (tmp_path / "afterword.toml").write_text(
            f'[[systems]]\nname = "it"\nconnector = "{connector}"\nurl = "{url}"\n{options}\n'
        )
        found = collected(tmp_path)
    (one,) = found["systems"]
    assert one["failed"] == []
    assert one["left"] == []
    rows = events(tmp_path, found["id"])
    counts = Counter(row["kind"] for row in rows)
    assert rows
    assert {kind: counts[kind] for kind in wanted} == wanted
    assert all(
        row["subject"]
        for row in rows
        if row["kind"] in ("change", "log", "page", "message") and connector != "launchdarkly"
    )
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"s3cret-key" not in path.read_bytes(), path


def test_whoever_may_not_come_in_is_told(tmp_path: Path) -> None:
    """The control: without the right key nothing is got, and that is said."""
    with serving(driver._by_rules(github.RULES), ("Authorization", "Bearer another")) as url:
        (tmp_path / "afterword.toml").write_text(f'[[systems]]\nname = "it"\nconnector = "github"\nurl = "{url}"\nrepositories = "acme/shop"\ntoken_env = "KEY"\n')  # fmt: skip
        environment = os.environ | {"AFTERWORD_WORKSPACE": str(tmp_path / "ws"), "KEY": "s3cret-key"}
        done = subprocess.run([AFTERWORD, "collect", "--window", WINDOW, "--json"], cwd=tmp_path, capture_output=True, text=True, check=False, env=environment, timeout=120)  # fmt: skip
    assert done.returncode != 0
    assert "401" in done.stdout + done.stderr
    assert "s3cret-key" not in done.stdout + done.stderr
