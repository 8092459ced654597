"""The document: sections of words.md, every figure, time and causal sentence in them a claim."""

from __future__ import annotations

from afterword.core.document.writing import WRITTEN, compose

__all__ = ["WRITTEN", "compose"]
