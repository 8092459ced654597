"""What takes effect when, what carried it, and what a first known deploy is charged with."""

from __future__ import annotations

from rolled import minute

from afterword.core.cause import candidate, change
from afterword.core.cause.change import Symptoms
from afterword.core.cause.rank import Ranking
from afterword.core.cause.topology import Topology
from afterword.model.event import Event, Kind
from afterword.model.time import Span
from afterword.testing import case_from, event

HOURS = 60


def commit(name: str, at: float, files: str = "services/shop/order.py") -> Event:
    return event(Kind.CHANGE, minute(at), "", name=name, text=f"commit {name}", change="commit", files=files)


def deploy(at: float, component: str = "shop", **said: str) -> Event:
    return event(Kind.CHANGE, minute(at), component, name=f"dep-{at}", text="deploy", change="deploy", **said)


def refs(*events: Event) -> list[str]:
    return [one.ref for one in candidate.candidates(case_from(events))]


def test_a_deploy_without_known_predecessor_is_charged_with_the_newest_commit_and_recent_ones() -> None:
    """Commits of a month ago may have been running for a month."""
    month, week = commit("aaaa0001", -30 * 24 * HOURS), commit("aaaa0002", -7 * 24 * HOURS)
    day, newest = commit("aaaa0003", -5 * HOURS), commit("aaaa0004", -HOURS)
    assert refs(month, week, day, newest, deploy(0, commit="ffff0000")) == ["aaaa0003", "aaaa0004", "ffff0000"]
    assert refs(month, week, deploy(0, commit="ffff0000")) == ["aaaa0002", "ffff0000"], "the newest, however old"


def test_after_a_known_deploy_all_that_came_since_is_charged() -> None:
    before, since, newest = (
        commit("aaaa0001", -100 * HOURS),
        commit("aaaa0002", -60 * HOURS),
        commit("aaaa0003", -HOURS),
    )
    found = candidate.candidates(case_from([before, deploy(-80 * HOURS), since, newest, deploy(0)]))
    carried = {one.ref: one for one in found if one.carried_by is not None}
    assert carried["aaaa0002"].at == carried["aaaa0003"].at == minute(0)
    assert not carried["aaaa0002"].first
    assert carried["aaaa0001"].first


def test_it_says_that_it_is_presumed() -> None:
    (one, _) = candidate.candidates(case_from([commit("aaaa0004", -HOURS), deploy(0, commit="ffff0000")]))
    suspect = change.weigh(one, symptoms(), ranking())
    assert any("no earlier deploy of shop is known" in reason.says for reason in suspect.against)


def test_steps_of_a_rollout_are_one_and_a_later_deploy_of_the_same_is_another() -> None:
    steps = [deploy(at, commit="cafe0001") for at in (0, 10, 25)]
    found = candidate.candidates(case_from([*steps, deploy(24 * HOURS, commit="cafe0001")]))
    assert [one.at for one in found] == [minute(0), minute(24 * HOURS)]
    assert found[0].steps == (minute(0), minute(10), minute(25))


def test_another_version_in_between_parts_the_steps() -> None:
    found = candidate.candidates(case_from([deploy(0, commit="cafe0001"), deploy(5, commit="cafe0002"), deploy(10, commit="cafe0001")]))  # fmt: skip
    assert [(one.ref, one.at) for one in found] == [
        ("cafe0001", minute(0)),
        ("cafe0002", minute(5)),
        ("cafe0001", minute(10)),
    ]


def symptoms(recovered: int | None = None, until: float = 200) -> Symptoms:
    return Symptoms("", (), minute(5), minute(5), recovered, ("shop",), Span(minute(-60), minute(4)), minute(until))


def ranking() -> Ranking:
    return Ranking((), {}, Topology({}, {}), (), {})


def test_an_undo_that_did_not_help_speaks_for_the_change() -> None:
    undo = deploy(30, commit="cafe0000")
    taken = event(Kind.CHANGE, undo.at, "shop", name="undo", text="rollback", change="deploy", commit="cafe0000")
    (one, *_) = candidate.candidates(case_from([deploy(0, commit="cafe0001"), taken]))
    assert one.undone_by is not None
    vain, short = (change.weigh(one, symptoms(until=until), ranking()) for until in (200, 40))
    helped = change.weigh(one, symptoms(recovered=minute(31)), ranking())
    assert any("did not help" in reason.says for reason in vain.against)
    assert not any("did not help" in reason.says for reason in short.against), "ten minutes are too short to tell"
    assert vain.bits < short.bits < helped.bits


def test_what_took_effect_after_the_trouble_is_ruled_out() -> None:
    late = next(iter(candidate.candidates(case_from([deploy(8, commit="cafe0001")]))))
    assert change.weigh(late, symptoms(), ranking()).ruled_out
