"""What GitLab's API answers and its webhooks post about changes: commits, deployments, pipelines.

Webhooks write ``2026-03-02 09:00:00 UTC``. A pipeline is a deploy only through its jobs of a deploy stage that succeeded;
what else it ran is a check of its commit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import commit, element, fact, moment, name
from afterword.reading.element import dig
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from afterword.ports import Reading
    from afterword.reading.commit import Made, Shape


_DEPLOYS = re.compile(r"(?i)deploy|release|roll-?out|roll-?back|production|promote|publish")

#: How a pipeline ends, in the words that other forges use too.
_ENDED = {"success": "success", "failed": "failure", "canceled": "cancelled", "cancelled": "cancelled", "skipped": "skipped"}  # fmt: skip


def sniff(head: bytes) -> float:
    """Sure of the objects that only this forge has."""
    found = element.peek(head)[:10]
    good = sum(_shape(one) is not None for one in found)
    return 0.94 if found and good * 2 > len(found) else 0.0


def _shape(one: Mapping[str, Any]) -> Shape | None:
    return next((read_it for is_it, read_it in _SHAPES if is_it(one)), None)


def _is_commit(one: Mapping[str, Any]) -> bool:
    return {"short_id", "message"} <= one.keys() and bool({"authored_date", "committed_date"} & one.keys())


def _is_deployment(one: Mapping[str, Any]) -> bool:
    return {"iid", "sha", "environment", "status"} <= one.keys() or (
        one.get("object_kind") == "deployment" and "status" in one
    )


def _is_pipeline(one: Mapping[str, Any]) -> bool:
    return (one.get("object_kind") == "pipeline" and isinstance(one.get("object_attributes"), dict)) or (
        {"sha", "ref", "status", "web_url"} <= one.keys() and ("source" in one or "project_id" in one)
    )


def _is_comparison(one: Mapping[str, Any]) -> bool:
    return isinstance(one.get("commit"), dict) and isinstance(one.get("diffs"), list) and "short_id" in one["commit"]


def _is_job(one: Mapping[str, Any]) -> bool:
    return {"stage", "name", "status", "pipeline"} <= one.keys() and isinstance(one["pipeline"], dict)


def _is_release(one: Mapping[str, Any]) -> bool:
    return {"tag_name", "released_at"} <= one.keys()


def _is_push(one: Mapping[str, Any]) -> bool:
    return one.get("object_kind") == "push" and isinstance(one.get("commits"), list)


def read(stream: BinaryIO, reading: Reading) -> Made:
    return commit.told(stream, reading, lambda value: _shape(value) or _unknown)


def _unknown(node: Node, _reading: Reading) -> Made:
    yield Problem("none of the objects of GitLab that tell of a change", node.place(), Gravity.WARNING, "gitlab-shape")


def _commit(node: Node, reading: Reading) -> Made:
    value = node.value
    event = Event(
        Kind.CHANGE, node.place(), None, "", name.text(value.get("id")), name.text(value.get("message")).strip(),
        attributes=commit.attributes(value.get("author_name"), value.get("diffs"), value.get("diffs")),
    )  # fmt: skip
    yield from fact.dated(event, moment.stamp(value.get("committed_date") or value.get("authored_date"), reading))


def _comparison(node: Node, reading: Reading) -> Made:
    """A commit with its diffs, as it is answered when it is compared with its parent."""
    value = {**node.value["commit"], "diffs": node.value["diffs"]}
    value.setdefault("message", value.get("title"))
    value.setdefault("committed_date", value.get("created_at"))
    yield from _commit(Node(node.text, node.start, node.end, value), reading)


def _job(node: Node, reading: Reading) -> Made:
    """A job of ``GET …/pipelines/:id/jobs`` that deployed, when it was done."""
    value = node.value
    if not _deployed(value):
        yield from _check(
            node, value, dig(value, "commit", "id") or dig(value, "pipeline", "sha"), _project(value), reading
        )
        return
    said = {
        "change": "deploy", "who": fact.called(value.get("user")), "commit": dig(value, "commit", "id") or dig(value, "pipeline", "sha"), "version": value.get("ref"),
        "state": "success", "environment": dig(value, "environment", "name"), "job": value.get("name"),
    }  # fmt: skip
    title = name.text(dig(value, "commit", "title"))
    text = f"{name.text(value.get('name'))}: {title}".strip(": ")
    number = name.text(dig(value, "pipeline", "id"))
    event = Event(Kind.CHANGE, node.place(), None, _project(value), number, text, attributes=fact.attributes(said))
    yield from fact.dated(event, moment.stamp(value.get("finished_at"), reading))


def _release(node: Node, reading: Reading) -> Made:
    value = node.value
    tag = name.text(value["tag_name"])
    title, body = name.text(value.get("name")) or tag, name.text(value.get("description"))
    said = {"change": "deploy", "who": fact.called(value.get("author")), "version": tag, "state": "published", "commit": dig(value, "commit", "id")}  # fmt: skip
    link = {"web_url": dig(value, "_links", "self")}
    event = Event(Kind.CHANGE, node.place(), None, _project(link), tag, f"Release {title}\n{body}".strip(), attributes=fact.attributes(said))  # fmt: skip
    yield from fact.dated(event, moment.stamp(value.get("released_at"), reading))


def _push(node: Node, reading: Reading) -> Made:
    commits = node.get("commits")
    for one in commits.items() if commits else ():
        value = one.value
        if not isinstance(value, dict):
            yield Problem("no commit", one.place(), Gravity.WARNING, "gitlab-shape")
            continue
        listed = [path for key in ("added", "modified", "removed") for path in commit.files(value.get(key))]
        event = Event(
            Kind.CHANGE, one.place(), None, "", name.text(value.get("id")), name.text(value.get("message")).strip(),
            attributes=commit.attributes(value.get("author"), listed, ""),
        )  # fmt: skip
        yield from fact.dated(event, moment.stamp(value.get("timestamp"), reading))


def _deployment(node: Node, reading: Reading) -> Made:
    """``GET …/deployments`` and the deployment event; one that did not end changed nothing yet."""
    value = node.value
    status = name.text(value.get("status"))
    if status not in ("success", "failed"):
        yield Skipped(f"a deployment that has not taken effect: {status}", node.place())
        return
    job = value.get("deployable")
    text = name.text(
        value.get("commit_title") or dig(job, "commit", "title") or dig(job, "commit", "message") or dig(job, "name")
    )
    environment = value.get("environment")
    said = {
        "change": "deploy", "who": fact.called(value.get("user")), "commit": value.get("sha") or dig(job, "commit", "id") or _sha(value.get("commit_url")) or value.get("short_sha"),
        "version": value.get("ref"), "state": status, "environment": environment if isinstance(environment, str) else dig(environment, "name"),
    }  # fmt: skip
    identity = value.get("iid") or value.get("deployment_id") or value.get("id")
    event = Event(
        Kind.CHANGE, node.place(), None, _project(value), name.text(identity), text, attributes=fact.attributes(said)
    )
    at = value.get("status_changed_at") or dig(job, "finished_at") or value.get("updated_at") or value.get("created_at")
    yield from fact.dated(event, moment.stamp(at, reading))


def _sha(link: Any) -> str:
    last = name.text(link).rsplit("/", 1)[-1]
    return last if commit.is_sha(last) else ""


def _project(value: Mapping[str, Any]) -> str:
    """The project, which is the component as far as GitLab knows."""
    stated = name.text(dig(value, "project", "name"))
    link = next((name.text(one) for one in (value.get("web_url"), dig(value, "deployable", "web_url"), dig(value, "deployable", "pipeline", "web_url"), dig(value, "environment", "external_url")) if one), "")  # fmt: skip
    found = re.search(r"/([^/]+)/-/", link)
    return stated or (found[1] if found else "")


def _pipeline(node: Node, reading: Reading) -> Made:
    """Jobs of the payload that deployed; a pipeline whose jobs are not given tells only by its name."""
    value = node.value
    inner = value["object_attributes"] if isinstance(value.get("object_attributes"), dict) else value
    said = {"change": "deploy", "commit": inner.get("sha"), "version": inner.get("ref"), "state": "success"}
    builds = node.get("builds")
    jobs = [one for one in builds.items() if _deployed(one.value)] if builds else []
    for job in jobs:
        more = {
            "who": fact.called(job.value.get("user")) or fact.called(value.get("user")),
            "environment": dig(job.value, "environment", "name"),
        }
        event = Event(
            Kind.CHANGE, job.place(), None, _project(value), name.text(job.value.get("id")),
            f"{name.text(job.value.get('name'))}: {name.text(dig(value, 'commit', 'title') or dig(value, 'commit', 'message'))}".strip(": \n"),
            attributes=fact.attributes({**said, **more}),
        )  # fmt: skip
        yield from fact.dated(event, moment.stamp(job.value.get("finished_at"), reading))
    for job in builds.items() if builds else []:
        if isinstance(job.value, dict) and not _deploys(job.value):
            yield from _check(job, job.value, inner.get("sha"), _project(value), reading)
    if jobs or (builds and builds.items()):
        return
    if inner.get("status") == "success" and _DEPLOYS.search(name.text(inner.get("name"))):
        who = fact.called(value.get("user"))
        event = Event(Kind.CHANGE, node.place(), None, _project(value), name.text(inner.get("id")), name.text(inner.get("name")), attributes=fact.attributes({**said, "who": who}))  # fmt: skip
        yield from fact.dated(event, moment.stamp(inner.get("finished_at") or inner.get("updated_at"), reading))
    else:
        yield from _check(node, {"name": "pipeline", **inner}, inner.get("sha"), _project(value), reading)


def _check(node: Node, value: Mapping[str, Any], commit_id: Any, project: str, reading: Reading) -> Made:
    """A pipeline or a job that deploys nothing is a check of its commit; one that may fail decides nothing."""
    state = name.text(value.get("status"))
    if state not in _ENDED or value.get("allow_failure") is True:
        yield Skipped(f"a pipeline or job that decided nothing: {state}", node.place())
        return
    called = name.text(value.get("name"))
    said = {"check": "run", "state": _ENDED[state], "commit": commit_id, "who": fact.called(value.get("user")), "version": value.get("ref"), "workflow": called}  # fmt: skip
    event = Event(
        Kind.CHECK, node.place(), None, project, called, f"{called}: {state}", attributes=fact.attributes(said)
    )
    at = value.get("finished_at") or value.get("updated_at") or value.get("created_at")
    yield from fact.dated(event, moment.stamp(at, reading))


def _deploys(job: Mapping[str, Any]) -> bool:
    words = f"{name.text(job.get('stage'))} {name.text(job.get('name'))}"
    return bool(_DEPLOYS.search(words)) or dig(job, "environment", "action") == "start"


def _deployed(job: Any) -> bool:
    ended = dig(job, "status") == "success" and dig(job, "finished_at")
    return bool(ended) and isinstance(job, dict) and _deploys(job)


_SHAPES: tuple[tuple[Callable[[Mapping[str, Any]], bool], Shape], ...] = (
    (_is_comparison, _comparison),
    (_is_job, _job),
    (_is_release, _release),
    (_is_push, _push),
    (_is_commit, _commit),
    (_is_deployment, _deployment),
    (_is_pipeline, _pipeline),
)

SOURCE = Source("gitlab", "commits, deployments, pipelines, jobs and releases as GitLab answers them", sniff, read, 3)
