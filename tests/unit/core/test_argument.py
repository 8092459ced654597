"""Rules of the linter on the graph of a foreign document: each finds its bad example, and not its good one."""

from __future__ import annotations

import pytest

from afterword.core.argument_rule import RULES, ArgumentRule
from afterword.core.lint import RULES as GRAPH
from afterword.core.review import review


@pytest.mark.parametrize("rule", RULES, ids=lambda one: one.id)
def test_each_rule_finds_its_bad_example_and_not_its_good_one(rule: ArgumentRule) -> None:
    """The good example is the negative control."""
    assert rule.id in {one.rule for one in review(rule.bad)}
    assert rule.id not in {one.rule for one in review(rule.good)}


@pytest.mark.parametrize("rule", RULES, ids=lambda one: one.id)
def test_each_names_the_rule_of_the_graph_that_it_carries_over(rule: ArgumentRule) -> None:
    assert rule.graph in {one.id for one in GRAPH}
    assert rule.says
    assert rule.suggest
    assert rule.source


def test_a_hint_fails_no_strict_check() -> None:
    """Strictness asks for errors and warnings; a rule whose precision was not shown is neither."""
    assert {one.severity for one in RULES} <= {"error", "warning", "info", "hint"}
