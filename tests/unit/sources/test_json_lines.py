"""Structured logs under any logger's field names, one a line or inside the answer of a log store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_checks import check, cut_everywhere, events, everything, ns

from afterword.model.event import Event
from afterword.model.evidence import Problem
from afterword.sources import json_lines

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
AT = "2024-05-01T10:20:30"
TRACE = "0af7651916cd43dd8448eb211c80319c"

#: name, record, time, severity, component, text, attributes that must be there
LOGGERS = [
    ("plain", {"timestamp": AT + "Z", "service": "cart", "severity_text": "ERROR", "msg": "no stock", "trace_id": TRACE, "http.route": "/cart", "status": 500},
     AT, "error", "cart", "no stock", {"trace": TRACE, "http.route": "/cart", "status": "500"}),
    ("pino", {"level": 50, "time": 1714558830123, "pid": 7, "hostname": "web-1", "name": "cart", "msg": "no stock"}, AT + ".123", "error", "cart", "no stock", {}),
    ("pino, debug", {"level": 20, "time": 1714558830123, "pid": 7, "hostname": "web-1", "msg": "x"}, AT + ".123", "debug", "web-1", "x", {}),
    ("bunyan", {"v": 0, "name": "cart", "hostname": "h", "pid": 1, "level": 40, "msg": "slow", "time": AT + ".123Z"}, AT + ".123", "warn", "cart", "slow", {}),
    ("bunyan, error", {"v": 0, "name": "cart", "hostname": "h", "pid": 1, "level": 50, "msg": "boom", "time": AT + "Z", "err": {"message": "boom", "name": "TypeError", "stack": "TypeError: boom\n    at f (a.js:1:2)"}},
     AT, "error", "cart", "boom\nTypeError: boom\n    at f (a.js:1:2)", {"exception": "TypeError"}),
    ("zap", {"level": "error", "ts": 1714558830.123456, "logger": "pay", "caller": "pay/a.go:3", "msg": "declined", "error": "EOF"}, AT + ".123456", "error", "pay", "declined", {"logger": "pay", "error": "EOF", "caller": "pay/a.go:3"}),
    ("logrus", {"level": "warning", "msg": "slow", "time": "2024-05-01T12:20:30+02:00", "duration_ms": 912}, AT, "warn", "", "slow", {"duration_ms": "912"}),
    ("structlog", {"event": "order_failed", "level": "critical", "timestamp": AT + ".5Z", "logger": "shop.pay", "order": "A-7"}, AT + ".5", "fatal", "shop.pay", "order_failed", {"order": "A-7"}),
    ("python", {"asctime": "2024-05-01 10:20:30,123", "levelname": "WARNING", "name": "shop.pay", "message": "slow"}, AT + ".123", "warn", "shop.pay", "slow", {"logger": "shop.pay"}),
    ("python, exception", {"asctime": "2024-05-01 10:20:30,123", "levelname": "ERROR", "name": "pay", "message": "failed", "exc_info": 'Traceback (most recent call last):\n  File "a"\nshop.DeclinedError: 7'},
     AT + ".123", "error", "pay", 'failed\nTraceback (most recent call last):\n  File "a"\nshop.DeclinedError: 7', {"exception": "shop.DeclinedError"}),
    ("log4j2", {"instant": {"epochSecond": 1714558830, "nanoOfSecond": 123456789}, "level": "ERROR", "loggerName": "com.shop.Pay", "message": "failed", "thrown": {"name": "java.io.IOException", "message": "reset"}, "threadId": 3},
     AT + ".123456789", "error", "com.shop.Pay", "failed", {"exception": "java.io.IOException", "logger": "com.shop.Pay"}),
    ("logback", {"@timestamp": AT + ".123Z", "@version": "1", "message": "failed", "logger_name": "com.shop.Pay", "level": "ERROR", "level_value": 40000, "stack_trace": "java.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)"},
     AT + ".123", "error", "com.shop.Pay", "failed\njava.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)", {"exception": "java.lang.IllegalStateException"}),
    ("serilog", {"@t": AT + ".1234567Z", "@mt": "Paid {Amount:0.00} for {Order}", "@l": "Warning", "Amount": 7, "Order": "A", "SourceContext": "Shop.Pay"}, AT + ".1234567", "warn", "Shop.Pay", "Paid 7 for A", {"Amount": "7", "Order": "A"}),
    ("serilog, rendered, info", {"@t": AT + "Z", "@m": "Paid 7"}, AT, "info", "", "Paid 7", {}),
    ("ecs, nested", {"@timestamp": AT + "Z", "log": {"level": "error", "logger": "L"}, "message": "m", "service": {"name": "cart"}, "error": {"type": "X.Y", "message": "q"}, "trace": {"id": TRACE}, "host": {"name": "h"}},
     AT, "error", "cart", "m", {"trace": TRACE, "exception": "X.Y", "logger": "L"}),
    ("ecs, dotted", {"@timestamp": AT + "Z", "log.level": "warn", "message": "m", "service.name": "cart", "trace.id": TRACE}, AT, "warn", "cart", "m", {"trace": TRACE}),
    ("google, structured", {"timestamp": AT + "Z", "severity": "CRITICAL", "jsonPayload": {"message": "m", "order": 7}, "resource": {"labels": {"container_name": "cart", "pod_name": "cart-1"}}, "trace": f"projects/p/traces/{TRACE}"},
     AT, "fatal", "cart", "m", {"trace": TRACE, "jsonPayload.order": "7"}),
    ("google, text", {"timestamp": AT + "Z", "textPayload": "m", "severity": "ERROR", "resource": {"labels": {"container_name": "cart"}}}, AT, "error", "cart", "m", {}),
    ("docker", {"log": "2024-05-01 10:20:29,000 ERROR [main] com.shop.Pay: failed\n", "stream": "stdout", "time": AT + ".123456789Z"}, AT + ".123456789", "error", "com.shop.Pay", "failed", {}),
    ("docker, json inside", {"log": '{"level":"warn","msg":"slow","service":"cart"}\n', "stream": "stdout", "time": AT + "Z"}, AT, "warn", "cart", "slow", {}),
    ("fluent bit in kubernetes", {"time": AT + "Z", "log": 'level=error msg="no stock"', "kubernetes": {"pod_name": "cart-1", "container_name": "server", "labels": {"app": "cart"}}}, AT, "error", "cart", "no stock", {"kubernetes.pod_name": "cart-1"}),
    ("a container called server", {"time": AT + "Z", "message": "x", "level": "info", "pod_name": "cart-7d-x", "container_name": "server"}, AT, "info", "cart-7d-x", "x", {}),
    ("gelf", {"version": "1.1", "host": "web-1", "short_message": "bad", "timestamp": 1714558830.25, "level": 3, "_service": "cart"}, AT + ".25", "error", "cart", "bad", {}),
    ("mongodb", {"t": {"$date": AT + ".123+00:00"}, "s": "E", "c": "NETWORK", "id": 7, "ctx": "conn1", "msg": "ended", "attr": {"remote": "192.0.2.7:1"}}, AT + ".123", "error", "NETWORK", "ended", {"attr.remote": "192.0.2.7:1"}),
    ("rust tracing", {"timestamp": AT + ".123456Z", "level": "WARN", "fields": {"message": "slow", "took": 7}, "target": "shop::pay"}, AT + ".123456", "warn", "shop::pay", "slow", {"fields.took": "7"}),
    ("monolog", {"message": "failed", "context": {"order": 7}, "level": 400, "level_name": "ERROR", "channel": "shop", "datetime": "2024-05-01T10:20:30.123456+00:00"}, AT + ".123456", "error", "shop", "failed", {"context.order": "7"}),
    ("nginx as json", {"time": AT + "Z", "request": "GET /pay HTTP/1.1", "status": 503, "remote_addr": "192.0.2.7"}, AT, "error", "", "GET /pay HTTP/1.1 503", {"status": "503"}),
    ("datadog", {"id": "A", "content": {"timestamp": AT + "Z", "service": "cart", "message": "m", "attributes": {"status": "error"}}}, AT, "error", "cart", "m", {}),
    ("date and time apart", {"date": "2024-05-01", "time": "10:20:30.5", "level": "info", "message": "m"}, AT + ".5", "info", "", "m", {}),
    ("numbers as text", {"ts": "1714558830123", "level": "error", "msg": "m"}, AT + ".123", "error", "", "m", {}),
    ("a placeholder for a trace", {"time": AT + "Z", "level": "info", "message": "m", "logging.googleapis.com/trace": "${ctx:traceId}"}, AT, "info", "", "m", {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("record", "at", "severity", "component", "text", "some"),
    [row[1:] for row in LOGGERS],
    ids=[row[0] for row in LOGGERS],
)
def test_loggers(record: dict, at: str, severity: str, component: str, text: str, some: dict[str, str]):
    """The same few facts under the names that each logger gives them."""
    raw = json.dumps(record) + "\n"
    (event,) = events(json_lines, raw)
    assert (event.at, event.severity, event.subject, event.text) == (ns(at), severity, component, text)
    assert some.items() <= event.attributes.items()
    assert (event.place.start, event.place.end, event.place.inline) == (0, len(raw), False)
    if "placeholder" not in text:
        assert "${" not in str(event.attributes)


@pytest.mark.parametrize("record", [row[1] for row in LOGGERS], ids=[row[0] for row in LOGGERS])
def test_they_are_recognised(record: dict):
    assert json_lines.sniff((json.dumps(record) + "\n").encode() * 5) >= 0.5


def inside(store: str, records: list) -> str:
    return {
        "elasticsearch": json.dumps(
            {
                "took": 3,
                "hits": {
                    "total": 2,
                    "hits": [
                        {"_index": "i", "_id": str(i), "_source": one, "sort": [i]} for i, one in enumerate(records)
                    ],
                },
            }
        ),
        "cloudwatch events": json.dumps(
            {
                "events": [
                    {"eventId": "1", "logStreamName": "s", "timestamp": 1714558830000 + i, "message": json.dumps(one)}
                    for i, one in enumerate(records)
                ]
            }
        ),
        "cloudwatch subscription": json.dumps(
            {
                "messageType": "DATA_MESSAGE",
                "logGroup": "/aws/lambda/pay",
                "logEvents": [
                    {"id": "1", "timestamp": 1714558830000, "message": f"{one['level']} {one['msg']}"}
                    for one in records
                ],
            }
        ),
        "cloudwatch insights": json.dumps(
            {
                "status": "Complete",
                "results": [
                    [
                        {"field": "@timestamp", "value": "2024-05-01 10:20:30.000"},
                        {"field": "@message", "value": json.dumps(one)},
                    ]
                    for one in records
                ],
            }
        ),
        "an array": json.dumps(records, indent=1),
        "lines by component": json.dumps({"pay": [json.dumps(one) for one in records]}),
    }[store]


@pytest.mark.parametrize(
    "store",
    [
        "elasticsearch",
        "cloudwatch events",
        "cloudwatch subscription",
        "cloudwatch insights",
        "an array",
        "lines by component",
    ],
)
def test_answers_of_log_stores(store: str):
    """Each record comes out of the answer around it, with the place of its own bytes."""
    records = [
        {"time": AT + "Z", "level": "ERROR", "msg": "no stock"},
        {"time": AT + "Z", "level": "WARN", "msg": "low"},
    ]
    raw = inside(store, records)
    assert json_lines.sniff(raw.encode()) >= 0.5
    first, second = events(json_lines, raw)
    assert [(one.at // 10**9, one.severity, one.text) for one in (first, second)] == [
        (ns(AT) // 10**9, "error", "no stock"),
        (ns(AT) // 10**9, "warn", "low"),
    ]
    assert first.place.end <= second.place.start
    assert "no stock" in raw[first.place.start : first.place.end]
    assert raw[second.place.start] in '{["'
    if store in ("cloudwatch subscription", "lines by component"):
        assert first.subject == "pay"


def test_a_record_without_a_time_is_kept_and_remarked_once():
    found = everything(json_lines, '{"level":"info","msg":"a"}\n' * 500)
    assert sum(isinstance(one, Event) for one in found) == 500
    (remark,) = [one for one in found if isinstance(one, Problem)]
    assert (remark.code, remark.quarantined) == ("time", False)
    assert remark.message.startswith("500 records")


def test_another_time_of_the_record_does_not_stand_in_for_one_that_cannot_be_read():
    (event,) = events(
        json_lines, '{"timestamp":"yesterday","created_at":"2024-05-01T10:20:30Z","level":"info","msg":"a"}\n'
    )
    assert event.at is None


def test_lines_that_are_no_records_are_set_aside():
    """Broken, empty and bare values among good lines; the good ones are all there."""
    good = '{"ts":"2024-05-01T10:20:30Z","level":"info","msg":"ok"}\n'
    bad = ['{"ts":"2024\n', "null\n", '"text"\n', "{}\n", '{"a":1,"a":2}\n', "[" * 5000 + "\n", "7\n"]
    raw = "".join(one + good for one in bad)
    found = everything(json_lines, raw)
    aside = [one for one in found if isinstance(one, Problem)]
    assert sum(isinstance(one, Event) for one in found) == len(bad)
    assert all(one.quarantined for one in aside)
    assert len(aside) == len(bad)


PANIC = """\
starting the shop
{"ts":"2024-05-01T10:20:30Z","level":"info","msg":"ready"}
{"ts":"2024-05-01T10:20:31Z","level":"info","msg":"taken"}
panic: runtime error: nil map
goroutine 7 [running]:
main.pay(0xc000)
\t/app/pay.go:7 +0x1d
{"ts":"2024-05-01T10:20:32Z","level":"info","msg":"started again"}
"""


def test_sentences_among_the_records():
    """What a program prints when it dies is no JSON, and worth more than all the rest: one undated event for the whole of it."""
    assert json_lines.sniff(PANIC.encode()) >= 0.7
    found = events(json_lines, PANIC)
    assert [one.text.split("\n")[0] for one in found] == [
        "starting the shop",
        "ready",
        "taken",
        "panic: runtime error: nil map",
        "started again",
    ]
    panic = found[3]
    assert (panic.severity, panic.at, panic.place.first, panic.place.last) == ("fatal", None, 4, 7)


def test_a_first_line_that_was_cut_off():
    """A file that was cut out of a longer one: its first line is set aside, the others are read line by line."""
    raw = '"msg":"lost"}\n' + '{"ts":"2024-05-01T10:20:30Z","level":"info","msg":"ok"}\n' * 3
    assert [one.text for one in events(json_lines, raw)] == ["ok"] * 3


def test_times_keep_their_nanoseconds():
    """Negative control for reading a time as a float: 1714558830123456789 ns would end in …776."""
    (event,) = events(json_lines, '{"ts":1714558830.123456789,"msg":"a","level":"info"}\n')
    assert event.at == 1714558830123456789


SAMPLE = "".join(json.dumps(row[1]) + "\n" for row in LOGGERS[:4]).encode()


def test_cut_anywhere():
    cut_everywhere(json_lines, SAMPLE)
    cut_everywhere(json_lines, inside("elasticsearch", [{"time": AT + "Z", "level": "ERROR", "msg": "é"}]).encode())


@given(st.binary(max_size=200))
def test_garbage(raw: bytes):
    check(json_lines, raw)
    check(json_lines, b'{"ts":1714558830,"msg":"a"}\n' + raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["time", "msg", "level", "log", "error", "stack", "hits", "events", "data", "a"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json(value: object):
    check(json_lines, json.dumps(value).encode())
    check(
        json_lines, json.dumps({"time": value, "message": value, "level": value, "exception": value}).encode() + b"\n"
    )


@pytest.mark.parametrize("answer", [{"events": [], "nextToken": None}, {"items": [], "kind": "PodList"}, {"took": 1, "hits": {"total": {"value": 0}, "hits": []}}])  # fmt: skip
def test_an_answer_that_holds_nothing_is_no_line_of_a_log(answer: object):
    """A live system that was asked for a quiet window."""
    assert not events(json_lines, json.dumps(answer).encode())


def test_a_record_with_an_empty_list_is_still_a_line():
    """The control: it has a message of its own."""
    raw = json.dumps({"message": "no items left", "items": [], "time": "2026-03-02T09:00:00Z"}).encode()
    assert [one.text for one in events(json_lines, raw)] == ["no items left"]


@pytest.mark.shared
def test_true_incidents():
    """Twelve recorded incidents: every line is an event with a time, a component, a severity and a message."""
    files = sorted((DATA / "rca" / "rootcausebench").glob("*/evidence/logs.ndjson"))
    if not files:
        pytest.skip("the research data is not beside the project")
    for file in files:
        raw = file.read_bytes()
        found = events(json_lines, raw)
        assert len(found) == raw.count(b"\n") + (not raw.endswith(b"\n"))
        assert all(one.at and one.subject and one.severity and one.text for one in found)


def test_rows_that_splunk_and_victorialogs_export() -> None:
    """Each stands in a wrapper of its own, under names that begin with an underscore."""
    raw = (
        b'{"preview":false,"offset":0,"result":{"_time":"2026-03-14T09:12:00.000+00:00","host":"web-1","_raw":"ERROR pool exhausted"}}\n'
        b'{"_time":"2026-03-14T09:12:01Z","_stream":"{}","_msg":"ERROR pool exhausted","service":"cart"}\n'
    )
    one, two = events(json_lines.SOURCE, raw)
    assert [one.at, two.at] == [1773479520_000000000, 1773479521_000000000]
    assert [one.severity, two.severity] == ["error", "error"]
    assert [one.text, two.text] == ["pool exhausted", "pool exhausted"]
    assert [one.subject, two.subject] == ["web-1", "cart"]
