"""Outputs of tools that somebody or something called while looking into a cluster: one JSON object, an output by call.

A call is written ``Name:{"argument": …}`` or ``Name(…)``. What an output is, is told by its own shape, never by the name of
the tool: tables and descriptions of kubectl, manifests, ``systemctl status``, alerts with their evidence, summaries of error
lines, trees of dependencies, checks of a connection.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, kube_manifest, kube_print, moment, name, unit_status
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.model.evidence import Place
    from afterword.ports import Reading

_CALL = re.compile(r"(?P<tool>[A-Za-z_][\w.-]{2,60})(?::\s*(?P<json>\{.*\})|\((?P<args>.*)\))\s*", re.DOTALL)
_SERVICE = ("service_name", "service", "app_name", "app", "component", "name", "deployment", "pod")
_KIND = ("resource_type", "kind", "resource")
_REFUSED = re.compile(r"\b(connection (failed|refused|timed out)|no route to host|timed? ?out|unreachable|could not connect)\b", re.IGNORECASE)  # fmt: skip
_CALLED_BY = re.compile(r"^\[?(?:Upstream|Called By)[^\]\n:]*+\]?+\s*+:\s*(?P<names>.+)$", re.MULTILINE | re.IGNORECASE)
_BRANCH = re.compile(r"^(?P<lead>[\s│|]*)(?:├──|└──|\+--|\|--|`--)\s*(?P<name>[\w.-]+)")
_ROOT = re.compile(r"^[\w.-]+$")


def sniff(head: bytes) -> float:
    """Sure when most keys of one object are calls of tools with their arguments."""
    for one in element.peek(head)[:1]:
        keys = list(one)
        if len(keys) > 1 and sum(bool(_CALL.fullmatch(key)) for key in keys) * 2 > len(keys):
            return 0.9
    return 0.0


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    told: set[Any] = set()
    for node in element.elements(stream):
        if not isinstance(node, Node):
            yield node
            continue
        for call, output in node.members():
            found = _CALL.fullmatch(call)
            if found is None:
                yield Skipped("beside the outputs of tools", output.place())
                continue
            made = list(_output(_arguments(found), output, reading, told))
            yield from made or [Skipped("an output that says nothing new, or nothing that is not well", output.place())]


def _arguments(found: re.Match[str]) -> Mapping[str, str]:
    try:
        said = json.loads(found["json"]) if found["json"] else {}
    except (ValueError, RecursionError):
        return {}
    return {key: name.text(value) for key, value in said.items()} if isinstance(said, dict) else {}


def _output(
    arguments: Mapping[str, str], output: Node, reading: Reading, told: set[Any]
) -> Iterator[Event | Problem | Skipped]:
    value, place = output.value, output.place()
    if isinstance(value, dict):
        yield from _alerts(value, place, reading)
        yield from _patterns(arguments, value, place)
    elif not isinstance(value, str):
        yield Problem("no output of a tool that can be read", place, Gravity.INFO, "tool-output", quarantined=False)
    elif unit := unit_status.status(value):
        yield from _unit(unit, place, reading)
    elif value.lstrip().startswith(("apiVersion:", "kind:", "---\napiVersion:")):
        found = [kube_print.Found(o.subject, kube_print.SAYS, "", more=tuple(o.facts.items()), severity="info") for o in kube_manifest.objects(value)]  # fmt: skip
        yield from kube_print.events(found, place, reading)
    elif edges := _edges(value):
        for count, (caller, callee) in enumerate(edges, 1):
            if (caller, callee) not in told:
                told.add((caller, callee))
                yield Event(
                    Kind.EDGE, fact.part(place, f"{caller} {callee} {count}"), None, caller, callee, offset=None
                )
    elif _REFUSED.search(value) and (service := _service(arguments)):
        yield Event(Kind.STATE, place, None, f"service/{service}", "ConnectionFailed", value.strip()[:400], severity="warn", offset=None)  # fmt: skip
    else:
        kind = next((arguments[key] for key in _KIND if arguments.get(key)), "")
        rows = f"kubectl get {kind}\n{value}".split("\n")
        new = [one for one in dict.fromkeys(kube_print.outputs(rows)) if one not in told]
        told.update(new)
        yield from kube_print.events(new, place, reading)


def _service(arguments: Mapping[str, str]) -> str:
    return next((arguments[key] for key in _SERVICE if arguments.get(key)), "")


def _unit(unit: unit_status.Status, place: Place, reading: Reading) -> Iterator[Event | Problem]:
    subject = f"node/{unit.host}" if unit.host else f"unit/{unit.unit}"
    event = Event(
        Kind.STATE, place, None, subject, "ServiceRuns" if unit.well else "ServiceDown", f"{unit.unit} is {unit.state}",
        severity="info" if unit.well else "error", offset=None, attributes=fact.attributes({"unit": unit.unit, "state": unit.state}),
    )  # fmt: skip
    yield from fact.dated(event, moment.stamp(unit.since, reading)) if unit.since and not unit.well else (event,)


def _alerts(value: Mapping[str, Any], place: Place, reading: Reading) -> Iterator[Event | Problem]:
    """Alerts with their evidence, each of one service or node."""
    alerts = value.get("alerts")
    for count, one in enumerate(alerts if isinstance(alerts, list) else (), 1):
        if not isinstance(one, dict):
            continue
        evidence = one.get("evidence")
        text = "\n".join(name.text(line) for line in evidence) if isinstance(evidence, list) else name.text(evidence)
        since = name.text(one.get("time_range") or one.get("time") or "").split(" ~ ")[0]
        event = Event(
            Kind.ALERT, fact.part(place, f"alert {count}"), None, name.text(one.get("name")), name.text(one.get("alertname") or one.get("name")),
            text, offset=None, attributes=fact.attributes({"state": "firing", "kind": one.get("type")}),
        )  # fmt: skip
        yield from fact.dated(event, moment.stamp(since, reading)) if since else (event,)


def _patterns(arguments: Mapping[str, str], value: Mapping[str, Any], place: Place) -> Iterator[Event]:
    """Summaries of error lines: how often, and one of them."""
    patterns = value.get("patterns")
    for count, one in enumerate(patterns if isinstance(patterns, list) else (), 1):
        sample = name.text(one.get("sample") or one.get("pattern")) if isinstance(one, dict) else ""
        if sample:
            times = one.get("count")
            yield Event(
                Kind.PATTERN, fact.part(place, f"pattern {count}"), None, _service(arguments), "", sample[:2000],
                float(times) if isinstance(times, int | float) else None, severity="error", offset=None,
            )  # fmt: skip


def _edges(text: str) -> list[tuple[str, str]]:
    """Calls of a drawn tree of dependencies: each branch is called by what it hangs from."""
    made: list[tuple[str, str]] = []
    stack: list[tuple[int, str]] = []
    for row in text.split("\n"):
        branch = _BRANCH.match(row)
        if branch:
            depth = len(branch["lead"]) + 1
            while stack and stack[-1][0] >= depth:
                stack.pop()
            if stack:
                made.append((stack[-1][1], branch["name"]))
            stack.append((depth, branch["name"]))
        elif _ROOT.match(row.strip()):
            stack = [(0, row.strip())]
    return made


SOURCE = Source(
    "tool-outputs", "recorded outputs of the tools that were called while looking into a cluster", sniff, read
)
