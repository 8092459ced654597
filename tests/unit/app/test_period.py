"""Times and stretches of time as people state them."""

from __future__ import annotations

import pytest

from afterword.app import period
from afterword.model.refusal import InvalidError
from afterword.model.time import HOUR, MINUTE, SECOND


def test_a_window() -> None:
    low, high = period.span("2026-03-02T09:00:00Z/2026-03-02T11:00:00+01:00", "window") or (0, 0)
    assert high - low == HOUR
    assert period.span("", "window") is None
    assert period.instant("", "at") is None


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T09:00:00Z",
        "2026-03-02T09:00:00Z/",
        "/",
        "2026-03-02T09:00:00Z/2026-03-02T08:00:00Z",
        "today/tomorrow",
    ],
)
def test_what_is_no_window(text: str) -> None:
    with pytest.raises(InvalidError):
        period.span(text, "window")


def test_lengths() -> None:
    assert [period.length(text, "x") for text in ("90", "90s", "15m", "2 h", "1D")] == [
        90 * SECOND,
        90 * SECOND,
        15 * MINUTE,
        2 * HOUR,
        24 * HOUR,
    ]
    with pytest.raises(InvalidError):
        period.length("soon", "x")
