"""Amazon CloudWatch: metrics with their dimensions, and what alarms did. Its logs are another service: ``cloudwatch-logs``.

An answer of GetMetricData names a series only by its label, so each label is written as ``Name{Dimension="value"} Statistic``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.asking import answer, aws, option, when
from afterword.asking import pages as paging
from afterword.model.time import SECOND
from afterword.ports import Connector, Left
from afterword.reading import label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.asking.question import Talk
    from afterword.ports import Ask, Request

_TARGET = "GraniteServiceVersion20100801."
#: GetMetricData takes 500 queries at most.
_AT_ONCE = 500
_STATISTICS = ("Average", "Sum")


def pages(ask: Ask) -> Talk:
    yield from answer.each(_parts(ask))


def _parts(ask: Ask) -> Iterator[Talk]:
    for one in option.texts(ask, "metrics"):
        yield _metrics(ask, one)
    if option.yes(ask, "alarms", default=True):
        yield _alarms(ask)


def _request(ask: Ask, action: str, said: dict[str, Any], *, says: str, keep: bool = True) -> Request:
    return aws.request(ask, "monitoring", _TARGET + action, said, says=says, version="1.0", keep=keep)


def _metrics(ask: Ask, asked: str) -> Talk:
    """``AWS/RDS`` or ``AWS/RDS CPUUtilization``: what there is of it, then its values."""
    namespace, _, name = asked.partition(" ")
    wanted = {"Namespace": namespace, **({"MetricName": name} if name else {})}
    found: list[dict[str, Any]] = []
    yield from _tokens(ask, "ListMetrics", wanted, f"the metrics of {asked}", "Metrics", keep=False, into=found)
    most = option.number(ask, "most", 500, most=50_000)
    if len(found) > most:
        yield Left(f"{len(found) - most} of {len(found)} metrics of {asked}: more than the option most says")
    queries = [_query(ask, one, kind) for one in found[:most] for kind in option.texts(ask, "statistics", _STATISTICS)]
    start, end = when.whole(ask, SECOND)
    for at in range(0, len(queries), _AT_ONCE):
        some = [{"Id": f"m{at + i}", **one} for i, one in enumerate(queries[at : at + _AT_ONCE])]
        said = {"StartTime": start, "EndTime": end, "ScanBy": "TimestampAscending", "MetricDataQueries": some}
        yield from _tokens(ask, "GetMetricData", said, f"values of {asked}", "MetricDataResults")


def _query(ask: Ask, metric: dict[str, Any], statistic: str) -> dict[str, Any]:
    about = {str(one.get("Name")): str(one.get("Value")) for one in answer.objects(metric, "Dimensions")}
    period = option.number(ask, "period", 60, most=86_400)
    plain = {key: metric[key] for key in ("Namespace", "MetricName", "Dimensions") if key in metric}
    return {
        "Label": f"{label.text(str(metric.get('MetricName')), about)} {statistic}",
        "MetricStat": {"Metric": plain, "Period": period, "Stat": statistic},
    }


def _alarms(ask: Ask) -> Talk:
    start, end = when.whole(ask, SECOND)
    said = {"StartDate": start, "EndDate": end, "HistoryItemType": "StateUpdate", "MaxRecords": 100}
    said |= {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"], "ScanBy": "TimestampAscending"}
    yield from _tokens(ask, "DescribeAlarmHistory", said, "what the alarms did", "AlarmHistoryItems")


def _tokens(
    ask: Ask, action: str, said: dict[str, Any], says: str, inside: str, *, keep: bool = True, into: paging.Objects | None = None
) -> Talk:  # fmt: skip
    def asked(more: dict[str, Any]) -> Request:
        return _request(ask, action, {**said, **more}, says=says, keep=keep)

    yield from paging.tokens(asked, "NextToken", inside, into=into)


CONNECTOR = Connector(
    "cloudwatch",
    "metrics and alarms of Amazon CloudWatch",
    pages,
    {
        **aws.OPTIONS,
        "metrics": "Namespaces such as AWS/RDS, or single metrics such as AWS/RDS CPUUtilization.",
        "statistics": "Statistics of each metric. Default Average, Sum.",
        "period": "Seconds between two values, a multiple of 60; windows older than 15 days need 300. Default 60.",
        "most": "Most metrics of one namespace. Default 500.",
        "alarms": "Whether to ask what the alarms did. Default true.",
    },
    aws.SECRETS,
    "moto (metrics); recorded answers in the shape of the service model of botocore (alarm history)",
)
