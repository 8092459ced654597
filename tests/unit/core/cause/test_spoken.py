"""A disk fills, a certificate runs out, a session forgets its lock, a clock jumps: nobody changed anything, and the layers below say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pool
import pytest

from afterword.core import analyse
from afterword.core.cause import alternative, rank, spoken
from afterword.model.cause import Role, Verdict
from afterword.model.event import Event, Kind
from afterword.testing import case_from, event

if TYPE_CHECKING:
    from collections.abc import Iterable

    from afterword.core.cause.alternative import Alternative

TROUBLE = [
    *pool.metric("shop", "error_rate", pool.sick(0.01, 0.5)),
    *pool.metric("web", "error_rate", pool.sick(0.01, 0.3)),
    event(Kind.EDGE, None, "web", name="shop"),
    event(Kind.EDGE, None, "shop", name="payment"),
]
#: What the shop writes for each of its failing requests, and what it means.
STORIES = {
    "storage": "order {n}: OSError: [Errno 28] No space left on device",
    "certificate/secret/identity": "order {n}: payment: certificate verify failed: certificate has expired",
    "time": "order {n}: payment answered 401: token used before issued",
    "data/schema": "order {n}: ERROR: deadlock detected",
    "compute": "order {n}: java.lang.OutOfMemoryError: Java heap space",
    "capacity": "order {n}: accept: too many open files",
}


def lines(text: str, who: str = "shop", *, start: float = 41, count: int = 40, severity: str = "error") -> list[Event]:
    return [
        event(Kind.LOG, pool.minute(start + n / 2), who, text=text.format(n=n), severity=severity) for n in range(count)
    ]


def found(more: Iterable[Event]) -> tuple[Alternative, ...]:
    case = case_from([*TROUBLE, *more])
    where, signals = pool.found(case)
    return tuple(spoken.mechanisms(case, where, signals, rank.components_of(case)))


@pytest.mark.parametrize("category", STORIES)
def test_each_is_told_in_its_own_words_and_none_in_those_of_another(category: str) -> None:
    (made,) = found(lines(STORIES[category]))
    assert made.category == category
    assert made.cites
    assert all(reason.cites for reason in made.reasons)


@pytest.mark.parametrize(
    "text", ["order {n} failed", "order {n}: upstream answered 503", "unlocked the account of customer {n}", "disk check {n} done",
             "certificate for order {n} printed", "the clock shows {n}"],
)  # fmt: skip
def test_words_that_only_sound_alike_tell_nothing(text: str) -> None:
    assert found(lines(text)) == ()


def test_who_repeats_what_another_said_is_not_at_fault() -> None:
    told = [*lines(STORIES["storage"]), *lines("checkout {n}: shop answered 500: No space left on device", "web")]
    assert [one.component for one in found(told)] == ["shop"]


def test_a_certificate_is_that_of_the_peer() -> None:
    peers = [*lines(STORIES["certificate/secret/identity"]), *pool.metric("payment", "latency_ms", lambda _: 20)]
    (made,) = found(peers)
    assert made.component == "payment"


def test_what_was_said_as_often_in_healthy_times_is_no_news() -> None:
    always = lines(STORIES["data/schema"], start=0, count=160)
    assert found(always) == ()


def test_said_twice_it_is_an_anecdote() -> None:
    assert found(lines(STORIES["storage"], count=2)) == ()


def test_a_measure_of_the_same_thing_adds_to_it_and_is_cited() -> None:
    full = pool.metric("node", "filesystem_avail_bytes", pool.sick(1e9, 4096, 38))
    (alone,), (both,) = found(lines(STORIES["storage"])), found([*lines(STORIES["storage"]), *full])
    assert both.bits > alone.bits
    assert any("filesystem_avail_bytes of node went from" in reason.says for reason in both.reasons)


def test_the_head_of_the_queue_is_who_held_the_lock() -> None:
    """441 keeps 134 waiting, 134 keeps 466 waiting: only 441 waits for nobody. A database writes this without a name or a level."""
    waits = lines("process 134 still waiting for ShareLock on transaction 1126 after 1000.{n} ms", "", severity="info")
    queue = [
        *lines("Process holding the lock: 441. Wait queue: 134, 455.", "", count=3, severity="info"),
        *lines("Process holding the lock: 134. Wait queue: 466.", "", count=3, severity="info"),
    ]
    database = pool.metric("postgres", "oldest_transaction_seconds", pool.sick(0.1, 70))
    (made,) = found([*waits, *queue, *database])
    assert made.component == "postgres"
    assert any("process 441 held the lock" in reason.says for reason in made.reasons)
    (silent,) = found([*waits, *database])
    assert not any("held the lock" in reason.says for reason in silent.reasons)


def test_a_full_disk_explains_an_incident_without_any_change() -> None:
    case = case_from([*TROUBLE, *lines(STORIES["storage"])])
    told = analyse.analyse(case, ()).explanation
    assert told.verdict is Verdict.EXPLAINED
    (trigger,) = [cause for cause in told.causes if cause.role is Role.TRIGGER]
    assert trigger.statement == "The storage that shop writes to was full"
    assert told.would_decide == ("what filled the storage that shop writes to",)


def test_words_of_the_application_alone_explain_nothing() -> None:
    case = case_from([*TROUBLE, *lines("order {n} failed")])
    assert analyse.analyse(case, ()).explanation.verdict is Verdict.INCONCLUSIVE


class TestWhetherAChangeIsARival:
    """A deploy that writes a log line for each item of a loop, and the disk runs full: the deploy is how it came to that."""

    @staticmethod
    def suspects(diff: str) -> tuple[object, ...]:
        from afterword.core.cause import change
        from afterword.core.cause.change import Symptoms

        deploy = event(Kind.CHANGE, pool.minute(39), "shop", name="dddd", text="deploy", change="deploy", commit="dddd", diff=diff, files="shop/a.py")  # fmt: skip
        case = case_from([*TROUBLE, *lines(STORIES["storage"]), deploy])
        symptoms = Symptoms(
            "No space left on device", ("error_rate",), pool.minute(40), pool.minute(41), None, ("shop",)
        )
        return change.suspects(case, symptoms, pool.ranking(case))

    def test_what_fills_disks_is_no_rival_of_a_full_disk(self) -> None:
        noisy = "--- a/shop/a.yaml\n+++ b/shop/a.yaml\n@@ -1,2 +1,2 @@\n logging:\n-  log_level: warning\n+  log_level: debug\n"
        others = found(lines(STORIES["storage"]))
        does = {effect.kind for effect in self.suspects(noisy)[0].candidate.judgement.effects}  # type: ignore[attr-defined]
        assert does & others[0].by
        assert alternative.rival(others, self.suspects(noisy)) == 0  # type: ignore[arg-type]

    def test_what_cannot_fill_disks_is(self) -> None:
        other = "--- a/shop/a.py\n+++ b/shop/a.py\n@@ -1,2 +1,2 @@\n-TIMEOUT = 5\n+TIMEOUT = 50\n"
        others = found(lines(STORIES["storage"]))
        assert alternative.rival(others, self.suspects(other)) == others[0].bits  # type: ignore[arg-type]
