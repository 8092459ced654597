"""What users lost, as one sentence for a screen: the figures of the document's paragraph, from the report's own values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.model.time import MINUTE, minutes

if TYPE_CHECKING:
    from collections.abc import Mapping


def sentence(loss: Mapping[str, Any]) -> str:
    """Requests and minutes lost, or why neither is known."""
    requests, cut, of = loss.get("requests"), loss.get("customer_minutes_share"), loss.get("of")
    if requests is None and cut is None:
        return str(loss.get("method") or "not known")
    said = []
    if requests is not None:
        said.append(f"{requests['value']:,.0f} requests" + (f" of {of:,.0f}" if of is not None else "") + " lost")
    if cut is not None:
        said.append(f"as if everybody had been cut off for {minutes(round(cut['value'] * MINUTE))}")
    if loss.get("worst_share") is not None:
        said.append(f"at worst {loss['worst_share']:.0%} at once")
    return ", ".join(said) + ("; still going on where the evidence ends" if loss.get("going_on") else "")
