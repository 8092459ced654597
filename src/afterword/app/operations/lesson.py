"""Lessons: what incidents have in common, whether promised work helped, trends, and alerts tried on recordings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from afterword.model.action import ActionItem, ActionState
from afterword.model.postmortem import Postmortem
from afterword.model.refusal import InvalidError, NotFoundError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.app.workspace import Workspace
    from afterword.core.backtest import Backtest
    from afterword.core.rule import Rule
    from afterword.core.vocabulary import Share
    from afterword.model.lesson import Fingerprint, Lesson, Similar, Trend


def list_(ws: Workspace) -> tuple[Lesson, ...]:
    """List what the incidents of the workspace say together."""
    from afterword.core.lesson import lessons

    return lessons(_postmortems(ws), ws.all("action", ActionItem), since=_since(ws))


def learn(ws: Workspace) -> tuple[ActionItem, ...]:
    """Mark finished actions as ineffective where the same incident came again."""
    from afterword.core import action as life
    from afterword.core.lesson import ineffective

    items = {item.id: item for item in ws.all("action", ActionItem)}
    shown = ineffective(_postmortems(ws), list(items.values()), since=_since(ws))
    changed = [
        life.judge(items[id_], ActionState.INEFFECTIVE, f"it happened again in {incident}")
        for id_, incident in shown
        if items[id_].state is not ActionState.INEFFECTIVE
    ]
    if changed:
        ws.keep([("action", item.id, item) for item in changed], operation="lesson.learn")
    return tuple(changed)


def similar(
    ws: Workspace, *, to: Annotated[str, "id of an incident, or the file of somebody else's postmortem"]
) -> tuple[Similar, ...]:
    """Find incidents like this one, and say what they share."""
    from afterword.core.lesson import fingerprint
    from afterword.core.lesson import similar as compare

    known = [fingerprint(one) for one in _postmortems(ws)]
    mine = next((one for one in known if one.incident == to), None)
    if mine is None:
        if not Path(to).is_file():
            there = ", ".join(one.incident for one in known[:10]) or "none at all"
            raise NotFoundError(f"{to} is no file and no analysed incident of this workspace. There is {there}.")
        mine = _foreign(Path(to), known)
    return compare(mine, known)


def trends(ws: Workspace) -> tuple[Trend, ...]:
    """Show how the durations of incidents develop: always with n, median and interval."""
    from afterword.core.trend import trends as work_out

    return work_out(_postmortems(ws))


def classes(ws: Workspace) -> tuple[Share, ...]:
    """Show how often each published class of cause and of weakness is here, beside how often it was found elsewhere."""
    from afterword.app.operations import graph
    from afterword.core import vocabulary, weakness

    known = ws.all("postmortem", Postmortem)
    causes = vocabulary.shares([graph.of(ws, one.incident).explanation for one in known])
    return (*causes, *weakness.shares([one.findings for one in known]))


def backtest(
    ws: Workspace,
    *,
    rules: Annotated[str, "a Prometheus rule file"],
    evidence: Annotated[tuple[str, ...], "files, folders or archives with recorded series"],
    zone: Annotated[str, "zone of wall clocks that state none"] = "",
    every: Annotated[str, "how often rules are evaluated whose group does not say, such as 30s"] = "",
) -> tuple[Backtest, ...]:
    """Try alert rules on recorded series: when each would have fired, and how often in vain."""
    from afterword.app import backtesting, intake, pipeline, recorded
    from afterword.model.incident import Incident, Options, Status

    wanted, step = rules_of(Path(rules)), _step(every)
    taken = intake.collect(list(evidence), ws.blobs, ws.lake, zone=zone, progress=ws.progress, redact=ws.config.redact)
    shas = tuple(one.sha256 for one in taken.evidence)
    record = Incident("backtest", "", Status.OPEN, shas, Options(zone=zone))
    worked = pipeline.work(record, taken.evidence, ws.lake, ws.blobs)
    found = recorded.recording(worked.case, ws.blobs)
    return backtesting.replayed(wanted, found, worked.case, worked.postmortem, step=step)


def _step(said: str) -> int:
    from afterword.core.promql import UnsupportedError, duration

    try:
        found = duration(said) if said else 0
    except UnsupportedError:
        found = 0
    if said and not found:
        reason = f"every: a length such as 30s is needed, not {said[:40]!r}"
        raise InvalidError(reason, (reason,))
    return found


def rules_of(path: Path) -> list[Rule]:
    """The rules of a rule file, in its order. Raises UnreadableError when it is none."""
    from afterword.reading import rule_file
    from afterword.reading.strict_json import Malformed

    try:
        return rule_file.rules(path.read_bytes())
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read as a rule file: {error}") from error
    except Malformed as error:
        if error.code == "rules-length":
            raise InvalidError(str(error), (str(error),)) from error
        raise UnreadableError(f"{path} is no Prometheus rule file: {error}") from error


def _postmortems(ws: Workspace) -> list[Postmortem]:
    """What was analysed, with what people stated and decided since."""
    from afterword.core.cause import edit
    from afterword.core.point import with_stated
    from afterword.model.incident import Incident

    known = {one.id: one for one in ws.all("incident", Incident)}
    found = [(one, known.get(one.incident)) for one in ws.all("postmortem", Postmortem)]
    return [edit.upon(with_stated(one, mine.stated), mine.edits) if mine else one for one, mine in found]


def _since(ws: Workspace) -> dict[str, str]:
    """Since when each action has the state that it has, from the journal."""
    since: dict[str, tuple[str, str]] = {}
    for line in ws.records.journal("action"):
        state = str(line.body.get("state", ""))
        if since.get(line.id, ("", ""))[0] != state:
            since[line.id] = (state, line.at)
    return {id_: at for id_, (_, at) in since.items()}


def _foreign(path: Path, known: Sequence[Fingerprint]) -> Fingerprint:
    """What can be said of a foreign document: words of the known incidents that it also uses."""
    from afterword.app import foreign
    from afterword.core.foreign import import_
    from afterword.model.lesson import Fingerprint

    text = foreign.open_(path)[0].text
    stated = import_(text)

    def named(words: set[str]) -> tuple[str, ...]:
        return tuple(sorted(word for word in words if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)))

    category = stated.category or ""
    exceptions = {token for one in known for token in one.mechanism if token.startswith("exception ")}
    mechanism = {f"exception {word}" for word in named({token.partition(" ")[2] for token in exceptions})}
    return Fingerprint(
        incident=str(path),
        title=stated.title or path.name,
        started=None,
        components=named({component for one in known for component in one.components}),
        trigger="",
        category=category,
        mechanism=tuple(sorted(mechanism | ({f"category {category}"} if category else set()))),
        templates=(),
        indicators=(),
        alerts=named({alert for one in known for alert in one.alerts}),
    )
