"""What alarms of Amazon CloudWatch did, as DescribeAlarmHistory answers it: each change of state with its reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, moment, name, strict_json
from afterword.reading.element import dig
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.ports import Reading

_ENVELOPES = ("AlarmHistoryItems",)
_STATES = {"ALARM": "firing", "OK": "resolved"}
_SAID = re.compile(r"from (\w+) to (\w+)")


def sniff(head: bytes) -> float:
    """Sure of the fields of an item."""
    found = element.peek(head, *_ENVELOPES)[:10]
    good = sum({"AlarmName", "Timestamp", "HistoryItemType"} <= one.keys() for one in found)
    return 0.96 if found and good * 2 > len(found) else 0.0


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, *_ENVELOPES):
        if not isinstance(node, Node):
            yield node
        elif "AlarmName" not in node.value or "HistoryItemType" not in node.value:
            yield Problem("no item of an alarm's history", node.place(), Gravity.WARNING, "alarm-shape")
        elif node.value["HistoryItemType"] != "StateUpdate":
            yield Skipped("an alarm was edited, or acted", node.place())
        else:
            yield from _update(node, reading)


def _update(node: Node, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    value = node.value
    data = _data(value.get("HistoryData"))
    said = _SAID.search(name.text(value.get("HistorySummary")))
    new = name.text(dig(data, "newState", "stateValue")) or (said[2] if said else "")
    old = name.text(dig(data, "oldState", "stateValue")) or (said[1] if said else "")
    if new not in _STATES:
        yield Skipped("an alarm without enough data says nothing", node.place())
        return
    text = name.text(dig(data, "newState", "stateReason")) or name.text(value.get("HistorySummary"))
    event = Event(
        Kind.ALERT, node.place(), None, "", name.text(value["AlarmName"]), text,
        attributes=fact.attributes({"state": _STATES[new], "before": old, "kind": value.get("AlarmType")}),
    )  # fmt: skip
    yield from fact.dated(event, moment.stamp(value.get("Timestamp"), reading, "s"))


def _data(text: Any) -> Any:
    """The details, which are JSON inside a text."""
    try:
        return strict_json.loads(text) if isinstance(text, str) else None
    except strict_json.Malformed:
        return None


SOURCE = Source("cloudwatch-alarms", "the history of alarms of Amazon CloudWatch", sniff, read)
