"""What one span, log record or data point of OTLP says, and the events it makes: the same ones, however it was written.

The readers of JSON and of protobuf fill these records in, so that the same request gives the same events either way.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from afterword.core.clock import Doubt, Stamp, epoch
from afterword.model.event import Event, Kind, Meaning
from afterword.model.evidence import Problem, Skipped
from afterword.reading import label, moment, name, otlp, span_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from afterword.model.evidence import Place

    #: A series by everything that tells it from others.
    Key = tuple[tuple[str, str], ...]
    #: One number of a data point: suffix of the name, value, attributes.
    Number = tuple[str, Any, dict[str, str]]

PEERS = (
    "peer.service",
    "server.address",
    "net.peer.name",
    "db.system",
    "db.system.name",
    "messaging.system",
    "rpc.service",
)
HTTP = ("http.response.status_code", "http.status_code")
#: Attributes that say how, not what: the plumbing of a request.
_PLUMBING = (
    "telemetry.", "otel.", "net.", "network.", "thread.", "user_agent", "http.user_agent", "http.flavor", "http.scheme", "http.host",
    "http.request_content", "http.response_content", "url.scheme", "client.", "server.port", "code.lineno", "code.line", "process.",
    "peer.service", "server.address", "http.status_code", "http.response.status_code", "exception.",
)  # fmt: skip
_MOST_ATTRIBUTES, _LONGEST = 16, 1_000
#: A data point that says of itself that nothing was recorded.
NO_VALUE = 1


@dataclass(frozen=True, slots=True)
class About:
    """What is said once for many elements: the resource, its component, the host whose clock it is, the library."""

    resource: Mapping[str, str] = field(default_factory=dict)
    component: str = ""
    scope: str = ""
    host: str = ""
    #: When the request was received, where it says so, in ns.
    received: int | None = None

    @classmethod
    def of(cls, resource: Mapping[str, str], scope: str = "", received: int | None = None) -> About:
        return cls(resource, otlp.component(resource), scope, resource.get("host.name", ""), received)


@dataclass(slots=True)
class Span:
    """A span; times as they are written, ids in hexadecimal."""

    name: str
    kind: Any
    start: Any
    end: Any
    trace: str
    span: str
    parent: str
    failed: bool
    message: str
    #: Attributes of its events that are exceptions.
    exceptions: list[dict[str, str]]
    said: dict[str, str]


@dataclass(slots=True)
class Log:
    """A log record; ``body`` is the plain value that it holds."""

    time: Any
    observed: Any
    number: Any
    word: Any
    body: Any
    event: str
    trace: str
    span: str
    said: dict[str, str]


@dataclass(slots=True)
class Point:
    """A data point with the name and the unit of its metric."""

    metric: str
    unit: str
    time: Any
    numbers: list[Number]
    said: dict[str, str]


def span(one: Span, about: About, place: Place) -> Iterator[Event | Problem]:
    start, end = _stamp(one.start), _stamp(one.end)
    kind = span_record.kind(one.kind)
    http = one.said.get(HTTP[0]) or one.said.get(HTTP[1], "")
    failed = one.failed or (len(http) == 3 and http[0] == "5")
    attributes = _kept(one.said)
    for key, text in (
        ("trace", one.trace),
        ("span", one.span),
        ("parent", one.parent),
        ("kind", kind),
        ("peer", _peer(one.said, kind)),
        ("status", http),
        ("version", about.resource.get("service.version", "")),
    ):
        if text:
            attributes[key] = text
    failures = [one.message, *map(_exception, one.exceptions)]
    yield Event(
        Kind.SPAN,
        place,
        moment.at(start),
        about.component,
        one.name,
        "; ".join(dict.fromkeys(text for text in failures if text)),
        took=end.ns - start.ns if isinstance(start, Stamp) and isinstance(end, Stamp) and end.ns >= start.ns else None,
        severity="error" if failed else "",
        attributes=attributes,
        clock=about.host,
    )
    if isinstance(start, Doubt):
        yield moment.undated(start, place, "its start")


def log(one: Log, about: About, place: Place) -> Iterator[Event | Problem]:
    at, meaning = _when(one, about)
    attributes = _kept(one.said)
    for key, text in (
        ("trace", one.trace),
        ("span", one.span),
        ("logger", about.scope),
        ("exception", one.said.get("exception.stacktrace") or _exception(one.said)),
        ("version", about.resource.get("service.version", "")),
    ):
        if text:
            attributes[key] = text
    event = one.event or one.said.get("event.name", "")
    yield Event(
        Kind.LOG,
        place,
        moment.at(at),
        about.component,
        event,
        _body(one.body) or event or one.said.get("exception.message", ""),
        severity=name.severity(one.number) or name.severity(one.word),
        attributes=attributes,
        meaning=meaning,
        clock="" if meaning is Meaning.REPORTED else about.host,
    )
    if isinstance(at, Doubt):
        yield moment.undated(at, place)


def _when(one: Log, about: About) -> tuple[Stamp | Doubt, Meaning]:
    """When it happened; else when it was seen; else when the request that told of it came in."""
    at = _stamp(one.time)
    if isinstance(at, Stamp):
        return at, Meaning.OCCURRED
    observed = _stamp(one.observed)
    if isinstance(observed, Stamp):
        return observed, Meaning.OBSERVED
    if about.received is not None:
        return _stamp(about.received), Meaning.REPORTED
    return at, Meaning.OCCURRED


def _stamp(value: Any) -> Stamp | Doubt:
    """Nanoseconds since the epoch, as a number or (as 64-bit integers are written) as a string."""
    if isinstance(value, str) and value.isdigit() and value.isascii() and len(value) < 20:
        value = int(value)
    if value is None or isinstance(value, bool) or not isinstance(value, int | float | str):
        return Doubt("no time given")
    return epoch(value, "ns")


def _kept(said: Mapping[str, str]) -> dict[str, str]:
    """Attributes that say something of what was done."""
    kept = {key: text[:_LONGEST] for key, text in said.items() if text and not key.startswith(_PLUMBING)}
    return kept if len(kept) <= _MOST_ATTRIBUTES else dict(list(kept.items())[:_MOST_ATTRIBUTES])


def _peer(said: Mapping[str, str], kind: str) -> str:
    wanted = PEERS if kind in ("client", "producer") else PEERS[:1]
    return next((said[key] for key in wanted if said.get(key)), "")


def _exception(about: Mapping[str, str]) -> str:
    return ": ".join(one for key in ("exception.type", "exception.message") if (one := about.get(key, "")))


def _body(value: Any) -> str:
    """The text of a log record; of one that is a map, its message where it has one."""
    if isinstance(value, dict):
        said = name.first(value, name.MESSAGE)
        if isinstance(said, str):
            return said
    return otlp.written(value)


class Names:
    """What every series is called. Other series decide which labels are needed, so all are added before any is named."""

    def __init__(self) -> None:
        self._keys: dict[Key, label.Named | None] = {}

    def add(self, metric: str, said: Mapping[str, str], resource: Mapping[str, str]) -> None:
        self._keys.setdefault(_key(metric, said, resource))

    def settle(self) -> None:
        """Name all that were added, looking at them together."""
        self._keys = dict(zip(self._keys, label.named([dict(key) for key in self._keys]), strict=True))

    def of(self, metric: str, said: Mapping[str, str], resource: Mapping[str, str]) -> label.Named:
        key = _key(metric, said, resource)
        named = self._keys.get(key)
        if named is None:
            named = self._keys[key] = label.named([dict(key)])[0]
        return named


def _key(metric: str, said: Mapping[str, str], resource: Mapping[str, str]) -> Key:
    return tuple(sorted({**said, **otlp.identity(resource), "__name__": metric}.items()))


def point(one: Point, about: About, place: Place, names: Names) -> Iterator[Event | Problem | Skipped]:
    named = names.of(one.metric, one.said, about.resource)
    component, indicator = named.component or about.component, named.indicator
    at = _stamp(one.time)
    unit = {"unit": one.unit} if one.unit not in ("", "1") else {}
    measured = list(_finite(one.numbers))
    for suffix, value, more in measured:
        family, brace, labels = indicator.partition("{")
        called = f"{family}{suffix}{brace}{labels}"
        parts = [place.part] * bool(place.part) + ([called, *more.values()] if len(measured) > 1 else [])
        where = replace(place, part=" ".join(parts))
        yield Event(
            Kind.METRIC,
            where,
            moment.at(at),
            component,
            called,
            value=value,
            attributes={**unit, **more},
            meaning=Meaning.OBSERVED,
            clock=about.host,
        )
    if not measured:
        yield Skipped("a data point without a finite number", place)
    elif isinstance(at, Doubt):
        yield moment.undated(at, place)


def _finite(numbers: Iterable[Number]) -> Iterator[tuple[str, float, dict[str, str]]]:
    for suffix, said, more in numbers:
        try:
            value = float(said)
        except (TypeError, ValueError, OverflowError):
            continue
        if value - value == 0:
            yield suffix, value, more


def single(value: Any, *, cumulative: bool, monotonic: bool) -> list[Number]:
    """The number of a gauge or of a sum."""
    return [("", value, {"type": "counter"} if cumulative and monotonic else {})]


def several(
    count: Any, total: Any, low: Any, high: Any, quantiles: Iterable[tuple[Any, Any]], *, cumulative: bool
) -> list[Number]:
    """The numbers of a histogram or of a summary; what was not recorded is None."""
    counter = {"type": "counter"} if cumulative else {}
    made: list[Number] = [("_count", count, counter), ("_sum", total, counter)]
    made += [("", low, {"statistic": "min"}), ("", high, {"statistic": "max"})]
    return made + [("", value, {"statistic": _quantile(quantile)}) for quantile, value in quantiles]


def _quantile(quantile: Any) -> str:
    return f"p{quantile * 100:g}" if isinstance(quantile, int | float) else f"p{name.text(quantile)}"
