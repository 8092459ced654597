"""Options as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from afterword.asking import option
from afterword.model.refusal import InvalidError
from afterword.ports import Ask


def ask(**options: Any) -> Ask:
    return Ask("", 0, 1, options)


def test_lists_may_be_written_with_commas() -> None:
    assert option.texts(ask(a="x, y ,,z"), "a") == ("x", "y", "z")
    assert option.texts(ask(a=["x, y", 7]), "a") == ("x, y", "7")
    assert option.texts(ask(), "a", ("d",)) == ("d",)


def test_numbers_and_answers_to_questions_may_be_texts() -> None:
    """An address on the terminal has nothing but texts."""
    assert option.number(ask(a="12"), "a", 5, most=20) == 12
    assert option.number(ask(), "a", 5, most=20) == 5
    assert option.yes(ask(a="True"), "a") is True
    assert option.yes(ask(), "a", default=True) is True
    assert option.text(ask(a=7), "a") == "7"


@pytest.mark.parametrize("value", [0, 21, -1, 1.5, True, "x", "1" * 30, None, []])
def test_a_number_out_of_its_bounds_is_refused(value: Any) -> None:
    with pytest.raises(InvalidError, match="from 1 to 20"):
        option.number(ask(a=value), "a", 5, most=20)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (option.text, []),
        (option.text, True),
        (option.texts, 5),
        (option.texts, [[]]),
        (option.yes, "perhaps"),
        (option.yes, 1),
        (option.needed, ""),
    ],
)
def test_other_kinds_are_refused_with_the_name_of_the_option(read: Any, value: Any) -> None:
    with pytest.raises(InvalidError, match="The option a"):
        read(ask(a=value), "a")
