"""The receiving face over real sockets: statuses of the protocol, bounds, slow senders, gRPC."""

from __future__ import annotations

import gzip
import json
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import httpx2 as httpx
import pytest
import uvicorn
import zstandard
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "sources"))

import test_otlp_protobuf as otlp

from afterword.app.inbox import Receiver, Secrets
from afterword.faces.receive import http, rpc
from afterword.faces.receive.patience import Patience
from afterword.ports import BusyError, FullError
from afterword.stores.inbox_folder import InboxFolder, Limits, ReceivedFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGS, SPANS = otlp.written(otlp.LOGS), otlp.written(otlp.SPANS)
PROTOBUF = {"content-type": "application/x-protobuf"}
JSON = {"content-type": "application/json"}


class Impatient(Patience):
    seconds = 0.3


@dataclass
class Up:
    client: httpx.Client
    port: int
    root: Path
    receiver: Receiver
    inbox: InboxFolder
    bounds: http.Bounds

    def held(self) -> int:
        return sum(one.items for one in ReceivedFolder(self.root).segments())


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    inbox = InboxFolder(tmp_path, Limits(room=0))
    receiver = Receiver(inbox, Secrets("", {"github": "s3cret"}))
    bounds = http.Bounds(body=100_000, seconds=0.5, held=300_000)
    settings = uvicorn.Config(
        http.build(receiver, bounds), port=0, log_level="error", http=Impatient, lifespan="off", ws="none"
    )
    listening = settings.bind_socket()
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    port = listening.getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        yield Up(client, port, tmp_path, receiver, inbox, bounds)
    server.should_exit = True
    thread.join()
    listening.close()
    inbox.close()


def test_protobuf_and_json_are_answered_in_kind(up: Up) -> None:
    answer = up.client.post("/v1/traces", content=SPANS, headers=PROTOBUF)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "application/x-protobuf", b"")
    assert ExportTraceServiceResponse.FromString(answer.content) == ExportTraceServiceResponse()
    answer = up.client.post("/v1/traces", content=otlp.as_json(otlp.SPANS), headers=JSON)
    assert (answer.status_code, answer.headers["content-type"], answer.json()) == (200, "application/json", {})
    answer = up.client.post("/v1/logs", content=LOGS, headers=PROTOBUF)
    partial = ExportLogsServiceResponse.FromString(answer.content).partial_success
    assert (partial.rejected_log_records, partial.error_message) == (0, "1 log records state no time; they were taken")
    assert up.held() == 3


@pytest.mark.parametrize(("name", "pack"), [("gzip", gzip.compress), ("zstd", zstandard.ZstdCompressor().compress)])
def test_packed_bodies(up: Up, name: str, pack: Any) -> None:
    headers = {**PROTOBUF, "content-encoding": name}
    assert up.client.post("/v1/logs", content=pack(LOGS), headers=headers).status_code == 200
    for raw, status in ((pack(LOGS)[:-3], 400), (b"junk", 400), (pack(b"\0" * 10_000_000), 413)):
        assert up.client.post("/v1/logs", content=raw, headers=headers).status_code == status
    assert up.client.post("/v1/logs", content=LOGS, headers={**PROTOBUF, "content-encoding": "br"}).status_code == 415
    assert up.held() == 1
    assert up.bounds.holding == 0


def test_statuses_that_say_whether_to_send_again(up: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    def status(content: Any, headers: dict[str, str], path: str = "/v1/logs") -> int:
        return up.client.post(path, content=content, headers=headers).status_code

    assert status(b"garbage", PROTOBUF) == 400
    assert status(b"{", JSON) == 400
    assert status(LOGS, {"content-type": "text/plain"}) == 415
    assert status(LOGS, {}) == 415
    assert status(b"\0" * 100_001, PROTOBUF) == 413
    assert status(iter([b"\0" * 60_000] * 2), PROTOBUF) == 413
    assert status(LOGS, PROTOBUF, "/v1/profiles") == 404
    assert up.client.get("/v1/logs").status_code == 405
    for error, expected, webhook in ((BusyError("later"), 429, 429), (FullError("full"), 503, 507)):

        def refuse(*_: Any, error: Exception = error) -> Any:
            raise error

        monkeypatch.setattr(up.inbox, "keep", refuse)
        answer = up.client.post("/v1/logs", content=LOGS, headers=PROTOBUF)
        assert (answer.status_code, "retry-after" in answer.headers) == (expected, True)
        assert b"later" in answer.content or b"full" in answer.content
        assert status(b'{"alerts": []}', JSON, "/webhooks/alertmanager") == webhook
    assert up.held() == 0
    assert up.bounds.holding == 0


def test_what_is_held_at_once_is_bounded(up: Up) -> None:
    """Many senders at once: what does not fit is asked to come again."""
    up.bounds.holding = up.bounds.held - len(LOGS) + 1
    answer = up.client.post("/v1/logs", content=LOGS, headers=PROTOBUF)
    assert answer.status_code == 429
    up.bounds.holding = 0
    assert up.client.post("/v1/logs", content=LOGS, headers=PROTOBUF).status_code == 200


@pytest.mark.parametrize(
    "begun", [b"", b"POST /v1/logs HTTP/1.1\r\nHost: x\r\n", b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 50\r\n\r\nabc"]
)  # fmt: skip
def test_a_sender_that_does_not_go_on_is_not_waited_for(up: Up, begun: bytes) -> None:
    """Slow-loris: one byte now and then keeps no place."""
    with socket.create_connection(("127.0.0.1", up.port), 5) as slow:
        slow.sendall(begun)
        began, heard = time.monotonic(), b""
        try:
            while time.monotonic() - began < 4:
                slow.sendall(b"" if begun[-3:] == b"abc" else b"X")
                slow.settimeout(0.1)
                try:
                    if not (said := slow.recv(1000)):
                        break
                    # The head and the body of the answer may come one after the other.
                    heard += said
                    assert b" 408 " in heard or b" 400 " in heard
                except TimeoutError:
                    continue
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert time.monotonic() - began < 3
    assert up.client.get("/healthz").status_code == 200


def test_webhooks(up: Up) -> None:
    import hashlib
    import hmac

    body = b'{"deployment": {"id": 7}}'
    signature = "sha256=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    headers = {**JSON, "x-github-event": "deployment", "x-github-delivery": "d1", "x-hub-signature-256": signature}
    assert up.client.post("/webhooks/github", content=body, headers=headers).json() == {"status": "kept"}
    assert up.client.post("/webhooks/github", content=body, headers=headers).json() == {"status": "duplicate"}
    assert up.client.post("/webhooks/github", content=body + b" ", headers=headers).status_code == 403
    assert up.client.post("/webhooks/alertmanager", json={"alerts": []}).json() == {"status": "kept"}
    assert up.client.post("/webhooks/alertmanager", json={"no": []}).status_code == 400
    assert up.client.post("/webhooks/elsewhere", json={}).status_code == 404
    assert up.held() == 2
    assert up.client.get("/healthz").json() == {"taken": 2, "duplicates": 1, "refused": 2}


def test_a_token(up: Up) -> None:
    up.receiver._secrets = Secrets("t0ken")
    assert up.client.post("/v1/logs", content=LOGS, headers=PROTOBUF).status_code == 401
    assert up.client.post("/webhooks/alertmanager", json={"alerts": []}).status_code == 401
    known = {**PROTOBUF, "authorization": "Bearer t0ken"}
    assert up.client.post("/v1/logs", content=LOGS, headers=known).status_code == 200


# ------------------------------------------------------------------------------------------------- gRPC

SERVICE = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"


@pytest.fixture
def channel(up: Up) -> Iterator[Any]:
    server = rpc.build(up.receiver, body=100_000)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as made:
        yield made
    server.stop(None).wait()


def code(channel: Any, raw: bytes, **more: Any) -> str:
    try:
        channel.unary_unary(SERVICE)(raw, timeout=10, **more)
    except grpc.RpcError as error:
        return str(error.code().name)  # type: ignore[attr-defined]
    return "OK"


def test_grpc(up: Up, channel: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = ExportLogsServiceResponse.FromString(channel.unary_unary(SERVICE)(LOGS, timeout=10))
    assert answer.partial_success.error_message.startswith("1 log records")
    assert code(channel, LOGS, compression=grpc.Compression.Gzip) == "OK"
    assert up.held() == 2
    assert code(channel, b"garbage") == "INVALID_ARGUMENT"
    assert code(channel, SPANS) == "INVALID_ARGUMENT"
    assert code(channel, b"\0" * 200_000) == "RESOURCE_EXHAUSTED"
    assert code(channel, b"\0" * 20_000_000, compression=grpc.Compression.Gzip) == "RESOURCE_EXHAUSTED"
    up.receiver._secrets = Secrets("t0ken")
    assert code(channel, LOGS) == "UNAUTHENTICATED"
    assert code(channel, LOGS, metadata=[("authorization", "Bearer t0ken")]) == "OK"
    up.receiver._secrets = Secrets()

    def refuse(*_: Any) -> Any:
        raise FullError("full")

    monkeypatch.setattr(up.inbox, "keep", refuse)
    assert code(channel, LOGS) == "UNAVAILABLE"
    assert up.held() == 3


def test_json_for_people_is_the_same_as_for_programs(up: Up) -> None:
    assert json.loads(up.client.post("/v1/logs", content=b"{", headers=JSON).content)["code"] == 3
