"""The receiver is killed in the middle of its work: what it had acknowledged is in the inbox, each item once."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from afterword.stores.inbox_folder import InboxFolder, Limits, ReceivedFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

RECEIVER = Path(__file__).with_name("receiver.py")
SENDERS = 4
#: When to kill: after so many acknowledgements over all senders.
MOMENTS = (1, 37, 150)


@dataclass
class Sent:
    """What the senders were answered; what was on its way when the receiver died may be there or not."""

    acknowledged: set[str] = field(default_factory=set)
    tried: set[str] = field(default_factory=set)
    enough: threading.Event = field(default_factory=threading.Event)


@contextmanager
def receiving(workspace: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, str(RECEIVER), str(workspace), *more]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        address = ""
        while not address:
            line = process.stderr.readline()
            assert line, "the receiver did not start"
            address = found[0] if (found := re.findall(r"http://[0-9.:]+", line)) else ""
        try:
            yield process, address
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.stderr.read()


def request(name: str) -> bytes:
    log = {"time_unix_nano": 1, "body": {"string_value": name}}
    return ExportLogsServiceRequest(resource_logs=[{"scope_logs": [{"log_records": [log]}]}]).SerializeToString()


def send(address: str, sender: str, sent: Sent, stop_after: int) -> None:
    with httpx.Client(base_url=address, timeout=10) as client:
        for number in range(10_000):
            name = f"{sender}-{number}"
            sent.tried.add(name)
            try:
                if number % 3:
                    media = {"content-type": "application/x-protobuf"}
                    answer = client.post("/v1/logs", content=request(name), headers=media)
                else:
                    answer = client.post("/webhooks/github", json={"name": name}, headers={"x-github-delivery": name})
            except httpx.HTTPError:
                return
            if answer.status_code == 200:
                sent.acknowledged.add(name)
            if len(sent.acknowledged) >= stop_after:
                sent.enough.set()


def round_of(workspace: Path, name: str, moment: int, sent: Sent, *more: str) -> None:
    with receiving(workspace, *more) as (process, address):
        arguments = [(address, f"{name}.{one}", sent, len(sent.acknowledged) + moment) for one in range(SENDERS)]
        threads = [threading.Thread(target=send, args=one) for one in arguments]
        for one in threads:
            one.start()
        assert sent.enough.wait(60)
        process.send_signal(signal.SIGKILL)
        for one in threads:
            one.join()
    sent.enough.clear()


def held(workspace: Path) -> list[str]:
    received = ReceivedFolder(workspace / "inbox")
    found = []
    for segment in received.segments():
        for item, _ in received.items(segment):
            if segment.kind == "logs":
                logs = ExportLogsServiceRequest.FromString(item[4:]).resource_logs[0].scope_logs[0].log_records
                found += [one.body.string_value for one in logs]
            else:
                found.append(json.loads(item)["delivered"]["name"])
    return found


def test_nothing_that_was_acknowledged_is_lost(tmp_path: Path) -> None:
    sent = Sent()
    for number, moment in enumerate(MOMENTS):
        round_of(tmp_path, str(number), moment, sent)
    InboxFolder(tmp_path / "inbox", Limits(room=0)).close()
    there = held(tmp_path)
    assert len(sent.acknowledged) >= sum(MOMENTS)
    assert sent.acknowledged <= set(there)
    assert len(there) == len(set(there))
    assert set(there) <= sent.tried


def test_a_receiver_that_answers_before_it_writes_is_found_out(tmp_path: Path) -> None:
    """The control: the same test must fail for it."""
    sent = Sent()
    for number in range(5):
        round_of(tmp_path, str(number), 20, sent, "early")
        if not sent.acknowledged <= set(held(tmp_path)):
            return
    pytest.fail("five kills and nothing was lost: this test does not see what it is for")


def test_it_ends_without_losing_anything_when_it_is_asked_to(tmp_path: Path) -> None:
    with receiving(tmp_path) as (process, address):
        media = {"content-type": "application/x-protobuf"}
        for number in range(5):
            assert httpx.post(f"{address}/v1/logs", content=request(str(number)), headers=media).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert held(tmp_path) == ["0", "1", "2", "3", "4"]
    [segment] = ReceivedFolder(tmp_path / "inbox").segments()
    assert segment.items == 5
