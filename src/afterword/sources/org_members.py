"""Who belongs to an organisation or a team: what GitHub, GitLab and SCIM answer, and plain lists with a login or an e-mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, name
from afterword.reading.element import dig
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading

_ENVELOPES = ("members", "Resources", "users", "items", "data", "teams")
#: What says of an account that nobody works with it any more.
_GONE = frozenset({"blocked", "blocked_pending_approval", "deactivated", "suspended", "inactive", "disabled", "left", "removed", "deprovisioned", "archived", "banned"})  # fmt: skip


def sniff(head: bytes) -> float:
    """Sure of accounts as one of the three answers them, or of a list that says it is one of members."""
    found = element.peek(head, *_ENVELOPES)[:10]
    return 0.9 if found and sum(map(_is_member, found)) * 2 > len(found) else 0.0


def _is_member(one: Mapping[str, Any]) -> bool:
    github = {"login", "type"} <= one.keys() and bool({"site_admin", "organizations_url", "node_id"} & one.keys())
    gitlab = {"username", "state"} <= one.keys() and bool({"access_level", "web_url", "membership_state"} & one.keys())
    scim = {"userName", "active"} <= one.keys()
    team = {"slug", "privacy"} <= one.keys() and bool({"members_url", "repositories_url"} & one.keys())
    plain = bool({"login", "username", "handle"} & one.keys()) and bool({"teams", "team", "left", "role"} & one.keys()) and "message" not in one  # fmt: skip
    return github or gitlab or scim or team or plain


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, *_ENVELOPES):
        if not isinstance(node, Node):
            yield node
        elif not _is_member(node.value):
            yield Problem("no account of an organisation", node.place(), Gravity.WARNING, "member-shape")
        else:
            yield _member(node, reading.subject)


def _member(node: Node, subject: str) -> Event:
    value = node.value
    team = "slug" in value and "login" not in value
    called = name.text(value.get("slug")) if team else fact.called(_account(value))
    mail = value.get("email") or next((dig(one, "value") for one in _listed(value.get("emails"))), "")
    teams = value.get("teams") or value.get("team")
    said = {
        "member": "team" if team else "person", "state": _state(value), "email": mail,
        "teams": [fact.called(one) for one in teams] if isinstance(teams, list) else teams,
    }  # fmt: skip
    text = f"{'the team' if team else 'an account'} {called}"
    return Event(Kind.MEMBER, node.place(), None, subject, called, text, offset=None, attributes=fact.attributes(said))


def _account(value: Mapping[str, Any]) -> Any:
    return next((value[key] for key in ("login", "username", "userName", "handle") if value.get(key)), value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _state(value: Mapping[str, Any]) -> str:
    """``left`` of an account that is blocked, suspended or was given a day of leaving; ``active`` of any other."""
    word = name.text(value.get("state") or value.get("status")).lower()
    gone = (
        value.get("active") is False
        or bool(value.get("suspended_at"))
        or value.get("left") not in (None, False, "", "false")
    )
    return "left" if gone or word in _GONE else "active"


SOURCE = Source(
    "org-members", "who belongs to an organisation or a team: GitHub, GitLab, SCIM, plain lists", sniff, read
)
