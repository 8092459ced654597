"""Sentences of a foreign postmortem that say what caused what: cause and effect in their own words, with their place.

Precision goes before recall: a sentence that may only be about what could happen, about a command, or about what was not the
cause is left alone. The two halves are cut at commas and conjunctions; nothing is reworded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from afterword.core.foreign_words import TROUBLE
from afterword.core.outline import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.remark import Draft, Sentence

#: Longer sentences are lists or logs that lost their line breaks.
LONGEST = 900
_FEWEST, _MOST = 2, 45
_ADVERB = r"(?:(?!not\b|never\b)\w{2,20}ly |in turn |in part |also |then |probably |most likely )?"
_BE = r"(?:was|were|is|are|being|been)"
#: Effect, these words, cause.
_BACK = re.compile(
    rf"(?:,\s+)?\b(?:(?:and |which |that )?(?:(?:has|have|had) )?{_BE} )?{_ADVERB}(?P<word>caused by|brought down by|induced by|due to(?: the fact that)?|because of"
    r"|because(?! of)|as a (?:direct )?(?:result|consequence) of|(?:resulted|stemmed|resulting|stemming|arose) from|(?:the|a) (?:direct )?(?:result|consequence) of)\s",
    re.IGNORECASE,
)
#: Cause, these words, effect.
_FORTH = re.compile(
    rf"(?:,\s+)?\b(?:(?:and )?(?:which|that|this|it) )?(?:(?:has|have|had) )?{_ADVERB}(?P<word>led to|resulted in|caused(?! by\b)|causing|resulting in|leading to|brought down|took down)\s",
    re.IGNORECASE,
)
#: What may happen, what is asked, what is denied: no statement about this incident.
_UNREAL = re.compile(
    r"\b(?:unless|whether|in case|if|should|in order to|to (?:avoid|prevent)|potential(?:ly)?|possibly|perhaps|unlikely|can|could(?!n['’]?t| not)"
    r"|will|going to|not sure|unclear|unknown|investigat\w+|suspect\w*|assum\w+)\b(?=[^.;]{0,30}$)",
    re.IGNORECASE,
)
#: In any place of the clause these make it a thought.
_MODAL = re.compile(
    r"\b(?:would|might|may|should|will|if|although|though|interpret\w*|hypothes\w+|discovers? that|theor\w+|all (?:of )?the (?:possible )?causes)\b",
    re.IGNORECASE,
)
#: Rows of a timeline or a chat that lost their line breaks; an example; a link.
_NO_CLAUSE = re.compile(r"\b\d{1,2}:\d\d|<[^ >]+>|\||https?:|\be\.g\b|\bi\.e\b", re.IGNORECASE)
#: "Because of this incident" tells what followed, not what led to it.
_ITSELF = re.compile(
    r"^(?:this|the|that|these|our)(?: \w+)? (?:incident|outage|issue|problem|failure|downtime|event)s?$", re.IGNORECASE
)
#: What did not happen: luck and limits, no harm.
_SPARED = re.compile(
    r"\b(?:contained|limited|functional|low|spared|minimal)\b|\b(?:not|n['’]t) (?:\w+ )?(?:impacted|affected|harmed|lost)\b|\bno (?:\w+ )?(?:impact|loss|data|packages?|users?|harm)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:not|n't|neither|never)\s+(?:\w+\s+)?$", re.IGNORECASE)
_BOUND = re.compile(
    r"[;:]\s|\s[–—-]{1,4}\s|\.\s|,\s+(?:so|but|although|however|while|whereas|meaning|therefore|thus)\s"
    r"|,\s+(?:and\s+)?(?:which|this|it|that)\s+(?:\w+ly\s+)?(?:led|caused|resulted|meant|made|brought|took|in turn)\b"
    r"|(?:,|(?<!\s))\s{1,9}(?:leading to|resulting in|causing)\b|\s\(|,\s+(?:and|then)\s+(?:we|the|it|this|a|after)\s",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:\W*(?:and|but|so|also|then|however|therefore|thus|in addition|additionally|unfortunately|apparently|basically|presumably|probably|this (?:was|is)|it (?:was|is)|as|that|to|the fact that)\b[ ,]*)+",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"^\W*(?:this|that|it|these|those|which|they|he|she|such)(?:\s+(?:was|were|is|in turn|also|has|had|all|issue|problem|change))?\W*$",
    re.IGNORECASE,
)
#: Verbs that begin a clause by themselves: "because we restarted it".
_EMPTY = re.compile(r"^\W*(?:the|a|an|some|other|various|several)?\W*$", re.IGNORECASE)
#: What is caused and is no harm: a page, a rollback, a question.
_NO_HARM = re.compile(
    r"^\W*(?:an? |the |some |us |me |our )*(?:alerts?|alarms?|pages?|notifications?|realis\w+|realiz\w+|me to|us to|confusion|discussion|conclusion|the conclusion|identif\w+|understand\w*)\b",
    re.IGNORECASE,
)
_FOUND = re.compile(
    r"\b(?:found|discovered|noticed|spotted|detected)(?: quickly| early| by accident)?$|\bto (?:load|work|pass|start)$|^no \w+$",
    re.IGNORECASE,
)
_RECOVERY = re.compile(
    r"\b(?:recover\w*|resolv\w+|restor\w+|fix(?:ed|ing)?|back to normal|mitigat\w+|improve\w*|stabili\w+|successful\w*)\b",
    re.IGNORECASE,
)

_NUMBER_START = re.compile(r"^\W*(?:At |On |Around )?(?:~?\d{1,2}:\d\d|\d{4}-\d\d-\d\d)[\s:,UTCGMTpmaPMA-]*")


#: Where causes are told. A timeline tells what was thought at each hour, lessons tell of other days.
_TELLING = {Part.SUMMARY, Part.IMPACT, Part.CAUSE, Part.CONTRIBUTING, Part.TRIGGER}


@dataclass(frozen=True, slots=True)
class Told:
    """One causal statement. ``effect`` is empty where the sentence only points back to what was said before."""

    cause: str
    effect: str
    word: str
    sentence: Sentence


def told(draft: Draft) -> Iterator[Told]:
    """Every causal statement of the summary and the sections on causes and impact; of the prose where there are none."""
    before: Sentence | None = None
    parts = {sentence.part for sentence in draft.sentences}
    wanted = _TELLING if parts & _TELLING else _TELLING | {Part.OTHER}
    for sentence in draft.sentences:
        if sentence.spoken or sentence.part not in wanted or len(sentence.text) > LONGEST or mashed(draft, sentence):
            before = None
            continue
        for one in _in_sentence(sentence):
            effect = one.effect or _pointed(before, sentence)
            cause = one.cause or _pointed(before, sentence)
            if cause and effect and cause != effect:
                yield Told(cause, effect, one.word, sentence)
        before = sentence


_ROW = re.compile(
    r"^\W*(?:~?\d{1,2}[:.h]\d\d\b|\d{4}-\d\d-\d\d|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w* \d)"
)


#: A line that begins with one of these after a line without a stop begins something new.
_OPENER = re.compile(
    r"(?:Due to|The|We|It|This|These|A|An|In|On|No|There|Also|When|After|Some|Despite|Since|Because|Our|As|At|If)\b"
)


def mashed(draft: Draft, sentence: Sentence) -> bool:
    """Several bullets or rows of a timeline that lost their marks and read as one sentence."""
    held = [draft.lines[number - 1].text for number in range(sentence.line, min(sentence.last, len(draft.lines)) + 1)]
    if len(held) < 2:
        return "|" in sentence.text
    widest = max(len(one.rstrip()) for one in held)
    for one, following in pairwise(held):
        bare = following.strip()
        short = len(one.rstrip()) < max(widest - 22, 40) and not one.rstrip().endswith((",", "-", "("))
        opened = _OPENER.match(bare) and not one.rstrip().endswith((".", ",", ";", ":", "-", "("))
        if _ROW.match(following) or opened or (short and bare[:1].isupper()) or "|" in bare:
            return True
    return "|" in held[0]


def _pointed(before: Sentence | None, sentence: Sentence) -> str:
    """What "this" stands for: the sentence before it, where there is one in the same section."""
    near = before is not None and before.part is sentence.part and sentence.line - before.line <= 4
    found = _trim(before.text) if before is not None and near else ""
    return found if _fits(found, 3) and not found.lower().startswith(("no effect", "yes", "see ")) else ""


def _in_sentence(sentence: Sentence) -> Iterator[Told]:
    text = re.sub(r"\s?\([^()]{0,300}\)", "", _NUMBER_START.sub("", " ".join(sentence.text.split())))
    if not text.rstrip().endswith("?"):
        yield from _backward(text, sentence)
        yield from _forward(text, sentence)


def _backward(text: str, sentence: Sentence) -> Iterator[Told]:
    """Effect, connective, cause; or the cause first, and the effect after its comma."""
    for match in _BACK.finditer(text):
        word = match["word"].lower()
        effect, cause = _before(text[: match.start()]), _after(text[match.end() :])
        if _unreal(text, match):
            continue
        if match.start() < 3:
            cause, effect = _fronted(text[match.end() :])
        if word == "because" and not TROUBLE.search(effect):
            continue  # "Because" also gives the reason of a decision.
        pointing = bool(_POINTING.match(effect))
        if _names(cause) and (pointing or _fits(effect, 1)) and not _harmless(effect):
            yield Told(cause, "" if pointing else effect, word, sentence)


def _forward(text: str, sentence: Sentence) -> Iterator[Told]:
    """Cause, connective, effect; where the cause only points back, it is the sentence before."""
    for match in _FORTH.finditer(text):
        cause, effect = _before(text[: match.start()]), _after(text[match.end() :])
        pointing = bool(_POINTING.match(cause)) or not cause.strip()
        if _unreal(text, match) or _harmless(effect) or not _fits(effect, 1):
            continue
        if pointing or _names(cause):
            yield Told("" if pointing else cause, effect, match["word"].lower(), sentence)


def _names(cause: str) -> bool:
    """A cause in words of its own, not the incident again."""
    return _fits(cause) and not _ITSELF.match(cause)


def _harmless(effect: str) -> bool:
    return bool(_NO_HARM.match(effect) or _RECOVERY.search(effect) or _SPARED.search(effect) or _FOUND.search(effect))


def _unreal(text: str, match: re.Match[str]) -> bool:
    head = text[: match.start()]
    clause = re.split(r"[.;:]\s", head)[-1]
    just = bool(re.search(r"\b(?:just|simply|only|partly)\s*$", head, re.IGNORECASE))
    restrictive = bool(re.match(r"\s?(?:that|which) ", match[0])) and not match[0].startswith(",")
    return just or restrictive or bool(_UNREAL.search(clause) or _DENIED.search(head[-20:]) or _MODAL.search(clause))


def _before(text: str) -> str:
    """The clause that ends here."""
    begin = max(
        (found.end() for found in re.finditer(r"[.;:]\s+|\s[–—-]+\s|,\s+(?:but|so|and)\s+(?=\w+\s)|\s\(", text)),
        default=0,
    )
    return _trim(text[begin:])


def _after(text: str) -> str:
    """The clause that begins here."""
    bound = _BOUND.search(text)
    return _trim(text[: bound.start()] if bound else text)


def _fronted(text: str) -> tuple[str, str]:
    """Cause and effect of a sentence that begins with its cause: the last comma before the main clause parts the two."""
    parts = re.split(
        r",\s+(?=(?:the|a|an|all|our|we|users?|some|most|many|this|no|it|any|[A-Z])\b|(?:\w+ ){1,4}(?:was|were|is|are|could|became|had|failed|stopped|went|did|lost)\b)",
        text,
    )
    if len(parts) < 2:
        return "", ""
    return _trim(", ".join(parts[:-1])), _trim(re.split(r"(?<=[.!?])\s", parts[-1])[0])


def _trim(text: str) -> str:
    text = re.sub(r"(?<!\s)\s{1,20}(?:caused|was|were|is|are)$", "", text.strip())
    return re.sub(r"^(?:caused|triggered) by ", "", _LEAD.sub("", _NUMBER_START.sub("", text))).strip(" ,.;:()*_-–—\"'")


def _fits(clause: str, fewest: int = _FEWEST) -> bool:
    words = clause.split()
    if not fewest <= len(words) <= _MOST or _EMPTY.match(clause) or _POINTING.match(clause):
        return False
    return not (_NO_CLAUSE.search(clause) or re.match(r"(?i)no \w+$", clause) or clause.count("(") != clause.count(")"))
