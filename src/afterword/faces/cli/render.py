"""Answers for people: short text and tables by the type of the word. Everything passes ``clean``."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from afterword.app import wire
from afterword.app.terminal import clean, one_line
from afterword.core import felt
from afterword.faces.cli import (
    render_alert,
    render_bench,
    render_collection,
    render_graph,
    render_inbox,
    render_lake,
    render_rule,
    render_tree,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Wide enough for any table that goes to a file or a pipe, where nobody wraps.
_PIPE_WIDTH = 200


class Page:
    """Where an answer is written: a console that takes text as text, and how times are shown."""

    def __init__(self, stream: TextIO, *, local: bool) -> None:
        width = None if stream.isatty() or "COLUMNS" in os.environ else _PIPE_WIDTH
        self.console = Console(file=stream, width=width, markup=False, highlight=False, emoji=False)
        self.local = local

    def line(self, text: str = "", style: str = "") -> None:
        self.console.print(Text(clean(text), style=style), soft_wrap=True)

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str = "Nothing yet.") -> None:
        said = [[one_line(_text(cell)) for cell in row] for row in rows]
        made = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
        whole = self._whole(heads, said)
        for head in heads:
            justify: Literal["left", "right"] = "right" if head in _NUMBERS else "left"
            made.add_column(Text(head), overflow="fold", justify=justify, no_wrap=head in whole)
        for row in said:
            made.add_row(*map(Text, row))
        if said:
            self.console.print(made)
        else:
            self.line(empty)

    def _whole(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> frozenset[str]:
        """Columns that are not folded: ids and times, where that leaves the others room."""
        wide = {head: max((len(row[i]) for row in rows), default=0) for i, head in enumerate(heads) if head in _WHOLE}
        others = len(heads) - len(wide)
        return (
            frozenset(wide) if sum(wide.values()) + 7 * others + 2 * len(heads) <= self.console.width else frozenset()
        )

    def pairs(self, pairs: Iterable[tuple[str, object]]) -> None:
        """Names and values, one a line; what is empty is left out."""
        kept = [(name, _text(value)) for name, value in pairs if value not in (None, "", (), [], {})]
        width = max((len(name) for name, _ in kept), default=0)
        for name, value in kept:
            self.line(f"{name:<{width}}  {value}")

    def time(self, text: str | None) -> str:
        """``2026-03-14 09:12:03Z``; with --local in the zone of this machine. Without a zone it stays as it is."""
        if not text:
            return "–"
        if not self.local or not text.endswith("Z"):
            return text.replace("T", " ")
        # fromisoformat knows six decimals; the rest is carried over as text.
        whole, _, fraction = text[:-1].partition(".")
        moment = datetime.fromisoformat(whole).replace(tzinfo=UTC).astimezone()
        return moment.strftime("%Y-%m-%d %H:%M:%S") + (f".{fraction}" if fraction else "") + moment.strftime(" %z")


def _short(text: str) -> str:
    """A time to the millisecond: in a table nobody reads more of it, and ``--json`` has it all."""
    return _FRACTION.sub(r"\1", text)


_FRACTION = re.compile(r"(\.\d{3})\d+(?=Z?$)")
#: Columns of ids and times: in two lines they are hard to read, and cannot be copied.
_WHOLE = frozenset(["id", "at", "from", "to"])
_NUMBERS = frozenset(
    {"#", "n", "score", "count", "line", "grade", "bytes", "events", "problems", "FV", "Birnbaum", "weight"}
)


def show(word: Any, stream: TextIO, *, local: bool = False) -> None:
    """Print one answer."""
    page = Page(stream, local=local)
    if isinstance(word, str):
        page.line(word.rstrip("\n"))
        return
    many = isinstance(word, tuple)
    kind = type(word[0]).__name__ if many and word else "" if many else type(word).__name__
    renderer = _MANY.get(kind) if many else _ONE.get(kind)
    if renderer is not None:
        renderer(page, wire.public(word))
    elif many and not word:
        page.line("Nothing found.")
    else:
        _plain(page, wire.public(word))


def _plain(page: Page, value: Any, indent: str = "") -> None:
    """Any answer that has no form of its own, as an outline."""
    if isinstance(value, dict):
        for name, one in value.items():
            if isinstance(one, dict | list) and one:
                page.line(f"{indent}{name}:")
                _plain(page, one, indent + "  ")
            else:
                page.line(f"{indent}{name}: {_text(one)}")
    elif isinstance(value, list):
        for one in value:
            if isinstance(one, dict | list):
                page.line(f"{indent}-")
                _plain(page, one, indent + "  ")
            else:
                page.line(f"{indent}- {_text(one)}")
    else:
        page.line(indent + _text(value))


def _text(value: object) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value)) or "–"
    assert not is_dataclass(value)
    return str(value)


# ------------------------------------------------------------------------------------------------ incidents


def _report(page: Page, report: Mapping[str, Any]) -> None:
    _gist(page, report)
    page.line()
    page.line("Timeline", "bold")
    shown = _weighty(report["timeline"])
    page.table(("at", "kind", "what"), ((page.time(_short(m["at"])), m["kind"], _quoted(m)) for m in shown))
    page.line()
    page.line(f"All {len(report['timeline'])} moments, with citations: afterword timeline {_id(report)}", "dim")
    page.line(f"What speaks for each cause, with citations: afterword cause list {_id(report)}", "dim")
    _endings(page, report)


def _gist(page: Page, report: Mapping[str, Any]) -> None:
    """What an on-call engineer asks first: what, when, why."""
    incident = report["incident"]
    page.line(f"{incident['title'] or incident['id']}", "bold")
    impact = [("impact", felt.sentence(incident["loss"]))] if incident.get("loss") else []
    page.pairs([("id", incident["id"]), ("verdict", report["verdict"]), *impact])
    page.line()
    known = [(name, point) for name, point in incident["points"].items() if point]
    page.table(
        ("point", "at", "by", "rests on"),
        (
            (n if first else "", _bounds(page, p), p["by"], p["basis"])
            for n, point in known
            for first, p in ((True, point), (False, point.get("stated")))
            if p
        ),
        empty="No point of this incident could be dated.",
    )
    _report_causes(page, report)


def _id(report: Mapping[str, Any]) -> str:
    return str(report["incident"]["id"])


#: So many moments are shown after an analysis; the timeline command has them all.
_MOST_MOMENTS = 20


def _weighty(moments: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The weightiest moments in their order."""
    ranked = sorted(moments, key=lambda m: -m["weight"])[:_MOST_MOMENTS]
    least = ranked[-1]["weight"] if ranked else 0
    above = [m for m in moments if m["weight"] > least]
    level = [m for m in moments if m["weight"] == least][: _MOST_MOMENTS - len(above)]
    kept = {m["id"] for m in (*above, *level)}
    return [m for m in moments if m["id"] in kept]


def _bounds(page: Page, point: Mapping[str, Any]) -> str:
    at = page.time(_short(point["at"]))
    if point["earliest"] == point["latest"]:
        return at
    low, high = page.time(_short(point["earliest"])), page.time(_short(point["latest"]))
    day = at.partition(" ")[0] + " "
    if low.startswith(day) and high.startswith(day):
        low, high = low.removeprefix(day).removesuffix("Z"), high.removeprefix(day).removesuffix("Z")
    return f"{at} ({low} to {high})"


def _report_causes(page: Page, report: Mapping[str, Any]) -> None:
    page.line()
    page.line("Causes", "bold")
    # The further signals of a component that is named already are for scripts: they share its id.
    first: dict[str, Mapping[str, Any]] = {}
    for one in report["causes"]:
        first.setdefault(one["id"], one)
    page.table(
        ("#", "role", "component", "statement", "grade"),
        ((c["rank"], c["role"], c["component"], c["statement"], c["grade"]) for c in list(first.values())[:12]),
        empty="No cause is supported by the evidence.",
    )
    if report["ruled_out"]:
        page.line(f"{_count(len(report['ruled_out']), 'change')} examined and ruled out.", "dim")
    for says in report["would_decide"]:
        page.line(f"would decide: {says}")


def _endings(page: Page, report: Mapping[str, Any]) -> None:
    for says in report["not_over"]:
        page.line(f"not over: {says}", "yellow")
    problems = report["problems"]
    if problems:
        page.line()
        page.line(f"{_count(len(problems), 'problem')} with the evidence, such as:", "yellow")
        for problem in problems[:5]:
            page.line(f"  {problem['cite']}  {problem['message']}" if problem["cite"] else f"  {problem['message']}")
    if report["outputs"]:
        page.line()
        page.pairs(report["outputs"].items())


def _incidents(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    page.table(
        ("id", "title", "status", "severity", "services"),
        ((i["id"], i["title"], i["status"], i["severity"], i["services"][:4]) for i in found),
    )


def _verification(page: Page, found: Mapping[str, Any]) -> None:
    wrong = [*found["contradicted"], *found["missing"], *found["unsupported"]]
    good = not wrong and found["verified"] == found["claims"]
    page.line(
        f"{found['verified']} of {found['claims']} claims hold" + ("." if good else "; the document does not."),
        "green" if good else "red",
    )
    for kind in ("missing", "unsupported"):
        for one in found[kind][:_MOST_WRONG]:
            page.line(f"{kind}: {_ANCHOR.sub('', one)[:_QUOTED]}")
    for one in found["contradicted"][:_MOST_WRONG]:
        page.line(
            f"contradicted: {one['claim']} says “{one['says']}”, the evidence gives “{one['found']}” {_cited(one['cites'])}"
        )
    hidden = sum(max(0, len(found[kind]) - _MOST_WRONG) for kind in ("missing", "unsupported", "contradicted"))
    if hidden:
        page.line(f"… and {hidden} more, which --json lists", "dim")


#: What is gone explains what is contradicted, so that of each kind a few are enough.
_MOST_WRONG = 6
_ANCHOR = re.compile(r"</?a\b[^>]*>")


def _count(n: int, word: str) -> str:
    return f"{n} {word}" + ("" if n == 1 else "s")


def _cited(cites: Sequence[str]) -> str:
    return f"[{', '.join(cites)}]" if cites else ""


def _moments(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    page.table(
        ("at", "kind", "component", "what", "cites"),
        ((_marked(page, m), m["kind"], m["component"], _quoted(m), m["cites"][:3]) for m in found),
    )
    if any(m["unsure"] for m in found):
        page.line("≈ may have come before a moment above it: what was stated leaves room for both orders", "dim")


def _marked(page: Page, moment: Mapping[str, Any]) -> str:
    return ("≈ " if moment["unsure"] else "") + page.time(_short(moment["at"]))


def _quoted(moment: Mapping[str, Any]) -> str:
    words = one_line(moment["quote"])
    cut = words if len(words) <= _QUOTED else words[:_QUOTED].rstrip() + "…"
    return f"{moment['title']} “{cut}”" if cut else str(moment["title"])


_QUOTED = 160


def _points(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    rows = []
    for pair in found:
        rows += [(pair["name"], "estimate", _bounds(page, p), p["basis"]) for p in pair["estimated"]]
        rows += [(pair["name"], f"stated by {s['by']}", page.time(_short(s["at"])), s["note"]) for s in pair["stated"]]
        if not pair["estimated"] and not pair["stated"]:
            rows.append((pair["name"], "–", "–", "nobody knows"))
    page.table(("point", "by", "at", "rests on"), rows)


# ------------------------------------------------------------------------------------------------ causes and evidence


def _causes(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    page.table(
        ("id", "role", "component", "statement", "grade", "score", "state", "cites"),
        (
            (c["id"], c["role"], c["component"], c["statement"], c["grade"], c["score"], c["state"], c["cites"][:3])
            for c in found
        ),
    )


def _whys(page: Page, found: Sequence[Mapping[str, Any]], depth: int = 0) -> None:
    asked = ""
    for why in found:
        indent = "   " * depth
        if why["question"] != asked:
            page.line(f"{indent}{why['question']}", "" if depth else "bold")
        asked = why["question"]
        page.line(f"{indent}   {why['answer']} (grade {why['grade']}) {_cited(why['cites'][:3])}")
        _whys(page, why["then"], depth + 1)
        if why["stop"] and not why["stop"].startswith("a standing weakness"):
            page.line(f"{indent}   ends here: {why['stop']}", "dim")


def _artefacts(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    rows = []
    for one in found:
        e = one["evidence"]
        problems = len(e["problems"]) + e["more_problems"]
        rows.append(
            (one["id"], e["name"], e["source"], e["size"], e["counted"], problems, e["sha256"][:12], one["dropped"])
        )
    page.table(("id", "name", "read as", "bytes", "events", "problems", "sha256", "dropped"), rows)
    asked = [one for one in found if one["evidence"].get("asked")]
    if asked:
        page.line()
        page.line("asked of live systems", "bold")
    for one in asked:
        question = one["evidence"]["asked"]
        page.line(f"{one['id']}  {page.time(question['at'])}  {question['method']} {question['url'][:200]}")


def _passage(page: Page, found: Mapping[str, Any]) -> None:
    page.line(f"{found['citation']}  {found['name']}  {found['sha256'][:12]}", "bold")
    for line in found["lines"]:
        page.line(
            f"{'>' if line['cited'] else ' '} {line['number']:>7}  {line['text']}", "" if line["cited"] else "dim"
        )
    if found["piece"]:
        page.line(f"cited of it: {found['piece']}")
    if found["cut"]:
        page.line("(more was cited than is shown)")


# ------------------------------------------------------------------------------------------------ actions and lessons


def _actions(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    page.table(
        ("id", "state", "priority", "due", "owner", "title", "incident"),
        ((a["id"], a["state"], a["priority"], a["due"], a["owner"], a["title"], a["incident"]) for a in found),
    )


def _action(page: Page, found: Mapping[str, Any]) -> None:
    page.line(f"{found['id']}  {found['title']}", "bold")
    page.pairs((name.replace("_", " "), value) for name, value in found.items() if name not in {"id", "title"})


def _similar(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    page.table(
        ("incident", "title", "score", "again", "shared"),
        ((s["incident"], s["title"], s["score"], s["repeat"], s["shared"][:6]) for s in found),
    )


def _lessons(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    for one in found:
        page.line(one["says"])
        page.line(f"   {', '.join(one['incidents'])}  {one['pattern']}", "dim")
        for action in one["actions"]:
            if action not in one["says"]:
                page.line(f"   {action}")


def _trends(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    def interval(one: Mapping[str, Any]) -> str:
        return "–" if one["low"] is None else f"{one['low']:.4g} to {one['high']:.4g}"

    page.table(
        ("duration", "from", "to", "n", "median (min)", "interval", "says", "left out"),
        (
            (t["name"], t["start"], t["end"], t["n"], t["median"], interval(t), t["says"], len(t["left_out"]))
            for t in found
        ),
    )


# ------------------------------------------------------------------------------------------------ files


def _review(page: Page, found: Mapping[str, Any]) -> None:
    styles = {"error": "red", "warning": "yellow"}
    for one in found["problems"]:
        page.line(f"line {one['line']}  {one['severity']}  {one['rule']}", styles.get(one["severity"], ""))
        page.line(f"   “{one_line(one['quote'])}”")
        page.line(f"   {one['says']} {one['suggest']}")
    counts = [f"{sum(p['severity'] == s for p in found['problems'])} {s}s" for s in ("error", "warning")]
    page.line(f"{', '.join(counts)}, {len(found['problems'])} remarks in all.")


def _argument(page: Page, found: Mapping[str, Any]) -> None:
    names = {one["id"]: one_line(one["statement"]) for one in found["nodes"]}
    for one in found["links"]:
        page.line(f"line {one['line']}  {names[one['cause']]} — {one['kind']} → {names[one['effect']]}")
    for word in found["missing"]:
        page.line(word[0].upper() + word[1:] + ".", "yellow")
    page.line(found["drawn"].rstrip(), "dim")


def _logs(page: Page, found: Mapping[str, Any]) -> None:
    page.line(f"{found['lines']} lines, {len(found['templates'])} templates")
    page.table(("count", "id", "template"), ((t["count"], t["id"], t["template"]) for t in found["templates"][:50]))
    if len(found["templates"]) > 50:
        page.line(f"… {len(found['templates']) - 50} more with --json")
    if found["assignments"]:
        page.line(f"assignments: {found['assignments']}")


# ------------------------------------------------------------------------------------------------ this installation


def _info(page: Page, found: Mapping[str, Any]) -> None:
    page.pairs(
        [("workspace", found["workspace"] + ("" if found["exists"] else " (not made yet)")), ("actor", found["actor"])]
    )
    for title in ("records", "bytes", "versions"):
        page.line()
        page.line(title, "bold")
        page.pairs(found[title].items())
    page.line()
    page.table(("setting", "value", "from"), ((s["name"], s["value"], s["origin"]) for s in found["settings"]))


def _journal(page: Page, found: Mapping[str, Any]) -> None:
    page.table(
        ("#", "at", "actor", "face", "operation", "record", "version"),
        (
            (
                j["seq"],
                page.time(j["at"]),
                j["actor"],
                j["face"],
                j["operation"],
                f"{j['kind']} {j['id']}",
                j["version"],
            )
            for j in found["lines"]
        ),
    )
    page.line(found["broken"] or f"{found['total']} lines; the chain holds.", "red" if found["broken"] else "dim")


def _demo(page: Page, found: Mapping[str, Any]) -> None:
    page.line("An incident of a small shop that was broken on purpose (examples/shop):", "dim")
    page.line()
    _gist(page, found["report"])
    _endings(page, found["report"])
    page.line()
    _verification(page, found["verification"])
    page.line()
    if found["others"]:
        page.line("Also analysed, so that there is something to compare with:", "bold")
        for title in found["others"]:
            page.line(f"  {title}")
    page.line("Look further:", "bold")
    for line in found["look"]:
        page.line(f"  {line}")


_Renderer = Callable[[Page, Any], None]
_ONE: dict[str, _Renderer] = {
    "Report": _report,
    "Verification": _verification,
    "ActionItem": _action,
    "Cause": lambda page, cause: _causes(page, [cause]),
    "LintReport": render_graph.remarks,
    "Happened": render_graph.happened,
    "Imported": render_graph.imported,
    "Passage": _passage,
    "Artefact": lambda page, one: _artefacts(page, [one]),
    "TreeReport": render_tree.tree,
    "ReviewReport": _review,
    "Argument": _argument,
    "LogReport": _logs,
    "CauseBench": render_bench.causes,
    "AlertGraph": render_alert.graph,
    "RuleProposal": render_rule.proposal,
    "Collection": render_collection.show,
    "Slice": render_inbox.slice_,
    "QueryAnswer": render_lake.query,
    "Reference": render_lake.reference,
    "Info": _info,
    "Journal": _journal,
    "Demo": _demo,
}
_MANY: dict[str, _Renderer] = {
    "Incident": _incidents,
    "Collection": render_collection.listed,
    "Segment": render_inbox.segments,
    "Moment": _moments,
    "PointPair": _points,
    "Cause": _causes,
    "Edit": render_graph.edits,
    "Share": render_graph.shares,
    "RuleWord": render_graph.rules,
    "Question": render_graph.questions,
    "Answer": render_graph.answers,
    "Why": _whys,
    "Artefact": _artefacts,
    "ActionItem": _actions,
    "Similar": _similar,
    "Lesson": _lessons,
    "Trend": _trends,
    "Backtest": render_rule.trials,
    "Benchmark": render_bench.listed,
    "QueryAbout": render_lake.queries,
    "Requeried": render_lake.requeried,
}
