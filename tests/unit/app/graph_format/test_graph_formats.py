"""The graph goes out to other tools and comes back: what is written is read as the same, and hostile text is text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.app.graph_format import READERS, WRITERS, read, recognised
from afterword.core.cause import drawn
from afterword.core.lint.sketch import sketch
from afterword.model.cause import LinkKind, NodeKind
from afterword.model.drawn import DrawnGraph, DrawnLink, DrawnNode
from afterword.model.edit import EditKind
from afterword.model.refusal import InvalidError, RefusalError

GRAPH = sketch(
    "impact: users met errors\npool [proximate, condition, @-30s, E1:3]: the pool was full\npool -> impact [produces, E1:3]\n"
    "deploy [trigger, event, @-1m, E1:9]: version 12 leaks\ndeploy -> pool [triggers]\ntest [defence, absent]: no test fills it\ntest -> pool [enables]\n"
).explanation
_TEXT = (
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
    .map(lambda s: " ".join(s.split()))
    .filter(bool)
)


@st.composite
def graphs(draw: st.DrawFn) -> DrawnGraph:
    """A few nodes with any words, and links among them."""
    words = draw(st.lists(_TEXT, min_size=1, max_size=5))
    nodes = tuple(DrawnNode(f"n{n}", one, draw(st.sampled_from(list(NodeKind)))) for n, one in enumerate(words))
    ends = st.sampled_from([one.id for one in nodes])
    links = draw(st.lists(st.builds(DrawnLink, ends, ends, st.sampled_from(list(LinkKind))), max_size=5))
    return DrawnGraph("", nodes, tuple(links))


@pytest.mark.parametrize("name", ["json", "mermaid", "dot", "graphml"])
@given(graph=graphs())
def test_what_is_written_is_read_as_the_same(name: str, graph: DrawnGraph) -> None:
    """Any words at all: quotes, brackets, entities, arrows."""
    back = READERS[name](WRITERS[name](graph))
    assert not back.problems
    assert [(one.id, one.statement, one.kind) for one in back.nodes] == [
        (one.id, one.statement, one.kind) for one in graph.nodes
    ]
    assert [(one.cause, one.effect, one.kind) for one in back.links] == [
        (one.cause, one.effect, one.kind) for one in graph.links
    ]


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_a_format_is_recognised_and_an_import_of_ones_own_graph_changes_nothing(name: str) -> None:
    text = WRITERS[name](drawn.of(GRAPH))
    assert recognised(text) == name
    made, problems = drawn.edits(GRAPH, read(text.encode()), by="kim", at="", taken=0)
    assert made == ()
    assert problems == ()


def test_five_whys_that_somebody_wrote_become_edits() -> None:
    """A numbered list, as it stands in most documents."""
    text = "1. Why did users met errors? The pool was full.\n2. Why was the pool full? A job held connections.\n3. Why? Nobody owns the job.\n"
    found = READERS["whys"](text)
    made, problems = drawn.edits(GRAPH, found, by="kim", at="2026-03-14T12:00:00Z", taken=4)
    assert problems == ()
    assert [(one.id, one.kind, one.statements) for one in made] == [
        ("g5", EditKind.ADD, ("A job held connections",)),
        ("g6", EditKind.ADD, ("Nobody owns the job",)),
    ]
    assert made[0].about == ("pool",)


def test_a_branching_list_keeps_its_branches() -> None:
    text = "- Why did it fail?\n  - Because: a\n    - Why a?\n      - Because: b\n  - Because: c\n"
    found = READERS["whys"](text)
    said = {one.id: one.statement for one in found.nodes}
    assert {(said[one.cause], said[one.effect]) for one in found.links} == {
        ("a", "it fail"),
        ("b", "a"),
        ("c", "it fail"),
    }


def test_what_leads_nowhere_is_told() -> None:
    text = 'flowchart BT\n  x["a stray"]\n  y["b"] --> z["c"]\n  something ~~~ strange\n'
    found = read(text.encode())
    assert found.problems == ("line 4: neither a node nor a link: something ~~~ strange",)
    _, problems = drawn.edits(GRAPH, found, by="kim", at="", taken=0)
    assert "x: nothing says what it led to" in problems


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><graphml><graph><node id="&x;"/></graph></graphml>',
        "<html></html>",
        '{"version": "afterword-graph/1", "nodes": 3}',
        '{"top": "", "nodes": [], "links": [], "problems": [], "version": "other/9"}',
        "digraph { a [label=<b>] }",
        "hello",
    ],
)
def test_what_is_no_graph_is_refused(text: str) -> None:
    with pytest.raises(RefusalError):
        read(text.encode())


def test_a_graph_larger_than_anybody_argues_about_is_refused() -> None:
    many = "digraph {" + "".join(f"a{n} -> b;" for n in range(3000)) + "}"
    with pytest.raises(InvalidError, match="more than 2000 nodes"):
        read(many.encode())
    with pytest.raises(InvalidError, match="larger than 4 MiB"):
        read(b"digraph {" + b" " * (4 << 20) + b"}")


@given(st.text(max_size=300))
def test_no_text_breaks_a_reader(text: str) -> None:
    for one in READERS.values():
        try:
            one(text)
        except RefusalError:
            continue
