"""Alert rules as YAML: rule files of Prometheus (Mimir, Loki, VictoriaMetrics too), PrometheusRule objects, Grafana's provisioning."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from afterword.core import objective
from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import fact, name, strict_yaml
from afterword.reading.strict_json import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.ports import Reading
    from afterword.reading.strict_yaml import Node

_GROUPS = re.compile(r"^[ \t]*(?:- +)?groups:", re.MULTILINE)
_RULES = re.compile(r"^[ \t]*(?:- +)?[\"']?rules[\"']?:|\brules: *\[", re.MULTILINE)
_ONE = re.compile(r"^[ \t]*(?:- +)?(?:alert|record):[ \t]*\S|\{\s*(?:alert|record):", re.MULTILINE)
_GRAFANA = re.compile(r"^[ \t]*(?:- +)?(?:condition|noDataState|execErrState):", re.MULTILINE)
_EXPR = re.compile(r"^[ \t]*(?:- +)?expr:|\bexpr:", re.MULTILINE)
#: Labels and annotations that hold an objective, as Sloth, Pyrra and people name them.
_OBJECTIVE = ("objective", "slo_objective", "slo_target", "objective_percent", "target", "slo")
_SERVICE = ("sloth_service", "service", "app", "component")
_RUNBOOK = ("runbook_url", "runbook", "runbook_uri", "runbookURL", "playbook")


def sniff(head: bytes) -> float:
    """By the words of a rule file at the beginning of lines."""
    text = head.decode("utf-8", "replace")
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") or "rules" not in text:
        return 0.0
    if (
        _GROUPS.search(text)
        and _RULES.search(text)
        and _EXPR.search(text)
        and (_ONE.search(text) or _GRAFANA.search(text))
    ):
        return 0.95
    return 0.0


def read(stream: BinaryIO, _reading: Reading) -> Iterator[Event | Problem | Skipped]:
    raw = stream.read(strict_yaml.LONGEST + 1)
    size = len(raw) + len(stream.read()) if len(raw) > strict_yaml.LONGEST else len(raw)
    try:
        for document in strict_yaml.documents(raw):
            groups = document.get("groups") or document.get("spec", "groups")
            found = groups.items() if groups else [g for one in document.members().values() for g in one.items()]
            for group in found:
                yield from _group(group)
    except Malformed as error:
        place = Place(0, size, 1, raw.count(b"\n") + (not raw.endswith(b"\n")) or 1)
        yield Problem(f"not YAML that can be relied on: {error}", place, Gravity.ERROR, error.code)


def _group(group: Node) -> Iterator[Event | Problem | Skipped]:
    rules = group.get("rules")
    if rules is None or not rules.items():
        yield Skipped("a group without rules", group.place())
        return
    for rule in rules.items():
        if rule.get("record") is not None:
            yield Skipped("a recording rule", rule.place())
        elif rule.said("alert") or rule.said("title"):
            yield _rule(rule, group.said("name"))
        else:
            yield Problem("neither an alert nor a recording rule", rule.place(), Gravity.WARNING, "rule-shape")


def _rule(rule: Node, group: str) -> Event:
    labels, notes = rule.get("labels"), rule.get("annotations")
    severity = labels.said("severity") if labels else ""
    said = {
        "for": rule.said("for") or rule.said("keep_firing_for"),
        "severity": severity,
        "runbook": next((notes.said(key) for key in _RUNBOOK if notes.said(key)), "") if notes else "",
        "summary": (notes.said("summary") or notes.said("description")) if notes else "",
        "team": labels.said("team") if labels else "",
        "service": next((labels.said(key) for key in _SERVICE if labels.said(key)), "") if labels else "",
        "objective": _objective(labels, notes),
    }
    return Event(
        Kind.RULE, rule.place(), None, group, rule.said("alert") or rule.said("title"), _expression(rule),
        severity=name.severity(severity), offset=None, attributes=fact.attributes(said),
    )  # fmt: skip


def _objective(labels: Node | None, notes: Node | None) -> str:
    """The objective that a rule states beside its expression; a name of one is none."""
    said = [part.said(key) for part in (labels, notes) if part is not None for key in _OBJECTIVE]
    return next((one for one in said if objective.number(one) is not None), "")


def _expression(rule: Node) -> str:
    """The expression; a rule of Grafana has one for each of its queries."""
    data = rule.get("data")
    models = [one.get("model") for one in data.items()] if data else []
    queries = [model.said("expr") or model.said("expression") or model.said("rawSql") for model in models if model]
    return rule.said("expr") or "\n".join(query for query in queries if query)


SOURCE = Source("rules-yaml", "alert rules of Prometheus and its kin as YAML", sniff, read)
