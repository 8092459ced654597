"""A solved fault tree on the terminal: the figure first, then what brings the top about, then what matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from afterword.faces.cli.render import Page

_SHOWN = 20


def tree(page: Page, found: Mapping[str, Any]) -> None:
    sets, labels = found["cut_sets"], found["labels"]
    page.line(f"{found['tree']}: top {labels.get(found['top'], found['top'])}", "bold")
    page.pairs(
        [
            ("top probability", _probability(found)),
            ("uncertainty", _uncertainty(found["uncertainty"])),
            ("cut sets", _grouped(sets["count"])),
            ("prime implicants", _grouped(found["prime_implicants"]["count"]) if found["prime_implicants"] else ""),
            ("gates, events", f"{found['gates']}, {found['basic_events']}, in {found['modules']} modules"),
            ("method", found["method"]),
            ("fired", ["·".join(one) for one in found["fired"]]),
            ("not used", found["ignored"]),
        ]
    )
    page.line()
    page.table(("order", "cut sets"), ((o, _grouped(n)) for o, n in sets["by_order"].items()), empty=_no_count(found))
    _sets(page, sets["list"], labels)
    if found["prime_implicants"]:
        page.line()
        page.line("prime implicants", "bold")
        _sets(page, found["prime_implicants"]["list"], {})
    page.line()
    page.table(
        ("event", "FV", "Birnbaum", "criticality", "RAW", "RRW", "DIF"),
        _importance(found["importance"]),
        empty="No importance: "
        + ("it needs the tree exactly." if found["bounds"] else "the events have no probabilities."),
    )
    if len(found["importance"]) > _SHOWN:
        page.line(f"… {len(found['importance']) - _SHOWN} more with --json")


def _no_count(found: Mapping[str, Any]) -> str:
    """What stands in the place of the counts."""
    return "Of minimal cut sets these, and an unknown number more:" if found["bounds"] else "No cut set."


def _probability(found: Mapping[str, Any]) -> str:
    if found["top_probability"] is not None:
        return f"{found['top_probability']!r}"
    if found["bounds"]:
        return f"between {found['bounds'][0]:.6g} and {found['bounds'][1]:.6g}, for certain"
    return "not stated"


def _uncertainty(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return ""
    shares = ", ".join(f"{share:.0%} {value:.4g}" for share, value in found["quantiles"])
    return f"mean {found['mean']:.4g} ± {found['mean_within']:.2g}; {shares} ({found['trials']} draws, seed {found['seed']})"


def _grouped(count: str) -> str:
    return f"{int(count):,}" if count else ""


def _sets(page: Page, listed: Sequence[Sequence[str]], labels: Mapping[str, str]) -> None:
    for one in listed[:_SHOWN]:
        page.line(f"  {' · '.join(one) or '(nothing has to happen)'}")
    if len(listed) > _SHOWN:
        page.line(f"  … {len(listed) - _SHOWN} more with --json")
    shown = dict.fromkeys(name for one in listed[:_SHOWN] for name in one)
    page.table(("event", "what it is"), ((name, labels[name]) for name in shown if name in labels), empty="")


def _importance(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    names = ("fussell_vesely", "birnbaum", "criticality", "raw", "rrw", "dif")
    for row in rows[:_SHOWN]:
        yield (row["event"], *("–" if row[name] is None else f"{row[name]:.4g}" for name in names))
