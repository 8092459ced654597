"""Which alerts lead to which: what is found, and what must not be."""

from __future__ import annotations

import numpy as np
import pytest
from alert_world import DAY, EDGES, TRUE, alerts, learnt, links
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.core.alert import lost, near
from afterword.core.alert.acyclic import reachable, without_circles
from afterword.core.alert.history import SECOND, Alert, history
from afterword.core.alert.learn import learn


def test_a_chain_over_two_components_is_found_and_nothing_else() -> None:
    """A full disk stalls the database, the shop beside it times out, its queue grows; certificates expire meanwhile."""
    assert links(learnt(alerts())) == TRUE


def test_without_a_topology_the_components_that_touch_are_found_too() -> None:
    found = learnt(alerts(a_day=12), None)
    assert links(found) == TRUE
    names = found.found.pairs.history.components
    joined = {(names[a], names[b]) for a, b in np.argwhere(np.triu(found.touching)).tolist()}
    assert joined == {(b, a) for a, b in EDGES}
    assert found.basis == "learnt"


def test_alerts_that_do_not_care_for_one_another_are_not_linked() -> None:
    """The control: the same alerts, every kind moved to days of its own."""
    moved = [
        Alert(one.kind, one.component, (one.at + 977 * SECOND * 60 * hash_(one.kind)) % (40 * DAY * SECOND))
        for one in alerts()
    ]
    assert links(learnt(moved)) == set()


def hash_(text: str) -> int:
    return sum(map(ord, text))


def test_a_hidden_common_cause_is_no_link() -> None:
    """A power supply fails, and four kinds of alerts fire within the hour, now the one first, now the other."""
    assert links(learnt(alerts(common=True))) == TRUE


def test_a_clock_of_whole_minutes_still_tells() -> None:
    found = links(learnt(alerts(a_day=12, tick=60)))
    assert found == TRUE


def test_alerts_that_were_lost_fake_no_short_cut() -> None:
    """A fifth of all alerts never arrived: where the one in the middle is missing, the first seems to lead to the last."""
    assert links(learnt(alerts(a_day=40, lost=0.2))) == TRUE


def test_what_is_known_is_kept_to() -> None:
    found = learn(history(alerts()), EDGES, holds=[("CertExpires", "Unrelated")], fails=[("DiskFull", "DbStalls")])
    assert ("CertExpires", "Unrelated") in links(found)
    assert ("DiskFull", "DbStalls") not in links(found)


def test_few_alerts_teach_nothing_and_break_nothing() -> None:
    assert links(learnt([])) == set()
    assert links(learnt(alerts()[:1])) == set()
    assert links(learnt([Alert("a", "x", 5), Alert("b", "x", 5)], None)) == set()


def test_the_order_in_which_alerts_are_told_does_not_matter() -> None:
    told = alerts(days=20)
    there, back = learnt(told), learnt(told[::-1])
    assert (there.found.links == back.found.links).all()
    assert (there.found.gain == back.found.gain).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 8).flatmap(lambda n: st.lists(st.floats(0, 9), min_size=n * n, max_size=n * n)))
def test_links_never_go_round(gains: list[float]) -> None:
    size = int(len(gains) ** 0.5)
    gain = np.array(gains).reshape(size, size)
    found = without_circles(gain)
    reach = reachable(found)
    assert not (reach & reach.T & ~np.eye(size, dtype=bool)).any()
    strongest = np.unravel_index(int(np.argmax(np.where(np.eye(size, dtype=bool), -1, gain))), gain.shape)
    assert found[strongest] == (gain[strongest] > 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14))
def test_steps_are_those_of_the_shortest_way(edges: list[tuple[int, int]]) -> None:
    names = [str(n) for n in range(8)]
    touching = near.joined(names, [(str(a), str(b)) for a, b in edges])
    steps = near.steps(touching, 3)
    assert (steps == steps.T).all()
    for one, other in np.argwhere(touching).tolist():
        assert steps[one, other] == 1
        assert (np.abs(steps[one].astype(int) - steps[other]) <= 1).all()


def test_a_link_is_measured_against_the_ways_around_it() -> None:
    """A leads to B (0.5) and B to C (0.4): of A to C, 0.2 is the way over B. A link of 0.1 is half of it, no more."""
    strength = np.array([[0, 0.5, 0.1], [0, 0, 0.4], [0, 0, 0]])
    times = lost.explained(strength > 0, strength, np.array([100.0, 100, 100]))
    assert times[0, 2] == pytest.approx(0.5)
    assert np.isinf(times[0, 1])
    # B to C has A as a common cause: 100 alerts of A bring 0.5 of B and, past B, 0.1 of C.
    assert times[1, 2] == pytest.approx(0.4 / 0.05)


@pytest.mark.shared
def test_the_published_alarms_of_a_network_give_its_published_links() -> None:
    """59 kinds, 45 devices, a week: the experts' links, with the topology and without it. They are used to compare only."""
    import sys
    from pathlib import Path

    root = Path(__file__).resolve().parents[4]
    sys.path.insert(0, str(root / "benchmarks"))
    import alarm_graph

    folder = root / "../shared/data/rca/alarm-graph"
    if not folder.is_dir():
        pytest.skip("the research data is not here")
    for case in alarm_graph.variants(alarm_graph.read(folder)):
        line = alarm_graph.row(case.name, alarm_graph.ours(case), case.true, 0)
        assert line["g"] >= 0.95, case.name
