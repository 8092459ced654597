"""Collecting: systems are asked side by side, every answer is durable before the next question of its system.

A page log beside the stores remembers which question was answered by which bytes; going on means putting the same
questions and taking what is there already. Questions that only find the way are put again: their answers may be secrets.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from afterword.app import wire
from afterword.app.fetch import Fetcher
from afterword.app.terminal import one_line
from afterword.model.collection import Collection, Failure, Fetched, Page
from afterword.model.evidence import Asked
from afterword.model.refusal import ConflictError, InvalidError, RefusalError, UnreadableError
from afterword.model.time import Span, iso
from afterword.ports import Ask, GivenUpError, Left, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from afterword.app.systems import System
    from afterword.ports import Blobs

    Talk = Generator[Request | Left, Response, None]

#: A connector that goes on and on is stopped.
MOST_REQUESTS = 20_000
MOST_AT_ONCE = 8
#: Headers that say when a request was made.
_OF_THE_HOUR = frozenset({"date", "x-amz-date"})
_SLUG = re.compile(r"[^a-z0-9]+")
_SUFFIXES = {
    "json": "json",
    "ndjson": "ndjson",
    "csv": "csv",
    "yaml": "yaml",
    "protobuf": "pb",
    "html": "html",
    "xml": "xml",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Which systems are asked about which stretch of time."""

    systems: tuple[System, ...]
    window: Span

    @property
    def id(self) -> str:
        said = [self.window.start, self.window.end, *(one.identity() for one in self.systems)]
        return "col-" + hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:10]


@dataclass(slots=True)
class Run:
    """What a run stands on: where bytes go, where the page log lies, whom to tell, what time it is."""

    blobs: Blobs
    folder: Path
    now: Callable[[], str]
    progress: Callable[[str, int, int | None], None]
    most: int = 64 << 20
    #: Ask everything anew, also what was answered before.
    anew: bool = False
    _counts: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    stop: threading.Event = field(default_factory=threading.Event)

    def rest(self, seconds: float) -> None:
        """Wait, but not beyond the end of the run."""
        self.stop.wait(seconds)

    def came(self, system: str) -> None:
        """One more answer of a system: tell it, in the order in which the systems began."""
        with self._lock:
            self._counts[system] = self._counts.get(system, 0) + 1
            said = " · ".join(f"{name} {count}" for name, count in self._counts.items())
            self.progress(f"collecting: {said}", sum(self._counts.values()), None)


def check(plan: Plan) -> None:
    """Raises InvalidError with everything that connectors refuse about their options; nothing is asked for that."""
    reasons = tuple(f"{one.name}: {reason}" for one in plan.systems for reason in _refused(one, plan.window))
    if reasons:
        raise InvalidError("the systems cannot be asked: " + "; ".join(reasons), reasons)


def _refused(system: System, window: Span) -> tuple[str, ...]:
    """What a connector says against its options: it is let run up to its first question."""
    talk = system.connector.pages(_ask(system, window))
    try:
        next(talk, None)
    except InvalidError as error:
        return error.reasons or (str(error),)
    except RefusalError as error:
        return (str(error),)
    except Exception:  # noqa: BLE001 - the plug-in boundary: it will fail in its place, and the others go on
        return ()
    finally:
        talk.close()
    return ()


def _ask(system: System, window: Span) -> Ask:
    return Ask(system.url, window.start, window.end, system.options, system.secrets)


def collect(plan: Plan, run: Run) -> Collection:
    """Ask all systems of the plan. What fails is told with its system; what came stays."""
    run.folder.mkdir(parents=True, exist_ok=True)
    with PageLog.open(run.folder / f"{plan.id}.ndjson", plan.window.end) as log:
        log.begin(plan.window)
        if run.anew:
            log.known.clear()
        with ThreadPoolExecutor(min(MOST_AT_ONCE, len(plan.systems))) as pool:
            try:
                fetched = list(pool.map(lambda one: _system(one, plan.window, run, log), plan.systems))
            finally:
                run.stop.set()
    return Collection(plan.id, plan.window, tuple(fetched))


class PageLog:
    """One line for each answer, on the disk before the next question is put."""

    def __init__(self, handle: int, known: dict[str, tuple[Page, dict[str, str]]]) -> None:
        self._handle, self.known, self._lock = handle, known, threading.Lock()

    def begin(self, window: Span) -> None:
        """The first line of a log says for which window it is."""
        if not os.lseek(self._handle, 0, os.SEEK_END):
            self._write(json.dumps({"start": window.start, "end": window.end}).encode() + b"\n")

    @classmethod
    @contextmanager
    def open(cls, path: Path, until: int) -> Iterator[PageLog]:
        """The log, locked. Answers from before the end of the window are not taken for whole ones."""
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ConflictError(f"{path.stem} is being collected by another process") from None
            yield cls(handle, dict(_remembered(path, until)))
        finally:
            os.close(handle)

    def add(self, page: Page, headers: dict[str, str]) -> None:
        line = json.dumps({"page": wire.encode(page), "headers": headers}).encode() + b"\n"
        with self._lock:
            self._write(line)
            self.known[page.key] = (page, headers)

    def _write(self, line: bytes) -> None:
        # A line that was cut off by a crash ends here, so that this one begins a line of its own.
        size = os.lseek(self._handle, 0, os.SEEK_END)
        whole = not size or os.pread(self._handle, 1, size - 1) == b"\n"
        os.write(self._handle, line if whole else b"\n" + line)
        os.fsync(self._handle)


def _remembered(path: Path, until: int) -> Iterator[tuple[str, tuple[Page, dict[str, str]]]]:
    for line in path.read_bytes().split(b"\n"):
        try:
            found = json.loads(line)
            page = wire.decode(Page, found["page"])
            headers = {str(key): str(value) for key, value in found["headers"].items()}
        except (ValueError, LookupError, TypeError, AttributeError, RefusalError):
            continue
        if page.asked.at >= iso(until):
            yield page.key, (page, headers)


def window_of(folder: Path, id_: str) -> Span | None:
    """The window of a collection that has a page log; None where there is none."""
    try:
        with (folder / f"{id_}.ndjson").open("rb") as stream:
            found = json.loads(stream.readline())
        return Span(int(found["start"]), int(found["end"]))
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _system(system: System, window: Span, run: Run, log: PageLog) -> Fetched:
    """Everything that one system answers."""
    fetcher = Fetcher(system.access(), system.limits(run.most), sleep=run.rest)
    talk = _Talk(system, fetcher, run, log)
    try:
        talk.hold(system.connector.pages(_ask(system, window)))
    except GivenUpError as error:
        talk.end(str(error))
    except RefusalError as error:
        talk.end(str(error))
    except Exception as error:  # noqa: BLE001 - the plug-in boundary: what came stays, and the others go on
        talk.end(f"the connector {system.connector.name} failed ({type(error).__name__})")
    finally:
        fetcher.close()
    return talk.made()


class _Talk:
    """A conversation with one system: its connector asks, the page log or the network answers."""

    def __init__(self, system: System, fetcher: Fetcher, run: Run, log: PageLog) -> None:
        self._system, self._fetcher, self._run, self._log = system, fetcher, run, log
        self._pages: list[Page] = []
        self._failed: list[Failure] = []
        self._left: list[str] = []
        self._seen: Counter[str] = Counter()
        self._asked = self._again = 0

    def hold(self, talk: Talk) -> None:
        """Put every question of the connector, until it has no more."""
        said = next(talk, None)
        while said is not None and not self._run.stop.is_set():
            if isinstance(said, Left):
                self._left.append(self._fetcher.masker.text(one_line(said.says)))
                said = next(talk, None)
                continue
            if sum(self._seen.values()) >= MOST_REQUESTS:
                talk.close()
                raise GivenUpError(f"more than {MOST_REQUESTS} questions; ask for less")
            said = self._put(talk, said)

    def _put(self, talk: Talk, request: Request) -> Request | Left | None:
        try:
            try:
                answer = self._answer(request)
            except GivenUpError as error:
                self.fail(request.says or self._fetcher.masker.url(request.url), str(error), error.status)
                return talk.throw(error)
            return talk.send(answer)
        except StopIteration:
            return None

    def fail(self, says: str, why: str, status: int) -> None:
        mask = self._fetcher.masker.text
        if status in (401, 403):
            why += "; token_env or password_env of it in afterword.toml would let us in"
        self._failed.append(Failure(mask(one_line(says)), mask(one_line(why)), status))

    def end(self, why: str) -> None:
        """The conversation ended before its end: said with the question that ended it, where there is one."""
        if self._failed and self._failed[-1].why == self._fetcher.masker.text(one_line(why)):
            self._failed[-1] = replace(self._failed[-1], why=f"{self._failed[-1].why}; the rest was not asked")
        else:
            self.fail("the rest", why, 0)

    def _answer(self, request: Request) -> Response:
        asked = self._question(request)
        key = self._key(asked, request)
        known = self._log.known.get(key)
        if known and self._run.blobs.has(known[0].sha256):
            page, headers = known
            self._again += 1
            self._pages.append(replace(page, name=self._name(page.asked.says, headers)))
            with self._run.blobs.open(page.sha256) as stream:
                return Response(page.asked.status, headers, stream.read())
        self._asked += 1
        answer = self._fetcher.get(request)
        if request.keep:
            self._keep(key, replace(asked, status=answer.status, at=self._run.now()), answer)
        return answer

    def _keep(self, key: str, asked: Asked, answer: Response) -> None:
        sha256, size = self._run.blobs.put(io.BytesIO(answer.body))
        headers = dict(answer.headers)
        page = Page(key, sha256, size, self._name(asked.says, headers), asked)
        self._log.add(page, headers)
        self._pages.append(page)
        self._run.came(self._system.name)

    def _question(self, request: Request) -> Asked:
        mask = self._fetcher.masker
        return Asked(
            system=self._system.name,
            connector=self._system.connector.name,
            url=mask.url(request.url),
            method=request.method,
            headers=mask.headers({**self._system.headers, **request.headers}),
            body=mask.body(request.body),
            says=mask.text(one_line(request.says)),
            subject=request.subject,
        )

    def _key(self, asked: Asked, request: Request) -> str:
        """What the question is, and for the how-many-eth time it is put; when it is put is no part of it."""
        headers = [one for one in asked.headers if one[0] not in _OF_THE_HOUR]
        said: list[Any] = [asked.system, asked.connector, asked.url, asked.method, headers, asked.body]
        text = json.dumps([*said, request.keep])
        self._seen[text] += 1
        return hashlib.sha256(f"{text}{self._seen[text]}".encode()).hexdigest()[:24]

    def _name(self, says: str, headers: dict[str, str]) -> str:
        """``prometheus/0003-rules.json``; names are for people, nothing is decided by them."""
        slug = _SLUG.sub("-", says.lower()).strip("-")[:60].strip("-") or "answer"
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        suffix = next((end for word, end in reversed(_SUFFIXES.items()) if word in kind), "txt")
        return f"{self._system.name}/{len(self._pages) + 1:04d}-{slug}.{suffix}"

    def made(self) -> Fetched:
        return Fetched(
            self._system.name, self._system.connector.name, self._system.shown, self._asked, self._again, len(self._pages),
            sum(page.size for page in self._pages), tuple(self._pages), tuple(self._failed), tuple(self._left),
        )  # fmt: skip


def refuse_nothing(collection: Collection) -> None:
    """Raises UnreadableError when no system gave anything at all, with what each said."""
    if collection.pages:
        return
    reasons = [f"{one.system}: {_first_of(one)}" for one in collection.systems]
    raise UnreadableError("Nothing came from any system. " + "; ".join(reasons))


def _first_of(one: Fetched) -> str:
    if not one.failed:
        return "it answered nothing that is evidence"
    return f"{one.failed[0].says}: {one.failed[0].why}"
