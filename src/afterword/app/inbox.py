"""Receiving: what is sent is understood, written down, and only then answered. Knows no network: faces bring the bytes."""

from __future__ import annotations

import hmac
import json
import threading
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from afterword.app import otlp_request, webhook
from afterword.model.refusal import ForbiddenError, InvalidError
from afterword.reading import inbox_item, otlp_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from concurrent.futures import Future

    from afterword.ports import Inbox

#: Deliveries that are remembered: webhooks are sent again within hours, not after so many others.
MOST_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Secrets:
    """What senders must know. Empty: anybody who reaches the port may send."""

    token: str = ""
    hooks: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Counts:
    """What was taken since the start, and what was not."""

    taken: int = 0
    duplicates: int = 0
    refused: int = 0


class Receiver:
    """Takes requests and webhooks for one inbox. Promises are fulfilled when the item is on the disk."""

    def __init__(
        self,
        inbox: Inbox,
        secrets: Secrets | None = None,
        *,
        known: Iterable[str] = (),
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._inbox, self._secrets, self._clock = inbox, secrets or Secrets(), clock
        self._known: OrderedDict[str, Future[None] | None] = OrderedDict.fromkeys(known)
        self._lock = threading.Lock()
        #: A request taken apart is many times its size: one at a time, and quick protobuf does not wait for slow JSON.
        self._understanding = {True: threading.Lock(), False: threading.Lock()}
        self.counts = Counts()

    def allowed(self, authorization: str) -> bool:
        """Whether a sender of OTLP or of Alertmanager's webhooks may send."""
        token = self._secrets.token
        given = authorization.removeprefix("Bearer ").strip()
        return not token or hmac.compare_digest(given.encode(), token.encode())

    def otlp(self, signal: str, raw: bytes, *, as_json: bool) -> tuple[Future[None] | None, str]:
        """The promise (None: there was nothing to write) and a warning. Raises InvalidError, BusyError, FullError."""
        with self._understanding[as_json]:
            understood = (otlp_request.of_json if as_json else otlp_request.of_protobuf)(signal, raw)
        if not understood.raw:
            return None, understood.warning
        promise = self._inbox.keep(signal, otlp_frame.sealed(understood.raw, self._clock()))
        self.counts.taken += 1
        return promise, understood.warning

    def webhook(self, kind: str, headers: Mapping[str, str], raw: bytes) -> tuple[Future[None] | None, bool]:
        """The promise, and whether it came before. Raises ForbiddenError, InvalidError, BusyError, FullError."""
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        secret = self._secrets.hooks.get(kind, "")
        if secret and not webhook.genuine(kind, headers, raw, secret):
            raise ForbiddenError(f"the signature of this webhook of {kind} is missing or wrong")
        if media == webhook.FORM and not secret:
            # Any page in a browser can send a form; only JSON is safe from that.
            raise InvalidError("forms are only taken with a signature: send application/json")
        text, value = webhook.delivered(raw, media)
        if not webhook.looks_right(kind, value):
            raise InvalidError(f"this is no webhook of {kind}")
        line = inbox_item.line(kind, self._clock(), webhook.headers_of(kind, headers), text)
        return self._once(kind, webhook.identities(kind, headers, value, text), line)

    def _once(self, kind: str, names: tuple[str, ...], line: bytes) -> tuple[Future[None] | None, bool]:
        """Write a delivery unless it is known. One that is just being written has the same promise."""
        with self._lock:
            known = next((name for name in names if name in self._known), None)
            if known is not None:
                self.counts.duplicates += 1
                return self._known[known], True
            promise = self._inbox.keep(kind, line)
            self.counts.taken += 1
            for name in names:
                self._known[name] = promise
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        promise.add_done_callback(lambda done: self._settle(names, done))
        return promise, False

    def _settle(self, names: tuple[str, ...], done: Future[None]) -> None:
        """What could not be written may come again."""
        with self._lock:
            for name in names:
                if done.exception() is not None:
                    self._known.pop(name, None)
                elif name in self._known:
                    self._known[name] = None


def remembered(lines: Iterable[bytes]) -> list[str]:
    """The identities of deliveries that were written down earlier."""
    found: deque[str] = deque(maxlen=MOST_REMEMBERED)
    for line in lines:
        value = json.loads(line)
        kind, headers, inner = str(value["kind"]), value["headers"], value[inbox_item.DELIVERED]
        start = line.index(f'"{inbox_item.DELIVERED}": '.encode()) + len(inbox_item.DELIVERED) + 4
        found += webhook.identities(kind, headers, inner, line[start:].rstrip(b"\n").removesuffix(b"}"))
    return list(found)
