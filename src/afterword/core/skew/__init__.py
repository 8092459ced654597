"""Skew between clocks: estimated from what two of them saw, and taken out of the times of the case."""

from __future__ import annotations

from afterword.core.skew.shift import corrected

__all__ = ["corrected"]
