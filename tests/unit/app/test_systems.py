"""Systems as people name them: in a file without secrets, and as addresses on their terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from afterword.app import systems
from afterword.model.refusal import InvalidError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
[[systems]]
name = "metrics"
connector = "prometheus"
url = "https://prometheus.example/base"
step = "15s"
queries = ["up", "sum(rate(x[1m]))"]
token_env = "PROM_TOKEN"
headers = { X-Scope-OrgID = "shop" }
headers_env = { X-Api-Key = "API_KEY" }
rate = 5

[[systems]]
name = "alerts"
connector = "alertmanager"
url = "http://127.0.0.1:9093"
user = "ann"
password_env = "AM_PASSWORD"
"""
ENVIRONMENT = {"PROM_TOKEN": "tok-1", "API_KEY": "key-1", "AM_PASSWORD": "p@ss"}


def written(folder: Path, text: str) -> Path:
    path = folder / systems.FILE
    path.write_text(text, encoding="utf-8")
    return path


def reasons(folder: Path, text: str, environment: dict[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(InvalidError) as refused:
        systems.load(written(folder, text), environment or {})
    return refused.value.reasons


def test_a_good_file(tmp_path: Path) -> None:
    metrics, alerts = systems.load(written(tmp_path, GOOD), ENVIRONMENT)
    assert (metrics.name, metrics.connector.name, metrics.url) == (
        "metrics",
        "prometheus",
        "https://prometheus.example/base",
    )
    assert metrics.options == {"step": "15s", "queries": ["up", "sum(rate(x[1m]))"]}
    assert metrics.headers == {"X-Scope-OrgID": "shop"}
    assert metrics.secret_headers == {"Authorization": "Bearer tok-1", "X-Api-Key": "key-1"}
    assert (metrics.rate, metrics.timeout) == (5.0, 10.0)
    assert alerts.secret_headers == {"Authorization": "Basic YW5uOnBAc3M="}


def test_no_secret_is_part_of_what_identifies_a_system(tmp_path: Path) -> None:
    for one in systems.load(written(tmp_path, GOOD), ENVIRONMENT):
        said = repr(one.identity()) + one.shown
        assert not any(secret in said for secret in ENVIRONMENT.values())


def test_a_secret_in_the_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    """A token, a password in the address, a secret parameter, an Authorization header: none of them belongs there."""
    base = '[[systems]]\nname = "m"\nconnector = "http"\n'
    table = {
        'url = "http://h:1"\ntoken = "abc"': 'token: a secret does not belong into a file; write token_env = "NAME"',
        'url = "http://ann:pass@h:1"': "a name or password stands in the url",
        'url = "http://h:1/?api_key=abc"': "the url holds a secret (api_key)",
        'url = "http://h:1"\nheaders = { Authorization = "Bearer abc" }': "Authorization holds a secret",
        'url = "http://h:1"\napi_key = "abc"': "a secret does not belong into a file",
    }
    for text, said in table.items():
        (reason,) = reasons(tmp_path, base + text)
        assert said in reason
        assert "abc" not in reason
        assert "pass@" not in reason


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = """
colour = "red"
[[systems]]
name = "a b"
connector = "promethius"
url = "ftp://h"
[[systems]]
name = "x"
connector = "prometheus"
url = "http://h"
steps = "15s"
rate = 0
headers = "x"
token_env = "NOT_SET"
ca = "/no/such/file"
[[systems]]
name = "x"
connector = "alertmanager"
"""
    found = reasons(tmp_path, text)
    wanted = (
        "no setting colour", "name is letters", "no connector promethius; there is prometheus", "url: this is no address",
        "steps: prometheus knows no such option; near: step", "rate is a number", "headers is a table", "variable NOT_SET is not set",
        "ca: there is no file", "url is missing", "two systems are called x",
    )  # fmt: skip
    for said in wanted:
        assert any(said in reason for reason in found), said
    assert len(found) == len(wanted)


@pytest.mark.parametrize(
    "text", ["", "systems = 1", "[systems]\nname = 'x'", "[[systems]]\n[[systems.deeper]]\n", "not toml ="]
)
def test_files_that_name_nothing(tmp_path: Path, text: str) -> None:
    assert reasons(tmp_path, text)


def test_headers_and_certificates(tmp_path: Path) -> None:
    base = '[[systems]]\nname = "m"\nconnector = "http"\nurl = "http://h:1"\n'
    (bad,) = reasons(tmp_path, base + 'headers = { "X Y" = "1" }')
    assert "'X Y' is no header" in bad
    (bad,) = reasons(tmp_path, base + 'token_env = "MULTI"', {"MULTI": "a\nb"})
    assert "line breaks" in bad
    (bad,) = reasons(tmp_path, base + 'token_env = "not a name"')
    assert "is the name of a variable" in bad
    (bad,) = reasons(tmp_path, base + "accept = { a = 1 }")
    assert "accept is a text" in bad
    (tmp_path / "ca.pem").write_text("x")
    (one,) = systems.load(written(tmp_path, base + f'ca = "{tmp_path}/ca.pem"\naccept = "text/csv"'), {})
    assert (one.ca, one.options) == (f"{tmp_path}/ca.pem", {"accept": "text/csv"})
    found = reasons(tmp_path, '[[systems]]\nname = "m"\nconnector = "prometheus"\nurl = "http://h:1/?step=5s"')
    assert "the url ends before its parameters" in found[0]


def test_a_service_that_is_at_one_place_needs_no_address(tmp_path: Path) -> None:
    (one,) = systems.load(
        written(tmp_path, '[[systems]]\nname = "forge"\nconnector = "github"\nrepositories = ["shop/cart"]\n'), {}
    )
    assert one.access().urls == ("https://api.github.com",)


def test_the_file_is_found_upward(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    path = written(tmp_path, GOOD)
    assert systems.find(below) == path
    with pytest.raises(NotFoundError):
        systems.load(tmp_path / "none.toml", {})


def test_addresses_on_the_terminal() -> None:
    """Two of one kind get two names; a password in an address becomes a header and leaves the address."""
    uris = ["prometheus+http://localhost:9090", "prometheus+https://ann:p%40ss@h/base", "alertmanager+http://h:9093"]
    first, second, third = systems.from_uris(uris, {"AFTERWORD_ALERTMANAGER_TOKEN": "t-1"})
    assert [one.name for one in (first, second, third)] == ["prometheus", "prometheus-2", "alertmanager"]
    assert second.url == "https://h/base"
    assert second.secret_headers == {"Authorization": "Basic YW5uOnBAc3M="}
    assert third.secret_headers == {"Authorization": "Bearer t-1"}
    assert first.access().urls == ("http://localhost:9090",)


def test_options_in_an_address() -> None:
    """Where a connector needs to know what to ask for, it stands in the address like parameters."""
    uris = [
        'loki+http://h:3100/base?query={app=~"c.+"}&limit=100',
        "prometheus+http://h?queries=up&queries=rate(x[1m])&step=15s",
        "http+http://h/export?step=15s&from={start}",
    ]
    loki, prometheus, plain = systems.from_uris(uris, {})
    assert (loki.url, loki.options) == ("http://h:3100/base", {"query": '{app=~"c.+"}', "limit": "100"})
    assert (prometheus.url, prometheus.options) == ("http://h", {"queries": ["up", "rate(x[1m])"], "step": "15s"})
    assert (plain.url, plain.options) == ("http://h/export?step=15s&from={start}", {})
    with pytest.raises(InvalidError, match="steps: prometheus knows no such option; near: step"):
        systems.from_uris(["prometheus+http://h?steps=15s"], {})


def test_addresses_that_are_none() -> None:
    with pytest.raises(InvalidError) as refused:
        systems.from_uris(["http://h", "nothing+http://h", "prometheus+http://h:99999", "prometheus+file:///x"], {})
    assert len(refused.value.reasons) == 4
    with pytest.raises(InvalidError) as refused:
        systems.from_uris(["prometheus+http://zoe:pa/ss@h:9090/?token=abc", "http://zoe:pa/ss@h"], {})
    assert not any(secret in str(refused.value) for secret in ("pa/ss", "zoe", "abc"))
    assert any("set the variable AFTERWORD_PROMETHEUS_TOKEN" in reason for reason in refused.value.reasons)
    assert "prometheus" in refused.value.reasons[0]
