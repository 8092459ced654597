"""Alerts that lead to other alerts: kinds, links between them, and what that lets one keep quiet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from afterword.model.evidence import Citation
    from afterword.model.time import Span


@dataclass(frozen=True, slots=True)
class AlertKind:
    """All alerts of one name. ``led_to``: the share of them that others led to; ``level``: 0 where none did."""

    name: str
    count: int
    components: int
    led_to: float
    level: int


@dataclass(frozen=True, slots=True)
class AlertLink:
    """Alerts of ``cause`` lead to alerts of ``effect``, on the same component or on one that touches it.

    ``confidence`` that there is a link, and ``direction`` that it leads this way, from 0 to 1; ``given``: it was known
    before. ``strength`` is how many alerts of the effect one of the cause brings about; ``explains`` is the share of the
    effect that it brings about. ``pairs`` are alerts of the effect that follow one of the cause within the window of the
    graph, ``chance`` is how many would without a link. Delays are quartiles in seconds.
    """

    cause: str
    effect: str
    confidence: float
    direction: float
    given: bool
    strength: float
    explains: float
    pairs: int
    chance: float
    lift: float
    delay: float
    delay_low: float
    delay_high: float
    #: The share of what it brings about that is on the component of the cause itself.
    same_component: float
    #: The share that begins while the cause fires; None where ends are not known.
    while_firing: float | None
    #: A few pairs, the clearest first: the alert of the cause, then that of the effect.
    cites: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class InhibitRule:
    """While ``source`` fires, ``target`` need not be told, where the labels ``equal`` have the same values.

    Over the history it would have kept ``hides`` of ``of`` alerts quiet, about ``in_vain`` of them not consequences.
    """

    source: str
    target: str
    equal: tuple[str, ...]
    hides: int
    of: int
    in_vain: float


@dataclass(frozen=True, slots=True)
class AlertGraph:
    """What leads to what in a history of alerts, the strongest link first."""

    alerts: int
    span: Span | None
    #: Components that were seen, and how many pairs of them touch.
    components: int
    touching: int
    #: Where that is from: ``given``, ``learnt`` or ``same component only``.
    topology: str
    #: Within so many seconds nearly all consequences follow; the clock moves in steps of ``tick`` seconds.
    window: float
    tick: float
    kinds: tuple[AlertKind, ...]
    links: tuple[AlertLink, ...]
    #: Kinds that belong together, where the times do not tell which way: a clock too coarse, or ends that swap.
    together: tuple[AlertLink, ...] = ()
    inhibit: tuple[InhibitRule, ...] = ()
    notes: tuple[str, ...] = ()
    #: The files that were written.
    outputs: tuple[str, ...] = ()
