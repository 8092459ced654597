"""Claim: a number, time or causal sentence of the document, with the operation that makes it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from afterword.model.evidence import Citation


@dataclass(frozen=True, slots=True)
class Claim:
    """``execute(op, args)`` over the frozen evidence gives ``value``; ``text`` is how the document says it."""

    id: str
    op: str
    args: Mapping[str, Any]
    value: Any
    text: str
    cites: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A claim that does not hold: what the document says, what the evidence gives."""

    claim: str
    says: str
    found: str
    cites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """The report of ``afterword verify``."""

    claims: int
    verified: int
    contradicted: tuple[Contradiction, ...]
    #: Claims that the document does not carry, or evidence that is gone.
    missing: tuple[str, ...]
    #: Sentences that no claim supports.
    unsupported: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not (self.contradicted or self.missing or self.unsupported) and self.verified == self.claims
