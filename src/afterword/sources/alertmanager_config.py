"""The configuration of Alertmanager: where alerts are routed, who receives them and by what, what holds them back.

Each route carries its matchers joined with those of the routes that it stands in only by its ``path``: the tree is walked
by whoever asks where an alert goes. Secrets of receivers are not read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import fact, strict_yaml
from afterword.reading.strict_json import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.ports import Reading
    from afterword.reading.strict_yaml import Node

_ROUTE = re.compile(r"^[ \t]*[\"']?route[\"']?:", re.MULTILINE)
_RECEIVERS = re.compile(r"^[ \t]*[\"']?receivers[\"']?:", re.MULTILINE)
_DEEPEST = 20
_QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"'})


def sniff(head: bytes) -> float:
    """Sure of a route beside receivers at the beginning of lines."""
    text = head.decode("utf-8", "replace")
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return 0.0
    return 0.93 if _ROUTE.search(text) and _RECEIVERS.search(text) and "receiver" in text else 0.0


def read(stream: BinaryIO, _reading: Reading) -> Iterator[Event | Problem | Skipped]:
    raw = stream.read(strict_yaml.LONGEST + 1)
    size = len(raw) + len(stream.read())
    whole = Place(0, size, 1, raw.count(b"\n") + (not raw.endswith(b"\n")) or 1)
    count = 0
    try:
        for document in strict_yaml.documents(raw):
            # An AlertmanagerConfig of the operator keeps the same below its ``spec``.
            top = document.get("spec") or document
            for event in _told(top):
                count += 1
                yield event
    except Malformed as error:
        yield Problem(f"not YAML that can be relied on: {error}", whole, Gravity.ERROR, error.code)
        return
    if not count:
        yield Problem("neither routes nor receivers", whole, Gravity.WARNING, "alertmanager-config-shape")


def _told(top: Node) -> Iterator[Event]:
    route = top.get("route")
    if route is not None and route.members():
        yield from _route(route, "0", "")
    for receiver in _items(top, "receivers"):
        yield _receiver(receiver)
    for key in ("inhibit_rules", "inhibitRules"):
        for one in _items(top, key):
            yield _inhibit(one)
    for key in ("mute_time_intervals", "time_intervals"):
        for one in _items(top, key):
            said = {"policy": "interval"}
            name = one.said("name")
            yield Event(Kind.POLICY, one.place(), None, "", name, f"interval {name}", offset=None, attributes=said)


def _items(top: Node, key: str) -> list[Node]:
    found = top.get(key)
    return [one for one in found.items() if one.members()] if found is not None else []


def _route(route: Node, path: str, inherited: str) -> Iterator[Event]:
    """A route, then those inside of it; the receiver is passed on where a route names none."""
    receiver = route.said("receiver") or inherited
    said = {
        "policy": "route", "path": path, "matchers": "\n".join(_matchers(route)), "continue": route.said("continue").lower(),
        "mute": "\n".join(_texts(route, "mute_time_intervals", "muteTimeIntervals")),
        "active": "\n".join(_texts(route, "active_time_intervals", "activeTimeIntervals")),
    }  # fmt: skip
    place = _own(route)
    text = f"route {path} to {receiver}" + (f" of {', '.join(_matchers(route))}" if path != "0" else "")
    yield Event(Kind.POLICY, place, None, receiver, path, text, offset=None, attributes=fact.attributes(said))
    for number, inner in enumerate(_items(route, "routes")) if path.count(".") < _DEEPEST else ():
        yield from _route(inner, f"{path}.{number}", receiver)


def _own(route: Node) -> Place:
    """The stretch of a route before the routes inside of it, so that places do not overlap."""
    inner = route.get("routes")
    if inner is None or not inner.items():
        return route.place()
    end = inner.start
    text = route.text.text
    while end > route.start + 1 and text[end - 1] in " \t\r\n-[":
        end -= 1
    return route.text.place(route.start, end) if end > route.start else route.place()


def _texts(node: Node, *keys: str) -> list[str]:
    found = next((one for key in keys if (one := node.get(key)) is not None), None)
    return [one.value for one in found.items() if isinstance(one.value, str)] if found is not None else []


def _matchers(route: Node) -> list[str]:
    """``team="pay"`` and the like: of ``matchers``, of the older ``match`` and ``match_re``, of the operator's objects."""
    made = []
    for key, sign in (("match", "="), ("match_re", "=~")):
        found = route.get(key)
        made += [f'{name}{sign}"{_quoted(one)}"' for name, one in (found.members() if found else {}).items()]
    for one in listed.items() if (listed := route.get("matchers")) is not None else []:
        if isinstance(one.value, str):
            made.append(one.value.strip())
        elif one.said("name"):
            sign = one.said("matchType") or ("=~" if one.said("regex").lower() == "true" else "=")
            made.append(f'{one.said("name")}{sign}"{_quoted(one.get("value"))}"')
    return made


def _quoted(node: Node | None) -> str:
    return node.value.translate(_QUOTED) if node is not None and isinstance(node.value, str) else ""


def _receiver(node: Node) -> Event:
    kinds = [key for key, one in node.members().items() if key.lower().endswith("configs") and one.items()]
    name = node.said("name")
    said = {"policy": "receiver", "ways": "\n".join(sorted(kinds))}
    text = f"receiver {name}: " + (", ".join(sorted(kinds)) or "nothing is sent anywhere")
    return Event(Kind.POLICY, node.place(), None, name, name, text, offset=None, attributes=fact.attributes(said))


def _inhibit(node: Node) -> Event:
    sides = {}
    for side in ("source", "target"):
        parts = []
        for key, sign in ((f"{side}_match", "="), (f"{side}_match_re", "=~")):
            found = node.get(key)
            parts += [f'{name}{sign}"{_quoted(one)}"' for name, one in (found.members() if found else {}).items()]
        parts += _texts(node, f"{side}_matchers")
        sides[side] = "\n".join(parts)
    said = {"policy": "inhibit", **sides, "equal": "\n".join(_texts(node, "equal"))}
    return Event(Kind.POLICY, node.place(), None, "", "inhibit", "a rule that inhibits alerts", offset=None, attributes=fact.attributes(said))  # fmt: skip


SOURCE = Source(
    "alertmanager-config", "the configuration of Alertmanager: routes, receivers, what is inhibited", sniff, read
)
