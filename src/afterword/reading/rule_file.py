"""Rules as they are to be evaluated: rule files of Prometheus, PrometheusRule objects, and what ``/api/v1/rules`` answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.promql import UnsupportedError, duration
from afterword.core.rule import AlertRule, RecordRule
from afterword.model.time import SECOND
from afterword.reading import strict_yaml
from afterword.reading.strict_json import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.rule import Rule
    from afterword.reading.strict_yaml import Node


def rules(raw: bytes) -> list[Rule]:
    """The rules in the order of the file. Raises Malformed where it is no list of groups, or a length is none."""
    groups = [group for document in strict_yaml.documents(raw) for group in _groups(document)]
    if not groups:
        raise Malformed("rules", "it has no list of groups")
    return [rule for group in groups for rule in _group(group)]


def _groups(document: Node) -> list[Node]:
    for path in (("groups",), ("spec", "groups"), ("data", "groups")):
        found = document.get(*path)
        if found is not None:
            return found.items()
    return []


def _group(group: Node) -> Iterator[Rule]:
    every = _length(group, "interval")
    called = group.said("name")
    inner = group.get("rules")
    for rule in inner.items() if inner else ():
        expr = rule.said("expr") or rule.said("query")
        labels = _texts(rule.get("labels"))
        records = rule.said("record") or (rule.said("name") if rule.said("type") == "recording" else "")
        alert = rule.said("alert") or (rule.said("name") if rule.said("type") == "alerting" else "")
        if records and expr:
            yield RecordRule(records, expr, every, labels, called)
        elif alert:
            held = _length(rule, "for") or _length(rule, "duration")
            kept = _length(rule, "keep_firing_for") or _length(rule, "keepFiringFor")
            yield AlertRule(alert, expr, held, kept, every, labels, _texts(rule.get("annotations")), called)


def _texts(node: Node | None) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key, str(value.value)) for key, value in node.members().items())) if node else ()


def _length(node: Node, key: str) -> int:
    """A length as rule files state it, or the seconds of the API."""
    said = node.said(key)
    try:
        return int(float(said) * SECOND) if said.replace(".", "", 1).isdigit() else duration(said) if said else 0
    except (UnsupportedError, ValueError, OverflowError):
        raise Malformed("rules-length", f"{key}: {said[:40]!r} is no duration") from None
