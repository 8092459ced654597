"""PromQL: the language as a tree, and an engine of our own for what alert rules commonly say.

It is written from the documentation of Prometheus, and its answers are compared with those of a real one by tests;
where a real one is at hand (``app/prometheus.py``) that one answers.
"""

from __future__ import annotations

from afterword.core.promql.node import UnsupportedError
from afterword.core.promql.parse import parse
from afterword.core.promql.token import duration

__all__ = ["UnsupportedError", "duration", "parse"]
