"""Members of organisations and teams."""

from __future__ import annotations

import json

from source_laws import check, events, problems, truncated

from afterword.model.event import Kind
from afterword.sources.org_members import SOURCE

SAMPLE = json.dumps(
    [
        {"login": "nora", "id": 1, "node_id": "x", "type": "User", "site_admin": False},
        {"login": "sam", "id": 2, "node_id": "y", "type": "User", "site_admin": False},
        {"name": "Pay", "slug": "pay", "privacy": "closed", "members_url": "m", "repositories_url": "r"},
    ],
    indent=1,
).encode()


def test_each_account_is_a_member_and_each_team_one() -> None:
    made = events(SOURCE, SAMPLE)
    assert {e.kind for e in made} == {Kind.MEMBER}
    assert [(e.name, e.attributes["member"], e.attributes["state"]) for e in made] == [
        ("nora", "person", "active"), ("sam", "person", "active"), ("pay", "team", "active"),
    ]  # fmt: skip
    assert SOURCE.sniff(SAMPLE) > 0.8


def test_who_is_blocked_inactive_or_has_left_does_not_count_as_there() -> None:
    gitlab = [{"id": 1, "username": "ada", "state": "blocked", "access_level": 30, "web_url": "w"}]
    scim = {"Resources": [{"userName": "bo", "active": False, "emails": [{"value": "bo@acme.example"}]}]}
    plain = [{"login": "cy", "team": "pay", "left": "2026-01-01"}, {"login": "di", "team": "pay"}]
    found = [events(SOURCE, json.dumps(one).encode()) for one in (gitlab, scim, plain)]
    assert [[(e.name, e.attributes["state"]) for e in made] for made in found] == [[("ada", "left")], [("bo", "left")], [("cy", "left"), ("di", "active")]]  # fmt: skip
    assert found[1][0].attributes["email"] == "bo@acme.example"


def test_what_is_no_account_is_set_aside() -> None:
    assert [p.code for p in problems(SOURCE, b'[{"a": 1}]')] == ["member-shape"]


def test_the_laws() -> None:
    truncated(SOURCE, SAMPLE)
    check(SOURCE, b'[{"login": {"a": 1}, "type": [], "node_id": 1}]')
