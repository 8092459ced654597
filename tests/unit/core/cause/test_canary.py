"""What each change shows by contrast, whose it is where one calls the other, and what the ranking makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolled import NEW, OLD, errors, mail, minute, released, samples, told

from afterword.core import analyse
from afterword.core.cause import canary, topology
from afterword.core.cause.rank import Ranking
from afterword.model.cause import Grade, Role, Scored
from afterword.model.event import Event, Kind
from afterword.testing import event

if TYPE_CHECKING:
    from afterword.core.cause.canary import Contrasts
    from afterword.model.cause import Explanation

RELEASE = [released("shop", f"{NEW[0]} in for {OLD[0]}")]
CALLS = [event(Kind.EDGE, None, "shop", name="mail"), event(Kind.EDGE, None, "web", name="shop")]


def shown(*groups: list[Event]) -> Contrasts:
    case = told(*groups, CALLS)
    return canary.shown(case, topology.build(case, ()))


def test_the_failing_release_stands_out_and_the_other_is_cleared() -> None:
    found = shown(errors(0.5), RELEASE, mail())
    shop, other = found["shop", "shop-v2"], found["mail", "mail-v2"]
    assert shop.passed
    assert shop.reason.weight == round(shop.bits, 3)
    assert other.bits < 0


def test_a_new_caller_of_a_new_callee_that_fails_is_accounted_for() -> None:
    """Connections stick: what was started anew asks what was started anew."""
    alone, both = shown(errors(0.5), RELEASE), shown(errors(0.5), RELEASE, mail(0.5))
    shop, other = both["shop", "shop-v2"], both["mail", "mail-v2"]
    assert shop.bits < alone["shop", "shop-v2"].bits
    assert not shop.passed
    assert shop.off is not None
    assert "shop → mail" in shop.off.says
    assert other.passed
    assert other.off is None, "the callee is not excused by its caller"


def test_without_changes_nothing_is_compared() -> None:
    assert shown(errors(0.5)) == {}


def test_the_ranking_leans_towards_what_a_contrast_speaks_against() -> None:
    case = told(errors(0.5), RELEASE, mail(), CALLS)
    graph = topology.build(case, ())
    ranking = Ranking((Scored("mail", 2.0), Scored("shop", 1.0), Scored("web", 0.5)), {}, graph, (), {})
    leaned = canary.leaned(ranking, canary.shown(case, graph))
    assert [one.component for one in leaned.components] == ["shop", "mail", "web"]
    assert leaned.score("mail") == 2.0, "what clears a release does not clear the component"
    assert canary.leaned(ranking, {}) is ranking


def explained(*groups: list[Event]) -> Explanation:
    entry = samples("web", "error_ratio", lambda at: 0.2 if at >= 21 else 0.01)
    return analyse.analyse(told(entry, *groups, CALLS)).explanation


def trigger(of: Explanation) -> list[str | None]:
    return [one.ref for one in of.causes if one.role is Role.TRIGGER and one.grade >= Grade.MECHANISM]


def test_a_change_is_convicted_by_its_contrast() -> None:
    """No diff, no undo: that its own instances fail, and those beside them do not, is a mechanism seen."""
    found = explained(errors(0.5), RELEASE, mail())
    assert trigger(found) == ["shop-v2"]
    (link,) = [one for one in found.links if any(c.id == one.cause and c.ref == "shop-v2" for c in found.causes)]
    assert any(test.startswith("contrast passed") for test in link.tests)


def test_none_is_convicted_where_the_guilty_one_is_not_in_the_evidence() -> None:
    found = explained(errors(0.5), mail())
    assert trigger(found) == []
    assert found.none_of_the_changes


def test_the_steps_of_a_rollout_are_one_change() -> None:
    steps = [*RELEASE, released("shop", f"{NEW[1]} in for {OLD[1]}", 35)]
    found = explained(errors(0.5), samples(NEW[1], "error_ratio", 0.5, 36), steps, mail())
    assert trigger(found) == ["shop-v2"]
    assert [one.at for one in found.causes if one.ref == "shop-v2"] == [minute(20)]


def test_releases_without_which_it_failed_as_well_are_ruled_out() -> None:
    """All instances of the shop fail alike, the old ones and the new one: no release is even suspected."""
    alike = [e for pod in OLD for e in samples(pod, "error_ratio", lambda at: 0.5 if at >= 30 else 0.01)]
    new = samples(NEW[0], "error_ratio", lambda at: 0.5 if at >= 30 else 0.01, 21)
    found = explained(alike, new, RELEASE, mail())
    assert found.none_of_the_changes
    assert {one.role for one in found.causes if one.ref} == {Role.RULED_OUT}
    (shop,) = [one for one in found.causes if one.ref == "shop-v2"]
    assert any("failed no more than" in one.says for one in shop.reasons_against)


def test_what_a_release_carried_is_judged_by_what_the_release_shows() -> None:
    """The commit came with the deploy, so the deploy's instances are its own; the commit that it names goes first."""
    one = event(Kind.CHANGE, minute(10), "", name="aaaa1111", text="Take stock", change="commit", files="shop/stock.py")
    two = event(
        Kind.CHANGE, minute(15), "", name="bbbb2222", text="Count again", change="commit", files="shop/count.py"
    )
    found = explained(errors(0.5), [one, two, released("shop", NEW[0], commit="bbbb2222")], mail())
    assert trigger(found) == ["bbbb2222"]
    (other,) = [cause for cause in found.causes if cause.ref == "aaaa1111"]
    assert any("of those it did not reach" in reason.says for reason in other.reasons_for)
