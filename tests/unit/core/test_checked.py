"""What was run over a change."""

from __future__ import annotations

from afterword.core import checked
from afterword.model.cause import Role
from afterword.model.event import Kind
from afterword.testing import case_from, cause, cite, event, scene_from

SHA, HEAD = "a" * 40, "b" * 40


def test_commits_are_the_same_by_any_of_their_lengths_and_never_by_a_few_letters() -> None:
    assert checked.same(SHA, SHA[:7].upper())
    assert not checked.same(SHA, SHA[:6])
    assert not checked.same("", "")


def test_checks_are_joined_by_commit_by_head_and_by_pull_request() -> None:
    events = [
        event(Kind.CHANGE, 10, "cart", name=SHA, change="commit", head=HEAD, pull="7"),
        event(Kind.CHANGE, 50, "cart", name="d2", change="deploy", commit=SHA[:12]),
        event(Kind.CHANGE, 40, "cart", name="d1", change="deploy", commit=SHA),
        event(Kind.CHECK, 3, "shop", name="unit", check="run", commit=HEAD),
        event(Kind.CHECK, 2, "shop", name="lint", check="run", commit=SHA),
        event(Kind.CHECK, 1, "shop", name="review", check="review", pull="7"),
        event(Kind.CHECK, 1, "shop", name="unit", check="run", commit="c" * 40),
    ]
    scene = scene_from(case_from(events), [cause(Role.TRIGGER, "cart", cite(1))])
    (fact,) = [fact for _, fact in scene.triggers()]
    assert [one.event.name for one in checked.of(scene, fact, "run")] == ["lint", "unit"]
    assert [one.event.name for one in checked.of(scene, fact, "review")] == ["review"]
    live = checked.took_effect(scene, fact)
    assert live is not None
    assert live.event.name == "d1"
