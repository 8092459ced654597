"""Secrets of questions are masked wherever a question is shown or kept."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.app.secret import MASK, Masker, is_secret, mask_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://ann:pass@h/x?q=up", "http://h/x?q=up"),
        ("https://h/?token=abc&query=up", "https://h/?token=***&query=up"),
        ("https://h/?X-Amz-Signature=9&X-Amz-Date=1", "https://h/?X-Amz-Signature=***&X-Amz-Date=1"),
        ("https://h/?api_key=1;access_token=2&sig=3", "https://h/?api_key=***;access_token=***&sig=***"),
    ],
)
def test_secrets_in_addresses(url: str, shown: str) -> None:
    assert mask_url(url) == shown


@pytest.mark.parametrize(
    "name", ["next_token", "nextToken", "pageToken", "continue", "cursor", "query", "X-Scope-OrgID", "author"]
)
def test_tokens_of_pages_are_no_secrets(name: str) -> None:
    """Where they were masked, two pages would be one question."""
    assert not is_secret(name)
    assert mask_url(f"http://h/?{name}=5") == f"http://h/?{name}=5"


@pytest.mark.parametrize(
    "name", ["Authorization", "X-Api-Key", "private-token", "Cookie", "DD-API-KEY".removeprefix("DD-"), "client_secret"]
)
def test_headers_that_hold_secrets(name: str) -> None:
    assert is_secret(name)


def test_bodies() -> None:
    mask = Masker.of(["hunter22"])
    assert mask.body(b'{"nextToken": "x", "password": "p"}') == '{"nextToken": "x", "password": "***"}'
    assert mask.body(b'{"a":1}') == '{"a":1}'
    assert mask.body(b"query=up&password=p&end=hunter22") == "query=up&password=***&end=***"
    assert mask.headers({"B": "hunter22", "a": "1", "X-Api-Key": "k"}) == (("a", "1"), ("b", MASK), ("x-api-key", MASK))


@given(st.text(min_size=4, max_size=40).filter(lambda s: s.isprintable()), st.text(max_size=30), st.text(max_size=30))
def test_a_known_secret_is_shown_in_no_spelling(secret: str, before: str, after: str) -> None:
    mask = Masker.of([secret])
    for spelling in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()):
        if spelling not in before + after and spelling not in MASK:
            assert spelling not in mask.text(f"{before}\0{spelling}\0{after}")
