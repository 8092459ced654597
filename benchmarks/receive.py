"""Receiving: log records a CPU-second that are on the disk, by protocol, beside an agent that keeps nothing; and reading them again.

``python benchmarks/receive.py --requests 400 --records 500``; CPU is that of the receiver's process alone, of user and system. The
agent (``make engines``) takes the same requests over gRPC and drops them: it has no exporter to a file.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import io
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from afterword.ports import Reading
from afterword.sources import otlp_json, otlp_protobuf
from afterword.stores.inbox_folder import ReceivedFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SENDERS = 8
SERVICE = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"


def request(records: int) -> ExportLogsServiceRequest:
    """Log records as services write them: about 250 bytes each."""

    def said(key: str, value: str) -> dict[str, Any]:
        return {"key": key, "value": {"string_value": value}}

    made = [
        {
            "time_unix_nano": 1_773_486_000_000_000_000 + number * 1_000_003,
            "severity_number": 9 + 4 * (number % 50 == 0),
            "body": {"string_value": f"order {number} of customer {number * 7919 % 10_007} was charged 12.50 in {number % 90} ms"},
            "attributes": [said("http.route", "/orders/{id}"), said("thread.name", f"worker-{number % 8}"), said("order", str(number))],
            "trace_id": number.to_bytes(16, "big"),
            "span_id": (number + 1).to_bytes(8, "big"),
        }
        for number in range(records)
    ]  # fmt: skip
    resource = {"attributes": [said("service.name", "checkout"), said("host.name", "node-1")]}
    return ExportLogsServiceRequest(resource_logs=[{"resource": resource, "scope_logs": [{"log_records": made}]}])


def as_json(one: ExportLogsServiceRequest) -> bytes:
    found = json_format.MessageToDict(one, use_integers_for_enums=True)
    for log in found["resourceLogs"][0]["scopeLogs"][0]["logRecords"]:
        for key in ("traceId", "spanId"):
            # MessageToDict writes bytes in base64, OTLP in hexadecimal.
            log[key] = base64.b64decode(log[key]).hex()
    return json.dumps(found, separators=(",", ":")).encode()


# ------------------------------------------------------------------------------------------------- receivers


@contextmanager
def ours(folder: Path) -> Iterator[tuple[int, str, str]]:
    command = [sys.executable, "-m", "afterword.faces.cli.main", "--workspace", str(folder), "receive"]
    with subprocess.Popen(
        [*command, "--http-port", "0", "--grpc-port", "0"], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = process.stderr.readline() + process.stderr.readline()
        found = re.search(r"http://(\S+)\n.*gRPC: (\S+)\n", said)
        assert found, said
        try:
            yield process.pid, found[1], found[2]
        finally:
            process.terminate()
            process.stderr.read()


@contextmanager
def agent(folder: Path) -> Iterator[tuple[int, str]]:
    import rotel  # noqa: PLC0415 - only where the engines are installed

    ports = [_free(), _free()]
    command = [
        str(Path(rotel.__file__).with_name("rotel-agent")), "start", "--otlp-grpc-endpoint", f"127.0.0.1:{ports[0]}", "--otlp-http-endpoint",
        f"127.0.0.1:{ports[1]}", "--exporter", "blackhole", "--pid-file", str(folder / "pid"), "--otlp-grpc-max-recv-msg-size-mib", "16",
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(2)
        try:
            yield process.pid, f"127.0.0.1:{ports[0]}"
        finally:
            process.terminate()


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def cpu(pid: int) -> float:
    """Seconds of user and system of all threads of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# ------------------------------------------------------------------------------------------------- senders


def over_http(address: str, body: bytes, headers: dict[str, str]) -> Callable[[], Callable[[], bool]]:
    def connected() -> Callable[[], bool]:
        connection = HTTPConnection(address)

        def send() -> bool:
            connection.request("POST", "/v1/logs", body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status == 200

        return send

    return connected


def over_grpc(address: str, body: bytes) -> Callable[[], Callable[[], bool]]:
    def connected() -> Callable[[], bool]:
        channel = grpc.insecure_channel(address)
        export = channel.unary_unary(SERVICE)

        def send() -> bool:
            export(body, timeout=60)
            return True

        return send

    return connected


def measured(name: str, pid: int, connected: Callable[[], Callable[[], bool]], requests: int, records: int) -> None:
    accepted: list[bool] = []

    def work() -> None:
        send = connected()
        accepted.extend(send() for _ in range(requests // SENDERS))

    threads = [threading.Thread(target=work) for _ in range(SENDERS)]
    before, began = cpu(pid), time.monotonic()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    seconds, spent, taken = time.monotonic() - began, cpu(pid) - before, sum(accepted) * records
    assert all(accepted)
    print(
        f"{name:<34}{taken:>10,} records {spent:>7.2f} CPU-s {taken / max(spent, 0.01):>12,.0f} /CPU-s {taken / seconds:>12,.0f} /s"
    )


def reading(raw: bytes, text: bytes, records: int, requests: int) -> None:
    few = max(1, requests // 4)
    framed, lines = (len(raw).to_bytes(4, "big") + raw) * requests, (text + b"\n") * few
    for source, content, expected in ((otlp_protobuf.SOURCE, framed, requests), (otlp_json.SOURCE, lines, few)):
        began = time.process_time()
        count = sum(1 for _ in source.read(io.BytesIO(content), Reading()))
        spent = time.process_time() - began
        assert count == expected * records
        print(f"read {source.name:<29}{count:>10,} records {spent:>7.2f} CPU-s {count / spent:>12,.0f} /CPU-s {len(content) / count:>8.0f} bytes each")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--records", type=int, default=500)
    asked = parser.parse_args()
    one = request(asked.records)
    raw, text = one.SerializeToString(), as_json(one)
    protobuf = {"Content-Type": "application/x-protobuf"}
    packed = {**protobuf, "Content-Encoding": "gzip"}
    print(
        f"{asked.requests} requests of {asked.records} records, {len(raw):,} bytes (JSON {len(text):,}), {SENDERS} senders"
    )
    with tempfile.TemporaryDirectory() as folder:
        with ours(Path(folder)) as (pid, http, rpc):
            run = (asked.requests, asked.records)
            measured("kept, gRPC", pid, over_grpc(rpc, raw), *run)
            measured("kept, HTTP protobuf", pid, over_http(http, raw, protobuf), *run)
            measured("kept, HTTP protobuf gzip", pid, over_http(http, gzip.compress(raw, 6), packed), *run)
            few = (max(SENDERS, asked.requests // 10), asked.records)
            measured("kept, HTTP JSON", pid, over_http(http, text, {"Content-Type": "application/json"}), *few)
        kept = sum(segment.items for segment in ReceivedFolder(Path(folder) / "inbox").segments())
        sent = 3 * (asked.requests // SENDERS * SENDERS) + few[0] // SENDERS * SENDERS
        print(f"in the inbox: {kept} requests of {sent} that were acknowledged")
        assert kept == sent
        try:
            with agent(Path(folder)) as (pid, rpc):
                measured("dropped by an agent (rotel), gRPC", pid, over_grpc(rpc, raw), *run)
        except ImportError:
            print("the agent is not installed (make engines)")
    reading(raw, text, asked.records, min(100, asked.requests))


if __name__ == "__main__":
    main()
