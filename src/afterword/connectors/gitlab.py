"""GitLab: deployments, pipelines with their jobs, releases, and commits with their diffs.

A list of commits has no diffs, and the diff of a commit does not name it; a comparison of the commit with its parent has both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.asking import answer, option, question, when
from afterword.asking import pages as paging
from afterword.model.refusal import InvalidError
from afterword.ports import Connector, Left, Request
from afterword.reading import name
from afterword.reading.element import dig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.asking.question import Talk
    from afterword.ports import Ask

_WHAT = ("deployments", "pipelines", "releases", "commits")
_PAGE = 100


def pages(ask: Ask) -> Talk:
    projects, wanted = option.texts(ask, "projects"), option.texts(ask, "what", _WHAT)
    if not projects:
        raise InvalidError("projects has to name some, each as group/name.", ("projects: group/name",))
    if set(wanted) - set(_WHAT):
        raise InvalidError(f"what is any of {', '.join(_WHAT)}.", (f"what: any of {', '.join(_WHAT)}",))
    yield from answer.each(part for project in projects for part in _project(ask, project, wanted))


def _project(ask: Ask, project: str, wanted: tuple[str, ...]) -> Iterator[Talk]:
    deployed: list[dict[str, Any]] = []
    if "deployments" in wanted:
        yield _deployments(ask, project, deployed)
    if "pipelines" in wanted:
        yield _pipelines(ask, project, deployed)
    if "releases" in wanted:
        yield _releases(ask, project)
    if "commits" in wanted:
        yield _commits(ask, project)


def _request(ask: Ask, project: str, *path: str | int, says: str, keep: bool = True, **said: Any) -> Request:
    """A project is one part of the path, its slashes quoted."""
    url = question.url(ask.url, "api", "v4", "projects", project, *path, **said)
    secret = question.key(ask, "private_token", header="private-token")
    subject = project.rsplit("/", 1)[-1]
    return Request(url, headers={"accept": question.JSON}, secret=secret, says=f"{says} of {project}", keep=keep, subject="" if subject.isdigit() else subject)  # fmt: skip


def _deployments(ask: Ask, project: str, found: list[dict[str, Any]]) -> Talk:
    start, end = when.texts(ask)
    said: dict[str, Any] = {"updated_after": start, "updated_before": end, "order_by": "updated_at", "sort": "asc"}
    environment = option.text(ask, "environment")
    yield from paging.linked(
        _request(ask, project, "deployments", says="deployments", environment=environment, per_page=_PAGE, **said),
        into=found,
    )


def _pipelines(ask: Ask, project: str, deployed: list[dict[str, Any]]) -> Talk:
    """Pipelines say nothing of what they did; their jobs do. Those that a deployment tells of are told already."""
    known = {name.text(dig(one, "deployable", "pipeline", "id")) for one in deployed}
    start, end = when.texts(ask)
    said: dict[str, Any] = {"updated_after": start, "updated_before": end, "order_by": "updated_at", "per_page": _PAGE}
    found: list[dict[str, Any]] = []
    yield from paging.linked(_request(ask, project, "pipelines", says="pipelines", keep=False, **said), into=found)
    found = [one for one in found if name.text(one.get("id")) not in known]
    most = option.number(ask, "most_pipelines", 100, most=10_000)
    if len(found) > most:
        yield Left(f"the jobs of {len(found) - most} of {len(found)} pipelines of {project}: see most_pipelines")
    yield from answer.each(_jobs(ask, project, name.text(one.get("id"))) for one in found[:most])


def _jobs(ask: Ask, project: str, number: str) -> Talk:
    says = f"jobs of pipeline {number}"
    yield from paging.linked(_request(ask, project, "pipelines", number, "jobs", says=says, per_page=_PAGE))


def _releases(ask: Ask, project: str) -> Talk:
    def old(one: dict[str, Any]) -> bool:
        at = when.read(one.get("released_at") or one.get("created_at"))
        return at is not None and at < ask.start

    said: dict[str, Any] = {"order_by": "released_at", "sort": "desc", "per_page": _PAGE}
    yield from paging.linked(_request(ask, project, "releases", says="releases", **said), old=old)


def _commits(ask: Ask, project: str) -> Talk:
    start, end = when.texts(ask)
    said: dict[str, Any] = {"since": start, "until": end, "ref_name": option.text(ask, "branch"), "per_page": _PAGE}
    found: list[dict[str, Any]] = []
    yield from paging.linked(
        _request(ask, project, "repository", "commits", says="commits", keep=False, **said), into=found
    )
    most = option.number(ask, "most_commits", 200, most=10_000)
    if len(found) > most:
        yield Left(f"{len(found) - most} of {len(found)} commits of {project}: more than the option most_commits says")
    yield from answer.each(_commit(ask, project, one) for one in found[:most])


def _commit(ask: Ask, project: str, commit: dict[str, Any]) -> Talk:
    """The comparison with its (first) parent; the very first commit has none."""
    sha, parents = name.text(commit.get("id")), commit.get("parent_ids")
    if isinstance(parents, list) and parents:
        said: dict[str, Any] = {"from": name.text(parents[0]), "to": sha}
        yield _request(ask, project, "repository", "compare", says=f"commit {sha[:12]}", **said)
    else:
        yield _request(ask, project, "repository", "commits", sha, says=f"commit {sha[:12]}")


CONNECTOR = Connector(
    "gitlab",
    "deployments, pipelines, releases and commits of GitLab",
    pages,
    {
        "projects": "Projects, each as group/name or by number. Needed.",
        "what": f"What to ask for, any of {', '.join(_WHAT)}. Default all.",
        "environment": "Only deployments to this environment.",
        "branch": "Only commits of this branch; the default branch where none is named.",
        "most_pipelines": "Most pipelines of a project whose jobs are asked for. Default 100.",
        "most_commits": "Most commits of a project. Default 200.",
    },
    {"private_token": "A personal, group or project access token; token works for OAuth and these, too."},
    "recorded answers, written after the documentation: GitLab REST API v4",
    url="https://gitlab.com",
)
