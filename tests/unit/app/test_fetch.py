"""The one place that asks the network, against a small real server that behaves badly in every way."""

from __future__ import annotations

import gzip
import shutil
import socket
import ssl
import subprocess
import sys
import time
import zlib
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from small_server import Answer, Raw, Said, SmallServer

from afterword.app.fetch import MOST_SILENT, Access, Fetcher, Limits, without_userinfo
from afterword.ports import GivenUpError, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.server import BaseHTTPRequestHandler

HERE = Path(__file__).resolve().parent
QUICK = Limits(rate=1000.0, read=0.5, whole=1.5, most=1 << 20)


class Waits(list[float]):
    """Takes the place of sleeping, and remembers for how long."""

    def __call__(self, seconds: float) -> None:
        self.append(round(seconds, 3))


_OPEN: list[Fetcher] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _OPEN:
        _OPEN.pop().close()


def opened(access: Access, limits: Limits = QUICK, waits: Waits | None = None) -> Fetcher:
    _OPEN.append(Fetcher(access, limits, sleep=waits if waits is not None else Waits()))
    return _OPEN[-1]


def fetcher(server: SmallServer, waits: Waits | None = None, limits: Limits = QUICK, **access: Any) -> Fetcher:
    return opened(Access((server.url,), **access), limits, waits)


def turns(*answers: Answer) -> Callable[[Said], Answer]:
    """One answer after the other; the last one again and again."""
    left = list(answers)

    def answer(_: Said) -> Answer:
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


def why(server: SmallServer, path: str = "/", **request: Any) -> str:
    with pytest.raises(GivenUpError) as given_up:
        fetcher(server).get(Request(server.url + path, **request))
    return str(given_up.value)


def test_an_answer_comes_as_it_is() -> None:
    with SmallServer(
        {"/x": lambda said: Answer(said.body + said.path.encode(), headers={"X-One": "1", "Set-Cookie": "s=1"})}
    ) as server:
        found = fetcher(server).get(
            Request(f"{server.url}/x?a=1", "POST", {"X-Tenant": "shop"}, {"Authorization": "Bearer t"}, b"body")
        )
    assert (found.status, found.body) == (200, b"body/x?a=1")
    assert found.headers["x-one"] == "1"
    assert "set-cookie" not in found.headers
    assert server.asked[0].headers["authorization"] == "Bearer t"
    assert server.asked[0].headers["x-tenant"] == "shop"
    assert server.asked[0].headers["host"] == f"127.0.0.1:{server.port}"


def test_a_server_that_is_busy_is_asked_again_when_it_says() -> None:
    """429 with Retry-After: 7, then 503 without, then the answer."""
    waits = Waits()
    busy = turns(Answer(b"slow down", 429, {"Retry-After": "7"}), Answer(b"", 503), Answer(b"here"))
    with SmallServer({"/": busy}) as server:
        assert fetcher(server, waits).get(Request(server.url + "/")).body == b"here"
    assert [one for one in waits if one > 0.1] == [7.0, 1.0]


def test_a_date_in_retry_after() -> None:
    waits = Waits()
    with SmallServer(
        {"/": turns(Answer(b"", 429, {"Retry-After": formatdate(time.time() + 30, usegmt=True)}), Answer(b"x"))}
    ) as server:
        fetcher(server, waits).get(Request(server.url + "/"))
    assert 25 < max(waits) <= 30


def test_a_limit_that_is_used_up_is_waited_for_until_it_begins_anew() -> None:
    """GitHub answers 403 and names the second; PagerDuty answers 429 and counts seconds; Amazon answers 400."""
    waits = Waits()
    used = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 20)}
    throttled = Answer(b'{"__type":"ThrottlingException","message":"Rate exceeded"}', 400)
    answers = turns(Answer(b"", 403, used), Answer(b"", 429, {"ratelimit-reset": "9"}), throttled, Answer(b"here"))
    with SmallServer({"/": answers}) as server:
        assert fetcher(server, waits, QUICK).get(Request(server.url + "/")).body == b"here"
    first, second, third = (one for one in waits if one > 0.1)
    assert 17 < first <= 20
    assert (second, third) == (9.0, 2.0)


def test_what_is_forbidden_is_not_asked_again() -> None:
    """The control: 403 without a limit, and 400 that is no throttling."""
    for status in (403, 400):
        with SmallServer({"/": Answer(b"", status, {"X-RateLimit-Remaining": "12"})}) as server:
            assert why(server).startswith(f"answered {status}")
            assert len(server.asked) == 1


def test_a_server_that_asks_for_an_hour_is_given_up_at_once() -> None:
    waits = Waits()
    with (
        SmallServer({"/": Answer(b"", 429, {"Retry-After": "3600"})}) as server,
        pytest.raises(GivenUpError, match="wait 3600 s") as given_up,
    ):
        fetcher(server, waits).get(Request(server.url + "/"))
    assert given_up.value.status == 429
    assert len(server.asked) == 1


def test_what_is_wrong_with_the_question_is_not_asked_again() -> None:
    """422 with the words of Prometheus; they are told, and nothing is retried."""
    with SmallServer(
        {"/": Answer(b'{"status":"error","errorType":"execution","error":"too many samples"}', 422)}
    ) as server:
        assert why(server) == "answered 422 Unprocessable Entity: too many samples"
        assert len(server.asked) == 1


def test_a_server_that_never_recovers_is_asked_four_times() -> None:
    with SmallServer({"/": Answer(b"<html>bad gateway</html>", 502)}) as server:
        assert why(server) == "answered 502 Bad Gateway, after 4 tries"
        assert len(server.asked) == 4


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    asks = opened(Access((f"http://127.0.0.1:{port}",)))
    for _ in range(MOST_SILENT):
        with pytest.raises(GivenUpError, match=r"no connection \(.*refused\), after 4 tries") as given_up:
            asks.get(Request(f"http://127.0.0.1:{port}/"))
        assert given_up.value.status == 0
    with pytest.raises(GivenUpError, match="not asked any more"):
        asks.get(Request(f"http://127.0.0.1:{port}/"))


def _silence(_: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


def _drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(40):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


def _cut(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"half")
    handler.close_connection = True


def test_slow_servers() -> None:
    """One says nothing; one says a byte every tenth of a second for ever; one hangs up in the middle."""
    with SmallServer({"/silent": Raw(_silence), "/drip": Raw(_drip), "/cut": Raw(_cut)}) as server:
        assert why(server, "/silent").startswith("no answer within 0 s, after 4 tries")
        began = time.monotonic()
        assert why(server, "/drip") == "the answer took longer than 2 s"
        assert time.monotonic() - began < 4
        assert why(server, "/cut") == "the connection broke (RemoteProtocolError), after 4 tries"


def test_answers_that_are_too_large() -> None:
    """Two megabytes where one is allowed; 200 MB in 200 KB of gzip; the same twice packed stays packed once."""
    bomb = gzip.compress(b"\0" * (200 << 20), 9)
    routes = {
        "/large": Answer(b"x" * (2 << 20)),
        "/bomb": Answer(bomb, headers={"Content-Encoding": "gzip"}),
        "/honest": Answer(gzip.compress(b"hello"), headers={"Content-Encoding": "gzip"}),
        "/zlib": Answer(zlib.compress(b"hello"), headers={"Content-Encoding": "deflate"}),
        "/broken": Answer(b"no gzip", headers={"Content-Encoding": "gzip"}),
        "/short": Answer(gzip.compress(b"hello" * 1000)[:-12], headers={"Content-Encoding": "gzip"}),
        "/brotli": Answer(b"?", headers={"Content-Encoding": "br"}),
    }
    with SmallServer(routes) as server:
        assert why(server, "/large") == "the answer is larger than 1 MiB: ask for less at once"
        assert why(server, "/bomb") == "the answer is larger than 1 MiB: ask for less at once"
        assert fetcher(server).get(Request(f"{server.url}/honest")).body == b"hello"
        assert fetcher(server).get(Request(f"{server.url}/zlib")).body == b"hello"
        assert "cannot be unpacked" in why(server, "/broken")
        assert "ends before its end" in why(server, "/short")
        assert "not asked for (br)" in why(server, "/brotli")
        # The control: without a limit the bomb is a whole answer.
        free = fetcher(server, limits=Limits(rate=1000.0, most=1 << 30))
        assert len(free.get(Request(f"{server.url}/bomb")).body) == 200 << 20


def test_redirects_are_followed_three_times() -> None:
    routes = {f"/{n}": Answer(b"", 302, {"Location": f"/{n + 1}"}) for n in range(9)}
    routes["/3"] = Answer(b"there")
    with SmallServer(routes) as server:
        assert fetcher(server).get(Request(f"{server.url}/0")).body == b"there"
        del routes["/3"]
        routes["/3"] = Answer(b"", 302, {"Location": "/4"})
        assert why(server, "/0") == "more than 3 redirects"


def test_a_redirect_never_leads_to_another_private_address() -> None:
    """A system that a person named sends us on to the database beside it, to a metadata service, to a file."""
    with SmallServer({"/": Answer(b"secret of the database")}) as database:
        places = {
            "/port": database.url + "/",
            "/name": f"http://localhost:{database.port}/",
            "/digits": f"http://2130706433:{database.port}/",
            "/cloud": "http://169.254.169.254/latest/meta-data/",
            "/file": "file:///etc/passwd",
            "/user": f"http://ann@127.0.0.1:{database.port}/",
        }
        with SmallServer({path: Answer(b"", 307, {"Location": where}) for path, where in places.items()}) as server:
            for path in places:
                with pytest.raises(GivenUpError) as given_up:
                    fetcher(server).get(Request(server.url + path))
                assert given_up.value.status == 0
        assert database.asked == []
        # The control: a client that follows without asking anybody does reach the database.
        with SmallServer({"/": Answer(b"", 307, {"Location": database.url + "/"})}) as server:
            assert httpx2.get(server.url, follow_redirects=True, trust_env=False).text == "secret of the database"


def test_a_redirect_to_another_named_place_gets_no_secrets() -> None:
    """Two URLs of one system: what is secret at the first is not told to the second."""
    with (
        SmallServer({"/there": Answer(b"ok")}) as second,
        SmallServer({"/": Answer(b"", 302, {"Location": second.url + "/there"})}) as first,
    ):
        access = Access((first.url, second.url), {"X-Scope-OrgID": "shop"}, {"X-Api-Key": "k-12345"})
        asks = opened(access)
        assert asks.get(Request(first.url + "/", secret={"Authorization": "Bearer t"})).body == b"ok"
        assert first.asked[0].headers["authorization"] == "Bearer t"
        assert not {"authorization", "x-api-key"} & second.asked[0].headers.keys()


def test_only_the_place_of_the_system_is_asked() -> None:
    """A page names the next page on another host: it does not get the token."""
    with SmallServer({"/": Answer(b"")}) as server, SmallServer({"/": Answer(b"")}) as other:
        with pytest.raises(GivenUpError, match="is not where this system is"):
            fetcher(server).get(Request(other.url + "/", secret={"Authorization": "Bearer t"}))
        assert other.asked == []


def test_no_secret_is_in_what_is_said() -> None:
    """The server repeats the token in its error, and the connector put one into the address."""
    with SmallServer({"/": lambda said: Answer(f"bad token {said.headers['authorization']}".encode(), 401)}) as server:
        told = why(server, "/?token=in-the-address", secret={"Authorization": "Bearer very-secret"})
        assert "very-secret" not in told
        assert told.startswith("answered 401 Unauthorized: bad token")
        asks = fetcher(server, secrets=("very-secret",), secret_headers={"Authorization": "Bearer very-secret"})
        assert asks.masker.url(f"{server.url}/?token=abc&q=very-secret") == f"{server.url}/?token=***&q=***"


def test_the_rate_is_kept() -> None:
    waits = Waits()
    with SmallServer({"/": Answer(b"x")}) as server:
        asks = fetcher(server, waits, Limits(rate=2.0))
        for _ in range(4):
            asks.get(Request(server.url + "/"))
    # Nobody slept here, so each request has to wait until its turn on a clock that stood nearly still.
    assert [round(one * 2) for one in waits] == [1, 2, 3]


def test_what_cannot_be_sent_is_given_up() -> None:
    with SmallServer({"/": Answer(b"x")}) as server:
        for header in ({"X": "line\r\nbreak"}, {"Bad Header": "x"}, {"X": "\ud800"}):
            assert why(server, headers=header)
        assert why(server, method="G ET")
        assert server.asked == []


def test_name_and_password_in_front_of_the_host() -> None:
    url, headers = without_userinfo("http://ann:p%40ss@127.0.0.1:9090/x?q=1")
    assert (url, headers) == ("http://127.0.0.1:9090/x?q=1", {"Authorization": "Basic YW5uOnBAc3M="})
    assert without_userinfo("http://h/x") == ("http://h/x", {})


@pytest.fixture
def namespace() -> Callable[[str], str]:
    """Runs a probe in a network of its own, where a public address is ours."""
    if subprocess.run(["unshare", "-rn", "ip", "link"], capture_output=True, check=False).returncode:
        pytest.skip("no network namespace can be made here (unshare, ip)")

    def run(probe: str) -> str:
        script = f"ip link set lo up && ip addr add 93.184.216.34/32 dev lo && exec {sys.executable} {HERE / 'rebinding_probe.py'} {probe}"
        done = subprocess.run(
            ["unshare", "-rn", "sh", "-c", script], capture_output=True, check=False, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


def test_a_name_that_changes_between_check_and_connect(namespace: Callable[[str], str]) -> None:
    """The first answer of the name server is public, every later one is this machine: the checked one is connected to."""
    assert namespace("guarded") == "public"


def test_a_check_that_resolves_again_reaches_this_machine(namespace: Callable[[str], str]) -> None:
    """The control: who checks the name and then lets the client resolve it is led home."""
    assert namespace("naive") == "home"


def test_a_public_place_that_redirects_home(namespace: Callable[[str], str]) -> None:
    assert "private address" in namespace("redirect")


@pytest.fixture
def certified(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for prometheus.example, and a context that shows it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=x",
    ]
    name = ["-addext", "subjectAltName=DNS:prometheus.example", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*made, *name], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context


def test_tls_keeps_the_name_although_an_address_is_connected_to(certified: tuple[Path, ssl.SSLContext]) -> None:
    """The certificate is checked for the name; a file of the team may be trusted; another name, or no file, is refused at once."""
    certificate, context = certified
    shown: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: shown.append(name)
    with SmallServer({"/": Answer(b"behind TLS")}, tls=context) as server:

        def asks(host: str, ca: str) -> bytes:
            url = f"https://{host}:{server.port}/"
            access = Access((url,), ca=ca)
            _OPEN.append(Fetcher(access, QUICK, resolve=lambda *_: ["127.0.0.1"], sleep=Waits()))
            return _OPEN[-1].get(Request(url)).body

        assert asks("prometheus.example", str(certificate)) == b"behind TLS"
        assert shown == ["prometheus.example"]
        assert server.asked[0].headers["host"] == f"prometheus.example:{server.port}"
        with pytest.raises(GivenUpError, match=r"certificate") as given_up:
            asks("other.example", str(certificate))
        assert "tries" not in str(given_up.value)
        with pytest.raises(GivenUpError, match=r"certificate"):
            asks("prometheus.example", "")


def test_nobody_else_imports_the_client() -> None:
    """The import contract holds it for the rooms below; this holds it for the room of fetch itself, and the faces."""
    source = HERE.parents[2] / "src" / "afterword"
    assert [
        path.name for path in sorted(source.rglob("*.py")) if "import httpx2" in path.read_text(encoding="utf-8")
    ] == ["fetch.py"]


def test_the_next_address_of_a_name_is_tried() -> None:
    """``localhost`` is ::1 first on many machines, and the server listens at 127.0.0.1 only."""
    with SmallServer({"/": Answer(b"here")}) as server:
        url = f"http://localhost:{server.port}/"
        _OPEN.append(Fetcher(Access((url,)), QUICK, resolve=lambda *_: ["::1", "127.0.0.1"], sleep=Waits()))
        assert _OPEN[-1].get(Request(url)).body == b"here"
        assert len(server.asked) == 1
