"""Rules that a sentence alone decides: blame, hindsight, causes that explain nothing. Precision goes before recall.

Every pattern needs a person, or a word said only of people, before it speaks of blame: "the job failed to start" is
about a machine (methods.md, section 6: a lint that cannot tell subjects apart would cry wolf).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.outline import Part
from afterword.core.remark import Draft, Sentence, quote_of

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What a rule yields: the line and the words.
Hit = tuple[int, str]

_ROLE = (
    r"(?:engineer|developer|operator|sysadmin|administrator|on-?call(?: \w+)?|responder|technician|contractor|intern|employee|colleague"
    r"|team ?member|person|staff|deployer|committer|reviewer|maintainer)"
)
_NAME = r"(?:@\w[\w.-]+|[A-Z][a-z]+(?: [A-Z][a-z]+)?)"
_FORGOT = (
    r"(?:forgot|neglected to|carelessly|screwed up|messed up|made (?:a|the) (?:\w+ )?(?:mistake|error)|did(?:n't| not) bother"
    r"|was (?:careless|negligent|to blame)|mistakenly|accidentally|inadvertently|erroneously)"
)
_BLAME = tuple(
    re.compile(pattern)
    for pattern in (
        (
            rf"\b(?:[Tt]he|[Aa]n?|[Oo]ne|[Oo]ur|[Tt]his)(?: [\w-]+){{0,2}} {_ROLE}\b(?: who [\w ]{{1,40}}?)?(?: had| has)?"
            rf" (?:{_FORGOT}|failed to|did(?:n't| not) (?:check|verify|notice|follow|read|test|review))"
        ),
        rf"\b(?:[Hh]e|[Ss]he|I) (?:had |has |have )?(?:{_FORGOT}|failed to)",
        rf"\b(?:fault|mistake|carelessness|negligence) (?:of|by) (?:the |an? |our )?(?:[\w-]+ )?(?:{_ROLE}|@\w+)\b",
        rf"\b(?:{_ROLE}|@\w[\w.-]+)'s (?:\w+ )?(?:fault|mistake|carelessness|negligence|error)\b",
        rf"\b(?:caused|broken) by (?:the |an? |our )(?:[\w-]+ )?(?:{_ROLE})\b(?! (?:of|error|pod|node|group))",
    )
)
_BLAME_BY_NAME = (
    re.compile(rf"(?<![.!?] )(?<!^)\b{_NAME} (?:had |has )?{_FORGOT}"),
    re.compile(
        rf"^{_NAME} (?:had |has )?(?:forgot|neglected to|carelessly|screwed up|messed up|made a mistake|did(?:n't| not) bother|mistakenly)"
    ),
)
#: Machines are named like people; these words are never a person.
_NOT_NAMES = re.compile(
    r"^(?:The|This|That|It|We|They|You|Which|What|There|These|Those|However|Then|Also|When|After|While|Since|Because|Because of|But|And|Or|"
    r"Puppet|Jenkins|Kubernetes|Terraform|Ansible|Scap|Nginx|Apache|Varnish|Icinga|Grafana|Prometheus|Redis|Docker|Helm|Google|Amazon|"
    r"GitHub|Cloudflare|Chrome|Python|Code|Server|Service|Deployment|Script|Change|Commit|Patch|User|Users|Some|Someone|Somebody|Had|Has|"
    r"Was|Were|Not|If|As|In|On|At|So|Previously|Unfortunately|Apparently|Probably|Possibly)\b"
)

_LANGUAGE = re.compile(
    r"\b(careless(?:ly|ness)?|negligen(?:t|ce|tly)|incompeten(?:t|ce)|slopp(?:y|iness|ily)|(?<=was )lazy|(?<=were )lazy|(?<=being )lazy|too lazy"
    r"|laziness|stupid(?:ly|ity)?(?! errors?)|idiot(?:ic)?|reckless(?:ly|ness)?|irresponsib(?:le|ly)|unprofessional(?:ly)?|disciplinary|reprimand(?:ed)?"
    r"|lack of (?:diligence|discipline|attention|care)|should know better"
    r"|should have known better)\b",
    re.IGNORECASE,
)

_PERSONAL = (
    rf"(?:we|he|she|I|you|nobody|someone|somebody|anyone|everyone|(?:the |our )?(?:[\w-]{{1,40}} )?(?:team|{_ROLE})s?)"
)
_DONE_BY_PEOPLE = (
    r"(?:checked|double[- ]checked|tested|reviewed|noticed|caught|verified|communicated|escalated|paged|announced|documented|investigated|known"
    r"|planned|considered|anticipated|foreseen|prevented|avoided|spotted|detected|done|reverted|rolled back|deployed|updated|removed|handled"
    r"|coordinated|scheduled|informed|notified|made|run|configured|realised|realized)"
)
_PARTICIPLE = r"(?:been |\w+ly )?(?:\w+(?:ed|en|wn|ght|ne|nt|pt|un|ut|ade)|set|read|found|told|kept|led|put|hit)\b"
_HINDSIGHT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_PERSONAL} (?:should|could|ought to)(?: not|n't)?(?: probably| really| also| at least| definitely| perhaps)? have {_PARTICIPLE}",
        rf"\bshould(?: not|n't)?(?: probably| also| at least)? have been {_DONE_BY_PEOPLE}\b",
        r"\b(?<!not )(?:could|would)(?: likely| probably| easily| also)? have(?: easily| likely)? (?:been )?(?:prevented|avoided|averted)\b",
        r"\bif only\b(?! (?:one|a|the|some|two|\d))",
        r"\b(?:in|with) (?:hindsight|retrospect)\b(?=.{0,200}\b(?:should|could|would|ought|mistake|better|wrong|obvious|bad)\b)",
        rf"^(?:could|should) have (?:only |just |also )?{_PARTICIPLE}",
        rf"\b(?:if|had) {_PERSONAL} (?:had )?(?:not )?\w+(?:ed|n|t)\b[^.]{{3,80}}\bwould(?: not|n't)? have\b",
    )
)
_FAIR = re.compile(r"\bcould(?:n't| not) have\b|\b(?:we|they) could have (?:up to|at most|more than)\b", re.IGNORECASE)
_LOOKING_FORWARD = {Part.ACTIONS, Part.LESSONS}

_HUMAN = re.compile(
    r"\b(?:human|operator|manual|user(?= who deployed)|administrator|admin|engineer|pilot)[- ]?error\b|\berror (?:by|of) (?:the |an? )?(?:operator|engineer|administrator)\b"
    r"|\bfat[- ]?finger(?:ed|ing)?\b|\b(?:due to|because of|caused by|result of|was) (?:a |an |simple )?(?:human|manual|honest|silly) mistake\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"^(?:it was |this was |due to |caused by |because of )?(?:an? |the |some |unknown |unexpected )*"
    r"(?:network(?:ing)?|connectivity|hardware|software|code|config(?:uration)?|database|db|server|deploy(?:ment)?|technical|system|infrastructure"
    r"|internal|cloud|provider|third[- ]party|dns|performance|memory|load|human)?\s*(?:issues?|problems?|errors?|failures?|glitch(?:es)?|bugs?|outage"
    r"|misconfiguration|mistake|hiccup|trouble)[.!]?$",
    re.IGNORECASE,
)
_INLINE_CAUSE = re.compile(r"\broot cause (?:was|is) (?P<what>[^.,;:(]{3,50})(?:[.!]|$)", re.IGNORECASE)
_NORMATIVE = re.compile(
    r"\b(?:inadequate(?:ly)?|insufficiently (?:tested|reviewed|documented)|improper (?:\w+ )?(?:testing|review|planning|sizing|training|procedure)|poor(?:ly)? (?:tested|designed|written|documented|planned|implemented|communicated"
    r"|configured|maintained|understood|judg\w+|decisions?|communications?|planning|testing|documentation|practices?|design|choices?)"
    r"|bad (?:practices?|decisions?|judg\w+|design|planning)|not (?:properly|adequately|thoroughly|carefully) (?:tested|reviewed|checked|planned"
    r"|documented|communicated|monitored|verified)|failed to follow (?:the |our )?(?:process|procedure|policy|runbook|instructions))\b",
    re.IGNORECASE,
)
_CAUSAL_PARTS = {
    Part.CAUSE,
    Part.CONTRIBUTING,
    Part.SUMMARY,
    Part.TRIGGER,
    Part.WHYS,
    Part.OTHER,
    Part.IMPACT,
    Part.RESOLUTION,
}
_PERSON_END = re.compile(
    rf"\b(?:{_ROLE}|someone|somebody|he|she|nobody|no one|they|we)\b[^.]{{0,40}}\b(?:forgot|failed to|did(?:n't| not)|was(?:n't| not)|were(?:n't| not)"
    r"|missed|mistyped|overlooked|made)\b|\b(?:human error|a mistake was made|typo by)\b|\bforgot\b",
    re.IGNORECASE,
)


def _found(sentence: Sentence, *patterns: re.Pattern[str]) -> str | None:
    return None if sentence.spoken else next((m[0] for p in patterns if (m := p.search(sentence.text))), None)


def blame_person(draft: Draft) -> Iterator[Hit]:
    for sentence in draft.sentences:
        named = _found(sentence, *_BLAME_BY_NAME)
        if _found(sentence, *_BLAME) or (named and not _NOT_NAMES.match(named)):
            yield sentence.line, quote_of(sentence.text)


def blame_language(draft: Draft) -> Iterator[Hit]:
    for sentence in draft.sentences:
        if _found(sentence, _LANGUAGE):
            yield sentence.line, quote_of(sentence.text)


def should_have(draft: Draft) -> Iterator[Hit]:
    """Counterfactuals in what tells the story; in lessons and actions they are what those sections are for."""
    for sentence in draft.sentences:
        if sentence.part in _LOOKING_FORWARD or _FAIR.search(sentence.text):
            continue
        if _found(sentence, *_HINDSIGHT):
            yield sentence.line, quote_of(sentence.text)


def human_error(draft: Draft) -> Iterator[Hit]:
    for sentence in draft.sentences:
        if sentence.part is not Part.ACTIONS and _found(sentence, _HUMAN):
            yield sentence.line, quote_of(sentence.text)


def vague_cause(draft: Draft) -> Iterator[Hit]:
    for quote in draft.stated.root_causes:
        if _VAGUE.match(quote.quote.strip()):
            yield quote.line, quote_of(quote.quote)
    for sentence in draft.sentences:
        match = _INLINE_CAUSE.search(sentence.text)
        if match and _VAGUE.match(match["what"].strip()):
            yield sentence.line, quote_of(sentence.text)


def normative(draft: Draft) -> Iterator[Hit]:
    for sentence in draft.sentences:
        if sentence.part in _CAUSAL_PARTS and _found(sentence, _NORMATIVE):
            yield sentence.line, quote_of(sentence.text)


def ends_at_person(draft: Draft) -> Iterator[Hit]:
    """The last answer of the whys speaks of what a person did or did not do."""
    whys = [
        sentence
        for sentence in draft.sentences
        if sentence.part is Part.WHYS and not sentence.text.rstrip("*_ ").endswith("?")
    ]
    if whys and _PERSON_END.search(whys[-1].text):
        yield whys[-1].line, quote_of(whys[-1].text)
