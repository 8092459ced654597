"""Compares what an analysis says with what a drill did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

SURE = 2  # From this grade on a cause is called one; below, it is a guess and says so.


def _at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _rank(report: dict[str, Any], wanted: list[str]) -> int | None:
    named = [one["component"] for one in report["components"] if one["score"] > 0]
    return next((n for n, one in enumerate(named, 1) if one in wanted), None)


def _sure(report: dict[str, Any], *roles: str) -> list[dict[str, Any]]:
    return [one for one in report["causes"] if one["role"] in roles and one["grade"] >= SURE]


def _point(report: dict[str, Any], name: str, true: str | None, within: list[str] | None) -> dict[str, Any]:
    """How far off a point is, and whether the interval that was stated for it meets the request it happened in."""
    said = report["incident"]["points"].get(name)
    if not said or not true:
        return {"said": said and said["at"], "true": true, "error_s": None, "inside": None}
    low, high = within or (true, true)
    inside = _at(said["earliest"]) <= _at(high) and _at(low) <= _at(said["latest"])
    width = _at(said["latest"]) - _at(said["earliest"])
    error = round(_at(said["at"]) - _at(true), 1)
    return {"said": said["at"], "true": true, "error_s": error, "inside": inside, "width_s": round(width, 1)}


def _change(truth: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    """Which changes were convicted. Where nothing was changed, none may be."""
    wanted = truth["change"]["ref"] if truth["change"] else None
    convicted = [one["ref"] for one in _sure(report, "trigger") if one["ref"]]
    right = convicted == ([wanted] if wanted else [])
    return {"wanted": wanted, "convicted": convicted, "right": right, "decoy": bool(set(convicted) & set(truth["decoys"]))}  # fmt: skip


def _false(truth: dict[str, Any], report: dict[str, Any]) -> list[str]:
    """What is called the trigger or the proximate cause and is neither."""
    wanted = truth["change"]["ref"] if truth["change"] else None
    wrong = []
    for one in _sure(report, "trigger", "proximate"):
        of_change = one["ref"] is not None
        right = one["ref"] == wanted if of_change else one["component"] in truth["components"]
        if not right and one["category"] not in truth["categories"]:
            wrong.append(one["statement"])
    return wrong


def _category(truth: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    said = [one["category"] for one in _sure(report, "trigger", "proximate") if one["category"]]
    return {"said": said, "right": bool(set(said) & set(truth["categories"]))}


def _skew(truth: dict[str, Any], report: dict[str, Any]) -> dict[str, Any] | None:
    if not truth["skew"]:
        return None
    clocks = [
        {"clock": one["clock"], "ahead_s": one["ahead_ns"] / 1e9, "least_s": one["least_ns"] / 1e9, "most_s": one["most_ns"] / 1e9}
        for one in report.get("clocks", [])
    ]  # fmt: skip
    return {"wanted_s": truth["skew"]["seconds"], "said": clocks}


def judge(truth: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    """One line of the table."""
    made: dict[str, Any] = {"fault": truth["fault"], "seed": truth["seed"], "machine": truth["machine"]}
    made |= {"bad_requests": truth["bad_requests"], "analysed": bool(report)}
    if not report:
        return made
    return made | {
        "verdict": report["verdict"],
        "title": report["incident"].get("title"),
        "component_rank": _rank(report, truth["components"]),
        "first_component": next((one["component"] for one in report["components"]), None),
        "category": _category(truth, report),
        "change": _change(truth, report),
        "started": _point(report, "started", truth["impact_started_at"], truth.get("impact_started_within")),
        "recovered": _point(report, "recovered", truth["recovered_at"], truth.get("recovered_within")),
        "false_causes": _false(truth, report),
        "clock": _skew(truth, report),
    }


def sentence(result: dict[str, Any]) -> str:
    """One drill in one line, for a terminal."""
    if not result["analysed"]:
        return f"{result['fault']}: the analysis gave no report"
    change, started, recovered = result["change"], result["started"], result["recovered"]
    return (
        f"{result['fault']}: component at rank {result['component_rank'] or 'none'}, "
        f"category {'right' if result['category']['right'] else 'not named'}, "
        f"change {'right' if change['right'] else 'wrong'} ({len(change['convicted'])} convicted), "
        f"start {started['error_s']} s off ({'inside' if started['inside'] else 'outside'} its interval), "
        f"recovery {recovered['error_s']} s off, {len(result['false_causes'])} false causes"
    )
