"""Collecting from real servers: Prometheus, Alertmanager, a host exporter, VictoriaMetrics."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from real_servers import DAY, EVERY, YESTERDAY, asked, until

if TYPE_CHECKING:
    from real_servers import Servers

AFTERWORD = Path(sys.executable).with_name("afterword")


def at(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def run(folder: Path, *words: str, code: int = 0) -> Any:
    """The command as a person types it, in a folder of its own; its JSON when it has any."""
    environment = os.environ | {"AFTERWORD_WORKSPACE": str(folder / "ws")}
    done = subprocess.run(
        [AFTERWORD, *words, "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=240,
    )
    assert done.returncode == code, done.stderr
    found = json.loads(done.stdout)
    return found["error"]["message"] if code else found


def configured(folder: Path, *systems: str) -> None:
    (folder / "afterword.toml").write_text("".join(f"[[systems]]\n{one}\n" for one in systems))


def prometheus(servers: Servers, more: str = "") -> str:
    return f'name = "metrics"\nconnector = "prometheus"\nurl = "{servers.prometheus}"\n{more}'


def events(folder: Path, collection: str) -> dict[str, int]:
    """How many samples of each metric were read from a collection."""
    from afterword.app import intake
    from afterword.app.workspace import open_workspace
    from afterword.model.collection import Collection

    ws = open_workspace(folder / "ws")
    pages = ws.get("collection", collection, Collection).pages
    taken = intake.collect([], ws.blobs, ws.lake, pages=pages)
    assert all(one.accounting.balanced for one in taken.evidence)
    assert all(one.asked is not None for one in taken.evidence)
    table = ws.lake.tables(taken.evidence)
    counts: dict[str, int] = {}
    for kind, name in zip(table.column("kind").to_pylist(), table.column("name").to_pylist(), strict=True):
        if kind == "metric":
            counts[name.partition("{")[0]] = counts.get(name.partition("{")[0], 0) + 1
    return counts


def test_a_window_of_the_last_seconds(servers: Servers, tmp_path: Path) -> None:
    """Every finite sample that the server gives for the window is read, and nothing else."""
    start, end = at(servers.since - 20), at(time.time() - 1)
    configured(tmp_path, prometheus(servers, 'step = "1s"'))
    found = run(tmp_path, "collect", "--window", f"{start}/{end}")
    (one,) = found["systems"]
    assert one["failed"] == []
    assert one["got"] == len(one["pages"]) >= 3
    counts = events(tmp_path, found["id"])
    whole = urllib.parse.urlencode(
        {"query": '{__name__=~".+",__name__!~".*_bucket|ALERTS.*"}', "start": start, "end": end, "step": "1s"}
    )
    truth: dict[str, int] = {}
    for series in asked(f"{servers.prometheus}/api/v1/query_range?{whole}")["data"]["result"]:
        name = series["metric"]["__name__"]
        finite = sum(value not in ("NaN", "+Inf", "-Inf") for _, value in series["values"])
        truth[name] = truth.get(name, 0) + finite
    assert {name: count for name, count in truth.items() if count} == counts
    assert "node_cpu_seconds_total" in counts
    assert any("buckets" in text for text in one["left"])


def test_a_day_that_is_more_than_one_answer(servers: Servers, tmp_path: Path) -> None:
    """17,280 points of each series where an answer holds 11,000: the stretches meet without a gap and without a repeat."""
    configured(tmp_path, prometheus(servers, f'step = "{EVERY}s"\nmatch = \'{{__name__=~"shop_.*"}}\'\nalerts = false'))
    window = f"{at(YESTERDAY)}/{at(YESTERDAY + DAY - EVERY)}"
    found = run(tmp_path, "collect", "--window", window)
    assert found["systems"][0]["got"] == 2
    assert events(tmp_path, found["id"]) == {"shop_requests_total": 2 * DAY // EVERY, "shop_pool": DAY // EVERY}


def test_an_expression_is_called_by_its_query(servers: Servers, tmp_path: Path) -> None:
    queries = ["sum(rate(shop_requests_total[1m]))", "sum by (service) (rate(shop_requests_total[1m]))"]
    configured(tmp_path, prometheus(servers, f"queries = {json.dumps(queries)}\nalerts = false"))
    found = run(tmp_path, "collect", "--window", f"{at(YESTERDAY)}/{at(YESTERDAY + 3600)}", "--out", "answers")
    names = set(events(tmp_path, found["id"]))
    assert names == set(queries)
    # The same out of the files, in a workspace that never saw the collection.
    report = run(tmp_path, "analyze", "answers", "--workspace", "other")
    listed = run(tmp_path, "evidence", "list", report["incident"]["id"], "--workspace", "other")
    assert {one["evidence"]["asked"]["system"] for one in listed} == {"metrics"}


def test_limit_and_what_is_left_out(servers: Servers, tmp_path: Path) -> None:
    configured(tmp_path, prometheus(servers, "limit = 5\nalerts = false"))
    found = run(tmp_path, "collect", "--window", f"{at(servers.since - 20)}/{at(time.time() - 1)}")
    assert any("beyond the limit of 5 series" in text for text in found["systems"][0]["left"])
    assert len(events(tmp_path, found["id"])) <= 5


def test_alerts_of_both(servers: Servers, tmp_path: Path) -> None:
    """The alert fires, is silenced, and both servers say so; the rule comes with it."""
    start = at(servers.since - 20)
    silence = {
        "matchers": [{"name": "alertname", "value": "HostIsUp", "isRegex": False, "isEqual": True}],
        "startsAt": at(time.time() - 60), "endsAt": at(time.time() + 3600), "createdBy": "maria", "comment": "known",
    }  # fmt: skip
    request = urllib.request.Request(
        f"{servers.alertmanager}/api/v2/silences", json.dumps(silence).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=5).close()
    until("the silence", lambda: asked(f"{servers.alertmanager}/api/v2/alerts")[0]["status"]["state"] == "suppressed")
    configured(
        tmp_path,
        prometheus(servers, 'queries = ["up"]'),
        f'name = "alerts"\nconnector = "alertmanager"\nurl = "{servers.alertmanager}"\n',
    )
    found = run(tmp_path, "collect", "--window", f"{start}/{at(time.time() - 1)}")
    assert [one["failed"] for one in found["systems"]] == [[], []]
    report = run(tmp_path, "analyze", found["id"])
    assert any("HostIsUp" in moment["title"] for moment in report["timeline"])
    listed = run(tmp_path, "evidence", "list", report["incident"]["id"])
    assert {"alertmanager", "alertmanager-silences", "prometheus-json", "rules-json"} <= {
        one["evidence"]["source"] for one in listed
    }


def test_victoriametrics_both_ways(servers: Servers, tmp_path: Path) -> None:
    """Its export has every sample as it was stored; its Prometheus API answers the other connector."""
    victoria = f'url = "{servers.victoria}"\n'
    configured(
        tmp_path,
        f'name = "raw"\nconnector = "victoriametrics"\n{victoria}',
        f'name = "steps"\nconnector = "prometheus"\n{victoria}queries = ["node_load1"]\nstep = "1s"\n',
    )
    start, end = int(servers.since), int(time.time()) - 2
    found = run(tmp_path, "collect", "--window", f"{at(start)}/{at(end)}", "--system", "raw")
    counts = events(tmp_path, found["id"])
    said = urllib.parse.urlencode({"match[]": "node_load1", "start": start, "end": end})
    with urllib.request.urlopen(f"{servers.victoria}/api/v1/export?{said}", timeout=5) as answer:
        truth = sum(len(json.loads(line)["values"]) for line in answer)
    assert counts["node_load1"] == truth > 0
    both = run(tmp_path, "collect", "--window", f"{at(start)}/{at(end)}")
    assert [one["failed"] for one in both["systems"]] == [[], []]
    assert both["systems"][1]["got"] >= 1


def test_one_command_from_an_address_to_a_document(servers: Servers, tmp_path: Path) -> None:
    """The document says what was asked, and every claim of it holds when it is executed again."""
    address = servers.prometheus.replace("http://", "prometheus+http://localhost:").replace(
        "localhost:127.0.0.1", "localhost"
    )
    report = run(tmp_path, "analyze", address, "--at", at(time.time()), "--out", "report")
    assert report["problems"] == [one for one in report["problems"] if one["code"] != "not-collected"]
    assert run(tmp_path, "verify", "report")["contradicted"] == []
    text = (tmp_path / "report" / "postmortem.md").read_text()
    assert "Live systems were asked for these" in text
    assert "/api/v1/query_range" in text


def test_without_a_window_the_sentence_says_so(servers: Servers, tmp_path: Path) -> None:
    assert "--window START/END, or --at TIME" in run(tmp_path, "analyze", f"prometheus+{servers.prometheus}", code=2)
    assert "afterword.toml" in run(tmp_path, "collect", "--window", "2026-03-02T00:00:00Z/2026-03-02T01:00:00Z", code=2)
    configured(tmp_path, prometheus(servers))
    assert "--window START/END" in run(tmp_path, "collect", code=2)


def test_what_could_not_be_got_is_said(servers: Servers, tmp_path: Path) -> None:
    """One of two systems is gone: 0, with the reason. Both are gone: 3."""
    gone = 'name = "gone"\nconnector = "prometheus"\nurl = "http://127.0.0.1:9"\n'
    window = f"{at(YESTERDAY)}/{at(YESTERDAY + 600)}"
    configured(tmp_path, prometheus(servers, 'queries = ["shop_pool"]'), gone)
    found = run(tmp_path, "collect", "--window", window)
    assert [one["got"] > 0 for one in found["systems"]] == [True, False]
    assert "no connection" in found["systems"][1]["failed"][0]["why"]
    assert "Nothing came from any system" in run(tmp_path, "collect", "--window", window, "--system", "gone", code=3)


def test_a_query_that_the_server_refuses(servers: Servers, tmp_path: Path) -> None:
    configured(tmp_path, prometheus(servers, 'queries = ["shop_pool", "sum("]'))
    found = run(tmp_path, "collect", "--window", f"{at(YESTERDAY)}/{at(YESTERDAY + 600)}")
    (failed,) = found["systems"][0]["failed"]
    assert failed["status"] == 400
    assert "parse error" in failed["why"]
    assert "shop_pool" in events(tmp_path, found["id"])


@pytest.mark.parametrize("signal_", [signal.SIGKILL, signal.SIGINT])
def test_stopped_in_the_middle_and_gone_on_with(servers: Servers, tmp_path: Path, signal_: signal.Signals) -> None:
    """The command dies while it collects; --resume gets the rest, and the bytes are those of a run that nobody stopped."""
    window = f"{at(YESTERDAY)}/{at(YESTERDAY + DAY - EVERY)}"
    queries = json.dumps([f"shop_requests_total + {n}" for n in range(20)])
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for folder, rate in ((whole, 1000), (cut, 4)):
        folder.mkdir()
        configured(folder, prometheus(servers, f"queries = {queries}\nalerts = false\nrate = {rate}\n"))
    truth = run(whole, "collect", "--window", window)
    environment = os.environ | {"AFTERWORD_WORKSPACE": str(cut / "ws")}
    command = [str(AFTERWORD), "collect", "--window", window]
    # A runner without a terminal may have had us ignore it, and what is ignored is inherited.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(command, cwd=cut, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        signal.signal(signal.SIGINT, before)
        log = until(
            "some pages",
            lambda: next(
                (one for one in (cut / "ws" / "collections").glob("*.ndjson") if one.read_bytes().count(b"\n") > 5),
                None,
            ),
        )
        process.send_signal(signal_)
        process.communicate(timeout=30)
        assert process.returncode != 0
    found = run(cut, "collect", "--resume", log.stem)
    assert found["systems"][0]["again"] >= 5
    assert found["systems"][0]["asked"] + found["systems"][0]["again"] == truth["systems"][0]["asked"] == 21
    assert [page["sha256"] for page in found["systems"][0]["pages"]] == [
        page["sha256"] for page in truth["systems"][0]["pages"]
    ]
