"""Requests of each version, read off spans and log lines."""

from __future__ import annotations

from rolled import minute

from afterword.core.cause import canary, topology, versioned
from afterword.model.event import Event, Kind
from afterword.testing import case_from, event

SHA = "654dcbd9f4aa00112233445566778899aabbccdd"


def calls(failing: int) -> list[Event]:
    """Twelve requests a minute; from minute 20 on one in four is answered by the new version, which fails so many of them."""
    made = []
    for one in range(60 * 12):
        new = one >= 20 * 12 and one % 4 == 0
        failed = new and (one // 4) % 10 < failing
        made.append(
            event(
                Kind.SPAN, minute(one / 12), "shop", name="POST /orders", took=20_000_000,
                severity="error" if failed else "", version=SHA[:7] if new else "1a2b3c4", trace=f"t{one}", span=f"s{one}",
            )
        )  # fmt: skip
    return made


def deploy() -> Event:
    return event(Kind.CHANGE, minute(20), "shop", name="dep-7", text="deploy", change="deploy", commit=SHA)


def test_each_version_is_apart() -> None:
    case = case_from([*calls(5), deploy()])
    found = versioned.strands(case, {"shop"})["shop"]
    assert {one.instance for one in found} == {SHA[:7], "1a2b3c4"}
    assert {one.name for one in found} >= {"share of failed calls", "latency of calls"}
    assert versioned.strands(case, {"mail"}) == {}


def test_a_version_that_a_few_requests_reached_is_compared_with_the_rest() -> None:
    case = case_from([*calls(5), deploy()])
    found = canary.shown(case, topology.build(case, ()))["shop", SHA]
    assert found.passed
    assert found.name == "share of failed calls"


def test_a_version_that_fails_none_is_cleared() -> None:
    case = case_from([*calls(0), deploy()])
    assert canary.shown(case, topology.build(case, ()))["shop", SHA].bits < -2
