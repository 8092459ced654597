"""Whether a value is a secret."""

from __future__ import annotations

import pytest

from afterword.core.secret.name import Family
from afterword.core.secret.value import judge, standing_in


@pytest.mark.parametrize(
    "value",
    ["", "x", "****", "xxxxxxxx", "[REDACTED]", "<password>", "${DB_PASSWORD}", "{{ .Values.token }}", "$TOKEN", "%s", "null", "None", "true", "changeme", "your_api_key", "os.environ[x]", "getenv(x)", "self.password", "[secret:password:0badcafe]"],
)  # fmt: skip
def test_what_stands_where_a_secret_would(value: str) -> None:
    assert standing_in(value)
    assert not judge(Family.PASSWORD, value, sure=True, loose=False)


@pytest.mark.parametrize("value", ["hunter2", "swordfish", "S3cr3t!", "123456", "correct-horse-battery", "admin"])
def test_passwords(value: str) -> None:
    assert judge(Family.PASSWORD, value, sure=True, loose=False)


@pytest.mark.parametrize("value", ["incorrect", "expired", "/root", "/run/secrets/db", "2026-03-14", "10.0.0.1", "must contain at least eight letters"])  # fmt: skip
def test_what_is_said_about_passwords(value: str) -> None:
    assert not judge(Family.PASSWORD, value, sure=True, loose=False)


def test_in_running_text_a_word_is_no_password() -> None:
    assert not judge(Family.PASSWORD, "swordfish", sure=False, loose=True)
    assert not judge(Family.PASSWORD, "12", sure=False, loose=True)
    assert judge(Family.PASSWORD, "sw0rdfish", sure=False, loose=True)


@pytest.mark.parametrize(
    "value",
    ["550e8400-e29b-41d4-a716-446655440000", "4bf92f3577b34da6a3ce929d0e0e4736", "3f786850e387550fdab836ed7e6dc881de23001b"],
)  # fmt: skip
def test_ids_are_secrets_only_where_the_name_is_certain(value: str) -> None:
    assert judge(Family.TOKEN, value, sure=True, loose=False)
    assert not judge(Family.LOOSE, value, sure=True, loose=False)


@pytest.mark.parametrize(
    "value",
    ["12345678901", "30s", "default-token-x7k2p", "com.apple.xpc.activity/4505", "https://a.b/c", "0x14f05578bd80006", "jobTokenSecretManager", "2026-03-14T09:12:00Z", "/var/run/secrets/token", "abcdefgh", "kube-system/coredns-7f89b7bc75"],
)  # fmt: skip
def test_what_no_machine_made_as_a_token(value: str) -> None:
    assert not judge(Family.LOOSE, value, sure=True, loose=False)


def test_tokens() -> None:
    assert judge(Family.LOOSE, "aZ9bY8cX7dW6eV5f", sure=True, loose=False)
    assert judge(Family.TOKEN, "MW1pxMctoyA(>M%0Vl 2(#o0|2$cB+K|.G$hB~4`Juw@]", sure=True, loose=False)
