"""Values, ids and resources of OTLP."""

from __future__ import annotations

import pytest

from afterword.reading import otlp


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"stringValue": "a"}, "a"), ({"intValue": "7"}, "7"), ({"doubleValue": 0.5}, "0.5"), ({"boolValue": True}, "true"), ({}, ""),
        ({"arrayValue": {"values": [{"stringValue": "é"}, {"intValue": 1}]}}, '["é",1]'),
        ({"kvlistValue": {"values": [{"key": "a", "value": {"arrayValue": {}}}]}}, '{"a":[]}'),
        ({"string_value": "a"}, "a"), ("bare", "bare"), (None, ""), ([1], "[1]"),
    ],
)  # fmt: skip
def test_values_as_text(value: object, expected: str) -> None:
    assert otlp.text(value) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("EEE19B7EC3C1B174", "eee19b7ec3c1b174"),
        ("7uGbfsPBsXQ=", "eee19b7ec3c1b174"),
        ("0000000000000000", ""),
        ("AAAAAAAAAAA=", ""),
        ("", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_ids(written: object, expected: str) -> None:
    assert otlp.hex_id(written) == expected


def test_the_component_of_a_resource() -> None:
    assert otlp.component({"service.name": "cart", "host.name": "h"}) == "cart"
    assert otlp.component({"service.name": "unknown_service:java", "k8s.deployment.name": "cart"}) == "cart"
    assert otlp.component({"host.name": "h", "os.type": "linux"}) == "h"
    assert otlp.component({}) == ""
