"""A postmortem that others wrote, as a graph: what its sentences say, where they stand, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core.foreign_graph import ForeignGraph, graph
from afterword.core.remark import draft, quote_of
from afterword.core.review import review
from afterword.model.cause import Grade, Held, LinkKind, NodeKind, Role


def read(text: str) -> ForeignGraph:
    return graph(draft(text, "markdown"))


def links(text: str) -> set[tuple[str, str, str]]:
    found = read(text)
    says = {one.id: one.statement for one in found.explanation.causes}
    return {(says[one.cause], one.kind.value, one.effect if one.effect == "impact" else says[one.effect])
            for one in found.explanation.links}  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "cause"),
    [
        ("The outage was caused by a full disk on the index host.", "a full disk on the index host"),
        ("The site was down due to an expired certificate.", "an expired certificate"),
        ("Users could not log in because the session store was full.", "the session store was full"),
        ("A loop in the retry path led to an outage of the checkout.", "A loop in the retry path"),
        ("The failed switch resulted in downtime for all shops.", "The failed switch"),
        ("As a result of the move of the index, search was unavailable.", "the move of the index"),
    ],
)
def test_a_sentence_that_says_what_led_to_the_harm(sentence: str, cause: str) -> None:
    assert (cause, "produces", "impact") in links(f"# Friday\n\n## Summary\n\n{sentence}\n")


@pytest.mark.parametrize(
    "sentence",
    [
        "The outage was not caused by the new disk.",
        "A full disk would have led to an outage.",
        "If the disk were full, this might have caused downtime.",
        "Was the outage caused by the new disk?",
        "No users were affected because the traffic was low.",
        "We chose the small disk because it is cheaper.",
        "The site recovered because the team restarted the index.",
        "Due to this outage the train was stopped.",
    ],
)
def test_what_is_denied_thought_asked_or_spared_says_nothing_of_causes(sentence: str) -> None:
    """The negative controls: each holds a causal word, and none tells what led to this incident."""
    assert links(f"# Friday\n\n## Summary\n\n{sentence}\n") == set()


def test_a_citation_leads_to_the_very_words() -> None:
    text = "# Friday\n\n## Summary\n\nFirst of all.\nThe site was down due to an expired certificate. It ended.\n"
    found = read(text)
    [cause] = [one for one in found.explanation.causes if one.id != "impact"]
    quoted = found.quotes[cause.id]
    assert (quoted.line, quoted.last) == (6, 6)
    assert text[quoted.start : quoted.end] == "The site was down due to an expired certificate."
    assert str(cause.cites[0]).startswith("D1:6")


def test_everything_is_proposed_and_asserted_by_the_document_only() -> None:
    found = read("## Root cause\n\nThe pool was full.\n")
    assert {one.grade for one in found.explanation.links} == {Grade.ASSERTED}
    assert {one.by for one in found.explanation.causes} == {"afterword"}


def test_five_whys_are_a_chain_and_contributing_factors_stand_beside_it() -> None:
    text = (
        "# Checkout\n\n## Five whys\n\n1. Why did it fail? The pool was full.\n2. Why was it full? Nobody limits the export.\n\n"
        "## Contributing factors\n\n- No alert on the pool\n"
    )
    assert links(text) == {
        ("The pool was full.", "produces", "impact"),
        ("Nobody limits the export.", "produces", "The pool was full."),
        ("No alert on the pool", "enables", "impact"),
    }


def test_a_defence_that_was_absent_or_failed_is_one() -> None:
    found = read("# Friday\n\n## Summary\n\nThere was no test of the export. The alert did not fire on Friday.\n")
    held = {one.held: one.kind for one in found.explanation.causes if one.role is Role.DEFENCE}
    assert held == {Held.ABSENT: NodeKind.DEFENCE, Held.FAILED: NodeKind.DEFENCE}
    assert {one.kind for one in found.explanation.links} == {LinkKind.FAILS_TO_STOP}


def test_where_the_text_says_nothing_of_causes_that_is_said() -> None:
    found = read("# Friday\n\nThe site was down from 10:00 to 11:00.\n")
    assert not found.explanation.links
    assert "no sentence was found that says what caused what" in found.missing


def test_rows_of_a_timeline_that_lost_their_breaks_are_no_sentence() -> None:
    text = "# Friday\n\n## Summary\n\nThe alert fires\n10:05 The pool is full because the export runs\n10:09 It is stopped\n"
    assert links(text) == set()


def test_what_speaks_to_a_terminal_or_a_page_does_not_come_through() -> None:
    text = "# Friday\n\n## Root cause\n\nThe \x1b[31mpool\x07 was \u202efull of <script>alert(1)</script> rows.\n"
    found = read(text)
    told = " ".join(one.statement for one in found.explanation.causes)
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert quote_of("a\x1b]0;b\x07c") == "a ]0;b c"
    assert all("\x1b" not in one.quote for one in review(text))


def test_a_line_without_end_is_cut_and_costs_no_time() -> None:
    """Three megabytes on one line: read in moments, and nothing is raised."""
    for text in ("a" * 3_000_000, "the pool was full because the disk was slow and " * 60_000, "(" * 200_000):
        read(f"## Root cause\n\n{text}\n")


def test_a_list_without_end_is_a_graph_with_an_end() -> None:
    found = read("## Contributing factors\n\n" + "".join(f"- factor {n} was number {n * 7}\n" for n in range(2_000)))
    assert len(found.explanation.causes) <= 250


@given(
    st.text(max_size=300),
    st.sampled_from(["## Root cause\n\n", "## Five whys\n\n", "## Summary\n\nIt was down due to "]),
)
def test_any_text_is_read_and_every_link_is_between_nodes_with_a_place(text: str, head: str) -> None:
    whole = head + text
    found = read(whole)
    ids = {one.id for one in found.explanation.causes}
    for link in found.explanation.links:
        quoted = found.quotes[f"{link.cause}>{link.effect}"]
        assert {link.cause, link.effect} <= ids
        assert link.cause != link.effect
        assert 0 <= quoted.start <= quoted.end
        assert 1 <= quoted.line <= quoted.last <= len(whole.splitlines()) + 1
