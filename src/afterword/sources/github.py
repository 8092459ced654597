"""What GitHub's REST API answers and its webhooks post about changes: commits, deployments, releases, workflow runs, pushes.

A deployment took effect when one of its statuses became ``success``, not when it was created. Where its statuses are not
given the time of creation stands, with a remark. A release counts when it was published. A run that does not deploy is a
check of its commit, as a review of a pull request is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind, Meaning
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import commit, element, fact, inbox_item, moment, name
from afterword.reading.element import dig

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from afterword.ports import Reading
    from afterword.reading.commit import Made, Shape
    from afterword.reading.json_value import Node


_ENVELOPES = ("deployments", "workflow_runs", "jobs", "releases", "items", "data", "delivered")
_DEPLOYS = re.compile(r"(?i)deploy|release|roll-?out|roll-?back|publish|promote|\bship|\bcd\b")
#: ``inactive`` says that a later deployment took its place, not when this one took effect.
_DONE = ("success", "active")
_FAILED = ("failure", "error")


def sniff(head: bytes) -> float:
    """Sure of the objects that only this API has."""
    if inbox_item.is_of(head, "github"):
        return 0.96
    found = element.peek(head, *_ENVELOPES)[:10]
    return 0.95 if found and sum(_shape(one) is not None for one in found) * 2 > len(found) else 0.0


def _shape(one: Mapping[str, Any]) -> Shape | None:
    """How an object of this shape is read; None: it is none of GitHub's."""
    return next((read_it for is_it, read_it in _SHAPES if is_it(one)), None)


def _is_commit(one: Mapping[str, Any]) -> bool:
    return isinstance(one.get("commit"), dict) and "sha" in one and "message" in one["commit"]


def _is_push(one: Mapping[str, Any]) -> bool:
    return isinstance(one.get("commits"), list) and {"ref", "before", "after"} <= one.keys()


def _is_deployment(one: Mapping[str, Any]) -> bool:
    kinds = {"environment", "payload", "statuses", "task", "production_environment", "statuses_url"}
    return {"sha", "created_at"} <= one.keys() and "commit" not in one and len(kinds & one.keys()) >= 2


def _is_status(one: Mapping[str, Any]) -> bool:
    return isinstance(one.get("deployment_status"), dict) or {"state", "created_at", "deployment_url"} <= one.keys()


def _is_release(one: Mapping[str, Any]) -> bool:
    inner = one.get("release") if isinstance(one.get("release"), dict) else one
    return isinstance(inner, dict) and {"tag_name", "published_at"} <= inner.keys()


def _is_run(one: Mapping[str, Any]) -> bool:
    inner = one.get("workflow_run") if isinstance(one.get("workflow_run"), dict) else one
    return isinstance(inner, dict) and {"head_sha", "conclusion"} <= inner.keys()


def _is_job(one: Mapping[str, Any]) -> bool:
    return {"run_id", "head_sha", "conclusion", "completed_at"} <= one.keys()


def _is_pull(one: Mapping[str, Any]) -> bool:
    return {"number", "merged_at", "head", "base"} <= one.keys()


def read(stream: BinaryIO, reading: Reading) -> Made:
    return commit.told(stream, reading, lambda value: _shape(value) or _unknown, *_ENVELOPES)


def _is_pull_hook(one: Mapping[str, Any]) -> bool:
    inner = one.get("pull_request")
    return "action" in one and isinstance(inner, dict) and _is_pull(inner)


def _pull_hook(node: Node, reading: Reading) -> Made:
    """The payload of ``pull_request``: it is sent for everything that happens to one, and it lands once."""
    inner = node.get("pull_request")
    if inner is None or node.value.get("action") != "closed":
        yield Skipped("a webhook of a pull request that did not land", node.place())
    else:
        yield from _pull(inner, reading)


def _unknown(node: Node, _reading: Reading) -> Made:
    if "sender" in node.value or {"zen", "hook_id"} <= node.value.keys():
        yield Skipped("a webhook that tells of no change", node.place())
        return
    yield Problem("none of the objects of GitHub that tell of a change", node.place(), Gravity.WARNING, "github-shape")


def _commit(node: Node, reading: Reading) -> Made:
    value, inner = node.value, node.value["commit"]
    at = dig(inner, "committer", "date") or dig(inner, "author", "date")
    who = fact.called(value.get("author")) or fact.called(inner.get("author"))
    event = Event(
        Kind.CHANGE, node.place(), None, "", name.text(value["sha"]), name.text(inner["message"]).strip(),
        attributes=commit.attributes(who, value.get("files"), value.get("files")),
    )  # fmt: skip
    yield from fact.dated(event, moment.stamp(at, reading))


def _push(node: Node, reading: Reading) -> Made:
    """The commits of a push, without their diffs: the payload has none."""
    commits = node.get("commits")
    for one in commits.items() if commits else ():
        value = one.value
        if not isinstance(value, dict):
            yield Problem("no commit", one.place(), Gravity.WARNING, "github-shape")
            continue
        listed = [path for key in ("added", "modified", "removed") for path in commit.files(value.get(key))]
        event = Event(
            Kind.CHANGE, one.place(), None, "", name.text(value.get("id") or value.get("sha")), name.text(value.get("message")).strip(),
            attributes=commit.attributes(value.get("author"), listed, ""),
        )  # fmt: skip
        yield from fact.dated(event, moment.stamp(value.get("timestamp"), reading))


def _deployment(node: Node, reading: Reading) -> Made:
    value = node.value
    listed = value.get("statuses")
    statuses = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    ended = [one for one in statuses if one.get("state") in _DONE] or [one for one in statuses if one.get("state") in _FAILED]  # fmt: skip
    state = name.text(ended[0].get("state")) if ended else name.text(statuses[-1].get("state")) if statuses else ""
    event = _of_deployment(value, node, "success" if state in _DONE else state)
    if ended:
        at = min(name.text(one.get("created_at")) for one in ended)
        yield from fact.dated(event, moment.stamp(at, reading))
        return
    yield from fact.dated(event, moment.stamp(value.get("created_at"), reading), meaning=Meaning.CREATED)
    says = "the time is that of its creation: none of its statuses says when it took effect"
    yield Problem(says, event.place, Gravity.INFO, "deployment-created", quarantined=False)


def _of_deployment(value: Mapping[str, Any], node: Node, state: str, who: Any = None) -> Event:
    payload = value.get("payload")
    said = payload if isinstance(payload, dict) else {}
    component = next(
        (name.text(said[key]) for key in ("service", "component", "app", "application", "name") if said.get(key)), ""
    )
    text = name.text(value.get("description")) or name.text(value.get("task"))
    task = name.text(value.get("task"))
    return Event(
        Kind.CHANGE, node.place(), None, component or _repository(value), name.text(value.get("id")), text,
        attributes=fact.attributes({
            "change": "deploy", "who": fact.called(who) or fact.called(value.get("creator")), "commit": value.get("sha"), "version": value.get("ref"),
            "state": state, "environment": value.get("environment"), "task": task if task != "deploy" else "",
        }),
    )  # fmt: skip


def _repository(value: Mapping[str, Any]) -> str:
    """``shop`` of ``…/repos/acme/shop/deployments/7``: a deployment that names no service is one of its repository."""
    found = re.search(r"/repos/[^/]+/([^/]+)/", name.text(value.get("repository_url") or value.get("url")) + "/")
    return found[1] if found else name.text(dig(value, "repository", "name"))


def _status(node: Node, reading: Reading) -> Made:
    """The payload of ``deployment_status``, or one status of a list."""
    status = (
        node.value.get("deployment_status") if isinstance(node.value.get("deployment_status"), dict) else node.value
    )
    state = name.text(status.get("state"))
    if state not in (*_DONE, *_FAILED):
        yield Skipped("a status that is not the moment at which a deployment took effect", node.place())
        return
    deployment = node.value.get("deployment")
    known = deployment if isinstance(deployment, dict) else {"id": name.text(status.get("deployment_url")).rsplit("/", 1)[-1], "url": status.get("deployment_url")}  # fmt: skip
    known = {"repository": node.value.get("repository"), "description": status.get("description"), **known}
    event = _of_deployment(known, node, "success" if state in _DONE else state, status.get("creator"))
    yield from fact.dated(event, moment.stamp(status.get("created_at"), reading))


def _release(node: Node, reading: Reading) -> Made:
    value = node.value.get("release") if isinstance(node.value.get("release"), dict) else node.value
    if value.get("draft") is True:
        yield Skipped("a release that is only a draft", node.place())
        return
    title, body = name.text(value.get("name")), name.text(value.get("body"))
    component = _repository({"repository": node.value.get("repository"), **value})
    tag = name.text(value.get("tag_name"))
    event = Event(
        Kind.CHANGE, node.place(), None, component, tag, f"Release {title or tag}\n{body}".strip(),
        attributes=fact.attributes({"change": "deploy", "who": fact.called(value.get("author")), "version": tag, "state": "published"}),
    )  # fmt: skip
    yield from fact.dated(event, moment.stamp(value.get("published_at"), reading))


def _run(node: Node, reading: Reading) -> Made:
    value = node.value.get("workflow_run") if isinstance(node.value.get("workflow_run"), dict) else node.value
    if not value.get("conclusion"):
        yield Skipped("a workflow run that did not run to its end", node.place())
        return
    deploys = bool(_DEPLOYS.search(f"{name.text(value.get('name'))} {name.text(value.get('path'))}"))
    if deploys and value.get("conclusion") not in ("success", "failure"):
        yield Skipped("a deployment that did not run to its end", node.place())
        return
    component = name.text(dig(value, "repository", "name")) or _repository(value)
    text = name.text(value.get("display_title") or dig(value, "head_commit", "message") or value.get("name"))
    said = {
        "who": fact.called(value.get("triggering_actor") or value.get("actor")), "commit": value.get("head_sha"), "state": value.get("conclusion"),
        "version": value.get("head_branch"), "workflow": value.get("name"), "attempt": value.get("run_attempt") if value.get("run_attempt") not in (None, 1) else None,
    }  # fmt: skip
    event = Event(
        Kind.CHANGE if deploys else Kind.CHECK, node.place(), None, component, name.text(value.get("id") if deploys else value.get("name")), text,
        attributes=fact.attributes({"change": "deploy", **said} if deploys else {"check": "run", **said}),
    )  # fmt: skip
    yield from fact.dated(event, moment.stamp(value.get("updated_at") or value.get("run_started_at"), reading))


def _is_review(one: Mapping[str, Any]) -> bool:
    return {"state", "submitted_at", "pull_request_url"} <= one.keys()


def _review(node: Node, reading: Reading) -> Made:
    """A review of a pull request; a comment approves nothing."""
    value = node.value
    number = name.text(value.get("pull_request_url")).rsplit("/", 1)[-1]
    said = {"check": "review", "state": name.text(value.get("state")).lower(), "who": fact.called(value.get("user")), "commit": value.get("commit_id"), "pull": number}  # fmt: skip
    component = _repository({"url": value.get("pull_request_url")})
    event = Event(Kind.CHECK, node.place(), None, component, "review", f"review of #{number}: {said['state']}", attributes=fact.attributes(said))  # fmt: skip
    yield from fact.dated(event, moment.stamp(value.get("submitted_at"), reading))


def _job(node: Node, reading: Reading) -> Made:
    """A job that deployed, when it was done; its run is told by the same number."""
    value = node.value
    if not _DEPLOYS.search(name.text(value.get("name"))) or value.get("conclusion") not in ("success", "failure"):
        yield Skipped("a job that deploys nothing by its name, or did not run to its end", node.place())
        return
    event = Event(
        Kind.CHANGE, node.place(), None, _repository({"url": value.get("run_url"), **value}), name.text(value.get("run_id")), name.text(value.get("name")),
        attributes=fact.attributes({
            "change": "deploy", "commit": value.get("head_sha"), "state": value.get("conclusion"), "version": value.get("head_branch"),
            "workflow": value.get("workflow_name"), "job": value.get("name"),
        }),
    )  # fmt: skip
    yield from fact.dated(event, moment.stamp(value.get("completed_at"), reading))


def _pull(node: Node, reading: Reading) -> Made:
    """A pull request landed as its merge commit; one that was not merged changed nothing."""
    value = node.value
    if not value.get("merged_at"):
        yield Skipped("a pull request that was not merged", node.place())
        return
    asked = value.get("requested_reviewers")
    review = [fact.called(one) for one in asked] if isinstance(asked, list) else []
    text = (
        f"{name.text(value.get('title'))} (#{name.text(value.get('number'))})\n\n{name.text(value.get('body'))}".strip()
    )
    event = Event(
        Kind.CHANGE, node.place(), None, "", name.text(value.get("merge_commit_sha")), text,
        attributes=commit.attributes(
            value.get("user"), value.get("files"), value.get("files"), asked=review, pull=value.get("number"), head=dig(value, "head", "sha"),
        ),
    )  # fmt: skip
    yield from fact.dated(event, moment.stamp(value.get("merged_at"), reading))


_SHAPES: tuple[tuple[Callable[[Mapping[str, Any]], bool], Shape], ...] = (
    (_is_commit, _commit),
    (_is_push, _push),
    (_is_review, _review),
    (_is_status, _status),
    (_is_deployment, _deployment),
    (_is_release, _release),
    (_is_job, _job),
    (_is_run, _run),
    (_is_pull, _pull),
    (_is_pull_hook, _pull_hook),
)

SOURCE = Source(
    "github", "commits, deployments, releases, workflow runs, reviews and pushes as GitHub answers them", sniff, read, 4
)
