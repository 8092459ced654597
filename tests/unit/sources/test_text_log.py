"""Plain text logs: a golden table of named formats, records of several lines, and what is no log line at all."""

from __future__ import annotations

import io
import time
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.model.event import Event
from afterword.model.evidence import Problem, Skipped
from afterword.ports import Reading
from afterword.sources import text_log

LOGS = Path(__file__).resolve().parents[4] / "shared" / "data" / "logs"
MAY = "2024-05-01T10:20:30"


def events(text: str | bytes, **rule) -> list[Event]:
    return [one for one in everything(text, **rule) if isinstance(one, Event)]


def everything(text: str | bytes, **rule) -> list[Event | Problem | Skipped]:
    raw = text.encode() if isinstance(text, str) else text
    return list(text_log.read(io.BytesIO(raw), Reading(**rule)))


def ns(text: str) -> int:
    whole, _, fraction = text.partition(".")
    seconds = (
        datetime.fromisoformat(whole + "+00:00") - datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    ).total_seconds()
    return int(seconds) * 10**9 + int(fraction.ljust(9, "0") if fraction else 0)


#: name, line, time (UTC, or the wall clock where no zone is stated), severity, component, text
GOLDEN = [
    ("python logging", "2024-05-01 10:20:30,123 ERROR shop.cart: no stock left", MAY + ".123", "error", "shop.cart", "no stock left"),
    ("python logging, dashes", "2024-05-01 10:20:30,123 - shop.cart - WARNING - low stock", MAY + ".123", "warn", "shop.cart", "low stock"),
    ("logback", "2024-05-01 10:20:30.123 [exec-7] WARN  com.shop.Pay - card declined", MAY + ".123", "warn", "com.shop.Pay", "card declined"),
    ("log4j2, zone", "2024-05-01T12:20:30.123+02:00 [main] ERROR com.shop.Pay - declined", MAY + ".123", "error", "com.shop.Pay", "declined"),
    ("spring boot", "2024-05-01T10:20:30.123Z ERROR 1 --- [nio-8080-exec-1] c.s.PayController : no answer", MAY + ".123", "error", "c.s.PayController", "no answer"),
    ("spring boot 3, application", "2024-05-01T10:20:30.123Z  INFO 1 --- [pay] [main] c.s.PayApp : started", MAY + ".123", "info", "pay", "started"),
    ("tomcat, one line", "01-May-2024 10:20:30.123 SEVERE [main] org.acme.Pool.borrow pool is empty", MAY + ".123", "error", "org.acme.Pool.borrow", "pool is empty"),
    ("java.util.logging", "May 01, 2024 10:20:30 AM org.acme.Pool borrow\nWARNING: pool is empty", MAY, "warn", "org.acme.Pool", "pool is empty"),
    ("hadoop", "2024-05-01 10:20:30,123 WARN [IPC Server 3] org.acme.Block: slow pipeline", MAY + ".123", "warn", "org.acme.Block", "slow pipeline"),
    ("hdfs, six digits", "240501 102030 148 INFO dfs.Node$Sender: sent one", MAY, "info", "dfs.Node$Sender", "sent one"),
    ("spark", "24/05/01 10:20:30 ERROR executor.Runner: task lost", MAY, "error", "executor.Runner", "task lost"),
    ("zookeeper", "2024-05-01 10:20:30,123 [myid:2] - WARN  [Sender:4:Election@688] - peer left", MAY + ".123", "warn", "Election", "peer left"),
    ("cassandra", "WARN  [CompactionExecutor:2] 2024-05-01 10:20:30,123 Tracker.java:110 - heap is full", MAY + ".123", "warn", "Tracker.java", "heap is full"),
    ("kafka", "[2024-05-01 10:20:30,123] WARN replica is behind (kafka.server.Replica)", MAY + ".123", "warn", "kafka.server.Replica", "replica is behind"),
    ("elasticsearch", "[2024-05-01T10:20:30,123][WARN ][o.e.c.Routing     ] [node-1] low disk", MAY + ".123", "warn", "o.e.c.Routing", "low disk"),
    ("garbage collector", "[2024-05-01T10:20:30.123+0000][info][gc] GC(7) Pause Full 912ms", MAY + ".123", "info", "gc", "GC(7) Pause Full 912ms"),
    ("openstack", "2024-05-01 10:20:30.123 2574 ERROR nova.compute [req-1 - - -] no host", MAY + ".123", "error", "nova.compute", "no host"),
    ("klog", "E0501 10:20:30.123456      17 pod.go:88] sync failed", MAY + ".123456", "error", "", "sync failed"),
    ("glog with a year", "W20240501 10:20:30.123456 17 disk.cc:8] slow disk", MAY + ".123456", "warn", "", "slow disk"),
    ("go standard log", "2024/05/01 10:20:30 listening on :8080", MAY, "", "", "listening on :8080"),
    ("zap console", "2024-05-01T10:20:30.123Z\terror\tapi/pay.go:12\tdeclined\t{}", MAY + ".123", "error", "", "declined\t{}"),
    ("etcd", "2024-05-01 10:20:30.123456 W | raft: slow peer", MAY + ".123456", "warn", "raft", "slow peer"),
    ("hashicorp", "2024-05-01T10:20:30.123Z [ERROR] agent.client: rpc failed", MAY + ".123", "error", "agent.client", "rpc failed"),
    ("env_logger", "[2024-05-01T10:20:30Z WARN  shop::cart] low stock", MAY, "warn", "shop::cart", "low stock"),
    ("rust tracing", "2024-05-01T10:20:30.123456Z  WARN shop::cart: low stock", MAY + ".123456", "warn", "shop::cart", "low stock"),
    ("serilog", "2024-05-01 10:20:30.123 +00:00 [ERR] card declined", MAY + ".123", "error", "", "card declined"),
    ("envoy", "[2024-05-01 10:20:30.123][17][warning][upstream] [source/a.cc:5] no healthy host", MAY + ".123", "warn", "upstream", "no healthy host"),
    ("spdlog", "[2024-05-01 10:20:30.123] [cart] [error] no stock", MAY + ".123", "error", "cart", "no stock"),
    ("rails", "E, [2024-05-01T10:20:30.123456 #77] ERROR -- Pay: declined", MAY + ".123456", "error", "Pay", "declined"),
    ("laravel", "[2024-05-01 10:20:30] production.ERROR: declined", MAY, "error", "", "declined"),
    ("php", "[01-May-2024 10:20:30 UTC] PHP Fatal error:  Uncaught TypeError in a.php", MAY, "fatal", "", "Uncaught TypeError in a.php"),
    ("php-fpm", "[01-May-2024 10:20:30] WARNING: [pool www] seems busy", MAY, "warn", "", "[pool www] seems busy"),
    ("celery", "[2024-05-01 10:20:30,123: ERROR/MainProcess] task raised", MAY + ".123", "error", "", "task raised"),
    ("gunicorn", "[2024-05-01 10:20:30 +0000] [12] [CRITICAL] WORKER TIMEOUT", MAY, "fatal", "", "WORKER TIMEOUT"),
    ("supervisor", "2024-05-01 10:20:30,123 INFO exited: web (exit status 1; not expected)", MAY + ".123", "info", "supervisord", "exited: web (exit status 1; not expected)"),
    ("fail2ban", "2024-05-01 10:20:30,123 fail2ban.actions [9]: NOTICE [sshd] Ban 192.0.2.7", MAY + ".123", "notice", "fail2ban.actions", "[sshd] Ban 192.0.2.7"),
    ("uvicorn", 'INFO:     192.0.2.7:5 - "GET /pay HTTP/1.1" 503 Service Unavailable', None, "info", "", 'INFO:     192.0.2.7:5 - "GET /pay HTTP/1.1" 503 Service Unavailable'),
    ("aws lambda", "2024-05-01T10:20:30.123Z\t0b1e5c5e-52ab-4a0f-9d5c-6a4d1b7c8e9f\tERROR\tdeclined", MAY + ".123", "error", "", "declined"),
    ("access, combined", '192.0.2.7 - ann [01/May/2024:10:20:30 +0000] "GET /pay HTTP/1.1" 502 12 "-" "x"', MAY, "error", "", '192.0.2.7 - ann [01/May/2024:10:20:30 +0000] "GET /pay HTTP/1.1" 502 12 "-" "x"'),
    ("access, host first", 'shop.test 192.0.2.7 - - [01/May/2024:10:20:30 +0000] "GET / HTTP/1.1" 200 12 "-" "x"', MAY, "info", "shop.test", 'shop.test 192.0.2.7 - - [01/May/2024:10:20:30 +0000] "GET / HTTP/1.1" 200 12 "-" "x"'),
    ("nginx error", "2024/05/01 10:20:30 [error] 7#7: *3 upstream timed out", MAY, "error", "", "upstream timed out"),
    ("apache error", "[Wed May 01 10:20:30.123456 2024] [proxy:error] [pid 7] AH01114: no backend", MAY + ".123456", "error", "", "AH01114: no backend"),
    ("haproxy by syslog", "May  1 10:20:30 lb haproxy[5]: 192.0.2.7:80 [01/May/2024:10:20:30.123] web~ app/s1 0/0/1/-1/9 503 0 - - SC-- 3/2/0/0/0 0/0", MAY, "error", "haproxy", "192.0.2.7:80 [01/May/2024:10:20:30.123] web~ app/s1 0/0/1/-1/9 503 0 - - SC-- 3/2/0/0/0 0/0"),
    ("application load balancer", 'https 2024-05-01T10:20:30.123456Z app/shop/1 192.0.2.7:1 10.0.0.1:80 0.1 0.2 0.0 504 - 3 4 "GET https://shop.test:443/ HTTP/1.1" "x" - -', MAY + ".123456", "error", "app/shop/1", None),
    ("s3 access", "a" * 64 + ' shop-data [01/May/2024:10:20:30 +0000] 192.0.2.7 - 3E REST.GET.OBJECT k "GET /k HTTP/1.1" 503 SlowDown 1 - 2 - "-" "x" -', MAY, "error", "shop-data", None),
    ("squid", "1714558830.123     52 192.0.2.7 TCP_MISS/503 412 GET http://shop.test/ - DIRECT/10.0.0.1 text/html", MAY + ".123", "error", "", None),
    ("postgres", "2024-05-01 10:20:30.123 UTC [17] shop@db ERROR:  deadlock detected", MAY + ".123", "error", "", "deadlock detected"),
    ("postgres, prefix", "2024-05-01 10:20:30 UTC [17]: [3-1] user=shop,db=shop,app=x,client=192.0.2.7 LOG:  checkpoint starting", MAY, "info", "", "checkpoint starting"),
    ("mysql error", "2024-05-01T10:20:30.123456Z 0 [Warning] [MY-010068] [Server] CA is self signed", MAY + ".123456", "warn", "Server", "CA is self signed"),
    ("mysql slow", "# Time: 2024-05-01T10:20:30.123456Z\n# User@Host: shop[shop] @ localhost []\n# Query_time: 9.1\nSELECT 1;", MAY + ".123456", "", "", "# User@Host: shop[shop] @ localhost []\n# Query_time: 9.1\nSELECT 1;"),
    ("redis", "123:M 01 May 2024 10:20:30.123 # Out of memory", MAY + ".123", "warn", "", "Out of memory"),
    ("mongodb, old", "2024-05-01T10:20:30.123+0000 E NETWORK  [conn7] socket closed", MAY + ".123", "error", "NETWORK", "socket closed"),
    ("rabbitmq", "2024-05-01 10:20:30.123456+00:00 [error] <0.222.0> connection closed", MAY + ".123456", "error", "", "connection closed"),
    ("rabbitmq report", "=WARNING REPORT==== 1-May-2024::10:20:30 ===\nmemory alarm set", MAY, "warn", "", "memory alarm set"),
    ("sql server", "2024-05-01 10:20:30.12 spid51      Login failed", MAY + ".12", "", "spid51", "Login failed"),
    ("blue gene", "- 1714558830 2024.05.01 R1-M0 2024-05-01-10.20.30.123456 R1-M0 RAS KERNEL FATAL parity error", MAY + ".123456", "fatal", "KERNEL", "parity error"),
    ("windows servicing", "2024-05-01 10:20:30, Error                 CBS    cannot load the stack", MAY, "error", "CBS", "cannot load the stack"),
    ("logcat", "05-01 10:20:30.123  1000  1001 E Camera  : no frame", MAY + ".123", "error", "Camera", "no frame"),
    ("logcat, brief", "05-01 10:20:30.123 W/Camera( 1000): no frame", MAY + ".123", "warn", "Camera", "no frame"),
    ("dmesg", "[   12.345678] eth0: link is down", None, "", "eth0", "link is down"),
    ("dmesg -T", "[Wed May  1 10:20:30 2024] eth0: link is down", MAY, "", "eth0", "link is down"),
    ("audit", "type=USER_LOGIN msg=audit(1714558830.123:7): res=failed", MAY + ".123", "", "USER_LOGIN", "res=failed"),
    ("esx", "2024-05-01T10:20:30.123Z Er(11) hostd[77]: datastore lost", MAY + ".123", "error", "hostd", "datastore lost"),
    ("sssd", "(Wed May  1 10:20:30 2024) [nss] [connect] (0x0020): no bus", MAY, "error", "nss", "no bus"),
    ("proxifier", "[05.01 10:20:30] app.exe - shop.test:443 closed", MAY, "", "app.exe", "shop.test:443 closed"),
    ("strace", '1714558830.123456 openat(AT_FDCWD, "/x", O_RDONLY) = -1 ENOENT', MAY + ".123456", "", "", 'openat(AT_FDCWD, "/x", O_RDONLY) = -1 ENOENT'),
    ("robot", "20240501 10:20:30.123 - FAIL - no element", MAY + ".123", "error", "", "no element"),
    ("container runtime", "2024-05-01T10:20:30.123456789Z stderr F ERROR cart: no stock", MAY + ".123456789", "error", "cart", "no stock"),
    ("container runtime, json", '2024-05-01T10:20:30.123456789Z stderr F {"level":"warn","msg":"low","service":"cart"}', MAY + ".123456789", "warn", "cart", "low"),
    ("compose", "cart-1  | 2024-05-01 10:20:30,123 ERROR shop.cart: no stock", MAY + ".123", "error", "cart", "no stock"),
    ("heroku", "2024-05-01T10:20:30.123456+00:00 app[web.1]: ERROR no stock", MAY + ".123456", "error", "app", "no stock"),
    ("weblogic", "####<May 1, 2024 10:20:30 AM UTC> <Error> <JDBC> <host> <srv> <t> <<k>> <> <> <1> <BEA-1> <pool is empty>", MAY, "error", "JDBC", None),
    ("syslog inside", "<11>1 2024-05-01T10:20:30.123Z web-1 cart 7 - - no stock", MAY + ".123", "error", "cart", "no stock"),
    ("only a time", "2024-05-01T10:20:30Z no stock left", MAY, "", "", "no stock left"),
    ("epoch", "1714558830.5 no stock left", MAY + ".5", "", "", "no stock left"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "at", "severity", "component", "text"), [row[1:] for row in GOLDEN], ids=[row[0] for row in GOLDEN]
)
def test_the_formats_of_the_field(line: str, at: str | None, severity: str, component: str, text: str | None):
    """One record in each format: its time, severity, component and message, and the place of all of its bytes."""
    (event,) = events(line + "\n", year=2024)
    assert (event.at, event.severity, event.subject) == (ns(at) if at else None, severity, component)
    assert text is None or event.text == text
    assert (event.place.start, event.place.end) == (0, len(line) + 1)


@pytest.mark.parametrize(
    "line",
    [row[1] for row in GOLDEN if row[2] and "\n" not in row[1]],
    ids=[row[0] for row in GOLDEN if row[2] and "\n" not in row[1]],
)
def test_a_file_of_any_of_them_is_recognised(line: str):
    assert text_log.sniff((line + "\n").encode() * 20) >= 0.5


def test_the_golden_table_is_long_enough():
    assert len(GOLDEN) >= 40


@pytest.mark.parametrize(
    ("line", "zone", "at", "offset"),
    [
        ("2024-05-01 10:20:30,5 ERROR x: y", "", MAY + ".5", None),
        ("2024-05-01 10:20:30,5 ERROR x: y", "Europe/Berlin", "2024-05-01T08:20:30.5", 120),
        ("2024-05-01 10:20:30 CEST [7] LOG:  y", "Europe/Berlin", "2024-05-01T08:20:30", 120),
        ("2024-10-27 02:30:00 CET [7] LOG:  y", "Europe/Berlin", "2024-10-27T01:30:00", 60),
        ("2024-10-27 02:30:00 CEST [7] LOG:  y", "Europe/Berlin", "2024-10-27T00:30:00", 120),
        ("2024-05-01T10:20:30.123456789+05:30 ERROR y", "", "2024-05-01T04:50:30.123456789", 330),
    ],
)
def test_zones(line: str, zone: str, at: str, offset: int | None):
    """A wall clock without a zone says so; a rule given for the file is applied, and it settles what an abbreviation means."""
    (event,) = events(line, zone=zone)
    assert (event.at, event.offset) == (ns(at), offset)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2024-05-01 10:20:30 EST [7] LOG:  y", "EST"),
        ("May  1 10:20:30 web cart[7]: y", "no year"),
        ("E0501 10:20:30.123456 17 pod.go:88] y", "no year"),
        ("2024-10-27 02:30:00 ERROR x: y", "ambiguous"),
        ("10:20:30.123 [main] INFO  a.B - y", "no date"),
        ("[   12.345678] y", "start of the machine"),
        ("just words", "no time"),
    ],
)
def test_a_time_that_cannot_be_relied_on_is_left_out(line: str, reason: str):
    """The record is kept, undated, with a remark that says why; nothing is guessed."""
    rule = {"zone": "Europe/Berlin"} if reason == "ambiguous" else {}
    event, remark = everything(line, **rule)
    assert isinstance(event, Event)
    assert event.at is None
    assert isinstance(remark, Problem)
    assert (remark.code, remark.quarantined) == ("time", False)
    assert reason in remark.message


def test_remarks_are_counted_and_not_repeated():
    """Ten thousand lines without a year give one remark, not ten thousand."""
    found = everything("May  1 10:20:30 web cart[7]: y\n" * 10_000)
    remarks = [one for one in found if isinstance(one, Problem)]
    assert len(remarks) == 1
    assert remarks[0].message.startswith("10000 records")


JAVA = """\
2024-05-01 10:20:30,123 ERROR com.shop.Pay: payment failed
com.shop.DeclinedException: card 7
\tat com.shop.Pay.charge(Pay.java:10)
\t... 12 more
Caused by: java.net.SocketTimeoutException: read

\tat com.shop.Net.read(Net.java:3)
2024-05-01 10:20:31,000 INFO com.shop.Pay: next
"""
PYTHON = """\
2024-05-01 10:20:30,123 ERROR shop: failed
Traceback (most recent call last):
  File "a.py", line 1, in f
    g()
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 2, in f
shop.errors.NoStock: 7
2024-05-01 10:20:31,000 INFO shop: next
"""
GO = """\
2024/05/01 10:20:30 http: panic serving 192.0.2.7:1: runtime error: nil map
goroutine 34 [running]:
main.handler(0xc000, 0x1)
\t/app/main.go:10 +0x1d
created by net/http.serve
\t/usr/go/server.go:1
2024/05/01 10:20:31 next
"""
PRETTY = """\
2024-05-01 10:20:30,123 INFO shop: state
{
  "a": 1
}
2024-05-01 10:20:31,000 INFO shop: next
"""


@pytest.mark.parametrize(
    ("text", "last", "kind"),
    [(JAVA, 7, "com.shop.DeclinedException"), (PYTHON, 11, "shop.errors.NoStock"), (GO, 6, ""), (PRETTY, 4, "")],
    ids=["java", "python", "go", "json"],
)
def test_lines_below_belong_to_the_record_above(text: str, last: int, kind: str):
    """A stack trace is one event with its record: the place covers all of its lines, blank ones between them included."""
    first, second = events(text)
    assert (first.place.first, first.place.last) == (1, last)
    assert first.place.end == second.place.start
    assert first.attributes.get("exception", "") == kind
    assert first.text.count("\n") == last - 1
    assert second.text == "next"


def test_a_long_stack_is_kept_in_place_and_cut_in_text():
    text = "2024-05-01 10:20:30,123 ERROR a: b\n" + "\tat x.Y.z(Y.java:1)\n" * 400
    (event,) = events(text)
    assert event.place.last == 401
    assert event.text.count("\n") == 30


def test_words_without_a_time_are_events_of_their_own():
    """They are neither dropped nor given the time of the line above."""
    found = events("2024-05-01 10:20:30,123 INFO cart: b\nrestarting now\n2024-05-01 10:20:31,000 INFO cart: c\n")
    assert [one.text for one in found] == ["b", "restarting now", "c"]
    assert found[1].at is None


def test_a_time_inside_a_sentence_is_not_the_time_of_the_line():
    """Negative control: the same time at the head does date the line."""
    told, dated = events(
        "Backup of the shop finished, started at 2024-05-01 10:20:30\n2024-05-01 10:20:30 Backup finished\n"
    )
    assert told.at is None
    assert dated.at == ns(MAY)


def test_only_a_line_feed_ends_a_line():
    """Forged lines behind U+2028, NEL, a form feed or a carriage return stay inside the record that they were put into."""
    forged = "2024-05-01T10:20:30Z x{}2024-05-01T10:20:31Z admin login ok\n"
    for mark in ("\u2028", "\u0085", "\x0b", "\x0c", "\r", "\x1c", "\\n", "%0a"):
        (event,) = events(forged.format(mark))
        assert event.at == ns(MAY)
        assert "admin login ok" in event.text


def test_a_file_of_carriage_returns_only():
    """It is one line, which a remark says: nobody may smuggle records past a reader of lines."""
    event, remark = everything("2024-05-01T10:20:30Z a\r2024-05-01T10:20:31Z b\r")
    assert isinstance(event, Event)
    assert isinstance(remark, Problem)
    assert remark.code == "line-end"


def test_a_structured_record_among_text():
    """JSON that states its time is a record; JSON that states none belongs to the line above or is a line of its own."""
    raw = (
        "2024-05-01 10:20:30 INFO cart: a\n"
        '{"time":"2024-05-01T10:20:31Z","level":"error","msg":"b"}\n'
        "2024-05-01 10:20:32 INFO cart: c\n"
    )
    assert [(one.text, one.severity) for one in events(raw)] == [("a", "info"), ("b", "error"), ("c", "info")]


def test_hostile_lines_take_no_longer_than_others():
    """Long lines of brackets, quotes, slashes and half-written heads: no pattern goes back over what it has read."""
    heads = [
        "",
        "2024-05-01 10:20:30 ERROR ",
        "2024-05-01 10:20:30,1 [",
        "May  1 10:20:30 h ",
        "<11>1 2024-05-01T10:20:30Z h p - - ",
        "10.0.0.1 - - [",
    ]
    raw = "".join(
        f"{head}{(bit * 20_000)[:20_000]}\n"
        for head in heads
        for bit in ("a ", "[", "[a] ", "(a)", '\\"', "::", "a=", "/", "- ", "a: ", "1.")
    )
    begun = time.process_time()
    events(raw)
    assert time.process_time() - begun < 5


def test_bytes_that_are_no_utf8_are_kept_and_remarked():
    found = everything(b"2024-05-01T10:20:30Z caf\xe9\n2024-05-01T10:20:31Z ok\n")
    assert [one.text for one in found if isinstance(one, Event)] == ["caf\ufffd", "ok"]
    assert [one.code for one in found if isinstance(one, Problem)] == ["encoding"]


def test_a_line_of_many_megabytes_is_read_at_its_beginning():
    (event, remark) = everything(b"2024-05-01T10:20:30Z ERROR " + b"a" * (3 << 20) + b"\n")
    assert isinstance(event, Event)
    assert event.place.end == (3 << 20) + 28
    assert len(event.text) == 8192
    assert isinstance(remark, Problem)
    assert remark.code == "line-long"


@pytest.mark.parametrize(
    ("head", "sure"),
    [
        (b"", 0.0),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0" * 20, 0.0),
        (bytes(range(256)) * 20, 0.0),
        (b"some words\nand more of them\n", 0.2),
        (b'{"time":"2024-05-01T10:20:30Z","msg":"x"}\n' * 9, 0.2),
        (b"time,cpu\n2024-05-01T10:20:30Z,1\n2024-05-01T10:20:31Z,2\n2024-05-01T10:20:32Z,2\n", 0.2),
    ],
)
def test_what_is_no_text_log(head: bytes, sure: float):
    """Binary is refused; prose, JSON and tables are left to whoever is surer."""
    assert text_log.sniff(head) == sure


@pytest.mark.parametrize(
    "line",
    [
        "E0501 10:20:30.123456 17 pod.go:88] sync failed, again",
        "240501 102030 1 INFO a.B: x, y",
        "Thread-1::INFO::2024-05-01 10:20:30,5::a::9::b::(run) x",
    ],
)
def test_commas_make_no_table_of_a_log(line: str):
    assert text_log.sniff((line + "\n").encode() * 9) >= 0.5


SAMPLE = (JAVA + PYTHON + GO + PRETTY + "\n\n" + "\n".join(row[1] for row in GOLDEN[:20]) + "\n").encode()


def test_cut_anywhere():
    """Whatever is cut off, reading neither fails nor points outside of the bytes, and places neither overlap nor go back."""
    for end in range(0, len(SAMPLE), 7):
        check(SAMPLE[:end])


@given(st.binary(max_size=300))
def test_garbage(raw: bytes):
    check(raw)
    check(b"2024-05-01T10:20:30Z ERROR a: b\n" + raw)
    text_log.sniff(raw)


@given(
    st.lists(
        st.sampled_from([row[1] for row in GOLDEN] + ["", "  at x", "Caused by: y", "word", "{", "}"]), max_size=12
    )
)
def test_any_lines_in_any_order(lines: list[str]):
    check("\n".join(lines).encode())


def check(raw: bytes) -> None:
    """Every byte lies in one place at most; the order is that of the file; all lines are accounted for."""
    at = 0
    for one in everything(raw, year=2024):
        if isinstance(one, Problem):
            continue
        assert at <= one.place.start < one.place.end <= len(raw)
        assert raw[at : one.place.start].strip() == b""
        at = one.place.end
    assert raw[at:].strip() == b""


@pytest.mark.shared
@pytest.mark.parametrize(
    "system", ["Apache", "BGL", "HDFS", "Hadoop", "HealthApp", "HPC", "Linux", "Mac", "OpenStack", "Spark", "Zookeeper"]
)
def test_true_logs(system: str):
    """Real logs: every line is dated, and its message is the one that the labelled data names."""
    folder = LOGS / system
    if not folder.is_dir():
        pytest.skip("the research data is not beside the project")
    import csv

    raw = next(folder.glob("*_2k.log")).read_bytes()
    with next(folder.glob("*_structured_corrected.csv")).open(newline="") as file:
        wanted = {int(row["LineId"]): row["Content"].strip() for row in csv.DictReader(file)}
    found = {one.place.first: one for one in events(raw, year=2024)}
    same = sum(line in found and found[line].text == text for line, text in wanted.items())
    assert same >= 0.99 * len(wanted)
    assert all(one.at is not None for one in found.values())
