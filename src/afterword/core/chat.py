"""What a message in the response channel does: declares, acknowledges, diagnoses, mitigates, informs."""

from __future__ import annotations

import re

from afterword.model.incident import PointName
from afterword.model.timeline import MomentKind

_QUESTION = re.compile(
    r"\?\s*$|\b(should we|shall we|can (we|someone|you)|could (we|someone)|do we|what if|maybe we)\b", re.IGNORECASE
)
_FUTURE = re.compile(
    r"\b(will|going to|about to|plan to|let'?s|i'?d like to|propose|ready to|before we)\b", re.IGNORECASE
)
_NEGATED = re.compile(r"\b(not|no|never|ruled out)\b|n't\b", re.IGNORECASE)

#: Tried in this order; the first that matches decides.
_KINDS: tuple[tuple[MomentKind, re.Pattern[str]], ...] = (
    (
        MomentKind.RESOLUTION,
        re.compile(
            r"\b(resolv(ed|ing this)|all clear|clos(ed|ing) (the |this )?incident|standing down|stand down|incident (is )?over)\b",
            re.IGNORECASE,
        ),
    ),
    (
        MomentKind.RECOVERY,
        re.compile(
            r"\b(recover(ed|ing|s)|back to (normal|baseline|green)|error(s| rate)? (is |are )?(back )?(down|gone|zero|falling|dropping|dropped)|looks? (healthy|good again|green)|healthy again|stable again|all good( now| again)?|(it |everything )is fine again)\b",
            re.IGNORECASE,
        ),
    ),
    (
        MomentKind.DECLARATION,
        re.compile(
            r"\b(declar(e|ed|ing)|opened? (an? |the )?incident|incident (is )?(opened|declared|started)|/incident|this is (now )?an? (sev|incident|p[0-4])|sev-?[0-5]\b.*(incident|declar)|calling (it|this) a sev)",
            re.IGNORECASE,
        ),
    ),
    (
        MomentKind.MITIGATION,
        re.compile(
            r"\b(roll(ed|ing)? ?(it |this |that |\w+ )?back|rollback|revert(ed|ing)|disabl(ed|ing)|turn(ed|ing) (it |the \w+ |\w+ )?off|flag (is )?(now )?off|(?<![\w-])[a-z0-9]{1,20}(-[a-z0-9]{1,20}){1,5}`? (is )?(now )?off|restart(ed|ing)|scal(ed|ing) (up|out)|fail(ed|ing) over|drain(ed|ing)|hotfix|mitigat(ed|ing|ion)|purg(ed|ing)|block(ed|ing) (the )?traffic|switch(ed|ing) (over|off|to))\b",
            re.IGNORECASE,
        ),
    ),
    (
        MomentKind.DIAGNOSIS,
        re.compile(
            r"\b(root cause|culprit|found (it|the (cause|problem|bug|issue))|caused by|because of the (deploy|change|flag)|identified|smoking gun|it'?s the (deploy|change|new|flag|pool)|suspect(s|ing|ed)?|ruled out|not (the|it)\b.*\b(cause|problem)|looks like (it'?s |the )|exhausted|leak(s|ing|ed)?)\b",
            re.IGNORECASE,
        ),
    ),
    (
        MomentKind.ACKNOWLEDGEMENT,
        re.compile(
            r"\b(ack(ed|nowledged?)?|i'?m on it|on it|taking (this|it|a look)|i'?ll take (this|it)|i have (it|the page)|(?<!\w )got (it|the page)|looking (into|at) (it|this|the)?|i'?m looking|looking now)\b",
            re.IGNORECASE,
        ),
    ),
    (
        MomentKind.ESCALATION,
        re.compile(
            r"\b(pag(ed|ing)\b|(?<!status )(?<!product )page (the |in |@|<@)|escalat(e|ed|ing)|pull(ed|ing)? in|calling in|can you join|joining|joined|bring(ing)? in)\b",
            re.IGNORECASE,
        ),
    ),
    (
        MomentKind.SYMPTOM,
        re.compile(
            r"\b(customers?|users?|support|tickets?|reports?|complain(s|ts|ing)?|seeing (errors|5\d\d|timeouts|failures)|can'?t (check ?out|pay|log ?in|order)|is (down|failing|broken|slow)|errors? (on|in|from)|timing out|alert(s|ing)? (fired|firing|for)|firing:? \w+|spik(e|ing))\b",
            re.IGNORECASE,
        ),
    ),
)

#: Which stated point a kind of message can set.
POINTS: dict[MomentKind, PointName] = {
    MomentKind.ACKNOWLEDGEMENT: PointName.ACKNOWLEDGED,
    MomentKind.DECLARATION: PointName.DECLARED,
    MomentKind.MITIGATION: PointName.MITIGATION_APPLIED,
    MomentKind.RECOVERY: PointName.RECOVERED,
    MomentKind.RESOLUTION: PointName.RESOLVED,
}
_FOUND = re.compile(
    r"\b(root cause( is|:)|culprit|found (it|the (cause|problem|bug))|identified|caused by|smoking gun|(that'?s|that is) it(?! for)|it'?s the (deploy|change|new|flag|pool)|because of the (deploy|change|flag)|(that|this|it)( would|'d) do it|that explains (it|this|why)|oh[,:!]? (i|we) (turned|changed|enabled|disabled|deployed|flipped|switched))\b",
    re.IGNORECASE,
)
_SEVERITY = re.compile(r"\b(sev-?\s?[0-5]|p[0-4](?= incident))\b", re.IGNORECASE)
_RULED_OUT = re.compile(
    r"\b(ruled? out|not (the )?(cause|culprit|problem|it)|isn'?t (the )?(cause|problem|it)|red herring|unrelated|looks (fine|healthy|normal)|is (fine|healthy|normal))\b",
    re.IGNORECASE,
)
_STATUS_PAGE = re.compile(
    r"\b((?<!their )(?<!its )(?<!provider's )(?<!vendor's )status ?page|posted (an |the )?update|public update|customer (update|comms|communication)|notified customers)\b",
    re.IGNORECASE,
)
#: Said of an act that is over, by somebody who looks back.
_IN_VAIN = re.compile(r"\b(did|does|has) ?(nothing|not|n't)|\bno (effect|difference|improvement)\b", re.IGNORECASE)
#: It gets better: nothing is over.
_PARTLY = re.compile(
    r"\b(fall(s|ing)|dropp(ed|ing)|improv(es|ed|ing)|recovering|going down|coming down)\b", re.IGNORECASE
)
#: Who is told to do it, where an order is given to somebody by name.
_TOLD = re.compile(r"<@[^>\s]{1,80}>|(?<![\w.])@[\w.-]{1,80}")
_ORDER = re.compile(r"\b(decision|please|do (it|that|this)|go ahead)\b", re.IGNORECASE)
_OWN_PAGE = re.compile(
    r"\b(i (have|got|received|saw|took|see)|i'?ve got|have|got|received) (the|a) page\b(?! (on|where|in|for)\b)|\b(i|we) (was|were|got|am|are) paged\b|\bmy pager\b|\bpaged me\b",
    re.IGNORECASE,
)
_LIMIT = 4000


def _looked_at(text: str) -> str:
    """The head of a message, with the apostrophe that telephones write as the one that keyboards have."""
    return text[:_LIMIT].replace("’", "'")


def kind_of(text: str) -> MomentKind:
    """The kind of moment a message is; plain communication when nothing says more."""
    text = _looked_at(text)
    if _STATUS_PAGE.search(text):
        return MomentKind.COMMUNICATION
    for kind, pattern in _KINDS:
        found = pattern.search(text)
        if not found:
            continue
        if kind in POINTS and not _done(text, found, kind):
            continue
        return kind
    return MomentKind.COMMUNICATION


def _done(text: str, found: re.Match[str], kind: MomentKind) -> bool:
    """A thing counts when it is said to be happening or done: no question, no plan, no negation right before it."""
    before = text[max(0, found.start() - 24) : found.start()]
    sentence = re.split(r"[.!\n]", text[: found.end()])[-1] + re.split(r"[.!\n]", text[found.end() :])[0]
    if _QUESTION.search(
        sentence + ("?" if text[found.end() :].lstrip().startswith("?") else "")
    ) or sentence.rstrip().endswith("?"):
        return False
    if kind is MomentKind.MITIGATION and _IN_VAIN.search(sentence):
        return False
    return not (kind is not MomentKind.ACKNOWLEDGEMENT and (_FUTURE.search(sentence) or _NEGATED.search(before)))


def point_of(text: str) -> PointName | None:
    """The point that a message states; what only gets better has not recovered."""
    if finds_cause(text):
        return PointName.IDENTIFIED
    kind = kind_of(text)
    return None if kind is MomentKind.RECOVERY and _PARTLY.search(_looked_at(text)) else POINTS.get(kind)


def finds_cause(text: str) -> bool:
    """Whether a message says that the cause is known well enough to act."""
    text = _looked_at(text)
    return bool(_FOUND.search(text)) and not _RULED_OUT.search(text) and not text.rstrip().endswith("?")


def handed_to(text: str) -> tuple[str, ...]:
    """Who is told by name to do a thing; nobody where a message orders nothing."""
    text = _looked_at(text)
    return tuple(dict.fromkeys(_TOLD.findall(text))) if _ORDER.search(text) else ()


def speaks_of_a_page(text: str) -> bool:
    """Whether its author says that the pager reached them."""
    return bool(_OWN_PAGE.search(_looked_at(text)))


def rules_out(text: str) -> bool:
    return bool(_RULED_OUT.search(_looked_at(text)))


def informs_customers(text: str) -> bool:
    return bool(_STATUS_PAGE.search(_looked_at(text)))


def severity(text: str) -> str:
    """``SEV2`` where a message states one; empty otherwise."""
    found = _SEVERITY.search(text[:_LIMIT])
    return found.group(1).upper().replace("-", "").replace(" ", "") if found else ""
