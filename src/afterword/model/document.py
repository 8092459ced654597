"""Document: sections of blocks; every number, time and causal sentence in them is a claim."""

from __future__ import annotations

from dataclasses import dataclass

from afterword.model.claim import Claim


@dataclass(frozen=True, slots=True)
class Words:
    """Plain words of the template: no number, no time, no name of a component."""

    text: str
    strong: bool = False
    #: Words of somebody else or of a person who edits the document; exporters mark them.
    code: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A claim as it stands in the text."""

    claim: str
    text: str
    strong: bool = False
    code: bool = False


Inline = Words | Said


@dataclass(frozen=True, slots=True)
class Paragraph:
    inlines: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[tuple[Inline, ...], ...]
    ordered: bool = False
    #: Depth of each item, 0 for the outermost; empty: all 0.
    depths: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[tuple[tuple[Inline, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as SVG text made by core/picture; ``alt`` says in words what it shows."""

    name: str
    svg: str
    alt: str


@dataclass(frozen=True, slots=True)
class Note:
    """Words that a person wrote; quoted as theirs."""

    text: str
    by: str


Block = Paragraph | Bullets | Table | Picture | Note


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    incident: str
    title: str
    sections: tuple[Section, ...]
    claims: tuple[Claim, ...]
