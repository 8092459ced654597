"""What kubectl printed for people, output by output: what is not well, and what each described object says of itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from afterword.model.event import Event, Kind
from afterword.reading import fact, kube_text, moment, name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.evidence import Place, Problem
    from afterword.ports import Reading

COMMAND = re.compile(
    r"(?:\$ |# )?kubectl\s+(?:-n \S+ |--\S+ )*(?P<verb>get|describe|top|logs|events)\b\s*(?P<kind>[\w./]*)"
)
HEADER = re.compile(
    r"(?:NAMESPACE\s+)?(?:NAME\s{2,}(?:[A-Z][A-Z()-]+\s.*)?\bAGE\b|LAST SEEN\s+TYPE\s+REASON\s+OBJECT\s+MESSAGE)"
)
DESCRIBED = re.compile(r"Name: {6,}\S+")
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
    "pv": "persistentvolume",
    "cm": "configmap",
    "ns": "namespace",
    "sa": "serviceaccount",
    "ep": "endpoints",
    "endpoints": "endpoints",
    "quota": "resourcequota",
    "ing": "ingress",
    "sc": "storageclass",
    "networkpolicies": "networkpolicy",
}
#: What a column of a table is called among the facts.
_COLUMNS = {
    "NODE": "node",
    "SELECTOR": "selector",
    "ENDPOINTS": "endpoints",
    "STORAGECLASS": "storage_class",
    "VOLUME": "volume",
    "CLAIM": "claim",
    "ACCESS MODES": "access_modes",
}


#: Name of the event that carries the facts of an object (``kube_object``) in its attributes.
SAYS = "Described"


class Found(NamedTuple):
    """One thing that is not well, or the facts of one object."""

    subject: str
    reason: str
    text: str
    at: str = ""
    more: tuple[tuple[str, str], ...] = ()
    severity: str = "warn"


def events(found: list[Found], place: Place, reading: Reading) -> Iterator[Event | Problem]:
    for count, one in enumerate(found, 1):
        where = fact.part(place, f"{one.subject} {one.reason} {count}" if len(found) > 1 else "")
        event = Event(
            Kind.STATE,
            where,
            None,
            one.subject,
            one.reason,
            one.text,
            severity=one.severity,
            offset=None,
            attributes=fact.attributes(dict(one.more)),
        )
        yield from fact.dated(event, moment.stamp(one.at, reading)) if one.at else (event,)


def outputs(rows: list[str]) -> Iterator[Found]:
    """What one output says: a table or a description, below its command if that is given."""
    command = COMMAND.match(rows[0]) if rows else None
    kind = name.plain(command["kind"]).split("/")[0].split(".")[0] if command else ""
    kind = _KINDS.get(kind, re.sub(r"(?<=[sx])es$|(?<!s)s$", "", kind))
    below = rows[1:] if command else rows
    header = next((at for at, row in enumerate(below) if HEADER.match(row)), None)
    if header is not None:
        yield from _table(below[header], below[header + 1 :], kind)
    else:
        yield from _described(below, kind)


def _table(header: str, rows: list[str], kind: str) -> Iterator[Found]:
    names = re.split(r"\s{2,}", header.strip())
    starts = [header.index(one) for one in names]
    for row in rows:
        cells = [row[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
        if len(re.split(r"\s{2,}", row.strip())) == len(names):
            cells = re.split(r"\s{2,}", row.strip())
        said = dict(zip(names, cells, strict=True))
        if "OBJECT" in said:
            if said.get("TYPE") == "Warning":
                yield Found(said["OBJECT"], said["REASON"], said["MESSAGE"])
        elif said.get("NAME"):
            yield from _row(said, kind or _guessed(names))
            yield _listed(said, kind or _guessed(names))


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


def _row(said: dict[str, str], kind: str) -> Iterator[Found]:
    called = said["NAME"]
    subject = called if "/" in called else f"{kind}/{called}"
    status, ready = said.get("STATUS", ""), re.fullmatch(r"(\d+)/(\d+)", said.get("READY", ""))
    restarts = (said.get("RESTARTS", "").split() or [""])[0]
    more = (("restarts", restarts if restarts != "0" else ""),)
    if status and status.split(",")[0] not in _WELL:
        yield Found(
            subject, status, f"status {status}, ready {said.get('READY', '?')}, restarts {restarts or '?'}", more=more
        )
    elif ready and int(ready[1]) < int(ready[2]) and status != "Completed":
        yield Found(subject, "NotReady", f"{ready[1]} of {ready[2]} are ready", more=more)
    elif restarts.isdigit() and int(restarts) > 0:
        yield Found(subject, "Restarted", f"restarted {restarts} times", more=more)


def _listed(said: dict[str, str], kind: str) -> Found:
    """The facts that one row of a table states."""
    more = {
        fact_: "\n".join(one.strip() for one in said[column].split(","))
        for column, fact_ in _COLUMNS.items()
        if said.get(column, "<none>") not in ("<none>", "<unset>", "")
    }
    status = said.get("STATUS", "")
    if status:
        more["phase"] = status.split(",")[0]
    if kind == "node" and "SchedulingDisabled" in status:
        more["unschedulable"] = "true"
    ready = re.fullmatch(r"(\d+)/(\d+)", said.get("READY", ""))
    if ready and kind == "pod":
        more["ready"] = f"{ready[1]}/{ready[2]}"
    elif ready:
        more |= {"desired": ready[2], "available": ready[1]}
    if kind == "endpoints" and said.get("ENDPOINTS") == "<none>":
        more["empty"] = "true"
    called = said["NAME"]
    return Found(called if "/" in called else f"{kind}/{called}", SAYS, "", more=tuple(more.items()), severity="info")


def _described(rows: list[str], kind: str) -> Iterator[Found]:
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
            yield Found(
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
    facts = kube_text.facts(rows)
    if facts:
        more = tuple((key, "\n".join(values)) for key, values in facts.items())
        yield Found(subject if kind else f"{_supposed(facts)}/{called}", SAYS, "", more=more, severity="info")


def _supposed(facts: dict[str, list[str]]) -> str:
    """The kind of a described object by what it says, where no command names it."""
    marks = (("service_port", "service"), ("quota", "resourcequota"), ("allocatable", "node"), ("desired", "deployment"), ("ports", "pod"), ("image", "pod"), ("reclaim", "persistentvolume"), ("access_modes", "persistentvolumeclaim"))  # fmt: skip
    return next((kind for mark, kind in marks if mark in facts), "object")


def _ended(subject: str, state: dict[str, str]) -> Iterator[Found]:
    """A container that was ended badly, or that waits for something to go right."""
    reason, code = state.get("Reason", ""), state.get("Exit Code", "")
    if state.get("is") == "Terminated" and (code != "0" or reason not in ("", "Completed")):
        yield Found(
            subject,
            reason or "Terminated",
            f"ended with exit code {code or '?'}",
            state.get("Finished", ""),
            (("exit_code", code),),
        )
    elif state.get("is") == "Waiting" and reason not in ("", "ContainerCreating", "PodInitializing"):
        yield Found(subject, reason, state.get("Message", "") or "waits")
