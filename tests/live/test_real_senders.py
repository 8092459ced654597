"""Real senders and the receiver: the OpenTelemetry SDK, an agent that passes on what it is sent, a real Alertmanager.

Counted is what arrived: everything that was acknowledged is in the inbox, once.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import urllib.request
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from real_servers import free_port, needed, until

from afterword.app import desk
from afterword.app.workspace import open_workspace
from afterword.model.event import Event, Kind, Meaning
from afterword.ports import Reading
from afterword.sources import alertmanager, otlp_protobuf
from afterword.stores.inbox_folder import ReceivedFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNT = 500


@dataclass(frozen=True)
class Up:
    http: str
    grpc: str
    workspace: Path

    def items(self, kind: str) -> list[bytes]:
        received = ReceivedFolder(self.workspace / "inbox")
        return [item for one in received.segments() if one.kind == kind for item, _ in received.items(one)]

    def events(self, kind: str) -> list[Event]:
        read = otlp_protobuf.SOURCE.read(io.BytesIO(b"".join(self.items(kind))), Reading())
        return [one for one in read if isinstance(one, Event)]


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    command = [sys.executable, "-m", "afterword.faces.cli.main", "--workspace", str(tmp_path / "ws"), "receive"]
    with subprocess.Popen(
        [*command, "--http-port", "0", "--grpc-port", "0"], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = process.stderr.readline() + process.stderr.readline()
        found = re.search(r"(http://\S+)\n.*gRPC: (\S+)\n", said)
        assert found, said
        try:
            yield Up(found[1], found[2], tmp_path / "ws")
        finally:
            process.terminate()
            assert "items kept" in process.stderr.read()
    assert process.returncode == 0


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[None]:
    with (
        (folder / "said.log").open("ab") as log,
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


def send_with_sdk(protocol: str, endpoint: str, name: str) -> None:
    """Logs, spans and metrics as an application sends them; the providers are shut down, which sends the rest."""
    metrics_sdk = pytest.importorskip("opentelemetry.sdk.metrics", reason="make engines installs the SDK")
    from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    logs, spans, points = exporters(protocol, endpoint)
    of = Resource.create({"service.name": name, "host.name": "node-1"})
    tracers = TracerProvider(resource=of)
    tracers.add_span_processor(BatchSpanProcessor(spans, max_queue_size=10_000, max_export_batch_size=50))
    loggers = LoggerProvider(resource=of)
    loggers.add_log_record_processor(BatchLogRecordProcessor(logs, max_queue_size=10_000, max_export_batch_size=50))
    meters = metrics_sdk.MeterProvider([PeriodicExportingMetricReader(points, 60_000)], resource=of)
    counter = meters.get_meter("test").create_counter("orders", unit="1")
    import logging

    logger = logging.getLogger(f"test.{name}")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.addHandler(LoggingHandler(logger_provider=loggers))
    for number in range(COUNT):
        with tracers.get_tracer("test").start_as_current_span(f"order {number}"):
            logger.error("order %d of %s failed", number, name)
        counter.add(1)
    for provider in (tracers, loggers, meters):
        provider.shutdown()


def exporters(protocol: str, endpoint: str) -> tuple[Any, Any, Any]:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.grpc", reason="make engines installs the exporters")
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        made = (OTLPLogExporter, OTLPSpanExporter, OTLPMetricExporter)
        return tuple(one(endpoint=endpoint, insecure=True) for one in made)  # type: ignore[return-value]
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans

    pairs = ((HttpLogs, "logs"), (HttpSpans, "traces"), (HttpMetrics, "metrics"))
    return tuple(one(endpoint=f"{endpoint}/v1/{path}", compression=Compression.Gzip) for one, path in pairs)  # type: ignore[return-value]


def expect_all(up: Up, name: str) -> None:
    texts = Counter(one.text for one in up.events("logs") if one.subject == name)
    assert texts == Counter(f"order {number} of {name} failed" for number in range(COUNT))
    spans = [one for one in up.events("traces") if one.subject == name]
    assert Counter(one.name for one in spans) == Counter(f"order {number}" for number in range(COUNT))
    assert {one.clock for one in spans} == {"node-1"}
    traces = {one.attributes["trace"] for one in spans}
    assert {one.attributes["trace"] for one in up.events("logs") if one.subject == name} == traces
    [orders] = [one for one in up.events("metrics") if one.name == "orders"]
    assert (orders.subject, orders.value, orders.attributes) == (name, float(COUNT), {"type": "counter"})


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_the_sdk_sends(up: Up, protocol: str) -> None:
    send_with_sdk(protocol, up.http if protocol == "http" else up.grpc, f"sdk-{protocol}")
    expect_all(up, f"sdk-{protocol}")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_an_agent_passes_on(up: Up, protocol: str, tmp_path: Path) -> None:
    """An application sends to the agent beside it; the agent collects, packs and sends to us."""
    rotel = pytest.importorskip("rotel", reason="make engines installs the agent")
    agent, port, other = Path(rotel.__file__).with_name("rotel-agent"), free_port(), free_port()
    command = [
        str(agent), "start", "--otlp-grpc-endpoint", f"127.0.0.1:{port}", "--otlp-http-endpoint", f"127.0.0.1:{other}", "--exporter", "otlp",
        "--otlp-exporter-endpoint", up.http if protocol == "http" else f"http://{up.grpc}", "--otlp-exporter-protocol", protocol,
        "--batch-timeout", "200ms", "--pid-file", str(tmp_path / "pid"),
    ]  # fmt: skip
    name = f"agent-{protocol}"
    with running(command, tmp_path):
        until("the agent", lambda: _listens(port), 20)
        send_with_sdk("grpc", f"127.0.0.1:{port}", name)
        until("all spans", lambda: len(up.events("traces")) >= COUNT and len(up.events("logs")) >= COUNT, 20)
        until("the metric", lambda: up.events("metrics"), 20)
    expect_all(up, name)


def _listens(port: int) -> bool:
    import socket

    with socket.create_connection(("127.0.0.1", port), 1):
        return True


def test_alertmanager_notifies(up: Up, tmp_path: Path) -> None:
    """The real one posts its webhook: startsAt is when it happened, the receipt is when people were told."""
    needed("prometheus-alertmanager")
    port = free_port()
    (tmp_path / "am.yml").write_text(
        "route: {receiver: us, group_wait: 0s, group_interval: 1s, repeat_interval: 1h}\n"
        f"receivers: [{{name: us, webhook_configs: [{{url: '{up.http}/webhooks/alertmanager'}}]}}]\n"
    )
    command = ["prometheus-alertmanager", "--config.file=am.yml", "--storage.path=am", f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]  # fmt: skip
    alert = {"labels": {"alertname": "QueueFull", "service": "mailer"}, "annotations": {"summary": "the queue is full"}, "startsAt": "2026-03-14T09:00:00Z"}  # fmt: skip
    with running(command, tmp_path):
        until("Alertmanager", lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=2))
        _post(f"http://127.0.0.1:{port}/api/v2/alerts", [alert])
        until("its notification", lambda: up.items("alertmanager"), 20)
        _post(f"http://127.0.0.1:{port}/api/v2/alerts", [{**alert, "endsAt": "2026-03-14T09:05:00Z"}])
        until("the second one", lambda: len(up.items("alertmanager")) == 2, 20)
    raw = b"".join(up.items("alertmanager"))
    found = [one for one in alertmanager.SOURCE.read(io.BytesIO(raw), Reading()) if isinstance(one, Event)]
    pages = [one for one in found if one.kind is Kind.PAGE]
    assert [(one.subject, one.name, one.attributes["state"], one.meaning) for one in pages] == [
        ("mailer", "QueueFull", "triggered", Meaning.REPORTED),
        ("mailer", "QueueFull", "resolved", Meaning.REPORTED),
    ]
    fired = next(one for one in found if one.kind is Kind.ALERT)
    assert fired.at == 1773478800_000000000
    assert pages[0].at is not None
    assert pages[0].at > fired.at
    _export_is_evidence(up)


def _export_is_evidence(up: Up) -> None:
    """What was received in a window is written as files that analyze reads."""
    ws = open_workspace(up.workspace, face="cli")
    made = desk.ask(
        ws, "inbox.export", {"window": "2020-01-01T00:00:00Z/2100-01-01T00:00:00Z", "out": str(up.workspace / "slice")}
    )
    assert (made.items, len(made.files)) == (2, 1)
    assert len(Path(made.files[0]).read_bytes().splitlines()) == 2
    listed = desk.ask(ws, "inbox.list", {})
    assert [(one.kind, one.items) for one in listed] == [("alertmanager", 2)]


def _post(url: str, body: Any) -> None:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.status == 200
