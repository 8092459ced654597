"""What kubectl printed for people: tables of ``get``, texts of ``describe``; as a text, or by command in a JSON object.

Only what is not well becomes an event. Ages (``71s``) count from a moment that the text does not state: what has nothing
but an age has no time. Times that ``describe`` prints are read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, moment, name
from afterword.reading.json_value import Node
from afterword.reading.line import join, lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.ports import Reading
    from afterword.reading.line import Line

_COMMAND = re.compile(
    r"(?:\$ |# )?kubectl\s+(?:-n \S+ |--\S+ )*(?P<verb>get|describe|top|logs|events)\b\s*(?P<kind>[\w./]*)"
)
_HEADER = re.compile(
    r"(?:NAMESPACE\s+)?(?:NAME\s{2,}(?:READY|STATUS|DESIRED|COMPLETIONS)\b.*\bAGE\b|LAST SEEN\s+TYPE\s+REASON\s+OBJECT\s+MESSAGE)"
)
_DESCRIBED = re.compile(r"Name: {6,}\S+")
_SECTION = re.compile(r"(?P<key>[A-Z][\w /-]*?):\s*(?P<value>.*)")
_EVENT = re.compile(
    r"\s{2,}(?P<type>Normal|Warning)\s{2,}(?P<reason>\w+)\s{2,}(?P<age>\S+(?: \(x\d+ over \S+\))?)\s{2,}(?P<by>\S+)\s{2,}(?P<text>.*)"
)
_TIMES = re.compile(r"\(x(\d+) over")
_FIELD = re.compile(
    r"\s+(?P<key>State|Last State|Reason|Exit Code|Message|Started|Finished|Restart Count):\s*(?P<value>.*)"
)
_WELL = frozenset(["Running", "Completed", "Succeeded", "Active", "Bound", "Ready", "Available", "Complete"])
_KINDS = {
    "po": "pod",
    "deploy": "deployment",
    "no": "node",
    "sts": "statefulset",
    "ds": "daemonset",
    "rs": "replicaset",
    "svc": "service",
    "ev": "event",
    "pvc": "persistentvolumeclaim",
}


class _Found(NamedTuple):
    """One thing that is not well."""

    subject: str
    reason: str
    text: str
    at: str = ""
    more: tuple[tuple[str, str], ...] = ()


def sniff(head: bytes) -> float:
    """Sure of a command of kubectl by name, or of the header of one of its tables as the first line."""
    for one in element.peek(head)[:2]:
        commands = [key for key in one if _COMMAND.match(key)]
        if commands and len(commands) * 2 > len(one):
            return 0.95
    text = head[:4096].decode("utf-8", "replace").lstrip("\ufeff\r\n")
    first = text.split("\n", 1)[0]
    if _HEADER.match(first) or (_COMMAND.match(first) and (_HEADER.search(text) or _DESCRIBED.search(text))):
        return 0.9
    return 0.85 if _DESCRIBED.match(text) and ("\nNamespace:" in text or "\nLabels:" in text) else 0.0


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    first = stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    stream.seek(0)
    if first in (b"{", b"["):
        yield from _json(stream, reading)
    else:
        yield from _text(stream, reading)


def _json(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    told: set[_Found] = set()
    for node in element.elements(stream):
        if not isinstance(node, Node):
            yield node
            continue
        for command, output in node.members():
            if not isinstance(output.value, str) or not _COMMAND.match(command):
                yield Problem("no output of a command of kubectl", output.place(), Gravity.WARNING, "kubectl-shape")
                continue
            new = [one for one in dict.fromkeys(_outputs(f"{command}\n{output.value}".split("\n"))) if one not in told]
            told.update(new)
            if not new:
                yield Skipped("an output that says nothing new, or nothing that is not well", output.place())
            yield from _events(new, output.place(), reading)


def _text(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    """A text is cut at commands, and where it has none, at tables and at the names of described objects."""
    told: set[_Found] = set()
    held: list[Line] = []
    for line in lines(stream):
        text = line.text.removeprefix("\ufeff")
        alone = len(held) == 1 and _COMMAND.match(held[0].text.removeprefix("\ufeff"))
        if held and not alone and (_COMMAND.match(text) or _HEADER.match(text) or _DESCRIBED.match(text)):
            yield from _block(held, told, reading)
            held = []
        held.append(line)
    if held:
        yield from _block(held, told, reading)


def _block(held: list[Line], told: set[_Found], reading: Reading) -> Iterator[Event | Problem | Skipped]:
    place = join(held[0].place, held[-1].place)
    new = [
        one for one in dict.fromkeys(_outputs([line.text.removeprefix("\ufeff") for line in held])) if one not in told
    ]
    told.update(new)
    if new:
        yield from _events(new, place, reading)
    else:
        yield Skipped("an output that says nothing new, or nothing that is not well", place)


def _events(found: list[_Found], place: Place, reading: Reading) -> Iterator[Event | Problem]:
    for count, one in enumerate(found, 1):
        where = fact.part(place, f"{one.subject} {one.reason} {count}" if len(found) > 1 else "")
        event = Event(
            Kind.STATE,
            where,
            None,
            one.subject,
            one.reason,
            one.text,
            severity="warn",
            offset=None,
            attributes=fact.attributes(dict(one.more)),
        )
        yield from fact.dated(event, moment.stamp(one.at, reading)) if one.at else (event,)


def _outputs(rows: list[str]) -> Iterator[_Found]:
    """What one output says: a table or a description, below its command if that is given."""
    command = _COMMAND.match(rows[0]) if rows else None
    kind = name.plain(command["kind"]).split("/")[0].split(".")[0] if command else ""
    kind = _KINDS.get(kind, kind.removesuffix("s") if not kind.endswith("ss") else kind.removesuffix("es"))
    below = rows[1:] if command else rows
    header = next((at for at, row in enumerate(below) if _HEADER.match(row)), None)
    if header is not None:
        yield from _table(below[header], below[header + 1 :], kind)
    else:
        yield from _described(below, kind)


def _table(header: str, rows: list[str], kind: str) -> Iterator[_Found]:
    names = re.split(r"\s{2,}", header.strip())
    starts = [header.index(one) for one in names]
    for row in rows:
        cells = [row[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
        if len(re.split(r"\s{2,}", row.strip())) == len(names):
            cells = re.split(r"\s{2,}", row.strip())
        said = dict(zip(names, cells, strict=True))
        if "OBJECT" in said:
            if said.get("TYPE") == "Warning":
                yield _Found(said["OBJECT"], said["REASON"], said["MESSAGE"])
        elif said.get("NAME"):
            yield from _row(said, kind or _guessed(names))


def _guessed(names: list[str]) -> str:
    """The kind by its columns, where no command says which it is."""
    return (
        "pod"
        if "RESTARTS" in names
        else "node"
        if "ROLES" in names
        else "deployment"
        if "UP-TO-DATE" in names
        else "object"
    )


def _row(said: dict[str, str], kind: str) -> Iterator[_Found]:
    called = said["NAME"]
    subject = called if "/" in called else f"{kind}/{called}"
    status, ready = said.get("STATUS", ""), re.fullmatch(r"(\d+)/(\d+)", said.get("READY", ""))
    restarts = (said.get("RESTARTS", "").split() or [""])[0]
    more = (("restarts", restarts if restarts != "0" else ""),)
    if status and status.split(",")[0] not in _WELL:
        yield _Found(
            subject, status, f"status {status}, ready {said.get('READY', '?')}, restarts {restarts or '?'}", more=more
        )
    elif ready and int(ready[1]) < int(ready[2]) and status != "Completed":
        yield _Found(subject, "NotReady", f"{ready[1]} of {ready[2]} are ready", more=more)
    elif restarts.isdigit() and int(restarts) > 0:
        yield _Found(subject, "Restarted", f"restarted {restarts} times", more=more)


def _described(rows: list[str], kind: str) -> Iterator[_Found]:
    """States of containers and the events at the end of a description."""
    called = next(
        (found["value"].strip() for row in rows if (found := _SECTION.fullmatch(row)) and found["key"] == "Name"), ""
    )
    subject = f"{kind or 'object'}/{called}"
    state: dict[str, str] = {}
    for row in rows:
        event, field = _EVENT.fullmatch(row), _FIELD.fullmatch(row)
        if event and event["type"] == "Warning":
            times = _TIMES.search(event["age"])
            yield _Found(
                subject,
                event["reason"],
                event["text"],
                more=(("count", times[1] if times else ""), ("by", event["by"])),
            )
        if field and field["key"] in ("State", "Last State", "Restart Count"):
            yield from _ended(subject, state)
            state = {"is": field["value"]}
        elif field and state:
            state.setdefault(field["key"], field["value"])
    yield from _ended(subject, state)


def _ended(subject: str, state: dict[str, str]) -> Iterator[_Found]:
    """A container that was ended badly, or that waits for something to go right."""
    reason, code = state.get("Reason", ""), state.get("Exit Code", "")
    if state.get("is") == "Terminated" and (code != "0" or reason not in ("", "Completed")):
        yield _Found(
            subject,
            reason or "Terminated",
            f"ended with exit code {code or '?'}",
            state.get("Finished", ""),
            (("exit_code", code),),
        )
    elif state.get("is") == "Waiting" and reason not in ("", "ContainerCreating", "PodInitializing"):
        yield _Found(subject, reason, state.get("Message", "") or "waits")


SOURCE = Source("kubectl", "what kubectl get and kubectl describe print", sniff, read)
