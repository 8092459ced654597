"""Every rule finds its bad example and leaves its good one alone; the numbers are complete."""

from __future__ import annotations

import pytest

from afterword.core.lint import RULES, Rule, lint
from afterword.core.lint.sketch import sketch


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_finds_its_bad_example_and_leaves_the_good_one_alone(rule: Rule) -> None:
    assert list(rule.find(sketch(rule.bad))), "the bad example is not found"
    assert not list(rule.find(sketch(rule.good))), "the good example is held against somebody"


def test_the_numbers_are_complete_and_every_question_is_a_question() -> None:
    assert [rule.id for rule in RULES] == [f"C{n:02}" for n in range(1, 45)]
    assert len({rule.name for rule in RULES}) == 44
    for rule in RULES:
        assert (rule.decides == "question") == rule.asks.endswith("?"), rule.id
        assert rule.severity in {"error", "warning", "info"}
        assert rule.source
        assert rule.suggest


def test_what_somebody_took_on_themselves_stands_last_with_its_reason() -> None:
    """A waiver does not hide a remark: it says who answers for it."""
    text = "impact: users met errors\npool [E1:3]: the pool was full\npool -> impact\n"
    before = [one.rule for one in lint(sketch(text), RULES)]
    after = lint(sketch(text + "answer C21 pool waived: until the new database in May\n"), RULES)
    assert sorted(before) == sorted(one.rule for one in after)
    assert (after[-1].rule, after[-1].waived) == ("C21", "until the new database in May (responder)")


def test_a_line_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="not a line of a sketch"):
        sketch("something else")
