"""Words that tell of trouble: shared by what finds causal sentences and what makes nodes of them."""

from __future__ import annotations

import re

#: Something went wrong.
TROUBLE = re.compile(
    r"fail|error|\bdown\b|crash|outage|unable|\b(?:could|can|did|does|do|was|were|is|are|had|has)(?:n['’]t| not)\b|cannot|lost|\bloss|drop|slow|stuck|full\b|br[oe]k|stop|time[- ]?out|timed out|missing"
    r"|overload|reject|unavail|unreach|inaccess|\blag|delay|exhaust|kill|oom|corrupt|wrong|bug|problem|issue|degrad|disrupt|block|spike|refus|never|\bno\b|invalid|expire|unresponsive|miss",
    re.IGNORECASE,
)
_GUARD = r"(?:alert(?:s|ing)?|alarms?|monitoring|tests?|test coverage|canary|staging|code review|review|validation|health ?checks?|rollback|runbook|documentation|backups?|safeguards?|guard|CI|lint(?:er|ing)?|limit|rate limit(?:ing)?|time-?out|circuit breaker|redundancy|fail-?over|probe|check)"
#: A defence that was not there.
ABSENT = re.compile(
    rf"\b(?:(?:there (?:was|were|is|are)|we (?:have|had|did(?:n't| not) have)|had|have|has) (?:currently )?(?:no|not any|never had)|lack of|lacked|lacking|missing|absence of|without|did(?:n't| not) have|do(?:n't| not) have) (?:an? |any |proper |adequate |sufficient |automated |the )?(?:[\w-]+ ){{0,2}}{_GUARD}\b"
    rf"|^no (?:[\w-]+ ){{0,2}}{_GUARD}\b|\b{_GUARD} (?:was|were|is|are) (?:missing|absent|not (?:in place|set up|configured|enabled|monitored|available))"
    r"|\b(?:is|was|were|are)(?:n't| not) (?:being )?(?:monitored|alerted on|tested|covered by|backed up|validated)\b",
    re.IGNORECASE,
)
#: A defence that was there and did not hold.
FAILED = re.compile(
    rf"\b{_GUARD} (?:did(?:n't| not)|failed to|never) (?:fire|alert|page|catch|detect|trigger|notice|notify|work|prevent|cover|go off|reach|run|show)"
    rf"|\b{_GUARD} (?:was|were) (?:silenced|disabled|muted|ignored|broken|bypassed|skipped|downtimed)\b",
    re.IGNORECASE,
)
