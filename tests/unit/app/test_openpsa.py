"""Fault trees arrive as XML from strangers: read exactly, refused by name, and never trusted."""

from __future__ import annotations

from math import pi

import pytest
from hypothesis import given, settings
from truth_table import trees

from afterword.app.openpsa import read, write
from afterword.app.openpsa_number import MISSION_TIME
from afterword.app.xml_reader import parse_xml
from afterword.core.cause.expression import Numbers
from afterword.core.cause.tree import solve
from afterword.model.refusal import InvalidError
from afterword.model.tree import (
    BasicEvent,
    CommonCause,
    CommonCauseModel,
    Expression,
    FaultTree,
    Gate,
    GateKind,
    Parameter,
)

FULL = b"""<?xml version="1.0"?>
<!DOCTYPE opsa-mef>
<opsa-mef>
  <define-fault-tree name="checkout">
    <define-gate name="down"><label>No orders &amp; no money</label><or><event name="pool"/><gate name="two-of-three"/></or></define-gate>
    <define-component name="db">
      <define-gate name="two-of-three"><atleast min="2"><basic-event name="a"/><basic-event name="b"/>
        <and><basic-event name="c"/><house-event name="weekend"/></and></atleast></define-gate>
      <define-house-event name="weekend"><constant value="true"/></define-house-event>
    </define-component>
  </define-fault-tree>
  <model-data>
    <define-parameter name="often"><float value="0.5"/></define-parameter>
    <define-basic-event name="pool"><float value="1e-3"/></define-basic-event>
    <define-basic-event name="a"><parameter name="often"/></define-basic-event>
    <define-basic-event name="b"><label>replica b</label></define-basic-event>
  </model-data>
</opsa-mef>
"""


def model(body: str, data: str = "", before: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>\n{before}<opsa-mef><define-fault-tree name="ft">{body}</define-fault-tree>'
        f"<model-data>{data}</model-data></opsa-mef>"
    ).encode()


GOOD = '<define-gate name="top"><or><basic-event name="x"/></or></define-gate>'


def test_a_whole_document_is_read() -> None:
    """Labels, parameters, house events, components, a formula in place, an event used without a definition."""
    tree = read(FULL)
    assert (tree.name, tree.top) == ("checkout", "down")
    gates = {gate.name: gate for gate in tree.gates}
    assert gates["down"].inputs == ("pool", "two-of-three")
    assert gates["down"].label == "No orders & no money"
    assert (gates["two-of-three"].kind, gates["two-of-three"].k) == (GateKind.ATLEAST, 2)
    assert gates["two-of-three#3"].inputs == ("c", "weekend")
    events = {event.name: event for event in tree.events}
    assert events["pool"].probability == 1e-3
    assert events["a"].probability == 0.5
    assert events["b"] == BasicEvent("b", "replica b")
    assert events["c"].probability is None
    assert events["weekend"].house
    assert events["weekend"].happened
    assert set(solve(tree).cut_sets) == {("pool",), ("a", "b"), ("a", "c"), ("b", "c")}


def test_what_is_written_is_read_back() -> None:
    tree = FaultTree(
        'a "tree" & <more>',
        "top",
        (Gate("top", GateKind.XOR, ("g", "é"), 0, "first < last"), Gate("g", GateKind.ATLEAST, ("a", "h", "é"), 2)),
        (BasicEvent("a", "label", 0.25), BasicEvent("é"), BasicEvent("h", happened=True, house=True)),
    )
    assert read(write(tree)) == tree


def number(value: float) -> Expression:
    return Expression("float", value=value)


def test_numbers_and_common_causes_are_read_back_too() -> None:
    """Every kind of expression once, parameters that rest on each other, and a group of pumps."""
    rate = Expression("lognormal-deviate", (number(1e-4), number(3.0), number(0.95)))
    bins = Expression("histogram", tuple(map(number, (0.0, 0.1, 2.0, 0.2, 1.0))))
    choice = Expression("switch", (Expression("lt", (number(1.0), number(2.0))), bins, number(0.3)))
    wears = Expression(
        "exponential", (Expression("parameter", name="rate"), Expression("parameter", name=MISSION_TIME))
    )
    half = Expression("mul", (Expression("bool", value=1.0), Expression("pi"), number(0.1)))
    tree = FaultTree(
        "plant",
        "top",
        (
            Gate("top", GateKind.OR, ("both", "even", "some")),
            Gate("both", GateKind.IMPLY, ("a", "b")),
            Gate("even", GateKind.IFF, ("a", "c")),
            Gate("some", GateKind.CARDINALITY, ("a", "b", "p1", "p2"), 0, "", 2),
        ),
        (
            BasicEvent("a", "", float(Numbers(()).value(choice)), expression=choice),
            BasicEvent(
                "b",
                "",
                float(Numbers((Parameter("rate", rate), Parameter(MISSION_TIME, number(10.0)))).value(wears)),
                expression=wears,
            ),
            BasicEvent("c", "", 0.1 * pi, expression=half),
            BasicEvent("p1"),
            BasicEvent("p2"),
        ),
        (),
        (Parameter("rate", rate), Parameter(MISSION_TIME, number(10.0))),
        (CommonCause("pumps", CommonCauseModel.BETA, ("p1", "p2"), number(0.1), ((2, number(0.2)),)),),
    )
    assert read(write(tree), hours=10.0) == tree


@settings(max_examples=100, deadline=None)
@given(trees())
def test_any_tree_that_is_written_is_read_back_and_solved_alike(tree: FaultTree) -> None:
    """Only what the top rests on is read, in the order of its definition; the answers are the same."""
    back = read(write(tree), tree.top)
    assert {gate.name: gate for gate in back.gates}.items() <= {gate.name: gate for gate in tree.gates}.items()
    assert read(write(back)) == back
    one, other = solve(tree), solve(back)
    assert (one.by_order, set(one.cut_sets)) == (other.by_order, set(other.cut_sets))
    assert one.top_probability == pytest.approx(other.top_probability, abs=1e-12)


TWO = b"""<opsa-mef>
  <define-fault-tree name="shop">
    <define-gate name="down"><or><gate name="power.lost"/><event name="pool"/><gate name="cooling"/></or></define-gate>
  </define-fault-tree>
  <define-fault-tree name="power">
    <define-gate name="lost" role="private"><and><event name="grid"/><event name="diesel.start"/></and></define-gate>
    <define-component name="diesel" role="private"><define-basic-event name="start"><float value="0.1"/></define-basic-event></define-component>
    <define-basic-event name="grid"><float value="0.01"/></define-basic-event>
  </define-fault-tree>
  <define-fault-tree name="cold">
    <define-gate name="cooling"><and><event name="fan"/><basic-event name="power.grid"/></and></define-gate>
    <define-gate name="not-asked"><or><event name="rain"/></or></define-gate>
  </define-fault-tree>
</opsa-mef>"""


def test_trees_that_transfer_to_each_other_are_one_tree() -> None:
    """Private names by their path, public ones from anywhere, one event under two references."""
    tree = read(TWO)
    assert (tree.name, tree.top) == ("shop", "down")
    assert set(solve(tree).cut_sets) == {("pool",), ("grid", "power.diesel.start"), ("fan", "grid")}
    assert {event.name for event in tree.events} == {"pool", "grid", "power.diesel.start", "fan"}
    assert read(TWO, "not-asked").events == (BasicEvent("rain"),)
    with pytest.raises(InvalidError, match="'nothing' is not defined"):
        read(TWO, "nothing")


def test_a_model_in_several_files() -> None:
    numbers = b'<opsa-mef><model-data><define-basic-event name="x"><float value="0.25"/></define-basic-event></model-data></opsa-mef>'
    assert read(model(GOOD), more=[numbers]).events[0].probability == 0.25
    assert read(model(GOOD)).events[0].probability is None


def test_event_trees_beside_are_told_as_not_used() -> None:
    assert read(model(GOOD).replace(b"<model-data>", b'<define-event-tree name="e"/><model-data>')).ignored == (
        "<define-event-tree> of <opsa-mef>",
    )


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('<define-gate name="t"><formula><event name="a"/></formula></define-gate>', "line 2: <formula>"),
        ('<define-gate name="t"><imply><event name="a"/></imply></define-gate>', "1 inputs"),
        (
            '<define-gate name="t"><cardinality min="1" max="2"><event name="a"/></cardinality></define-gate>',
            "max between 1 and 1",
        ),
        ('<define-substitution name="s"/>', "<define-substitution>"),
        (GOOD + '<define-CCF-group name="c" model="gamma-factor"/>', "'gamma-factor'"),
        (GOOD + '<define-CCF-group name="c" model="beta-factor"/>', "needs one distribution"),
        ('<define-gate name="t" role="secret"><or><event name="a"/></or></define-gate>', "role 'secret'"),
        ('<define-gate name="t"><or><event name="c.a"/></or></define-gate>', "leads to nothing"),
        ('<define-gate name="t"><or><gate name="missing"/></or></define-gate>', "'missing' is not defined"),
        (
            '<define-gate name="t"><atleast min="3"><event name="a"/><event name="b"/></atleast></define-gate>',
            "between 1 and 2",
        ),
        (
            '<define-gate name="t"><atleast min="9999999999999"><event name="a"/></atleast></define-gate>',
            "between 1 and 1",
        ),
        ('<define-gate name="t"><or/></define-gate>', "0 inputs"),
        ('<define-gate name="t"><or><event/></or></define-gate>', "no name"),
        (GOOD + GOOD, "a second time"),
        (GOOD + GOOD.replace("top", "other"), "2 top gates"),
        (
            '<define-gate name="a"><or><gate name="b"/></or></define-gate><define-gate name="b"><or><gate name="a"/></or></define-gate>',
            "a → b → a",
        ),
    ],
)
def test_what_is_not_supported_is_refused_by_name_and_line(body: str, says: str) -> None:
    with pytest.raises(InvalidError, match=says):
        read(model(body))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ('<define-basic-event name="x"><exponential/></define-basic-event>', "<exponential> has 0 inputs"),
        ('<define-basic-event name="x"><extern-function name="f"/></define-basic-event>', "<extern-function>"),
        (
            '<define-basic-event name="x"><beta-deviate><int value="0"/><int value="1"/></beta-deviate></define-basic-event>',
            "not positive",
        ),
        (
            '<define-basic-event name="x"><div><int value="0"/><int value="0"/></div></define-basic-event>',
            "not a probability",
        ),
        ('<define-basic-event name="x"><float value="nan"/></define-basic-event>', "not a number"),
        ('<define-basic-event name="x"><float value="2"/></define-basic-event>', "not a probability"),
        ('<define-basic-event name="x"><parameter name="p"/></define-basic-event>', "'p' is not defined"),
        (
            (
                '<define-parameter name="p"><parameter name="p"/></define-parameter>'
                '<define-basic-event name="x"><parameter name="p"/></define-basic-event>'
            ),
            "is defined by itself",
        ),
        ('<define-house-event name="x"><constant value="maybe"/></define-house-event>', "true or false"),
    ],
)
def test_numbers_that_are_none_are_refused(data: str, says: str) -> None:
    with pytest.raises(InvalidError, match=says):
        read(model(GOOD, data))


def _bomb() -> bytes:
    entities = '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    return model(GOOD + "<label>&a9;</label>", before=f"<!DOCTYPE o [{entities}]>")


ATTACKS = {
    "billion laughs": (_bomb(), "declares the entity"),
    "external entity": (
        model(GOOD, before='<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        "declares the entity",
    ),
    "parameter entity": (
        model(GOOD, before='<!DOCTYPE o [<!ENTITY % p SYSTEM "http://e/x"> %p;]>'),
        "declares the entity",
    ),
    "external DTD": (model(GOOD, before='<!DOCTYPE o SYSTEM "http://evil/x.dtd">'), "outside the document"),
    "xinclude": (
        model('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'),
        "include another",
    ),
    "deep nesting": (b"<opsa-mef>" + b"<or>" * 50_000 + b"</or>" * 50_000 + b"</opsa-mef>", "deeper than 200"),
    "utf-7": (b'<?xml version="1.0" encoding="UTF-7"?><opsa-mef/>', "UTF-7"),
    "many attributes": (b"<opsa-mef " + b" ".join(b'a%d="1"' % i for i in range(10_000)) + b"/>", "10000 attributes"),
    "unknown entity": (model(GOOD + "<label>&x;</label>"), "not well-formed"),
    "not xml": (b"\x00\x01\x02", "not well-formed"),
    "another document": (b"<html/>", "not an Open-PSA"),
    "nothing": (b"", "not well-formed"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_are_refused(name: str) -> None:
    data, says = ATTACKS[name]
    with pytest.raises(InvalidError, match=says):
        read(data)


def test_the_same_documents_without_the_attack_are_read() -> None:
    """Negative control: the refusals above come from the attack, not from the shape of the document."""
    assert read(model(GOOD)).top == "top"
    assert read(model(GOOD, before="<!DOCTYPE opsa-mef>")).top == "top"
    assert parse_xml(b"<a>" + b"<b>" * 199 + b"</b>" * 199 + b"</a>").tag == "a"
    assert len(parse_xml(b"<a " + b" ".join(b'a%d="1"' % i for i in range(64)) + b"/>").attributes) == 64


def test_a_huge_document_is_refused_before_it_is_read() -> None:
    with pytest.raises(InvalidError, match="larger than"):
        parse_xml(b"<a/>" + b" " * 100, largest=50)
