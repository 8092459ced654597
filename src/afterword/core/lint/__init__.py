"""A linter for causal analyses: forty-four rules over a graph, each with its source, a bad and a good example and a fix."""

from __future__ import annotations

from afterword.core.lint.rule import Lint, Rule, lint
from afterword.core.lint.rules import RULES
from afterword.core.lint.subject import Subject

__all__ = ["RULES", "Lint", "Rule", "Subject", "lint"]
