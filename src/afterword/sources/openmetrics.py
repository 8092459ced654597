"""Text exposition of Prometheus and OpenMetrics: a scrape that was saved, or a dump of a database with many samples a series.

Prometheus counts time in milliseconds, OpenMetrics in seconds; the size of the number tells. A scrape mostly states no time:
its samples are kept undated. Exemplars and buckets of histograms are left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from afterword.core.clock import Doubt, epoch
from afterword.model.event import Event, Kind, Meaning
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.model.time import MILLISECOND
from afterword.ports import Source
from afterword.reading import label, track
from afterword.reading.line import lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.core.promql.track import Track
    from afterword.ports import Reading

_SAMPLE = re.compile(
    r'\s*(?P<series>[a-zA-Z_:][a-zA-Z0-9_:]*(?:\s*\{(?:[^"}]|"(?:[^"\\]|\\.)*+")*+\})?|\{(?:[^"}]|"(?:[^"\\]|\\.)*+")*+\})'
    r"\s+(?P<value>[+-]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|[Nn]a[Nn]|[Ii]nf(?:inity)?))"
    r"(?:\s+(?P<time>[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?))?\s*(?P<rest>#.*)?$"
)
_ABOUT = re.compile(r"#\s*(HELP|TYPE|UNIT|EOF)\b\s*([^\s]*)\s*(.*)")
_NOTHING: dict[str, str] = {}
#: So many lines are looked at to recognise the format.
_LOOKED = 40


def sniff(head: bytes) -> float:
    """Sure where TYPE or HELP stand and samples follow; else nearly all lines must be samples with labels."""
    if head[:1] in (b"[", b"<"):
        return 0.0
    whole = head[: head.rfind(b"\n") + 1] or head
    texts = [one for one in whole.decode("utf-8", "replace").split("\n", _LOOKED)[:_LOOKED] if one.strip()]
    about = sum(bool(_ABOUT.match(one)) for one in texts)
    rest = [one for one in texts if not one.startswith("#")]
    samples = [one for one in map(_SAMPLE.match, rest) if one]
    if about and len(samples) * 2 >= len(rest) and (samples or about > 1):
        return 0.95
    labelled = sum("{" in one["series"] for one in samples)
    return 0.85 if rest and len(samples) >= 0.9 * len(rest) and 2 * labelled > len(rest) else 0.0


def read(stream: BinaryIO, _reading: Reading) -> Iterator[Event | Problem | Skipped]:
    names, types = _looked_through(stream)
    stream.seek(0)
    untimed: Place | None = None
    for line in lines(stream):
        text = line.text
        if not text.strip() or text.lstrip().startswith("#"):
            yield Skipped("a blank line" if not text.strip() else "what a metric is, or a comment", line.place)
            continue
        found = _SAMPLE.match(text)
        called = names.get(found["series"]) if found else None
        if not found or called is None or line.cut:
            yield Problem(
                "not a sample: a name with its labels, a value, a time", line.place, Gravity.WARNING, "sample"
            )
            continue
        yield from _sample(found, called, types, line.place)
        if found["time"] is None and untimed is None:
            untimed = line.place
    if untimed is not None:
        yield Problem(
            "samples without a time: they are kept undated", untimed, Gravity.WARNING, "time", quarantined=False
        )


def _sample(
    found: re.Match[str], called: label.Named, types: Mapping[str, Mapping[str, str]], place: Place
) -> Iterator[Event | Problem | Skipped]:
    subject, indicator = called
    family = indicator.partition("{")[0]
    value = float(found["value"])
    if family.endswith("_bucket") and 'le="' in indicator:
        yield Skipped("a bucket of a histogram; its count and sum are read", place)
    elif value - value != 0:
        yield Skipped("no finite number", place)
    else:
        stamp = epoch(found["time"]) if found["time"] is not None else None
        at = stamp.ns if stamp is not None and not isinstance(stamp, Doubt) else None
        about = types.get(family, _NOTHING)
        yield Event(
            Kind.METRIC,
            place,
            at,
            subject,
            indicator,
            value=value,
            attributes=about,
            granularity=MILLISECOND,
            meaning=Meaning.OBSERVED,
        )
        if isinstance(stamp, Doubt):
            what = f"its time cannot be relied on: {stamp.reason}"
            yield Problem(what, place, Gravity.WARNING, "time", quarantined=False)


def _looked_through(stream: BinaryIO) -> tuple[dict[str, label.Named], dict[str, dict[str, str]]]:
    """What every series is called, and what the comments say of each metric."""
    series: dict[str, dict[str, str]] = {}
    about: dict[str, dict[str, str]] = {}
    for line in lines(stream):
        if line.body.lstrip().startswith(b"#"):
            _note(line.text, about)
            continue
        found = _SAMPLE.match(line.text)
        if found and found["series"] not in series:
            written = found["series"]
            labels = label.parse(written) if "{" in written else {"__name__": written}
            if labels is not None:
                series[written] = labels
    return dict(zip(series, label.named(list(series.values())), strict=True)), about


def _note(text: str, about: dict[str, dict[str, str]]) -> None:
    """A counter of OpenMetrics is declared as ``x`` and written as ``x_total``."""
    found = _ABOUT.match(text.strip())
    if not found or found[1] not in ("TYPE", "UNIT") or not found[3].strip():
        return
    what, family, said = found[1].lower(), found[2].strip('"'), found[3].strip()
    if what == "unit":
        for suffix in ("", "_total", "_count", "_sum"):
            about.setdefault(family + suffix, {})["unit"] = said
    elif said == "counter":
        for suffix in ("", "_total"):
            about.setdefault(family + suffix, {})["type"] = "counter"
    elif said in ("histogram", "summary"):
        for suffix in ("_count", "_sum"):
            about.setdefault(family + suffix, {})["type"] = "counter"


def tracks(stream: BinaryIO) -> Iterator[Track]:
    """The samples that state a time, buckets among them."""
    held: dict[str, tuple[list[int], list[float]]] = {}
    for line in lines(stream):
        found = _SAMPLE.match(line.text)
        stamp = epoch(found["time"]) if found and found["time"] is not None and not line.cut else None
        if found and stamp is not None and not isinstance(stamp, Doubt):
            at, value = held.setdefault(found["series"], ([], []))
            at.append(stamp.ns)
            value.append(float(found["value"]))
    for written, (at, value) in held.items():
        labels = label.parse(written) if "{" in written else {"__name__": written}
        if labels:
            yield from track.tracks([track.Samples(labels, at, value)])


SOURCE = Source(
    "openmetrics",
    "text exposition of Prometheus and OpenMetrics, dumps with times among them",
    sniff,
    read,
    tracks=tracks,
)
