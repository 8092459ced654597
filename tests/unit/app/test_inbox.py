"""Receiving without a network: what is understood, what is genuine, what came before."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "sources"))

import test_otlp_protobuf as otlp

from afterword.app import otlp_request, webhook
from afterword.app.inbox import Receiver, Secrets, remembered
from afterword.model.refusal import ForbiddenError, InvalidError
from afterword.ports import FullError
from afterword.reading import inbox_item, otlp_frame

T = 1773478980_000000000
EVENT = b'{\r\n "event": {"id": "5AC6", "event_type": "incident.triggered"}\n}'
DEPLOY = b'{"deployment": {"id": 7}}'


class Kept:
    """An inbox that remembers, or does not write."""

    torn = ()

    def __init__(self) -> None:
        self.items: list[tuple[str, bytes]] = []
        self.fails = False

    def keep(self, kind: str, item: bytes) -> Future[None]:
        promise: Future[None] = Future()
        if self.fails:
            promise.set_exception(FullError("no"))
        else:
            self.items.append((kind, item))
            promise.set_result(None)
        return promise

    def close(self) -> None: ...


def receiver(**secrets: str) -> tuple[Receiver, Kept]:
    inbox = Kept()
    return Receiver(inbox, Secrets(secrets.pop("token", ""), secrets), clock=lambda: T), inbox


def signed(kind: str, body: bytes, secret: str, **more: str) -> dict[str, str]:
    hook = webhook.HOOKS[kind]
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"content-type": "application/json", hook.signature: hook.before + digest, **more}


# ------------------------------------------------------------------------------------------------- OTLP


@pytest.mark.parametrize(("signal", "index"), [("logs", 0), ("traces", 1), ("metrics", 2)])
def test_json_is_written_down_as_the_protobuf_that_says_the_same(signal: str, index: int) -> None:
    made, inbox = receiver()
    request = otlp.REQUESTS[index]
    made.otlp(signal, otlp.written(request), as_json=False)
    made.otlp(signal, otlp.as_json(request), as_json=True)
    first, second = (otlp_request.REQUESTS[signal].FromString(item[4:-17]) for _, item in inbox.items)
    assert str(first) == str(second) == str(request)
    assert otlp_frame.receipt(inbox.items[0][1][4:]) == T


def test_fields_and_enums_that_are_not_known_are_no_reason_to_refuse() -> None:
    record = {
        "timeUnixNano": "1",
        "severityNumber": 77,
        "brandNew": {"a": [1]},
        "traceId": "5B8EFFF798038103D269B633813FC60C",
    }
    found = otlp_request.of_json(
        "logs", json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}).encode()
    )
    [log] = otlp_request.REQUESTS["logs"].FromString(found.raw).resource_logs[0].scope_logs[0].log_records
    assert (log.severity_number, log.trace_id.hex()) == (77, "5b8efff798038103d269b633813fc60c")


@pytest.mark.parametrize("raw", [b"{}", b'{"resourceLogs": []}'])
def test_a_request_of_nothing_is_taken_and_not_written(raw: bytes) -> None:
    made, inbox = receiver()
    assert made.otlp("logs", raw, as_json=True) == (None, "")
    assert made.otlp("logs", b"", as_json=False) == (None, "")
    assert not inbox.items


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"[]", b"nonsense", b'{"a": 1}', b'{"resourceLogs": 3}', b'{"resourceLogs": [3]}', b"\xff", b"[" * 5000,
        b'{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"traceId": "zz"}]}]}]}', b'{"resourceSpans": [{}]}',
        b'{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"timeUnixNano": "yesterday"}]}]}]}',
    ],
)  # fmt: skip
def test_json_that_is_no_request(raw: bytes) -> None:
    made, inbox = receiver()
    with pytest.raises(InvalidError):
        made.otlp("logs", raw, as_json=True)
    assert not inbox.items


@pytest.mark.parametrize("raw", [b"garbage", b"\x0a\xff", otlp.written(otlp.SPANS), otlp.written(otlp.METRICS), otlp.written(otlp.LOGS)[:-1]])  # fmt: skip
def test_protobuf_that_is_no_request_of_the_signal(raw: bytes) -> None:
    made, inbox = receiver()
    with pytest.raises(InvalidError):
        made.otlp("logs", raw, as_json=False)
    assert not inbox.items


def test_text_that_is_no_utf_8_is_taken_and_said() -> None:
    made, inbox = receiver()
    _, warning = made.otlp("logs", otlp.written(otlp.LOGS).replace(b"pool", b"p\xff\xffl"), as_json=False)
    assert "UTF-8" in warning
    assert inbox.items


def test_answers_of_the_protocol() -> None:
    made, _ = receiver()
    _, warning = made.otlp("logs", otlp.written(otlp.LOGS), as_json=False)
    assert warning == "1 log records state no time; they were taken"
    answer = json.loads(otlp_request.accepted("logs", warning, as_json=True))
    assert answer == {"partialSuccess": {"errorMessage": warning}}
    assert otlp_request.accepted("logs", "", as_json=False) == b""
    assert json.loads(otlp_request.accepted("traces", "", as_json=True)) == {}
    spans = otlp.written(otlp.spans(otlp.span(trace_id=b"1")))
    assert (
        made.otlp("traces", spans, as_json=False)[1] == "1 spans have no valid ids and join no trace; they were taken"
    )
    long = otlp_request.status(3, "é" * 300, as_json=False)
    assert long[:5] == b"\x08\x03\x12\xd8\x04"
    assert otlp_request.status(3, "no", as_json=False) == b"\x08\x03\x12\x02no"


def test_the_token() -> None:
    made, _ = receiver(token="t0ken")
    assert made.allowed("Bearer t0ken")
    assert not made.allowed("Bearer t0ken2")
    assert not made.allowed("")
    assert receiver()[0].allowed("")


# ------------------------------------------------------------------------------------------------- webhooks


@pytest.mark.parametrize(("kind", "body"), [("pagerduty", EVENT), ("github", DEPLOY)])
def test_a_signature_is_right_or_it_is_refused(kind: str, body: bytes) -> None:
    made, inbox = receiver(**{kind: "one two"})
    hook = webhook.HOOKS[kind]
    wrong = signed(kind, body, "three")
    right = signed(kind, body, "two")[hook.signature]
    refused: list[dict[str, str]] = [
        wrong, {}, {hook.signature: ""}, {hook.signature: right.removeprefix(hook.before)}, {hook.signature: right[:-1]},
        {hook.signature: f"v0={right[3:]}"}, {hook.signature: right + "é"}, signed(kind, body + b" ", "two"),
    ]  # fmt: skip
    for headers in refused:
        with pytest.raises(ForbiddenError):
            made.webhook(kind, {"content-type": "application/json", **headers}, body)
    assert not inbox.items
    # Several signatures, of which one is right: a secret is being exchanged.
    several = {"content-type": "application/json", hook.signature: f"{wrong[hook.signature]}, {right}"}
    made.webhook(kind, several, body)
    assert len(inbox.items) == 1
    assert b"signature" not in inbox.items[0][1]


def test_the_example_of_github_has_the_signature_that_it_publishes() -> None:
    secret, body = "It's a Secret to Everybody", b"Hello, World!"
    headers = {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}
    assert webhook.genuine("github", headers, body, secret)
    assert not webhook.genuine("github", headers, body + b" ", secret)


def test_without_a_secret_the_sender_is_believed() -> None:
    made, inbox = receiver()
    made.webhook(
        "github", {"content-type": "application/json", "x-github-event": "deployment", "x-github-delivery": "d"}, DEPLOY
    )
    [(kind, line)] = inbox.items
    value = json.loads(line)
    assert kind == "github"
    assert value["headers"] == {"x-github-event": "deployment", "x-github-delivery": "d"}
    assert (value["received"], value["delivered"]) == ("2026-03-14T09:03:00Z", {"deployment": {"id": 7}})


@pytest.mark.parametrize(
    ("kind", "body", "more"), [("pagerduty", EVENT, {}), ("github", DEPLOY, {"x-github-delivery": "d1"})]
)
def test_a_delivery_that_comes_again_is_kept_once(kind: str, body: bytes, more: dict[str, str]) -> None:
    made, inbox = receiver()
    headers = {"content-type": "application/json", **more}
    assert made.webhook(kind, headers, body)[1] is False
    assert made.webhook(kind, headers, body)[1] is True
    # The id is not signed: whoever has seen the body could invent another one.
    assert made.webhook(kind, {**headers, "x-github-delivery": "d2"}, body)[1] is True
    assert len(inbox.items) == 1
    again = Receiver(inbox, known=remembered(line for _, line in inbox.items))
    assert again.webhook(kind, headers, body)[1] is True
    assert again.webhook(kind, headers, body.replace(b"5AC6", b"5AC7").replace(b"7}", b"8}"))[1] is (kind == "github")
    assert made.counts.duplicates == 2


def test_a_notification_of_alertmanager_that_is_repeated_is_another_one() -> None:
    made, inbox = receiver()
    for _ in range(2):
        assert made.webhook("alertmanager", {"content-type": "application/json"}, b'{"alerts": []}')[1] is False
    assert len(inbox.items) == 2


def test_what_could_not_be_written_may_come_again() -> None:
    made, inbox = receiver()
    inbox.fails = True
    promise, _ = made.webhook("github", {"content-type": "application/json", "x-github-delivery": "d"}, DEPLOY)
    assert promise is not None
    assert isinstance(promise.exception(), FullError)
    inbox.fails = False
    assert made.webhook("github", {"content-type": "application/json", "x-github-delivery": "d"}, DEPLOY)[1] is False
    assert len(inbox.items) == 1


def test_forms_of_github_are_taken_where_they_are_signed() -> None:
    from urllib.parse import urlencode

    body = urlencode({"payload": DEPLOY.decode()}).encode()
    made, inbox = receiver(github="s")
    made.webhook("github", signed("github", body, "s") | {"content-type": webhook.FORM}, body)
    assert json.loads(inbox.items[0][1])["delivered"] == {"deployment": {"id": 7}}
    with pytest.raises(InvalidError, match="signature"):
        receiver()[0].webhook("github", {"content-type": webhook.FORM}, body)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a": NaN}', b'{"a": 1}', b"\xff", b'{"a":' * 5000])
def test_what_is_no_webhook(body: bytes) -> None:
    made, inbox = receiver()
    for kind in ("alertmanager", "pagerduty"):
        with pytest.raises(InvalidError):
            made.webhook(kind, {"content-type": "application/json"}, body)
    assert not inbox.items


def test_a_line_is_one_line_whatever_was_delivered() -> None:
    line = inbox_item.line("github", T, {}, b'\xef\xbb\xbf{\r\n"a":\n"\\n\xe2\x80\xa8"}\n')
    assert line.count(b"\n") == 1
    assert json.loads(line)["delivered"] == {"a": "\n\u2028"}
