"""What users lost, in one sentence."""

from __future__ import annotations

import pytest

from afterword.core.felt import sentence


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        (
            {"requests": {"value": 661.0}, "of": 2572.0, "customer_minutes_share": {"value": 1.75}, "worst_share": 0.714, "going_on": False},
            "661 requests of 2,572 lost, as if everybody had been cut off for 1 min 45 s, at worst 71% at once",
        ),
        ({"requests": {"value": 3.0}, "going_on": True}, "3 requests lost; still going on where the evidence ends"),
        ({"requests": None, "method": "no request is in the evidence"}, "no request is in the evidence"),
        ({}, "not known"),
    ],
)  # fmt: skip
def test_an_impact_is_told_by_what_is_known(loss: dict[str, object], says: str) -> None:
    """Where nothing is known the reason stands there, and no nought."""
    assert sentence(loss) == says
