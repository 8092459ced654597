"""Silences of Alertmanager (``/api/v2/silences``): somebody said that alerts are to be held back, for how long and why.

Each is a message of whoever made it, at the time at which it begins; one that was ended early is one more at that time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, moment, name
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading

_ENVELOPES = ("data", "silences")
_SIGNS = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}


def sniff(head: bytes) -> float:
    """Sure of matchers beside a start, an end and somebody who made them."""
    return 0.95 if any(_is_silence(one) for one in element.peek(head, *_ENVELOPES)[:5]) else 0.0


def _is_silence(one: Mapping[str, Any]) -> bool:
    return isinstance(one.get("matchers"), list) and {"startsAt", "endsAt", "createdBy"} <= one.keys()


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, *_ENVELOPES):
        if not isinstance(node, Node):
            yield node
        elif not _is_silence(node.value):
            yield Problem(
                "no silence: matchers, times or their author are missing",
                node.place(),
                Gravity.WARNING,
                "silence-shape",
            )
        else:
            yield from _silence(node, reading)


def _silence(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    value = node.value
    held = ", ".join(_matcher(one) for one in value["matchers"] if isinstance(one, dict)) or "everything"
    comment = name.text(value.get("comment"))
    start, end = moment.stamp(value.get("startsAt"), reading), moment.stamp(value.get("endsAt"), reading)
    state = value.get("status")
    state = name.text(state.get("state")) if isinstance(state, dict) else ""
    event = Event(
        Kind.MESSAGE,
        node.place(),
        None,
        "silences",
        name.text(value.get("createdBy")),
        f"silenced {held}" + (f": {comment}" if comment else ""),
        until=moment.at(end),
        attributes=fact.attributes({"silence": value.get("id"), "state": state}),
    )
    yield from fact.dated(event, start, "the start of the silence")
    if state == "expired" and moment.at(end) is not None:
        over = replace(event, place=fact.part(node.place(), "end"), text=f"the silence of {held} ended", until=None)
        yield from fact.dated(over, end, "the end of the silence")


def _matcher(one: Mapping[str, Any]) -> str:
    """``alertname="HighErrors"``; a matcher that does not say otherwise is equal and no expression."""
    sign = _SIGNS[one.get("isEqual") is not False, one.get("isRegex") is True]
    return f'{name.text(one.get("name"))}{sign}"{name.text(one.get("value"))}"'


SOURCE = Source(
    "alertmanager-silences", "silences of Alertmanager: who held alerts back, for how long and why", sniff, read
)
