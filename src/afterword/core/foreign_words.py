"""Words that tell of trouble: shared by what finds causal sentences and what makes nodes of them."""

from __future__ import annotations

import re

#: Something went wrong.
TROUBLE = re.compile(
    r"fail|error|\bdown\b|crash|outage|unable|\b(?:could|can|did|does|do|was|were|is|are|had|has)(?:n['’]t| not)\b|cannot|lost|\bloss|drop|slow|stuck|full\b|br[oe]k|stop|time[- ]?out|timed out|missing"
    r"|overload|reject|unavail|unreach|inaccess|\blag|delay|exhaust|kill|oom|corrupt|wrong|bug|problem|issue|degrad|disrupt|block|spike|refus|never|\bno\b|invalid|expire|unresponsive|miss",
    re.IGNORECASE,
)
