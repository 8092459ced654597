"""Backstage's catalogue."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, skipped, truncated

from afterword.model.event import Kind
from afterword.sources.backstage import SOURCE

SAMPLE = b"""apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: mailer
spec:
  type: service
  lifecycle: production
  owner: team-mail
---
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: root
spec: {targets: []}
"""


def test_an_entity_and_who_owns_it() -> None:
    [one] = events(SOURCE, SAMPLE)
    assert (one.kind, one.subject, one.name, one.at) == (Kind.OWNER, "mailer", "team-mail", None)
    assert one.attributes == {"kind": "Component", "lifecycle": "production"}
    assert said(SAMPLE, one).startswith("apiVersion")
    assert said(SAMPLE, one).endswith("owner: team-mail")
    assert [s.reason for s in skipped(SOURCE, SAMPLE)] == ["an entity that nobody is said to own: Location"]
    assert SOURCE.sniff(SAMPLE) > 0.9


def test_what_the_api_answers() -> None:
    raw = json.dumps({"items": [{"apiVersion": "backstage.io/v1beta1", "kind": "System", "metadata": {"name": "mail"}, "spec": {"owner": "group:mail"}}]}).encode()  # fmt: skip
    assert [(e.subject, e.name) for e in events(SOURCE, raw)] == [("mail", "group:mail")]
    assert SOURCE.sniff(raw) > 0.9


def test_a_bomb_is_refused() -> None:
    assert [p.code for p in problems(SOURCE, b"apiVersion: backstage.io/v1\na: &a [*a]\n")] == ["yaml-alias"]


def test_other_yaml_is_left_to_others() -> None:
    for raw in (b"apiVersion: v1\nkind: Pod\n", b'{"apiVersion":"v1"}', b"see backstage.io/docs\n"):
        assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)
