"""Whether what a change can do agrees with what was seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.diff.effect import WAYS, DiffJudgement, Effect
from afterword.core.diff.word import words
from afterword.core.indicator import family

if TYPE_CHECKING:
    from collections.abc import Sequence


def symptom_match(judgement: DiffJudgement, symptom_text: str, indicators: Sequence[str]) -> tuple[float, str]:
    """Whether what the change can do agrees with what was seen: 0 to 1, and in words.

    ``symptom_text`` is error logs and alert summaries of the incident, ``indicators`` the names of the series that
    shifted. The mechanism's own words count most, then an indicator that measures it, then names out of the code.
    """
    if judgement.harmless:
        return 0.0, judgement.harmless
    seen, lowered = words(symptom_text), " ".join(symptom_text.lower().split())
    scored = [(_agreement(e, seen, lowered, indicators), e) for e in judgement.effects]
    if not scored:
        return 0.0, "nothing is known of what it does"
    (score, why), effect = max(scored, key=lambda s: (s[0][0], s[1].weight))
    says = f"{effect.says} ({effect.place})" if effect.place else effect.says
    return (round(score, 3), f"{says}; {why}") if score > 0 else (0.0, "nothing that was seen fits what it can do")


def _agreement(effect: Effect, seen: frozenset[str], lowered: str, indicators: Sequence[str]) -> tuple[float, str]:
    way = WAYS[effect.kind]
    typical = set(way.terms.split("|"))
    said = [t for t in effect.terms if t in typical and _stands(t, seen, lowered)]
    named = [t for t in effect.terms if t not in typical and t in seen]
    measured = [i for i in indicators if re.search(way.indicators, i.lower())]
    broad = [i for i in indicators if family(i) in way.families]
    miss = 0.45 if len(said) > 1 else 0.6 if said else 1.0
    miss *= 0.7 if len(named) > 1 else 0.8 if named else 1.0
    miss *= 0.6 if measured else 0.85 if broad else 1.0
    why = [f"“{'”, “'.join(dict.fromkeys((*said[:3], *named[:3])))}” in what was logged" if said or named else ""]
    why.append(f"{(measured or broad)[0]} shifted" if measured or broad else "")
    return (1 - miss) * (0.35 + 0.65 * effect.weight), " and ".join(w for w in why if w)


def _stands(term: str, seen: frozenset[str], lowered: str) -> bool:
    plain = term.lower()
    if " " in plain or any(c.isupper() for c in term[1:]) or plain.isdigit():
        return plain in lowered
    return plain in seen or (len(plain) > 4 and any(w.startswith(plain) for w in seen))
