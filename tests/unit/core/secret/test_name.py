"""Names that promise a secret."""

from __future__ import annotations

import pytest

from afterword.core.secret.name import Family, family


@pytest.mark.parametrize(
    ("name", "how", "kind"),
    [
        ("password", Family.PASSWORD, "password"),
        ("DB_PASSWORD", Family.PASSWORD, "password"),
        ("PGPASSWORD", Family.PASSWORD, "password"),
        ("spring.datasource.password", Family.PASSWORD, "password"),
        ("dbUserPassword2", Family.PASSWORD, "password"),
        ("smtp_pass", Family.PASSWORD, "smtp-password"),
        ("pass", Family.SOFT, "password"),
        ("secret", Family.SOFT, "secret"),
        ("clientSecret", Family.TOKEN, "secret"),
        ("x-api-key", Family.TOKEN, "key"),
        ("AWS_SECRET_ACCESS_KEY", Family.TOKEN, "aws-key"),
        ("access_token", Family.TOKEN, "token"),
        ("token", Family.LOOSE, "token"),
        ("PHPSESSID", Family.LOOSE, "session"),
        ("secret_key_base", Family.TOKEN, "key"),
    ],
)
def test_secrets(name: str, how: Family, kind: str) -> None:
    assert family(name) == (how, kind)


@pytest.mark.parametrize(
    "name",
    ["", "user", "token_count", "max_tokens", "next_token", "token_type", "public_key", "secretName", "secretRef", "password_length", "key", "primary_key", "author", "api_version", "tokenizer", "passwordResetUrl", "key_id", "compass", "bypass_count"],
)  # fmt: skip
def test_what_only_sounds_so(name: str) -> None:
    assert family(name) is None
