"""Published classifications: every facet has a class, and shares stand beside what was found elsewhere."""

from __future__ import annotations

import pytest

from afterword.core import vocabulary
from afterword.core.lint.sketch import sketch
from afterword.core.vocabulary import GOOGLE, ISSRE, PUBLISHED, SOCC

_CATEGORIES = (
    "code", "config", "feature flag", "data/schema", "dependency", "network", "compute", "storage", "capacity", "load",
    "certificate/secret/identity", "time", "build/deploy pipeline", "observability", "automation/runbook", "facility/power", "security event",
)  # fmt: skip


def set_off_by(category: str):
    return sketch(
        f"impact: users met errors\na [trigger, event, category={category}]: it was so\na -> impact\n"
    ).explanation


@pytest.mark.parametrize("category", _CATEGORIES)
def test_every_class_that_is_named_was_published(category: str) -> None:
    made = set_off_by(category)
    assert vocabulary.google(made) in {*PUBLISHED[GOOGLE], ""}
    assert vocabulary.issre(made) in PUBLISHED[ISSRE]
    assert vocabulary.socc(made) in {*PUBLISHED[SOCC], ""}


def test_shares_stand_beside_the_published_ones() -> None:
    """Three incidents: two pushes of code, one wave of users."""
    found = vocabulary.shares([set_off_by("code"), set_off_by("code"), set_off_by("load")])
    push = next(one for one in found if one.name == "binary push")
    assert (push.incidents, push.here, push.published) == (2, 66.7, 37)
    assert all(one.here is None and one.incidents == 0 for one in vocabulary.shares([]))


def test_without_a_trigger_the_cause_is_unknown() -> None:
    bare = sketch("impact: users met errors\n").explanation
    assert (vocabulary.google(bare), vocabulary.issre(bare), vocabulary.socc(bare)) == ("", "unknown", "")
