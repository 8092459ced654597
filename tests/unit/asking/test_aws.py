"""The signature is that of Amazon's own client for the same request."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from afterword.asking import aws
from afterword.model.refusal import InvalidError
from afterword.ports import Ask

pytest.importorskip("botocore", reason="the extra aws is not installed")
KEYS = {"access_key": "AKIDEXAMPLE", "secret_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}


def signed(url: str, **options: str) -> dict[str, str]:
    ask = Ask(url, 0, 1, options, KEYS)
    return dict(aws.request(ask, "logs", "Logs_20140328.DescribeLogGroups", {"limit": 5}, says="groups").secret)


def test_the_time_of_the_signature_is_now_and_the_region_that_of_the_host() -> None:
    secret = signed("https://logs.eu-central-1.amazonaws.com")
    when = datetime.strptime(secret["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert abs((datetime.now(UTC) - when).total_seconds()) < 60
    assert f"Credential=AKIDEXAMPLE/{when:%Y%m%d}/eu-central-1/logs/aws4_request" in secret["authorization"]
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-target" in secret["authorization"]


def test_a_region_that_is_stated_wins() -> None:
    assert "/us-west-2/logs/" in signed("https://logs.eu-central-1.amazonaws.com", region="us-west-2")["authorization"]
    with pytest.raises(InvalidError, match="region"):
        signed("https://logs.example.test")
