"""Commits as plain objects, the way scripts export ``git log``: sha, author, time, message, perhaps files and a diff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import commit, element, fact, moment, name
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading

_ENVELOPES = ("commits", "data", "items", "results", "values")
_SHA = (
    "sha",
    "hash",
    "commit_hash",
    "commit_sha",
    "commit_id",
    "oid",
    "commit",
    "id",
    "revision",
    "abbreviated_commit",
)
#: When it landed counts before when it was written.
_TIME = ("committed_at", "commit_date", "committer_date", "committeddate", "merged_at", "timestamp", "date", "time", "authored_at", "author_date", "authoreddate", "created_at", "datetime")  # fmt: skip
_MESSAGE = ("message", "subject", "title", "summary", "commit_message", "headline", "messageheadline", "description")
_WHO = ("author", "author_name", "committer", "who", "user", "author_email", "actor", "login")
_FILES = ("files_changed", "files", "changed_files", "paths", "changes", "modified_files", "filenames", "stats")
_DIFF = ("diff", "patch", "diffs", "files", "changes", "unified_diff")
_COMPONENT = ("service", "component", "service_name", "app", "application")
_ELSEWHERE = frozenset(
    [
        "level",
        "severity",
        "deployed_at",
        "environment",
        "flag",
        "status",
        "log",
        "logger",
        "build",
        "web_url",
        "short_id",
    ]
)


def sniff(head: bytes) -> float:
    """Sure of a hash of git's beside a message and an author, in objects that speak of nothing else."""
    found = element.peek(head, *_ENVELOPES)
    good = sum(_is_commit(one) for one in found)
    if not good or good * 2 < len(found):
        return 0.0
    telling = any({"diff", "files_changed", "patch", "files", "changed_files", "parents"} & one.keys() for one in found)
    return 0.9 if telling else 0.75


def _sha(one: Mapping[str, Any]) -> str:
    known = {name.plain(key): value for key, value in one.items()}
    return next((str(known[key]) for key in _SHA if commit.is_sha(known.get(key))), "")


def _is_commit(one: Mapping[str, Any]) -> bool:
    says = name.column(one, _MESSAGE) and name.column(one, _WHO) and name.column(one, _TIME)
    return bool(says and _sha(one)) and not _ELSEWHERE & {name.plain(key) for key in one}


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, *_ENVELOPES):
        if not isinstance(node, Node):
            yield node
        elif not _sha(node.value):
            yield Problem("no commit: it names no hash", node.place(), Gravity.WARNING, "commit-shape")
        else:
            yield from _commit(node, reading)


def _commit(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    value = node.value
    patch = next((value[key] for key in _DIFF if value.get(key) and commit.diff(value[key])), "")
    listed = next((value[key] for key in _FILES if value.get(key) and commit.files(value[key])), "")
    event = Event(
        Kind.CHANGE, node.place(), None, name.text(name.first(value, _COMPONENT)), _sha(value),
        name.text(name.first(value, _MESSAGE)).strip(),
        attributes=commit.attributes(name.first(value, _WHO), listed, patch, review=_review(value)),
    )  # fmt: skip
    yield from fact.dated(event, moment.stamp(name.first(value, _TIME), reading))


def _review(value: Mapping[str, Any]) -> Any:
    found = name.first(value, ("reviewed_by", "approved_by", "reviewers", "approvers", "reviews"))
    return [fact.called(one) for one in found] if isinstance(found, list) else fact.called(found)


SOURCE = Source(
    "commits-json", "commits as plain JSON objects with their author, time, message, files and diff", sniff, read
)
