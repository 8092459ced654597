"""What every trial needs, loaded before processes are split off: loading is no work on a case."""

from __future__ import annotations

from afterword.app import intake, plugs
from afterword.app.bench import carry
from afterword.exporters import html, markdown

__all__ = ["carry", "html", "intake", "markdown"]

plugs.analyses()
plugs.sources()
