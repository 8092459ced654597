"""Ways to write a time, in every kind of file: the right moment, or none; a wall clock without a zone says so.

One record with the time stands between two others. What a format cannot say is set aside or stays undated; a record never
gets a moment that was not written there, and never that of its neighbours.
"""

from __future__ import annotations

import csv
import importlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from afterword.core.clock import Stamp, parse_time
from afterword.model.event import Event
from afterword.ports import Reading

if TYPE_CHECKING:
    from collections.abc import Callable

MAKER = Path(__file__).resolve().parents[3] / "shared" / "data" / "bad-input" / "own" / "make_bad_input.py"
BEFORE, AFTER = "2019-07-01T10:00:00Z", "2019-07-01T12:00:00Z"
#: Text, rule for clocks without a zone, and the moment in UTC; no moment: it must not be given one with a zone.
TIMES = [
    ("2023-02-07T08:09:10Z", "", "2023-02-07T08:09:10Z"),
    ("2023-02-07T08:09:10.000000001Z", "", "2023-02-07T08:09:10.000000001Z"),
    ("2023-02-07 08:09:10", "", ""),
    ("2023-02-07 08:09:10", "Asia/Tokyo", "2023-02-06T23:09:10Z"),
    ("2023-03-26 02:15:00", "Europe/Vienna", ""),
    ("2023-10-29 02:15:00", "Europe/Vienna", ""),
    ("2023-10-29T02:15:00+02:00", "", "2023-10-29T00:15:00Z"),
    ("2015-06-30T23:59:60Z", "", "2015-06-30T23:59:60Z"),
    ("2023-02-07T11:59:60Z", "", ""),
    ("1675757350", "", "2023-02-07T08:09:10Z"),
    ("1675757350007", "", "2023-02-07T08:09:10.007Z"),
    ("1675757350000007", "", "2023-02-07T08:09:10.000007Z"),
    ("1675757350000000007", "", "2023-02-07T08:09:10.000000007Z"),
    ("1675757350.000007", "", "2023-02-07T08:09:10.000007Z"),
    ("0", "", ""),
    ("-5", "", ""),
    ("99999999999999999999", "", ""),
    ("03/04/2023 10:00", "", ""),
    ("07/Feb/2023:08:09:10 +0000", "", "2023-02-07T08:09:10Z"),
    ("Feb  7 08:09:10", "", ""),
    ("Tue, 07 Feb 2023 08:09:10 GMT", "", "2023-02-07T08:09:10Z"),
    ("2023-02-07T08:09:10-00:00", "", "2023-02-07T08:09:10Z"),
    ("2023-02-07T08:09:10+14:30", "", ""),
    ("2023-02-29T08:09:10Z", "", ""),
    ("2023-02-07T24:00:00Z", "", "2023-02-08T00:00:00Z"),
    ("20230207T080910Z", "", "2023-02-07T08:09:10Z"),
    ("2023-W06-2T08:09:10Z", "", "2023-02-07T08:09:10Z"),
    ("2023-02-07T08:09:10 CST", "", ""),
    ("2023-02-07T08:09:10[Asia/Tokyo]", "", "2023-02-06T23:09:10Z"),
    ("2023-02-07T08:09:10,25Z", "", "2023-02-07T08:09:10.25Z"),
    ("0001-01-01T00:00:00Z", "", ""),
    ("1970-01-01T00:00:00Z", "", ""),
    ("tomorrow at noon", "", ""),
]  # fmt: skip


def _json(time: str) -> Any:
    """Numbers as numbers too, as exporters write them."""
    return int(time) if time.lstrip("-").isdigit() and len(time) < 20 else time


def _table(make: Callable[[str], Any], *, envelope: str = "", lines: bool = False) -> Callable[[str], bytes]:
    def made(time: str) -> bytes:
        found = [make(one) for one in (BEFORE, time, AFTER)]
        if lines:
            return "".join(json.dumps(one) + "\n" for one in found).encode()
        return json.dumps({envelope: found} if envelope else found, indent=1).encode()

    return made


def _text(line: str) -> Callable[[str], bytes]:
    return lambda time: "".join(line.format(t=one) + "\n" for one in (BEFORE, time, AFTER)).encode()


def _csv(time: str) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([["timestamp", "service", "level", "message"], *([t, "shop", "ERROR", "no room"] for t in (BEFORE, time, AFTER))])  # fmt: skip
    return out.getvalue().encode()


def _metrics(time: str) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([["timestamp", "service", "cpu", "memory"], *([t, "shop", 1.5, 7] for t in (BEFORE, time, AFTER))])  # fmt: skip
    return out.getvalue().encode()


def _kube(time: str) -> dict[str, Any]:
    about = {"kind": "Pod", "namespace": "d", "name": "p"}
    return {"kind": "Event", "apiVersion": "v1", "type": "Warning", "reason": "BackOff", "message": "no", "count": 1, "involvedObject": about, "metadata": {"name": "x"}, "firstTimestamp": time, "lastTimestamp": time}  # fmt: skip


def _alert(time: str) -> dict[str, Any]:
    return {"labels": {"alertname": f"A{len(time)}", "service": "s"}, "annotations": {}, "startsAt": time, "endsAt": "0001-01-01T00:00:00Z", "status": {"state": "active"}, "fingerprint": time[:30], "receivers": [{"name": "x"}], "updatedAt": time}  # fmt: skip


def _cloudtrail(time: str) -> dict[str, Any]:
    return {"eventVersion": "1.08", "eventTime": time, "eventSource": "rds.amazonaws.com", "eventName": "ModifyDBInstance", "readOnly": False, "eventID": time, "userIdentity": {"arn": "a"}, "requestParameters": {"dBInstanceIdentifier": "db"}}  # fmt: skip


def _github(time: str) -> dict[str, Any]:
    return {"id": len(time), "tag_name": f"v{len(time)}", "name": "r", "url": "https://api.github.com/repos/a/b/releases/1", "draft": False, "prerelease": False, "created_at": time, "published_at": time, "author": {"login": "n"}, "body": ""}  # fmt: skip


def _gitlab(time: str) -> dict[str, Any]:
    return {"tag_name": "v1", "name": "r", "description": "", "created_at": time, "released_at": time, "commit": {"id": "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", "short_id": "0a1b2c3d"}, "_links": {"self": "https://gitlab.example/a/b/-/releases/v1"}}  # fmt: skip


def _audit(time: str) -> dict[str, Any]:
    return {"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Request", "auditID": time, "stage": "ResponseComplete", "verb": "patch", "user": {"username": "n"}, "objectRef": {"resource": "deployments", "namespace": "m", "name": "x"}, "responseStatus": {"code": 200}, "requestReceivedTimestamp": time, "stageTimestamp": time}  # fmt: skip


#: Format: source, how a file with the time is made, and whether every time that has one reading must be read.
FORMATS: dict[str, tuple[str, Callable[[str], bytes], bool]] = {
    "JSON lines": ("json_lines", _table(lambda t: {"time": _json(t), "level": "error", "service": "shop", "message": "no"}, lines=True), True),
    "JSON array": ("json_lines", _table(lambda t: {"@timestamp": t, "level": "error", "message": "no"}), True),
    "logfmt": ("logfmt", _text('time="{t}" level=error service=shop msg="no room"'), True),
    "CSV of logs": ("logs_csv", _csv, True),
    "CSV of metrics": ("metrics_csv", _metrics, True),
    "plain log": ("text_log", _text("{t} ERROR shop - no room left"), False),
    "bracketed log": ("text_log", _text("[{t}] ERROR no room left"), False),
    "syslog 5424": ("syslog", _text("<34>1 {t} host app 12 - - no room left"), False),
    "syslog 3164": ("syslog", _text("<34>{t} host app[12]: no room left"), False),
    "changes": ("changes_table", _table(lambda t: {"timestamp": t, "service": "mailer", "version": "v12"}), True),
    "flags": ("flags", _table(lambda t: {"timestamp": t, "flag": "f", "service": "mailer", "change": "off->on"}), True),
    "chat as JSON": ("chat_json", _table(lambda t: {"time": t, "user": "nora", "text": "it is late", "channel": "#m"}), True),
    "chat as text": ("chat_text", _text("[{t}] nora: mail is late, who can look at it?"), False),
    "Slack": ("slack", _table(lambda t: {"type": "message", "user": "U0AAA", "text": f"late {t}", "ts": t}), False),
    "alerts": ("alert_json", _table(lambda t: {"service": "m", "metric": "q", "threshold": 0, "observed": 1, "fired_at": t, "severity": "high", "monitor": f"q{t}"}), True),
    "Alertmanager": ("alertmanager", _table(_alert), True),
    "Kubernetes events": ("kubernetes_events", _table(_kube, envelope="items"), True),
    "Kubernetes audit": ("kubernetes_audit", _table(_audit, lines=True), True),
    "CloudTrail": ("cloudtrail", _table(_cloudtrail, envelope="Records"), True),
    "GitHub": ("github", _table(_github), True),
    "GitLab": ("gitlab", _table(_gitlab), True),
    "OpsGenie": ("opsgenie", _table(lambda t: {"id": t, "tinyId": "1", "alias": "q", "message": "Q", "status": "open", "priority": "P1", "createdAt": t}, envelope="data"), True),
}  # fmt: skip


def failures(kind: str, rows: list[tuple[str, str, str]]) -> list[Any]:
    module, make, exact = FORMATS[kind]
    source = importlib.import_module(f"afterword.sources.{module}").SOURCE
    known = {_ns(BEFORE), _ns(AFTER)}
    wrong = []
    for text, zone, wanted in rows:
        made = list(source.read(io.BytesIO(make(text)), Reading(zone)))
        events = [one for one in made if isinstance(one, Event)]
        strange = [one for one in events if one.at is not None and one.at not in known]
        silent = [
            one for one in strange if one.at != (_ns(wanted) if wanted else None) and (wanted or one.offset is not None)
        ]
        borrowed = [one for one in events if one.at in known]
        if silent or len({one.place.start for one in borrowed}) > 2 or (exact and wanted and not strange):
            wrong.append((text, zone, wanted, [(one.at, one.offset) for one in events], made[:3] if exact else ""))
    return wrong


def _ns(text: str) -> int:
    found = parse_time(text)
    assert isinstance(found, Stamp)
    return found.ns


@pytest.mark.parametrize("kind", FORMATS)
def test_no_format_lies_about_a_time(kind: str) -> None:
    assert failures(kind, TIMES) == []


@pytest.mark.shared
@pytest.mark.parametrize("kind", FORMATS)
def test_the_times_of_the_corpus_in_every_format(kind: str, tmp_path: Path) -> None:
    if not MAKER.is_file():
        pytest.skip("the research data is not beside the project")
    subprocess.run([sys.executable, str(MAKER), str(tmp_path)], check=True, capture_output=True)
    with (tmp_path / "time" / "times.csv").open(newline="", encoding="utf-8") as file:
        rows = [(row["input"], row["zone"], row["expect_utc"]) for row in csv.DictReader(file)]
    assert len(rows) == 49
    # What Slack writes is in seconds since 1970, so that there it is stated what a number means.
    rows = [row for row in rows if kind != "Slack" or row[2] or not row[0].replace(".", "").isdigit()]
    # In a line of text a NUL behind a time belongs to what follows; in a field it is part of the value.
    assert failures(kind, [row for row in rows if FORMATS[kind][2] or "\0" not in row[0]]) == []


def test_a_guess_would_be_seen() -> None:
    """Negative control: the moments that a careless reader would give are none of those that are wanted."""
    assert failures("JSON lines", [("2023-02-07T08:09:10Z", "", "2023-02-07T08:09:11Z")])
    assert failures("JSON lines", [("2023-02-07T08:09:10+01:00", "", "")])
    assert failures("CSV of logs", [("not a time", "", "2023-02-07T08:09:10Z")])
