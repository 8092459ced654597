"""Records of changes as JSON or as a table: deploy logs, exports of change tickets (Jira, ServiceNow), histories of Argo CD."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import commit, element, fact, moment, name, table
from afterword.reading.element import dig
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from afterword.ports import Reading

_ENVELOPES = ("deploys", "deployments", "changes", "releases", "change_events", "records", "result", "results", "issues", "items", "data", "events", "rollouts", "history")  # fmt: skip
#: A deploy counts when it was through, other work from when it was begun; when it was written down comes last.
_DONE = ("deployed_at", "completed_at", "finished_at", "actual_end", "ended_at", "end_time", "deployment_date", "deploy_time", "deployed", "released_at", "released", "applied_at", "effective_at", "implemented_at", "synced_at")  # fmt: skip
_PLAIN = ("timestamp", "time", "date", "datetime", "at", "when", "ts", "changed_at")
_BEGUN = ("work_start", "actual_start", "started_at", "start_time", "start", "start_date", "planned_start")
_WRITTEN = ("closed_at", "resolutiondate", "created_at", "created", "updated", "opened_at", "sys_created_on")
_DEPLOY_TIME, _WORK_TIME = (*_DONE, *_PLAIN, *_BEGUN, *_WRITTEN), (*_BEGUN, *_DONE, *_PLAIN, *_WRITTEN)
_COMPONENT = ("service", "service_name", "component", "app", "application", "app_name", "business_service", "cmdb_ci", "configuration_item", "workload", "deployment_name", "system", "target", "repo", "repository", "project")  # fmt: skip
_COMMIT = ("commit_sha", "commit", "sha", "git_sha", "git_commit", "revision", "commit_id", "commit_hash", "hash")
_VERSION = (
    "version",
    "release",
    "tag",
    "image_tag",
    "image",
    "build",
    "artifact_version",
    "new_version",
    "to_version",
    "chart_version",
)
_IDENTITY = ("deploy_id", "deployment_id", "change_id", "change_number", "number", "issue_key", "key", "ticket", "ticket_id", "release_id", "id", "name")  # fmt: skip
_TEXT = ("what", "description", "summary", "short_description", "change", "details", "message", "title", "notes", "note", "subject", "event", "action")  # fmt: skip
_WHO = ("deployed_by", "who", "actor", "author", "user", "by", "deployer", "triggered_by", "initiated_by", "assigned_to", "assignee", "opened_by", "requested_by", "owner", "username", "created_by", "performed_by", "reporter")  # fmt: skip
_STATE = ("status", "state", "result", "outcome", "conclusion")
_KIND = ("kind", "type", "change_type", "event_type", "category")
_FILES = ("files", "files_changed", "changed_files", "paths")
_DIFF = ("diff", "patch")
_REVIEW = ("approved_by", "approver", "approvers", "reviewers", "reviewed_by", "approvals", "approval")
_RISK = ("risk", "priority", "impact")
#: Fields that only records of changes have.
_TELLING = frozenset(
    ["deployed_at", "deployed_by", "commit_sha", "git_sha", "git_commit", "deploy_id", "deployment_id", "change_id", "change_number", "change_type", "new_version", "from_version", "to_version",
     "deployer", "rollback", "deployedat", "released_at", "change_window", "work_start", "actual_start", "planned_start", "change_request", "risk", "business_service", "cmdb_ci",
     "approved_by", "artifact_version", "deploy_time", "deployment_date", "applied_at", "rolled_back", "image_tag", "previous_version", "old_version"]
)  # fmt: skip
_LOGGED = frozenset(
    [
        "level",
        "severity",
        "logger",
        "msg",
        "trace_id",
        "span_id",
        "threshold",
        "fingerprint",
        "value",
        "duration",
        "expr",
        "flag",
        "labels",
        "annotations",
    ]
)
_KNOWN = frozenset(
    [
        *_DEPLOY_TIME,
        *_COMPONENT,
        *_COMMIT,
        *_VERSION,
        *_IDENTITY,
        *_TEXT,
        *_WHO,
        *_STATE,
        *_KIND,
        *_FILES,
        *_DIFF,
        *_REVIEW,
        *_RISK,
        "environment",
        "env",
        "stage",
        "region",
    ]
)
_WORDS = (
    ("ticket", re.compile(r"(?i)\b(chg\d+|change request|normal change|standard change|emergency change|rfc|ticket)\b")),
    ("config", re.compile(r"(?i)\b(config\w*|configmap|setting|parameter|secret|terraform|infra\w*|dns|firewall|migration|schema|scal\w+)\b")),
    ("flag", re.compile(r"(?i)\b(feature.?flag|flag|toggle)\b")),
    ("deploy", re.compile(r"(?i)\b(deploy\w*|release\w*|rollout|rollback|roll.?out|roll.?back)\b")),
)  # fmt: skip
_HEAD = 1 << 16


def sniff(head: bytes) -> float:
    """By field names: a component and a time beside a version, a commit or a field that only change records have."""
    found = element.peek(head, *_ENVELOPES)[:10]
    if found:
        return 0.8 if sum(_is_change(_plain(one)) or _is_argo(one) for one in found) * 2 > len(found) else 0.0
    shape = table.shape(head)
    return 0.75 if shape and _is_change({name.plain(one) for one in shape.columns}) else 0.0


def _plain(one: Mapping[str, Any]) -> set[str]:
    fields = one.get("fields")
    return {name.plain(key) for key in (*one, *(fields if isinstance(fields, dict) else ()))}


def _is_change(columns: Iterable[str]) -> bool:
    keys = set(columns)
    if _LOGGED & keys or not keys & set(_DEPLOY_TIME):
        return False
    component = bool(keys & set(_COMPONENT))
    if keys & _TELLING:
        return component or bool(keys & {*_TEXT, *_WHO})
    # Any structured log names its service and version; a record of a change says little else.
    told = bool(keys & {*_COMMIT, *_VERSION}) or (bool(keys & {*_TEXT}) and bool(keys & {*_WHO}))
    return component and told and len(keys - _KNOWN) <= 2 and not keys & {"message", "body", "text"}


def _is_argo(one: Mapping[str, Any]) -> bool:
    """An Application; a list of the API leaves the kind out."""
    kind = one.get("kind", "Application" if isinstance(dig(one, "spec", "destination"), dict) else "")
    return kind == "Application" and isinstance(dig(one, "status", "history"), list)


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    head = stream.read(_HEAD)
    stream.seek(0)
    shape = table.shape(head)
    if shape is not None and head.lstrip()[:1] not in (b"{", b"["):
        yield from _rows(stream, shape, reading)
        return
    for node in element.elements(stream, *_ENVELOPES):
        if not isinstance(node, Node):
            yield node
        elif _is_argo(node.value):
            yield from _argo(node, reading)
        else:
            fields = node.value.get("fields")
            yield from _change({**node.value, **(fields if isinstance(fields, dict) else {})}, node.place(), reading)


def _rows(stream: BinaryIO, shape: table.Shape, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for row in table.rows(stream, shape):
        if isinstance(row, table.Row):
            yield from _change(dict(zip(shape.columns, row.fields, strict=True)), row.place, reading)
        else:
            yield row


def _change(value: Mapping[str, Any], place: Place, reading: Reading) -> Iterator[Event | Problem]:
    sha, version = _first(value, _COMMIT), _first(value, _VERSION)
    identity, text = _first(value, _IDENTITY) or version or sha, _first(value, _TEXT)
    if not identity and not text:
        yield Problem("no change: it says neither what nor by which name", place, Gravity.WARNING, "change-shape")
        return
    kind = _kind(value, text, deployed=bool(sha or version))
    said = {
        "change": kind, "who": _first(value, _WHO), "commit": sha, "version": version, "state": _first(value, _STATE), "environment": _first(value, ("environment", "env", "stage")),
        "files": commit.files(name.first(value, _FILES)), "diff": commit.diff(name.first(value, _DIFF)), "approved_by": _first(value, _REVIEW), "risk": _first(value, _RISK),
    }  # fmt: skip
    event = Event(
        Kind.CHANGE,
        place,
        None,
        _first(value, _COMPONENT),
        identity,
        text or (version and f"version {version}"),
        attributes=fact.attributes(said),
    )
    yield from fact.dated(
        event, moment.stamp(name.first(value, _DEPLOY_TIME if kind == "deploy" else _WORK_TIME), reading)
    )


def _first(value: Mapping[str, Any], wanted: Iterable[str]) -> str:
    """The first of the wanted fields as a text; of an object its name, of a list a line each."""
    found = name.first(value, wanted)
    if isinstance(found, dict):
        return fact.called(
            {**found, "username": found.get("displayName") or found.get("display_value") or found.get("username")}
        )
    if isinstance(found, list):
        return "\n".join(one for item in found if (one := fact.called(item)))
    return name.text(found)


def _kind(value: Mapping[str, Any], text: str, *, deployed: bool) -> str:
    """commit, deploy, flag, config or ticket: as stated, else a deploy where a version or commit is named."""
    stated = _first(value, _KIND)
    for kind, words in _WORDS:
        if words.search(stated):
            return kind
    if deployed:
        return "deploy"
    keys = {name.plain(key) for key in value}
    if keys & {"number", "change_number", "issue_key", "key", "ticket", "business_service", "cmdb_ci"}:
        return "ticket"
    return next(
        (kind for kind, words in reversed(_WORDS) if words.search(text)),
        "deploy" if keys & {"deployed_at", "deploy_id", "deployment_id"} else "ticket",
    )


def _argo(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    """Argo CD keeps what it deployed: ``status.history`` of an Application."""
    component = name.text(dig(node.value, "metadata", "name"))
    history = node.get("status", "history")
    for one in history.items() if history else ():
        value = one.value if isinstance(one.value, dict) else {}
        said = {
            "change": "deploy",
            "commit": value.get("revision") or next(iter(_texts(value.get("revisions"))), ""),
            "who": dig(value, "initiatedBy", "username"),
            "state": "Synced",
        }
        text = f"Sync of {component} to {name.text(dig(value, 'source', 'targetRevision') or value.get('revision'))}"
        event = Event(
            Kind.CHANGE,
            one.place(),
            None,
            component,
            f"{component}-{name.text(value.get('id'))}",
            text,
            attributes=fact.attributes(said),
        )
        yield from fact.dated(event, moment.stamp(value.get("deployedAt"), reading))


def _texts(value: Any) -> list[str]:
    """The texts of a list; an application of several sources has a revision of each."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


SOURCE = Source("changes-table", "records of deploys and other changes, as JSON or as a table", sniff, read, 2)
