"""The table of what is found in the graph of a foreign postmortem: each rule with its source and two examples (tested)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.core.argument import (
    after_effect,
    assumed,
    cause_without_action,
    change_not_questioned,
    change_without_record,
    cycle,
    detection_late,
    deviation,
    ends_at_act,
    no_alternatives,
    no_cause,
    no_evidence,
    one_cause,
    recovery_long,
    recovery_not_told,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from afterword.core.argument import Argued
    from afterword.core.wording import Hit


@dataclass(frozen=True, slots=True)
class ArgumentRule:
    """As a rule of the review; ``graph`` is the rule of the linter that it carries over to a text. Severity ``hint``: too few
    findings were read, or fewer than four in five of them were right (decision 0029); it never fails a strict check.
    """

    id: str
    graph: str
    severity: str
    says: str
    suggest: str
    source: str
    find: Callable[[Argued], Iterator[Hit]]
    bad: str
    good: str


_CHANGE = "## Root cause\n\nThe deployment of version 12 to all hosts led to errors for all users.\n"
_POOL = "## Root cause\n\nThe pool of connections was used up by the nightly export.\n"

RULES: tuple[ArgumentRule, ...] = (
    ArgumentRule(
        "argument.no-cause", "C04", "hint", "Nothing in the document says why it happened.",
        "Say what set it off and what let it through, or that it is not known and what would tell.",
        "Why-Because Analysis (Ladkin): every effect has a cause; TOC: cause insufficiency", no_cause,
        "# Search was down\n\n" + "At 10:00 the search was down. At 10:20 it was up. The team watched the graphs all the time. " * 6,
        "# Search was down\n\n" + "At 10:00 the search was down because the disk of the index was full. At 10:20 it was up. " * 6,
    ),
    ArgumentRule(
        "argument.circle", "C01", "hint", "By its own sentences this leads to itself.", "Say what came first, and what kept it going.",
        "Why-Because Analysis (Ladkin): the graph has no circles", cycle,
        "# Saturday\n\nThe queue was full because the workers were blocked. The workers were blocked because the disk was overloaded. The disk was overloaded because the queue was full.\n",
        "# Saturday\n\nThe queue was full because the workers were blocked. The workers were blocked because the disk was overloaded.\n",
    ),
    ArgumentRule(
        "argument.time",
        "C02",
        "hint", "By its own times the cause began after its effect.", "Correct the times, or look for what came before both.",
        "Apollo principle 4: same space and time", after_effect,
        "# Errors\n\n- Started: 2026-03-01 10:00 UTC\n- Resolved: 2026-03-01 11:00 UTC\n\n## Summary\n\nAt 10:30 UTC the drop of an index led to an outage for all users.\n",
        "# Errors\n\n- Started: 2026-03-01 10:31 UTC\n- Resolved: 2026-03-01 11:00 UTC\n\n## Summary\n\nAt 10:30 UTC the drop of an index led to an outage for all users.\n",
    ),
    ArgumentRule(
        "argument.ends-at-act", "C07", "hint", "The causes end at what somebody did.",
        "Ask what made it possible and sensible: the missing guard, the unclear text, the interface.",
        "NCPS Five Rules of Causation, rule 3; Dekker, Field Guide", ends_at_act,
        "## Root cause\n\nAn engineer deleted the production index.\n",
        "## Root cause\n\nAn engineer deleted the production index. No check asks for the name of the index again.\n",
    ),
    ArgumentRule(
        "argument.deviation", "C08", "hint", "A procedure was not followed, and nothing says why that made sense.",
        "Ask what the procedure cost, whether it could be followed, and what usually happens.",
        "NCPS Five Rules of Causation, rule 4", deviation,
        "## Root cause\n\nThe rollout skipped the canary.\n", "## Root cause\n\nThe rollout went to all hosts at once.\n",
    ),
    ArgumentRule(
        "argument.assumed", "C10", "hint", "This cause is a guess by its own words, and nothing says that it was checked.",
        "Name the observation that would decide, and look for it.", "Apollo: evidence or a question mark; TOC: entity existence", assumed,
        "## Root cause\n\nThe switch probably lost its routes.\n", "## Root cause\n\nThe switch probably lost its routes; its log confirms it.\n",
    ),
    ArgumentRule(
        "argument.no-evidence", "C10", "hint", "A root cause is stated, and nothing in the document leads to what shows it.",
        "Link the log, the graph or the change beside it.", "Apollo principle 4: every cause has evidence", no_evidence,
        _POOL, _POOL + "\nThe [graph](https://grafana.example/d/1) shows it.\n",
    ),
    ArgumentRule(
        "argument.no-action", "C23", "hint", "Causes are told, and nothing is to be done about them.",
        "Add an action to each, or have somebody sign the risk.", "Google SRE workbook, chapter 10; AWS correction of errors", cause_without_action,
        _POOL, _POOL + "\n## Action items\n\n- Limit the export to ten connections\n",
    ),
    ArgumentRule(
        "argument.recovery-long", "C29", "info", "By its own figures it lasted long, and nothing says why it could not be ended sooner.",
        "Say what stood in the way: access, knowledge, a slow rollback, a wrong track.", "ISSRE 2022 (life cycle of faults); words.md: time to mitigate", recovery_long,
        _POOL + "\n## Stats\n\n- Time to repair: 3 hours\n", _POOL + "\n## Stats\n\n- Time to repair: 3 hours, of which two waiting for access\n",
    ),
    ArgumentRule(
        "argument.detection-late", "C29", "hint", "By its own figures it was noticed late, and nothing asks why.",
        "Ask what was there to be seen, who would have been told, and what stood in the way.", "Ghosh et al., SoCC 2022 (detection failure)", detection_late,
        _POOL + "\n## Stats\n\n- Time to detect: 3 hours\n", _POOL + "\n## Stats\n\n- Time to detect: 3 hours\n\n## Action items\n\n- Add an alert on the pool\n",
    ),
    ArgumentRule(
        "argument.recovery-not-told", "C29", "info", "Nothing says what ended it.", "Say what was done, and when the harm stopped: two points.",
        "words.md: mitigation applied and effective", recovery_not_told,
        "The site was down for an hour.\n", "The site was down for an hour, until the proxy was restarted.\n",
    ),
    ArgumentRule(
        "argument.change-without-record", "C30", "hint", "A change stands as the cause, and nothing leads to it: no commit, ticket or link.",
        "Cite the deploy, the commit or the ticket.", "ISSRE 2022: 58.8 % of the faults came during a change", change_without_record,
        "## Root cause\n\nThe configuration change removed the index.\n", "## Root cause\n\nThe configuration change (commit 1f3a9c2) removed the index.\n",
    ),
    ArgumentRule(
        "argument.change-not-questioned", "C44", "hint", "A change led to it, and nothing is said of what should have caught it.",
        "Say which defences stood on its way, and whether each held, failed or was not there.", "Reason, Swiss cheese; CAST", change_not_questioned,
        _CHANGE, _CHANGE + "\nNo test runs it on a table of this size.\n",
    ),
    ArgumentRule(
        "argument.no-alternatives", "C35", "info", "A cause is stated as certain, and no other explanation is spoken of.",
        "List what else could have done it, with the evidence against each.", "TOC, categories of legitimate reservation: additional cause", no_alternatives,
        _POOL, _POOL + "\nThe network was suspected first and ruled out.\n",
    ),
    ArgumentRule(
        "argument.one-cause", "C05", "hint", "One cause is told, and nothing beside it.",
        "Ask what else was needed: what let it through, what made it longer, what hid it.", "Apollo principle 2: every effect has an action and a condition", one_cause,
        _POOL, _POOL + "\n## Contributing factors\n\n- No alert looks at the pool\n",
    ),
)  # fmt: skip
