"""The graph of alerts as text for other programs: DOT, Mermaid, and rules for Alertmanager."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.alert import AlertGraph, AlertLink, InhibitRule

_MERMAID = str.maketrans({'"': "#quot;", "#": "#35;", "<": "#lt;", ">": "#gt;", "\n": " ", "`": "#96;"})


def dot(graph: AlertGraph) -> str:
    """For Graphviz: thick lines bring about much; dashed ones may lead either way."""
    names = _names(graph)
    lines = ["digraph alerts {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];']
    lines += [f"  {names[kind]} [label={_quoted(kind)}];" for kind in names]
    for link in graph.links:
        width = f"{1 + 3 * min(link.strength, 1):.1f}"
        lines.append(f"  {names[link.cause]} -> {names[link.effect]} [label={_quoted(_said(link))}, penwidth={width}];")
    lines += [f"  {names[one.cause]} -> {names[one.effect]} [style=dashed, dir=none];" for one in graph.together]
    return "\n".join([*lines, "}", ""])


def mermaid(graph: AlertGraph) -> str:
    """A flow chart that Markdown pages of code hosts show."""
    names = _names(graph)
    lines = ["flowchart LR", *(f'  {names[kind]}["{kind.translate(_MERMAID)}"]' for kind in names)]
    lines += [f'  {names[one.cause]} -->|"{_said(one)}"| {names[one.effect]}' for one in graph.links]
    lines += [f"  {names[one.cause]} -.- {names[one.effect]}" for one in graph.together]
    return "\n".join([*lines, ""])


def inhibit_rules(graph: AlertGraph) -> str:
    """``inhibit_rules`` for Alertmanager; each says what it would have done in this history.

    A rule without labels that have to be equal would hide the alerts of all components: such a one stays a comment.
    """
    whole = [line for rule in graph.inhibit if rule.equal for line in _rule(rule)]
    open_ = [f"  # {line.removeprefix('  ')}" for rule in graph.inhibit if not rule.equal for line in _rule(rule)]
    said = ["  # To be used, these need the labels that name the component:", *open_] if open_ else []
    return "\n".join(["inhibit_rules:" if whole else "inhibit_rules: []", *whole, *said, ""])


def _rule(rule: InhibitRule) -> Iterator[str]:
    yield f"  # would have hidden {rule.hides} of {rule.of} alerts, about {rule.in_vain:g} of them no consequences"
    yield f"  - source_matchers: [{_matcher(rule.source)}]"
    yield f"    target_matchers: [{_matcher(rule.target)}]"
    yield f"    equal: [{', '.join(json.dumps(one) for one in rule.equal)}]"


def _matcher(kind: str) -> str:
    """A matcher as a YAML text: JSON's texts are YAML's too."""
    return json.dumps(f"alertname={json.dumps(kind, ensure_ascii=False)}", ensure_ascii=False)


def _names(graph: AlertGraph) -> dict[str, str]:
    """A plain identifier for each kind that has a link."""
    linked = {end for one in (*graph.links, *graph.together) for end in (one.cause, one.effect)}
    return {one.name: f"a{n}" for n, one in enumerate(graph.kinds) if one.name in linked}


def _said(link: AlertLink) -> str:
    return f"{link.explains:.0%} after {link.delay:.3g} s"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
