"""Amazon CloudWatch Logs: the events of log groups. The answer does not name its group, so the question does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.asking import answer, aws, option, when
from afterword.asking import pages as paging
from afterword.ports import Connector

if TYPE_CHECKING:
    from afterword.asking.question import Talk
    from afterword.ports import Ask, Request

_TARGET = "Logs_20140328."
_MOST = 10_000


def pages(ask: Ask) -> Talk:
    option.needed(ask, "groups") if not isinstance(ask.options.get("groups"), list) else None
    groups: list[str] = []
    for one in option.texts(ask, "groups"):
        if one.endswith("*"):
            yield from answer.each([_named(ask, one[:-1], groups)])
        else:
            groups.append(one)
    yield from answer.each(_events(ask, group) for group in dict.fromkeys(groups))


def _named(ask: Ask, prefix: str, groups: list[str]) -> Talk:
    """Adds the groups whose names begin so."""
    said = {"logGroupNamePrefix": prefix} if prefix else {}
    found: list[dict[str, Any]] = []
    yield from _tokens(ask, "DescribeLogGroups", said, f"log groups {prefix}*", "logGroups", keep=False, into=found)
    groups += [str(one["logGroupName"]) for one in found if one.get("logGroupName")]


def _events(ask: Ask, group: str) -> Talk:
    start, end = when.whole(ask, when.MILLI)
    # Both ends are inclusive here.
    said: dict[str, Any] = {"logGroupName": group, "startTime": start, "endTime": max(start, end - 1)}
    said["limit"] = option.number(ask, "limit", _MOST, most=_MOST)
    if pattern := option.text(ask, "filter"):
        said["filterPattern"] = pattern
    yield from _tokens(ask, "FilterLogEvents", said, f"events of {group}", "events", subject=group.rsplit("/", 1)[-1])


def _tokens(
    ask: Ask, action: str, said: dict[str, Any], says: str, inside: str, *,
    keep: bool = True, subject: str = "", into: paging.Objects | None = None,
) -> Talk:  # fmt: skip
    def asked(more: dict[str, Any]) -> Request:
        return aws.request(ask, "logs", _TARGET + action, {**said, **more}, says=says, keep=keep, subject=subject)

    yield from paging.tokens(asked, "nextToken", inside, into=into)


CONNECTOR = Connector(
    "cloudwatch-logs",
    "log events of Amazon CloudWatch Logs",
    pages,
    {
        **aws.OPTIONS,
        "groups": "Log groups; a name that ends with * is a prefix. Needed.",
        "filter": "A filter pattern of CloudWatch Logs that events have to match.",
        "limit": "Events a page, at most 10000, which is the default.",
    },
    aws.SECRETS,
    "moto",
)
