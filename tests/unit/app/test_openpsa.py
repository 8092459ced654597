"""Fault trees arrive as XML from strangers: read exactly, refused by name, and never trusted."""

from __future__ import annotations

import pytest

from afterword.app.openpsa import read, write
from afterword.app.xml_reader import parse_xml
from afterword.core.cause.tree import solve
from afterword.model.refusal import InvalidError
from afterword.model.tree import BasicEvent, FaultTree, Gate, GateKind

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


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('<define-gate name="t"><imply><event name="a"/><event name="b"/></imply></define-gate>', "line 2: <imply>"),
        (
            '<define-gate name="t"><cardinality min="1" max="2"><event name="a"/></cardinality></define-gate>',
            "<cardinality>",
        ),
        ('<define-CCF-group name="c" model="beta-factor"/>', "<define-CCF-group>"),
        ('<define-gate name="t" role="private"><or><event name="a"/></or></define-gate>', "private"),
        ('<define-gate name="t"><or><event name="c.a"/></or></define-gate>', "into a component"),
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
        ('<define-basic-event name="x"><exponential/></define-basic-event>', "<exponential>"),
        ('<define-basic-event name="x"><float value="nan"/></define-basic-event>', "not a number"),
        ('<define-basic-event name="x"><float value="2"/></define-basic-event>', "not a probability"),
        ('<define-basic-event name="x"><parameter name="p"/></define-basic-event>', "'p' is not defined"),
        (
            (
                '<define-parameter name="p"><parameter name="p"/></define-parameter>'
                '<define-basic-event name="x"><parameter name="p"/></define-basic-event>'
            ),
            "defined by itself",
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
