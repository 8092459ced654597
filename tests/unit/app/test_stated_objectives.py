"""What has to go well, as documents among the evidence and people state it: what the proposed burn rates go by."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from afterword.app import backtesting
from afterword.core import analyse
from afterword.model.event import Event, Kind
from afterword.model.incident import Options
from afterword.testing import case_from, event


def stated(events: list[Event], options: Options | None = None) -> dict[str, float]:
    case = case_from(events, options)
    recording: Any = SimpleNamespace(rules=(), tracks=())
    return backtesting.objectives(recording, case, analyse.analyse(case))


def document(about: str, share: str, threshold: str = "") -> Event:
    said = {"policy": "objective", "objective": share, **({"threshold": threshold} if threshold else {})}
    return event(Kind.POLICY, None, about, name=f"{about}-slo", text="stated", **said)


def test_a_document_states_an_objective_and_people_come_after_it() -> None:
    assert list(stated([document("shop", "99.9")]).values()) == [0.999]
    assert list(stated([document("shop", "99.9")], Options(objectives=(("shop", 0.95),))).values()) == [0.95]


def test_an_objective_of_how_fast_is_no_share_of_errors() -> None:
    """Negative control: a burn rate of errors at the objective of a latency would page for the wrong thing."""
    assert stated([document("shop", "99", "0.4")]) == {}
