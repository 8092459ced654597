"""Coverage as XML: Cobertura, JaCoCo, Clover."""

from __future__ import annotations

from source_laws import check, events, problems, said, truncated

from afterword.model.event import Kind
from afterword.sources.coverage_xml import SOURCE

SAMPLE = b"""<?xml version="1.0" ?>
<coverage version="7.4" timestamp="1700000000000" line-rate="0.5">
  <sources><source>/srv/app</source></sources>
  <packages><package name="services"><classes>
    <class name="cart.py" filename="services/cart.py"><methods/><lines>
      <line number="3" hits="1"/>
      <line number="4" hits="0"/>
      <line number="5" hits="0"/>
    </lines></class>
    <class name="pay.py" filename="services/pay.py"><methods/><lines/></class>
  </classes></package></packages>
</coverage>
"""
JACOCO = b"""<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">
<report name="shop"><sessioninfo id="a" start="1" dump="2"/><package name="com/acme"><class name="com/acme/Charge" sourcefilename="Charge.java">
<method name="x" desc="()V" line="3"/></class><sourcefile name="Charge.java"><line nr="12" mi="0" ci="3"/><line nr="13" mi="2" ci="0"/></sourcefile></package></report>
"""
CLOVER = b"""<coverage generated="1"><project timestamp="1"><package name="a"><file name="cart.js" path="src/cart.js">
<line num="1" count="4" type="stmt"/><line num="2" count="0" type="stmt"/></file></package></project></coverage>
"""


def test_each_file_says_which_of_its_lines_ran() -> None:
    (one,) = events(SOURCE, SAMPLE)
    assert (one.kind, one.subject, one.name) == (Kind.CHECK, "services/cart.py", "coverage")
    assert (one.attributes["hit"], one.attributes["missed"]) == ("3", "4-5")
    assert said(SAMPLE, one).startswith('<class name="cart.py"')
    assert said(SAMPLE, one).endswith("</class>")


def test_the_other_formats_say_the_same() -> None:
    for raw, path, hit, missed in ((JACOCO, "com/acme/Charge.java", "12", "13"), (CLOVER, "src/cart.js", "1", "2")):
        (one,) = events(SOURCE, raw)
        assert (one.subject, one.attributes["hit"], one.attributes["missed"]) == (path, hit, missed)
        assert SOURCE.sniff(raw) > 0.8


def test_entities_are_refused_and_what_stands_before_a_break_is_kept() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY x "ha">]><coverage><packages/></coverage>'
    assert [p.code for p in problems(SOURCE, bomb)] == ["xml-entity"]
    torn = SAMPLE[: SAMPLE.index(b'    <class name="pay')] + b"<broken"
    assert len(events(SOURCE, torn)) == 1
    assert [p.code for p in problems(SOURCE, torn)] == ["xml-syntax"]
    assert [p.code for p in problems(SOURCE, b"<coverage><packages/></coverage>")] == ["coverage-shape"]


def test_the_laws() -> None:
    truncated(SOURCE, SAMPLE)
    for raw in (JACOCO, CLOVER):
        check(SOURCE, raw)
