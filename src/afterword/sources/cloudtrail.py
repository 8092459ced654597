"""AWS CloudTrail: who asked for what. Requests that only read, and those that were refused, changed nothing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, moment, name, strict_json
from afterword.reading.element import dig
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading

_ENVELOPES = ("Records", "Events", "detail")
_READS = re.compile(r"(Get|List|Describe|Head|Lookup|Search|Select|Batch(Get|Check)|Check|Preview|Simulate|Query|Scan|Filter|Test|Validate|View|Detect|Estimate|Generate(DataKey|Presigned)|Decrypt|Encrypt|AssumeRole|ConsoleLogin|Start(Query|LiveTail)|Download)")  # fmt: skip
_DEPLOYS = re.compile(r"UpdateFunctionCode|UpdateService|RegisterTaskDefinition|CreateDeployment|StartPipelineExecution|PublishVersion|UpdateAlias|(Create|Update)Stack|ExecuteChangeSet|PutImage|UpdateEnvironment|StartDeployment|StartInstanceRefresh")  # fmt: skip
#: Parameters that name what was changed, the most telling first.
_NAMES = ("serviceName", "functionName", "service", "dBInstanceIdentifier", "dBClusterIdentifier", "clusterName", "cluster", "stackName", "applicationName", "autoScalingGroupName", "loadBalancerName", "loadBalancerArn", "targetGroupArn", "tableName", "bucketName", "queueName", "queueUrl", "topicArn", "streamName", "roleName", "policyName", "policyArn", "groupId", "groupName", "instanceId", "instanceIds", "domainName", "hostedZoneId", "keyId", "secretId", "parameterName", "name", "resourceArn", "family")  # fmt: skip
_LONGEST = 20_000
_DENIED = re.compile(r"AccessDenied|Unauthorized|Forbidden|NotAuthorized")


def sniff(head: bytes) -> float:
    """Sure of the names that every record has."""
    found = element.peek(head, *_ENVELOPES)[:10]
    good = sum({"eventSource", "eventName", "eventTime"} <= one.keys() or _is_looked_up(one) for one in found)
    return 0.96 if found and good * 2 > len(found) else 0.0


def _is_looked_up(one: Mapping[str, Any]) -> bool:
    """What LookupEvents answers: some of the fields in capitals, and the record itself as a text."""
    return {"EventName", "EventTime"} <= one.keys() and isinstance(one.get("CloudTrailEvent"), str)


def _record(node: Node) -> Node:
    """The record inside what LookupEvents answers, at the place of that; where the text is none, what stands around it."""
    if not _is_looked_up(node.value):
        return node
    said = {key[:1].lower() + key[1:]: one for key, one in node.value.items()}
    said = {**said, "eventID": said.get("eventId"), "userIdentity": {"userName": said.get("username")}}
    try:
        found = strict_json.loads(node.value["CloudTrailEvent"])
    except strict_json.Malformed:
        found = said
    return Node(node.text, node.start, node.end, found if isinstance(found, dict) else said)


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, *_ENVELOPES):
        node = _record(node) if isinstance(node, Node) else node
        if not isinstance(node, Node):
            yield node
        elif "eventName" not in node.value:
            yield Problem("no record of CloudTrail", node.place(), Gravity.WARNING, "cloudtrail-shape")
        elif _is_refusal(node.value):
            yield from _refusal(node, reading)
        elif node.value.get("readOnly") in (True, "true") or _READS.match(name.text(node.value["eventName"])):
            yield Skipped("a request that only reads", node.place())
        elif node.value.get("errorCode"):
            yield Skipped("a request that was refused", node.place())
        else:
            yield from _change(node, reading)


def _is_refusal(value: Mapping[str, Any]) -> bool:
    """A person who was not allowed to do it; programs that probe for what they may do are refused all day."""
    if not _DENIED.search(name.text(value.get("errorCode"))):
        return False
    identity = value.get("userIdentity")
    kind, role = name.text(dig(identity, "type")), name.text(dig(identity, "arn"))
    return kind == "IAMUser" or (kind == "AssumedRole" and ("AWSReservedSSO" in role or "@" in role))


def _refusal(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    value = node.value
    action = name.text(value["eventName"])
    said = {"check": "access", "state": "denied", "who": _who(value.get("userIdentity")), "service": name.text(value.get("eventSource")).removesuffix(".amazonaws.com")}  # fmt: skip
    event = Event(Kind.CHECK, node.place(), None, _component(value.get("requestParameters")), action, f"{action}: {name.text(value.get('errorCode'))}", attributes=fact.attributes(said))  # fmt: skip
    yield from fact.dated(event, moment.stamp(value.get("eventTime"), reading))


def _change(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    value = node.value
    action, service = name.text(value["eventName"]), name.text(value.get("eventSource")).removesuffix(".amazonaws.com")
    asked = value.get("requestParameters")
    component = _component(asked)
    body = json.dumps(asked, indent=1, ensure_ascii=False, sort_keys=True)[:_LONGEST] if isinstance(asked, dict) else ""
    said = {
        "change": "deploy" if _DEPLOYS.search(action) else "config", "who": _who(value.get("userIdentity")), "service": service, "region": value.get("awsRegion"),
        "diff": "\n".join("+" + line for line in body.splitlines()), "files": f"{service}/{component or action}.json" if body else "",
        "agent": value.get("userAgent"),
    }  # fmt: skip
    text = f"{action} ({service})" + (f" on {component}" if component else "")
    event = Event(
        Kind.CHANGE,
        node.place(),
        None,
        component,
        name.text(value.get("eventID") or value.get("requestID")),
        text,
        attributes=fact.attributes(said),
    )
    yield from fact.dated(event, moment.stamp(value.get("eventTime"), reading))


def _component(asked: Any) -> str:
    """The name of what was changed; the last part of an ARN or an address."""
    for key in _NAMES:
        found = dig(asked, key)
        found = found[0] if isinstance(found, list) and found else found
        if isinstance(found, str) and found:
            return re.split(r"[/:]", found.rstrip("/"))[-1] if found.startswith(("arn:", "https://")) else found
    return ""


def _who(identity: Any) -> str:
    """A user's name; of a role that was assumed, the name of the session."""
    arn = name.text(dig(identity, "arn"))
    return (
        name.text(dig(identity, "userName"))
        or arn.rsplit("/", 1)[-1]
        or name.text(dig(identity, "invokedBy") or dig(identity, "type"))
    )


SOURCE = Source("cloudtrail", "AWS CloudTrail: requests that changed something", sniff, read, 2)
