"""AWS CloudTrail: what was changed by whom, as LookupEvents answers it for the last 90 days; management events only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.asking import aws, option, when
from afterword.asking import pages as paging
from afterword.model.time import SECOND
from afterword.ports import Connector

if TYPE_CHECKING:
    from afterword.asking.question import Talk
    from afterword.ports import Ask, Request

_TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"


def pages(ask: Ask) -> Talk:
    start, end = when.whole(ask, SECOND)
    said: dict[str, Any] = {"StartTime": start, "EndTime": end, "MaxResults": 50}
    if not option.yes(ask, "reads"):
        said["LookupAttributes"] = [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]

    def asked(more: dict[str, Any]) -> Request:
        return aws.request(ask, "cloudtrail", _TARGET, {**said, **more}, says="what was changed in the account")

    yield from paging.tokens(asked, "NextToken", "Events")


CONNECTOR = Connector(
    "cloudtrail",
    "changes that AWS CloudTrail recorded",
    pages,
    {**aws.OPTIONS, "reads": "Whether to ask for requests that only read, too. Default false."},
    aws.SECRETS,
    "recorded answers in the shape of the service model of botocore",
)
