"""Event: one observation of any signal. Log line, metric point, span, alert, deploy, message: one row type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from afterword.model.evidence import Citation, Place


class Kind(StrEnum):
    LOG = "log"
    METRIC = "metric"
    SPAN = "span"
    ALERT = "alert"
    PAGE = "page"
    CHANGE = "change"
    MESSAGE = "message"
    STATE = "state"
    STATUS = "status"
    EDGE = "edge"
    RULE = "rule"
    OWNER = "owner"
    PATTERN = "pattern"
    CHECK = "check"
    POLICY = "policy"
    MEMBER = "member"


class Meaning(StrEnum):
    """What a time says: when it happened, when somebody saw it, when it was told, or when its record was made."""

    OCCURRED = "occurred"
    OBSERVED = "observed"
    REPORTED = "reported"
    CREATED = "created"


SEVERITIES = ("", "trace", "debug", "info", "notice", "warn", "error", "fatal")


@dataclass(frozen=True, slots=True)
class Event:
    """One observation, as one stretch of bytes says it.

    ========  =========================================================================================
    kind      what the fields hold
    ========  =========================================================================================
    log       subject = component, text = message, severity; attributes: trace, span, logger, exception
    metric    subject = component, name = indicator, value; attributes: unit, statistic
    span      subject = component, name = operation, took = duration in ns, severity = ``error`` when it
              failed; attributes: trace, span, parent, kind, peer
    alert     subject = component, name = alert, text = summary, at = start, until = end; attributes:
              state (firing, resolved), metric, threshold, observed, fingerprint
    page      subject = component, name = alert, at = when people were notified; attributes: state
              (triggered, acknowledged, escalated, resolved), person
    change    subject = component, name = its identity (commit, deployment, flag, ticket), text = what;
              attributes: change (commit, deploy, flag, config, ticket), who, commit, version, files
              (newline-separated), diff, state
    message   subject = channel, name = author, text; attributes: thread
    state     subject = object (``pod/cart-1``), name = reason, text; until and attributes count
    status    subject = provider or component, name = its status, text
    edge      subject = caller, name = callee (undated)
    rule      subject = group, name = alert, text = expression; attributes: for, severity, runbook
    owner     subject = path pattern or component, name = owner
    pattern   subject = component, text = a summarised log pattern; value = count; attributes: delta
    check     subject = component, repository or path, name = what was run; attributes: check (run, test,
              review, coverage), state, commit, attempt, who; of coverage ``hit`` and ``missed`` lines
    policy    subject = what it is about (a dependency, a receiver), name = its own name (undated);
              attributes: policy (route, receiver, inhibit, timeout, retry, breaker, pool, bulkhead, …)
    member    subject = organisation or team, name = who belongs to it (undated); attributes: state
    ========  =========================================================================================

    ``at`` and ``until`` are ns since the epoch; ``None`` means undated. ``offset`` is the stated offset
    from UTC in minutes, ``None`` when the source states no zone (``at`` is then the wall clock as if UTC).
    It happened somewhere in ``[at, at + granularity)`` by the clock called ``clock`` (a host, a system; empty: the one
    clock of its artefact). ``skew`` is what has been added to ``at`` and ``until`` to bring that clock to the others, in
    ns; sources leave it 0, since no artefact alone can tell.
    """

    kind: Kind
    place: Place
    at: int | None = None
    subject: str = ""
    name: str = ""
    text: str = ""
    value: float | None = None
    took: int | None = None
    severity: str = ""
    until: int | None = None
    offset: int | None = 0
    attributes: Mapping[str, str] = field(default_factory=dict)
    granularity: int = 1
    meaning: Meaning = Meaning.OCCURRED
    clock: str = ""
    skew: int = 0


@dataclass(frozen=True, slots=True)
class Fact:
    """An event together with the citation that leads to it in an incident."""

    event: Event
    cite: Citation
