"""GitHub: deployments with their statuses, releases, workflow runs with jobs, merged pull requests, commits with their diffs.

Deployments, releases and pull requests cannot be filtered by time: they come newest first, and asking ends with the first page
that ends before the window. A deployment of the day before may take effect inside the window, so that day is asked for too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from afterword.asking import answer, option, question, when
from afterword.asking import pages as paging
from afterword.model.refusal import InvalidError
from afterword.model.time import DAY, HOUR
from afterword.ports import Connector, Left, Request
from afterword.reading import name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.asking.question import Talk
    from afterword.ports import Ask

_WHAT = ("deployments", "releases", "runs", "pulls", "reviews", "commits")
_ACCEPT = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
_PAGE = 100
#: A run that began so long before the window may have ended in it.
_LONGEST_RUN = 6 * HOUR


def pages(ask: Ask) -> Talk:
    repositories = option.texts(ask, "repositories")
    wrong = [one for one in repositories if one.count("/") != 1 or not all(one.split("/"))]
    if wrong or not repositories:
        raise InvalidError("repositories has to name some, each as owner/name.", ("repositories: owner/name",))
    wanted = option.texts(ask, "what", _WHAT)
    if set(wanted) - set(_WHAT):
        raise InvalidError(f"what is any of {', '.join(_WHAT)}.", (f"what: any of {', '.join(_WHAT)}",))
    yield from answer.each(part for one in repositories for part in _repository(ask, one, wanted))


def _repository(ask: Ask, repository: str, wanted: tuple[str, ...]) -> Iterator[Talk]:
    deployed: list[str] = []
    if "deployments" in wanted:
        yield _deployments(ask, repository, deployed)
    if "releases" in wanted:
        yield _newest_first(ask, repository, "releases", "published_at", "created_at")
    if "runs" in wanted:
        yield _runs(ask, repository)
    if "pulls" in wanted:
        yield _pulls(ask, repository, reviews="reviews" in wanted)
    if "commits" in wanted:
        yield _commits(ask, repository, deployed)


def _request(ask: Ask, repository: str, *path: str | int, says: str, keep: bool = True, **said: Any) -> Request:
    url = question.url(ask.url, "repos", *repository.split("/"), *path, **said)
    return Request(url, headers=_ACCEPT, says=f"{says} of {repository}", keep=keep, subject=repository.split("/")[1])


def _newest_first(ask: Ask, repository: str, what: str, *times: str, **said: Any) -> Talk:
    first = _request(ask, repository, what, says=what, per_page=_PAGE, **said)
    yield from paging.linked(first, old=lambda one: _before(one, ask.start, *times))


def _pulls(ask: Ask, repository: str, *, reviews: bool) -> Talk:
    """The pull requests that were closed; of those that landed in the window who reviewed them: a list does not say."""
    said: dict[str, Any] = {"state": "closed", "sort": "updated", "direction": "desc", "per_page": _PAGE}
    found: list[dict[str, Any]] = []
    first = _request(ask, repository, "pulls", says="pulls", **said)
    yield from paging.linked(first, into=found, old=lambda one: _before(one, ask.start, "updated_at"))
    landed = [one for one in found if one.get("merged_at") and not _before(one, ask.start - DAY, "merged_at")]
    most = option.number(ask, "most_reviews", 100, most=1_000)
    if reviews and len(landed) > most:
        yield Left(
            f"the reviews of {len(landed) - most} of {len(landed)} pull requests of {repository}: see most_reviews"
        )
    if reviews:
        yield from answer.each(_reviews(ask, repository, name.text(one.get("number"))) for one in landed[:most])


def _reviews(ask: Ask, repository: str, number: str) -> Talk:
    says = f"reviews of pull request {number}"
    yield from paging.linked(_request(ask, repository, "pulls", number, "reviews", says=says, per_page=_PAGE))


def _before(one: dict[str, Any], start: int, *times: str) -> bool:
    at = next((ns for key in times if (ns := when.read(one.get(key))) is not None), None)
    return at is not None and at < start


def _deployments(ask: Ask, repository: str, deployed: list[str]) -> Talk:
    start = ask.start - DAY
    environment = option.text(ask, "environment")
    first = _request(ask, repository, "deployments", says="deployments", environment=environment, per_page=_PAGE)
    found: list[dict[str, Any]] = []
    yield from paging.linked(first, into=found, old=lambda one: _before(one, start, "created_at"))
    inside = [one for one in found if not _before(one, start, "created_at") and _before(one, ask.end, "created_at")]
    deployed += [name.text(one.get("sha")) for one in inside]
    yield from answer.each(_statuses(ask, repository, name.text(one.get("id"))) for one in inside)


def _statuses(ask: Ask, repository: str, number: str) -> Talk:
    says = f"statuses of deployment {number}"
    yield from paging.linked(_request(ask, repository, "deployments", number, "statuses", says=says, per_page=_PAGE))


def _runs(ask: Ask, repository: str) -> Talk:
    """Runs of the window, and those that began some hours before; GitHub answers no more than 1000 of a search."""
    start, end = when.texts(replace(ask, start=ask.start - _LONGEST_RUN))
    first = _request(
        ask, repository, "actions", "runs", says="workflow runs", per_page=_PAGE, created=f"{start}..{end}"
    )
    found: list[dict[str, Any]] = []
    yield from paging.linked(first, "workflow_runs", into=found)
    if len(found) >= 1000:
        yield Left(f"workflow runs of {repository} beyond the first 1000")
    found = [one for one in found if not _before(one, ask.start, "updated_at")]
    most = option.number(ask, "most_runs", 50, most=1_000)
    if len(found) > most and option.yes(ask, "jobs", default=True):
        yield Left(f"the jobs of {len(found) - most} of {len(found)} workflow runs of {repository}: see most_runs")
    if option.yes(ask, "jobs", default=True):
        yield from answer.each(_jobs(ask, repository, one) for one in found[:most])


def _jobs(ask: Ask, repository: str, run: dict[str, Any]) -> Talk:
    number = name.text(run.get("id"))
    says = f"jobs of workflow run {number}"
    yield from paging.linked(
        _request(ask, repository, "actions", "runs", number, "jobs", says=says, per_page=_PAGE), "jobs"
    )


def _commits(ask: Ask, repository: str, deployed: list[str]) -> Talk:
    """The commits of the window and those that were deployed, each with its files: a list of commits has none."""
    start, end = when.texts(ask)
    said = {"since": start, "until": end, "sha": option.text(ask, "branch"), "per_page": _PAGE}
    found: list[dict[str, Any]] = []
    yield from paging.linked(_request(ask, repository, "commits", says="commits", keep=False, **said), into=found)
    shas = list(dict.fromkeys(sha for sha in [*deployed, *(name.text(one.get("sha")) for one in found)] if sha))
    most = option.number(ask, "most_commits", 200, most=10_000)
    if len(shas) > most:
        yield Left(f"{len(shas) - most} of {len(shas)} commits of {repository}: more than the option most_commits says")
    yield from answer.each(_commit(ask, repository, sha) for sha in shas[:most])


def _commit(ask: Ask, repository: str, sha: str) -> Talk:
    request = _request(ask, repository, "commits", sha, says=f"commit {sha[:12]}")
    response = yield request
    if answer.linked(response):
        count = len(answer.objects(answer.value(request, response), "files"))
        yield Left(f"the files beyond the first {count} of commit {sha[:12]} of {repository}")


CONNECTOR = Connector(
    "github",
    "deployments, releases, workflow runs, pull requests and commits of GitHub",
    pages,
    {
        "repositories": "Repositories, each as owner/name. Needed.",
        "what": f"What to ask for, any of {', '.join(_WHAT)}. Default all.",
        "environment": "Only deployments to this environment.",
        "branch": "Only commits that this branch leads to; the default branch where none is named.",
        "jobs": "Whether to ask for the jobs of workflow runs. Default true.",
        "most_runs": "Most workflow runs of a repository whose jobs are asked for. Default 50.",
        "most_reviews": "Most pull requests of a repository whose reviews are asked for. Default 100.",
        "most_commits": "Most commits of a repository. Default 200.",
    },
    tested="recorded answers, written after the documentation: the OpenAPI description of GitHub's REST API, version 2022-11-28",
    url="https://api.github.com",
)
