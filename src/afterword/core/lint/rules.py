"""The table of rules, C01 to C44: what each says, from where it comes, what it must find and what it must not."""

from __future__ import annotations

from afterword.core.lint import answering, structure, support, words
from afterword.core.lint.rule import Rule

_E, _W, _I = "error", "warning", "info"
_G, _T, _Q = "graph", "text", "question"
_IMPACT = "impact: users met errors\n"
_POOL = _IMPACT + "pool [proximate, condition, E1:3]: the pool was full\npool -> impact [produces, E1:3]\n"
_DEPLOY = "deploy [trigger, event, layer=act, category=code, ref=abc, E1:9]: version 12 of cart leaks connections\ndeploy -> pool [triggers, E1:9]\n"
_TEST = "test [defence, absent, layer=team practice, E2:1]: no test takes a connection twice\ntest -> pool [enables, E2:1]\n"
_WBA = "Why-Because Analysis (Ladkin)"
_CLR = "TOC, categories of legitimate reservation (Dettmer)"
_VA = "NCPS Five Rules of Causation"
_FTA = "NUREG-0492, Fault Tree Handbook"
_OWN = "afterword"

RULES: tuple[Rule, ...] = (
    Rule(
        "C01", "cycle", _E, _G, "This leads to itself.", "Take out the link that runs against time, or name what keeps the circle going as an amplifier.",
        f"{_WBA}: the graph has no circles", structure.cycle,
        _POOL + "retries [condition]: retries piled up\npool -> retries [produces]\nretries -> pool [produces]\n",
        _POOL + "retries [amplifier, condition]: retries piled up\nretries -> pool [amplifies]\n",
    ),
    Rule(
        "C02", "cause-after-effect", _E, _G, "The cause began after its effect, whatever the clocks may differ by.", "Turn the link round, or look for what came before both.",
        "Apollo principle 4: same space and time; Why-Because Analysis", structure.after_effect,
        _IMPACT + "pool [@+10m]: the pool was full\npool -> impact\n", _IMPACT + "pool [@-10m]: the pool was full\npool -> impact\n",
    ),
    Rule(
        "C03", "orphan", _W, _G, "This leads to nothing that happened.", "Link it to what it led to, rule it out with the evidence, or take it out.",
        f"{_WBA}; {_FTA}", structure.orphan,
        _POOL + "dns [condition, E1:4]: the resolver was slow\n", _POOL + "dns [ruled out, E1:4]: the resolver was slow\n",
    ),
    Rule(
        "C04", "no-top", _E, _G, "The graph has no cause for what users met, or a second top.", "One impact stands on top, and everything that has causes leads to it.",
        _WBA, structure.tops, _IMPACT + "pool: the pool was full\n", _POOL,
    ),
    Rule(
        "C05", "single-cause", _W, _G, "One cause alone: an action without the condition that let it do harm, or the reverse.", "Ask what else had to be true. Say that it is sufficient where it is.",
        "Apollo principle 2: every effect has an action and a condition", structure.single_cause, _POOL, _POOL.replace("pool -> impact", "night: nobody looked\nnight -> impact\npool -> impact"),
    ),
    Rule(
        "C06", "single-chain", _W, _G, "The whole analysis is one chain.", "Branch: ask at each link what else was needed, what should have stopped it, what made it longer.",
        "Card, BMJ Qual Saf 2017: five whys force one pathway; Apollo principle 3", structure.linear, _POOL + _DEPLOY, _POOL + _DEPLOY + _TEST,
    ),
    Rule(
        "C07", "ends-at-act", _E, _G, "The chain ends at what somebody did.", "Ask what made it possible and sensible: the missing guard, the unclear text, the interface. Put that beside the act.",
        f"{_VA}, rule 3; Dekker, Field Guide; a why may not end at a person or at the first change", structure.ends_at_act, _POOL + _DEPLOY, _POOL + _DEPLOY + _TEST,
    ),
    Rule(
        "C08", "deviation-without-cause", _E, _G, "A procedure was not followed, and nothing says why that made sense.", "Ask what the procedure cost, whether it could be followed, and what usually happens.",
        f"{_VA}, rule 4", structure.deviation,
        _POOL + "skip [event]: the rollout skipped the canary\nskip -> pool [enables]\n",
        _POOL + "skip [event]: the rollout skipped the canary\nskip -> pool [enables]\nslow [condition]: the canary takes four hours\nslow -> skip [enables]\n",
    ),
    Rule(
        "C09", "omission-without-duty", _W, _G, "Something was not done, and nothing says that it was anybody's to do.", "Cite the policy, runbook or alert that asked for it, or say what is missing instead.",
        f"{_VA}, rule 5", structure.no_duty,
        _POOL + "late [condition]: nobody checked the queue\nlate -> impact [fails to stop]\n",
        _POOL + "late [condition]: no alert told of the queue\nlate -> impact [fails to stop]\n",
    ),
    Rule(
        "C10", "no-evidence", _W, _G, "This stands without evidence.", "Cite the line, the series or the message that shows it, or mark it as an assumption to be checked.",
        "Apollo: evidence or a question mark; TOC reservation: entity existence", support.no_evidence,
        _IMPACT + "pool: the pool was full\npool -> impact [grade 0]\n", _POOL,
    ),
    Rule(
        "C11", "unknown-evidence", _E, _G, "What it cites is not in the record of the incident.", "Add the evidence, or cite what is there.", _OWN,
        support.unknown_evidence, _IMPACT + "pool [E7:3]: the pool was full\npool -> impact\n", _POOL,
    ),
    Rule(
        "C12", "counterfactual-not-asked", _W, _Q, "Nobody has asked whether the effect could have happened without this cause.", "Answer it; an undo that ended the trouble answers it too.",
        f"{_WBA}: counterfactual test", support.not_asked_without, _POOL, _POOL + "answer C12 pool>impact no\n",
        "Had the cause not been, could the effect have happened all the same?",
    ),
    Rule(
        "C13", "happens-anyway", _E, _G, "The effect could have happened without this, and it stands as a plain cause.", "Make it one of several ways (any), a factor that made it worse, or take it out.",
        f"{_WBA}: counterfactual test", support.could_have_anyway, _POOL + "answer C12 pool>impact yes\n", _POOL + "answer C12 pool>impact no\n",
    ),
    Rule(
        "C14", "sufficiency-not-asked", _W, _Q, "Nobody has asked whether these causes are enough.", "Answer it; where they are not, something is missing.",
        f"{_WBA}: causal sufficiency test; TOC: cause insufficiency", support.not_asked_enough, _POOL, _POOL + "answer C14 impact yes\n",
        "If all of these causes are there, will the effect always happen?",
    ),
    Rule(
        "C15", "not-sufficient", _E, _G, "These causes are not enough for it to happen: one is missing.", "Add it, or a node that says that it is not known.",
        f"{_WBA}: causal sufficiency test", support.not_enough, _POOL + "answer C14 impact no\n", _POOL + "answer C14 impact yes\n",
    ),
    Rule(
        "C16", "gate-against-answers", _E, _G, "All of, or any of: the answers say otherwise.", "Change what the effect needs, or the answers.",
        f"{_FTA}; {_WBA}", structure.gate_against_answers,
        _POOL.replace("impact: users", "impact [all]: users") + "b: b was so\nb -> impact\nanswer C12 b>impact yes\n",
        _POOL.replace("impact: users", "impact [all]: users") + "b: b was so\nb -> impact\nanswer C12 b>impact no\n",
    ),
    Rule(
        "C17", "not-explained", _E, _G, "What happened does not add up to the impact: the tree does not explain this incident.", "Look for the event that is missing from the tree, or for one that is marked wrongly.",
        f"{_OWN}; the sufficiency test made exact", answering.not_explained,
        _IMPACT + "gate top = and of a b\nbasic a happened\nbasic b not\n", _IMPACT + "gate top = and of a b\nbasic a happened\nbasic b happened\n",
    ),
    Rule(
        "C18", "over-determined", _I, _G, "Several sets of causes were each enough: to prevent one prevents nothing.", "Give each of them an action.",
        _OWN, answering.over_determined,
        _IMPACT + "gate top = or of a b\nbasic a happened\nbasic b happened\n", _IMPACT + "gate top = or of a b\nbasic a happened\nbasic b not\n",
    ),
    Rule(
        "C19", "happened-not-needed", _I, _G, "It happened, and the tree does not need it.", "Check where it belongs, or leave it out of the causes.", _OWN, answering.happened_for_nothing,
        _IMPACT + "gate top = or of a g\ngate g = and of b c\nbasic a happened\nbasic b happened\nbasic c not\n",
        _IMPACT + "gate top = or of a g\ngate g = and of b c\nbasic a happened\nbasic b not\nbasic c not\n",
    ),
    Rule(
        "C20", "uncut-set", _E, _G, "With all actions done this can happen again in the same way.", "Add an action that breaks this set of causes.", f"{_OWN}; the dual of the fault tree", answering.left_uncut,
        _POOL + "gate top = or of a b\nbasic a happened\nbasic b happened\naction answers a: guard a\n",
        _POOL + "gate top = and of a b\nbasic a happened\nbasic b happened\naction answers a: guard a\n",
    ),
    Rule(
        "C21", "single-point", _W, _G, "This alone brings the service down, and no action answers it.", "Remove it, put a second beside it, or sign that the risk is accepted.",
        f"{_FTA}: cut sets of order one", answering.single_point, _POOL, _POOL + "action answers pool: bound the wait\n",
    ),
    Rule(
        "C22", "near-misses", _I, _Q, "Some sets of causes were one event short of happening.", "Look at them: the next incident may be one of these.", _OWN, answering.near_misses,
        _IMPACT + "gate top = or of a g\ngate g = and of b c\nbasic a happened\nbasic b happened\nbasic c not\n",
        _IMPACT + "gate top = or of a g\ngate g = and of b c\nbasic a happened\nbasic b happened\nbasic c not\nanswer C22 graph yes: looked at\n",
        "Have these near misses been looked at?",
    ),
    Rule(
        "C23", "weakness-without-action", _E, _G, "A standing weakness, and nothing is to be done about it.", "Add an action, or have somebody sign the risk.",
        "Google SRE workbook, chapter 10; AWS correction of errors", answering.without_action, _POOL + _TEST, _POOL + _TEST + "action answers test: add the test\n",
    ),
    Rule(
        "C24", "action-without-cause", _W, _G, "This action answers nothing in the analysis.", "Say which cause or gap it answers, or move it to another list.", _OWN, answering.answers_nothing,
        _POOL + "action answers nothing: rewrite it in another language\n", _POOL + "action answers pool: bound the wait\n",
    ),
    Rule(
        "C25", "trigger-only", _W, _G, "Every action is about the trigger: the next one will be another.", "Act on a condition, a defence or the detection as well.",
        "Google SRE workbook (trigger and root cause); Card 2017", answering.trigger_only, _POOL + _DEPLOY + "action answers deploy: take it back\n",
        _POOL + _DEPLOY + _TEST + "action answers deploy: take it back\naction answers test: add the test\n",
    ),
    Rule(
        "C26", "weak-only", _W, _G, "Every action only writes something down or tells people.", "Eliminate it, engineer it out, or guard it by a machine.", "RCA2, action hierarchy", answering.weak_only,
        _POOL + "action [train] answers pool: remind everybody\n", _POOL + "action [automatic guard] answers pool: refuse it in CI\n",
    ),
    Rule(
        "C27", "one-root", _W, _G, "One cause, and nothing that contributed to it.", "Root causes are plural: what let it through, what made it longer, what hid it?",
        "Cook, How Complex Systems Fail; PagerDuty, postmortem guide", answering.one_root, _POOL, _POOL + _TEST,
    ),
    Rule(
        "C28", "part-against-age", _W, _G, "How old it is does not fit the part that it is given.", "A standing weakness is older than the incident; what is old was there on good days as well.", _OWN, structure.systemic_event,
        _POOL + "flip [latent, event, @-1m]: the flag was set\nflip -> pool [enables]\n", _POOL + "flip [latent, condition, @-90d]: no flag is staged\nflip -> pool [enables]\n",
    ),
    Rule(
        "C29", "detection-left-out", _W, _G, "It took long to notice, or to end, and no factor says why.", "Ask what was there to be seen, who would have been told, and what stood in the way.",
        "Ghosh et al., SoCC 2022; ISSRE 2022 (life cycle of faults)", support.detection_left_out, _POOL + "detect 40m\n",
        _POOL + "detect 40m\nblind [defence, absent, E1:5]: no rule looks at the pool\nblind -> impact [fails to stop]\n",
    ),
    Rule(
        "C30", "change-without-record", _W, _G, "A change is named as the trigger, and no record of it.", "Cite the deploy, the flag or the ticket.", "ISSRE 2022: 58.8 % of the faults came during a change", support.change_without_record,
        _POOL + "deploy [trigger, event, category=code]: the deploy leaks\ndeploy -> pool [triggers]\n", _POOL + _DEPLOY,
    ),
    Rule(
        "C31", "twice", _W, _G, "The same stands in the graph twice.", "Merge them.", f"{_CLR}: tautology", words.twice,
        _POOL + "full [condition, E1:4]: the pool was full\nfull -> impact\n", _POOL + "slow [condition, E1:4]: the database was slow\nslow -> impact\n",
    ),
    Rule(
        "C32", "restates", _W, _T, "The cause says the effect again.", "Say what state or event produced it.", f"{_CLR}: tautology", words.restates,
        _IMPACT + "errors: errors met users\nerrors -> impact\n", _POOL,
    ),
    Rule(
        "C33", "how-for-why", _I, _Q, "This may be how we know, and not why it happened.", "Ask: if it had not been measured, would the effect have happened all the same?",
        f"{_CLR}: cause-effect reversal", support.how_for_why, _POOL.replace("the pool was full", "the pool was full").replace("[produces, E1:3]", "[produces, grade 1, E1:3]").replace("[proximate, condition, E1:3]", "[proximate, condition, E1:3, indicator=db_pool]"),
        _POOL, "Is this why it happened, or only how we know that it did?",
    ),
    Rule(
        "C34", "predicted-effect", _I, _Q, "Nobody has asked what else should be seen if this is the cause.", "Name another effect that it must have had, and look for it.", f"{_CLR}: predicted effect", support.no_other_effect,
        _POOL, _POOL + "answer C34 pool yes: waits of the other callers rose as well\n", "If this is the cause, what else should be seen, and is it?",
    ),
    Rule(
        "C35", "no-alternatives", _W, _Q, "No other explanation was looked at and ruled out.", "List what else could have done it, with the evidence against each.", f"{_CLR}: additional cause", support.no_alternatives,
        _POOL, _POOL + "dns [ruled out, E1:4]: the resolver was slow\n", "What else could have done it, and what speaks against that?",
    ),
    Rule(
        "C36", "compound", _W, _T, "Two things in one.", "Split it: each has its own evidence and its own causes.", f"{_CLR}: entity existence", words.compound,
        _POOL.replace("the pool was full", "the pool was full and nobody was told"), _POOL,
    ),
    Rule(
        "C37", "human-error", _W, _T, "Human error explains nothing: it is where the analysis starts.", "Ask what made the act possible and sensible.", "Dekker; PagerDuty: never a root cause", words.human_error,
        _POOL + "slip [event]: The outage was caused by human error\nslip -> pool\n", _POOL,
    ),
    Rule(
        "C38", "should-have", _W, _T, "This tells what did not happen instead of what did.", "Say what was known then, and why the decision made sense.", "Bergstroem, three analytical traps; Allspaw", words.should_have,
        _POOL + "late [event]: we should have rolled back at once\nlate -> impact\n", _POOL,
    ),
    Rule(
        "C39", "normative", _W, _T, "This measures against a norm that is not stated.", "Say what there was and what was missing.", f"{_VA}, rule 2; Bergstroem", words.normative,
        _POOL + "bad [condition]: the change was inadequately tested\nbad -> pool\n", _POOL,
    ),
    Rule(
        "C40", "person", _W, _T, "A person stands as the cause.", "Say what was done, by role where it matters, and what made it sensible.", "Blameless practice; words.md: a person is never a cause", words.person,
        _POOL + "who [event]: the on-call engineer forgot to drain the node\nwho -> pool\n", _POOL,
    ),
    Rule(
        "C41", "vague", _W, _T, "This names a class of trouble, not a cause.", "Name the object, its state and how that produced the failure.", f"{_CLR}: clarity; {_VA}, rule 1", words.vague,
        _POOL + "net [condition]: A network issue\nnet -> pool\n", _POOL,
    ),
    Rule(
        "C42", "uneven-depth", _I, _G, "This branch stops at its first answer while others go on.", "Ask on, or say why it stops: outside our control, known and accepted, no more evidence.", "Apollo: stop reasons", structure.uneven,
        _POOL + _DEPLOY + "b [condition, E1:8]: the cache was cold\nb -> impact\n", _POOL + _DEPLOY + "b [latent, condition, E1:8]: the cache has no warm start\nb -> impact [enables]\n",
    ),
    Rule(
        "C43", "one-level", _W, _G, "Every factor is of one level.", "Look at the others: act, component, service, team practice, organisation.", "HFACS; AcciMap; CAST", structure.one_level,
        _IMPACT + "".join(f"{n} [condition, layer=component, E1:1]: {n} was so\n{n} -> impact\n" for n in ("a", "b", "c")),
        _IMPACT + "".join(f"{n} [condition, layer={layer}, E1:1]: {n} was so\n{n} -> impact\n" for n, layer in (("a", "act"), ("b", "component"), ("c", "team practice"))),
    ),
    Rule(
        "C44", "no-defence", _I, _G, "A change did it, and no test, canary or alert is spoken of.", "Say which defences stood on its way, and whether each held, failed or was not there.", "Reason, Swiss cheese; CAST", support.no_defence,
        _POOL + _DEPLOY, _POOL + _DEPLOY + _TEST,
    ),
)  # fmt: skip
