"""What a new alert could look at: expressions over the series that were recorded, in their own names and labels.

Symptoms first: the share of requests that fail and how long they take, where they come in and elsewhere; then what is
used up. A threshold is put to them in ``proposed_rule``.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import indicator
from afterword.core.indicator import Family
from afterword.core.promql.track import stale
from afterword.model.time import MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from afterword.core.promql.track import Track

#: Labels that say how a request ended, and values of them that say badly.
_ENDED = re.compile(
    r"^(http_|grpc_|rpc_)?(response_)?(status|code|status_code|status_class|outcome|result|success|response_code|response_flag|error|grpc_code|grpc_status)$"
)
_BAD = re.compile(
    r"(?i)^(5\d\d|5xx|5\.\.|err(or)?s?|fail(ed|ure)?s?|timeout|exception|unavailable|internal|deadline_?exceeded|unknown)$"
)
_BAD_CODE = re.compile(r"^5\d\d$")
_COUNTER = re.compile(r"_(total|count|sum|bucket)$")
_LIMITED = re.compile(r"^(?P<stem>.+)_(?:in_use|used|active|open|current|usage|size|busy)(?P<unit>_bytes|_total)?$")
_LIMITS = ("max", "limit", "capacity", "total")
_SHARE = re.compile(r"(?i)ratio|fraction|share|percent|availab|success")
#: Calls that a component makes are no requests of its users, and burn no budget of theirs.
_OUTGOING = re.compile(r"(?i)client|upstream|outgoing|outbound|egress|downstream")
_NOT_WATCHED = re.compile(r"^(ALERTS|scrape_|up$|go_|python_|promhttp_|node_scrape|prometheus_)|_created$|_info$")


WINDOW = "WINDOW"


@dataclass(frozen=True, slots=True)
class Watch:
    """One expression without a threshold. ``kind``: error ratio, error rate, latency, saturation."""

    kind: str
    #: The component that it is narrowed to; empty: each component for itself.
    about: str
    expr: str
    metric: str
    #: Higher is worse, or lower.
    above: bool = True
    share: bool = False
    #: The share over a window of any length, which stands as WINDOW: what a burn rate is made of.
    over: str = ""


@dataclass(frozen=True, slots=True)
class _Metric:
    name: str
    tracks: Sequence[Track]
    #: The label that names the component, and its values.
    key: str
    components: frozenset[str]


def watches(
    tracks: Sequence[Track], entries: Sequence[str], key_of: Callable[[Mapping[str, str]], str | None]
) -> Iterator[Watch]:
    """Every expression worth a threshold. ``entries``: the components where users come in, the most important first."""
    metrics = {one.name: one for one in _metrics(tracks, key_of)}
    window = _length(max(MINUTE, 4 * _step(tracks)))
    for one in metrics.values():
        for about in (*(e for e in entries if e in one.components), ""):
            yield from _watched(one, metrics, about, window)


def _metrics(tracks: Sequence[Track], key_of: Callable[[Mapping[str, str]], str | None]) -> Iterator[_Metric]:
    by_name: dict[str, list[Track]] = defaultdict(list)
    for one in tracks:
        if one.exact and one.name and not _NOT_WATCHED.search(one.name):
            by_name[one.name].append(one)
    for name, found in sorted(by_name.items()):
        keys = Counter(key for one in found if (key := key_of(dict(one.labels))) is not None)
        key = min(keys, key=lambda k: (-keys[k], k)) if keys else ""
        yield _Metric(name, found, key, frozenset(dict(one.labels).get(key, "") for one in found) - {""})


def _step(tracks: Sequence[Track]) -> int:
    steps = [int(np.median(np.diff(one.at))) for one in tracks if len(one.at) > 2]
    return int(np.median(steps)) if steps else 15 * SECOND


def _length(ns: int) -> str:
    """Whole minutes where it is so long, else seconds."""
    return f"{-(-ns // MINUTE)}m" if ns > MINUTE else f"{max(1, -(-ns // SECOND))}s" if ns < MINUTE else "1m"


def _watched(one: _Metric, metrics: Mapping[str, _Metric], about: str, window: str) -> Iterator[Watch]:
    family = indicator.family(one.name)
    if one.name.endswith(("_bucket", "_sum")):
        yield from _timed(one, metrics, about, window)
    elif _COUNTER.search(one.name):
        yield from _counted(one, about, window)
    elif family in (Family.ERRORS, Family.LATENCY):
        yield _level(one, about, "latency" if family is Family.LATENCY else "error ratio")
    elif family is Family.SATURATION and not indicator.is_setting(one.name):
        yield _used(one, metrics, about) or _level(one, about, "saturation")


def _selected(one: _Metric, about: str, *more: str) -> str:
    inner = ",".join((*([f'{one.key}="{about}"'] if about else []), *more))
    return one.name + (f"{{{inner}}}" if inner else "")


def _by(one: _Metric, *more: str) -> str:
    labels = ", ".join((*([one.key] if one.key else []), *more))
    return f"by ({labels}) " if labels else ""


def _level(one: _Metric, about: str, kind: str) -> Watch:
    above = indicator.worse(one.name) >= 0
    share = kind == "error ratio" and bool(_SHARE.search(one.name)) and _is_share(one.tracks)
    kind = "error rate" if kind == "error ratio" and not share else kind
    most, selected = f"{'max' if above else 'min'} {_by(one)}", _selected(one, about)
    over = f"{most}(avg_over_time({selected}[{WINDOW}]))" if share and above and not _OUTGOING.search(one.name) else ""
    return Watch(kind, about, f"{most}({selected})", one.name, above, share, over)


def _is_share(tracks: Sequence[Track]) -> bool:
    return all(bool(np.all((v >= 0) & (v <= 1))) for one in tracks if len(v := one.value[~stale(one.value)]))


def _counted(one: _Metric, about: str, window: str) -> Iterator[Watch]:
    """A counter of requests by how they ended gives a share; one of errors alone a rate."""
    bad = _bad(one.tracks)
    if bad:
        selected = (_selected(one, about, bad), _selected(one, about))
        over = " / ".join(f"sum {_by(one)}(rate({one_of}[{WINDOW}]))" for one_of in selected)
        budget = "" if _OUTGOING.search(one.name) else over
        yield Watch("error ratio", about, over.replace(WINDOW, window), one.name, share=True, over=budget)
    elif indicator.family(one.name) is Family.ERRORS and indicator.worse(one.name) > 0:
        yield Watch("error rate", about, f"sum {_by(one)}(rate({_selected(one, about)}[{window}]))", one.name)


def _bad(tracks: Sequence[Track]) -> str:
    """The matcher of what ended badly; empty where no label tells, or nothing else ever ended."""
    values: dict[str, set[str]] = defaultdict(set)
    for one in tracks:
        for key, value in one.labels:
            if _ENDED.match(key):
                values[key].add(value)
    for key, seen in sorted(values.items()):
        bad = sorted(value for value in seen if _BAD.match(value))
        if bad and len(bad) < len(seen):
            return f'{key}=~"5.."' if all(map(_BAD_CODE.match, bad)) else f'{key}=~"{"|".join(map(re.escape, bad))}"'
    return ""


def _timed(one: _Metric, metrics: Mapping[str, _Metric], about: str, window: str) -> Iterator[Watch]:
    """From buckets the slowest twentieth; without them the mean."""
    stem = one.name.removesuffix("_bucket").removesuffix("_sum")
    if indicator.family(stem) is not Family.LATENCY and not stem.endswith(("_seconds", "_milliseconds", "_ms")):
        return
    if one.name.endswith("_bucket"):
        inner = f"sum {_by(one, 'le')}(rate({_selected(one, about)}[{window}]))"
        yield Watch("latency", about, f"histogram_quantile(0.95, {inner})", one.name)
    elif f"{stem}_bucket" not in metrics and f"{stem}_count" in metrics:
        count = metrics[f"{stem}_count"]
        mean = " / ".join(f"sum {_by(one)}(rate({_selected(part, about)}[{window}]))" for part in (one, count))
        yield Watch("latency", about, mean, one.name)


def _used(one: _Metric, metrics: Mapping[str, _Metric], about: str) -> Watch | None:
    """How much of a limit is used up, where the limit is recorded beside it."""
    found = _LIMITED.match(one.name)
    limit = found and next((n for l in _LIMITS if (n := f"{found['stem']}_{l}{found['unit'] or ''}") in metrics), None)  # noqa: E741
    if not limit:
        return None
    expr = f"max {_by(one)}({_selected(one, about)} / {_selected(metrics[limit], about)})"
    return Watch("saturation", about, expr, one.name, share=True)
