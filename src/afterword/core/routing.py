"""Where an alert goes: matchers over its labels, and the tree of routes walked as Alertmanager walks it.

A label that is not known may have any value: then whether a matcher holds is not known either, and neither is the way of
the alert. Source: Alertmanager's documentation, "Configuration", ``<route>`` and ``<matcher>``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from afterword.core.pattern import compiled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from afterword.model.event import Event, Fact

_MATCHER = re.compile(
    r"\s*[\"']?(?P<name>[A-Za-z_][\w.:-]{0,200})[\"']?\s*(?P<sign>=~|!~|!=|=)\s*(?P<value>\"(?:\\.|[^\"\\])*\"|[^\s,\"]*)\s*"
)
_LABEL = re.compile(r'([A-Za-z_]\w{0,200})="((?:\\.|[^"\\])*)"')
_ESCAPED = re.compile(r"\\(.)")


class Matcher(NamedTuple):
    name: str
    sign: str
    value: str

    def holds(self, labels: Mapping[str, str], *, whole: bool) -> bool | None:
        """None where the label is not known; ``whole`` says that all labels are, so that one that is not there is empty."""
        if self.name not in labels and not whole:
            return None
        value = labels.get(self.name, "")
        if self.sign in ("=", "!="):
            return (value == self.value) is (self.sign == "=")
        try:
            found = compiled(f"^(?:{self.value})$").search(value) is not None
        except ValueError:
            return None
        return found is (self.sign == "=~")


def matchers(text: str) -> tuple[Matcher, ...] | None:
    """The matchers of a text, one a line or between commas; None where one of them cannot be read."""
    made: list[Matcher] = []
    for line in text.split("\n"):
        at, line = 0, line.strip().strip("{}")
        while at < len(line):
            found = _MATCHER.match(line, at)
            if found is None or found.end() == at:
                return None
            made.append(Matcher(found["name"], found["sign"], _bare(found["value"])))
            at = found.end() + (line[found.end() : found.end() + 1] == ",")
    return tuple(made)


def _bare(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value


def labels(alert: Event) -> tuple[dict[str, str], bool]:
    """What is known of the labels of an alert, and whether that is all of them."""
    text = alert.attributes.get("labels", "")
    known = {key: _ESCAPED.sub(r"\1", value) for key, value in _LABEL.findall(text)}
    if alert.name:
        known["alertname"] = alert.name
    said = {key: alert.attributes[key] for key in ("severity", "team") if alert.attributes.get(key)}
    return {**said, **known}, bool(text)


def all_hold(wanted: Sequence[Matcher], known: Mapping[str, str], *, whole: bool) -> bool | None:
    """One that does not hold decides; else one that is not known leaves it open."""
    found = [one.holds(known, whole=whole) for one in wanted]
    if False in found:
        return False
    return None if None in found else True


def receivers(routes: Iterable[Fact], alert: Event) -> tuple[Fact, ...] | None:
    """The routes at which an alert ends, in order; None where that is not known."""
    by_path = {one.event.attributes.get("path", ""): one for one in routes}
    known, whole = labels(alert)
    return _walk("0", by_path, known, whole) if "0" in by_path else None


def _walk(path: str, by_path: Mapping[str, Fact], known: Mapping[str, str], whole: bool) -> tuple[Fact, ...] | None:
    """The first route inside that matches takes it, and the next ones too where it says ``continue``; else it stays here."""
    ends: list[Fact] = []
    number = 0
    while (inner := f"{path}.{number}") in by_path:
        route, number = by_path[inner].event, number + 1
        wanted = matchers(route.attributes.get("matchers", ""))
        held = all_hold(wanted, known, whole=whole) if wanted is not None else None
        if held is None:
            return None
        if held:
            below = _walk(inner, by_path, known, whole)
            if below is None:
                return None
            ends += below
            if route.attributes.get("continue") != "true":
                return tuple(ends)
    return tuple(ends) or (by_path[path],)
