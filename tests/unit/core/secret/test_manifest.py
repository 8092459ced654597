"""Secrets of Kubernetes."""

from __future__ import annotations

from afterword.core.secret import manifest


def found(text: str) -> list[str]:
    return [text[one.start : one.end] for one in manifest.find(text.encode())]


YAML = """apiVersion: v1
kind: Secret
metadata:
  name: db
data:
  user: YWRtaW4=
  plain: cGxhaW4=
type: Opaque
---
apiVersion: v1
kind: ConfigMap
data:
  plain: seen
"""


def test_all_data_of_a_secret_and_none_of_the_next_document() -> None:
    assert found(YAML) == ["YWRtaW4=", "cGxhaW4="]


def test_data_before_the_kind() -> None:
    assert found("data:\n  a: YWRtaW4=\nkind: Secret\n") == ["YWRtaW4="]


def test_as_json_also_within_json() -> None:
    assert found('{"kind":"Secret","data":{"a":"YWRtaW4=","b":"cGxhaW4="}}') == ["YWRtaW4=", "cGxhaW4="]
    assert found('"{\\"kind\\":\\"Secret\\",\\"data\\":{\\"a\\":\\"YWRtaW4=\\"}}"') == ["YWRtaW4="]


def test_other_kinds_keep_their_data() -> None:
    assert found('{"kind":"ConfigMap","data":{"a":"seen"}}') == []
    assert found("kind: SecretStore\ndata:\n  a: seen\n") == []
