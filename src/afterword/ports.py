"""The sockets: what a source, an analysis, an exporter and a store must offer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    import numpy as np
    from numpy.typing import NDArray

    from afterword.core.promql.track import Track
    from afterword.core.promql.vector import Vector
    from afterword.model.event import Event, Kind
    from afterword.model.evidence import Evidence, Problem, Skipped
    from afterword.model.inbox import Segment, Torn
    from afterword.model.time import Span


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source may know beside the bytes: the rule for wall clocks without a zone, and a year for dates without one."""

    zone: str = ""
    year: int | None = None
    #: What the bytes are about where they do not say so themselves: the pod of a log, the repository of a commit.
    subject: str = ""
    #: The query that the bytes answer, where they are the answer to one and do not repeat it.
    query: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Many events of one kind: most of them as the rows of an Arrow table, the others one by one.

    The columns are called as the fields of an event and of its place, with ``attributes`` as JSON whose keys are sorted and
    with the ``trace``, ``span`` and ``parent`` out of them; what is not among them is as an event has it when nothing is
    said. ``start`` tells the order of all of them.
    """

    kind: Kind
    table: Any
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One way in. ``sniff`` sees at most the first 64 KiB and answers how sure it is, 0 to 1.

    ``read`` is a pure generator over a binary stream positioned at 0. It never raises on bad bytes:
    it yields a Problem with its place and goes on. Places must not overlap; what no place covers the
    intake counts as skipped. Bump ``version`` whenever the same bytes would be read differently.
    A binary format says with ``tell`` what stands at a place (start, end, part), as text for people; empty: it cannot.
    """

    name: str
    about: str
    sniff: Callable[[bytes], float]
    read: Callable[[BinaryIO, Reading], Iterator[Event | Problem | Skipped]]
    version: int = 1
    tell: Callable[[BinaryIO, int, int, str], str] | None = None
    #: The same as ``read``, with batches of columns for what is alike; what holds nothing to read it may leave out.
    bulk: Callable[[BinaryIO, Reading], Iterator[Event | Problem | Skipped | Batch]] | None = None
    #: Its series once more, as a monitor had them: every label, the buckets of histograms, marks where one was not there.
    #: What is no such series it leaves out; ``read`` has said so.
    tracks: Callable[[BinaryIO], Iterator[Track]] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a live system. ``secret`` headers are sent and never stored, shown or logged.

    The rest is how an answer is found again when a collection goes on: what changes from run to run (a signature, the
    hour of asking) belongs to ``secret``.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    secret: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    #: What is asked for, for people: ``page 3 of the deployments of acme/shop``.
    says: str = ""
    #: False for questions that only find the way (a list of ids, a token): their answers are no evidence.
    keep: bool = True
    #: What the answer is about where it does not say so itself: the pod of a log, the channel of a message.
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; ``headers`` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Left:
    """Yielded in the place of a request: what is there and was not asked for, and why; people are told."""

    says: str


@dataclass(frozen=True, slots=True)
class Ask:
    """What a connector is to fetch: from where, which window (ns since the epoch), with which of its options."""

    url: str
    start: int
    end: int
    options: Mapping[str, Any] = field(default_factory=dict)
    #: Secrets by the name of the option, already taken out of the environment.
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Connector:
    """One live system. ``pages`` talks to nobody: it yields requests and is sent the responses (sans-I/O).

    Timeouts, retries, rates, redirects and the allow-list are the business of ``app/fetch.py``, which is the only one
    that performs a request. The bodies are stored as they came, and the sources read them as they read files.
    What is sent is an answer of the 200s. A request that has to be given up raises GivenUpError inside the generator:
    catch it to go on with another page; it is told to people either way.
    """

    name: str
    about: str
    pages: Callable[[Ask], Generator[Request | Left, Response, None]]
    #: Options of this connector with what they say; those in ``secrets`` are read from the environment only.
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    #: The real server it is tested against, or ``recorded answers`` and the published description it was checked with.
    tested: str = ""
    #: Where it is when nobody names another place; empty where everybody has their own.
    url: str = ""
    #: The address is asked as it stands, with its parameters; else it is where the system begins, and has none.
    as_it_stands: bool = False


class GivenUpError(Exception):
    """A request was not answered usefully, after all retries; says why. ``status`` is 0 where there was no answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file that an exporter made."""

    media_type: str
    suffix: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Exporter:
    """One way out: a document of the model rendered as a file."""

    name: str
    about: str
    render: Callable[[Any], Rendered]


@dataclass(frozen=True, slots=True)
class Analysis:
    """One way to look for a weakness: reads the frozen case, yields findings with citations."""

    name: str
    about: str
    run: Callable[[Any], Iterable[Any]]


class Blobs(Protocol):
    """Bytes by SHA-256, never changed. ``put`` returns only when they are durable."""

    def put(self, stream: BinaryIO) -> tuple[str, int]: ...
    def open(self, sha256: str) -> BinaryIO: ...
    def has(self, sha256: str) -> bool: ...
    def remove(self, sha256: str) -> None: ...


class BusyError(Exception):
    """Too much is waiting to be written down; the same again a little later may be taken."""


class FullError(Exception):
    """The disk is nearly full, or does not write."""


class Inbox(Protocol):
    """Where what was sent is written down. ``keep`` returns a promise that is fulfilled when the item is durable."""

    @property
    def torn(self) -> Sequence[Torn]:
        """What was found torn when it was opened."""

    def keep(self, kind: str, item: bytes) -> Future[None]:
        """Raises BusyError or FullError, also later from the promise: then nothing of the item is kept."""

    def close(self) -> None: ...


class Received(Protocol):
    """What was received, for those who read it; items come with the time of their receipt."""

    def segments(self, start: int | None = None, end: int | None = None) -> Iterator[Segment]: ...
    def items(self, segment: Segment) -> Iterator[tuple[bytes, int | None]]: ...
    def webhooks(self) -> Iterator[bytes]: ...
    def open(self) -> Inbox: ...


class Lake(Protocol):
    """Events of one artefact, derived from its bytes; may be thrown away and written again."""

    def write(self, evidence: Evidence, batches: Iterable[Sequence[Event] | Batch]) -> None: ...
    def has(self, evidence: Evidence) -> bool: ...
    def tables(self, evidence: Sequence[Evidence]) -> Any: ...
    def sized(self, evidence: Sequence[Evidence]) -> Any: ...
    def files(self, evidence: Sequence[Evidence], signals: Sequence[str] = (), span: Span | None = None) -> Any: ...
    def templates(self, evidence: Sequence[Evidence]) -> dict[str, str]: ...
    def anchors(self, evidence: Evidence) -> list[tuple[int, int]]: ...


class Engine(Protocol):
    """Who answers queries. ``lake`` and ``refer`` give the table of events that queries are built on."""

    name: str
    dialect: str

    def lake(self, files: Sequence[str]) -> Any: ...
    def refer(self, select: str) -> Any: ...
    def columns(self, table: str) -> dict[str, str] | None: ...
    def sql(self, expression: Any) -> str: ...
    def rows(self, expression: Any, sql: str) -> Any: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Record:
    """One version of one judgement."""

    kind: str
    id: str
    version: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JournalLine:
    """Who changed what, when, through which face; chained by the hash of the line before."""

    seq: int
    at: str
    actor: str
    face: str
    operation: str
    kind: str
    id: str
    version: int
    body: Mapping[str, Any] = field(default_factory=dict)
    hash: str = ""


class Records(Protocol):
    """Judgements with their journal; every write is durable when it returns."""

    def get(self, kind: str, id_: str) -> Record | None: ...
    def all(self, kind: str) -> list[Record]: ...
    def put(self, changes: Sequence[Record], *, actor: str, face: str, operation: str, at: str) -> None:
        """Write all or nothing. ``version`` is the version expected to be stored now (0: none).

        Raises ConflictError when another version is stored.
        """

    def journal(self, kind: str = "", id_: str = "") -> list[JournalLine]: ...


class PromQl(Protocol):
    """Who evaluates PromQL over recorded series: a real Prometheus, or our own engine."""

    @property
    def name(self) -> str:
        """Who it is, with its version: what it answers is said in its name."""

    def add(self, tracks: Iterable[Track]) -> None: ...

    def ask(self, expr: str, times: NDArray[np.int64]) -> Vector:
        """The rows of an expression at evenly spaced times. Raises UnsupportedError where it has no answer."""

    def close(self) -> None: ...
