"""A receiver for tests, as a process of its own: ``afterword receive`` on free ports, or one of the wrong ones to be found out.

``receiver.py WORKSPACE`` · ``receiver.py WORKSPACE early`` answers first and writes later, which must be noticed.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import Future

from afterword.faces.cli.main import main
from afterword.stores.inbox_folder import InboxFolder


def answer_early() -> None:
    """The mistake that the tests exist for: the promise is fulfilled before the item is on the disk."""
    kept = InboxFolder._answer

    def early(self: InboxFolder, kind: str, mine: list[tuple[bytes, Future[None]]]) -> None:
        for _, promise in mine:
            promise.set_result(None)
        time.sleep(0.05)
        kept(self, kind, [(item, Future()) for item, _ in mine])

    InboxFolder._answer = early  # type: ignore[method-assign]


if __name__ == "__main__":
    if "early" in sys.argv[2:]:
        answer_early()
    main(["--workspace", sys.argv[1], "receive", "--http-port", "0", "--grpc-port", "0", "--max-body", "1"])
