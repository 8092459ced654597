"""Queries: ask the lake a question that any engine answers alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from afterword.model.evidence import Evidence, parse_citation
from afterword.model.incident import Incident
from afterword.model.refusal import ForbiddenError, InvalidError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.app.answer import Answer, Cell
    from afterword.app.workspace import Workspace
    from afterword.queries.question import Query, Question


@dataclass(frozen=True, slots=True)
class QueryAbout:
    """One query: what it tells, and which options it takes and needs."""

    name: str
    about: str
    takes: tuple[str, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """What ``query --json`` prints: a table. ``sha256`` is that of all rows as the engine gave them."""

    query: str
    engine: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    #: Rows of the whole answer; ``rows`` holds the first ``most`` of them.
    total: int
    sha256: str
    sql: str


#: Options that say the same in other words than the question.
_SAID = {"artefact": "citation", "line": "citation"}


def list_(ws: Workspace) -> tuple[QueryAbout, ...]:
    """List the queries: what each tells, and which options it takes."""
    from afterword.app import engine

    del ws
    return tuple(
        QueryAbout(one.name, one.about, _options(one.takes), _options(one.needs)) for one in engine.queries().values()
    )


def _options(fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_SAID.get(one, one) for one in fields))


def ask(
    ws: Workspace,
    *,
    name: Annotated[str, "name of the query; `afterword queries` lists them"],
    incident: Annotated[str, "only the evidence of this incident; else everything that was read"] = "",
    window: Annotated[str, "START/END; only rows of this stretch"] = "",
    baseline: Annotated[
        str, "START/END to compare the window with; as long as the window, before it, when not given"
    ] = "",
    component: Annotated[str, "only rows of this component"] = "",
    template: Annotated[str, "only this template"] = "",
    text: Annotated[str, "text to search for, as it stands"] = "",
    regex: Annotated[bool, "the text is a regular expression, of those that all engines read alike"] = False,
    citation: Annotated[str, "the line whose neighbours are asked for, such as E3:12"] = "",
    factor: Annotated[int, "so many times more often is a burst, so many times less often a dip"] = 3,
    least: Annotated[int, "a burst or a dip has at least so many rows"] = 10,
    most: Annotated[int, "print so many rows"] = 1000,
    engine: Annotated[str, "who answers, such as duckdb or local-spark; the setting when not given"] = "",
) -> QueryAnswer:
    """Ask the lake one of the queries, on this machine or on the engine of the setting."""
    from afterword.app import engine as engines
    from afterword.app import intake
    from afterword.model.time import Span

    asked, setting = engines.query(name), _engine(ws, engine)
    artefacts = _artefacts(ws, incident)
    question = _question(
        ws, asked, incident, artefacts,
        {"window": window, "baseline": baseline, "citation": citation},
        {"component": component, "template": template, "text": text, "regex": regex, "factor": factor, "least": least, "most": most},
    )  # fmt: skip
    evidence = [one for _, one in artefacts]
    intake.restore(evidence, ws.blobs, ws.lake)
    reach = engines.reach(asked, question)
    listed = ws.lake.files(evidence, asked.kinds, None if reach is None else Span(*reach))
    ws.progress(f"asking {setting.partition('?')[0]}", 0, None)
    with engines.opened(setting, ws.root / "spill") as opened:
        found = engines.ask(opened, opened.lake(engines.files(listed, setting)), asked, question)
    # Neighbours are counted on each side of the line.
    return _shown(ws, found, artefacts, 2 * most + 1 if citation else most)


def _engine(ws: Workspace, named: str) -> str:
    """The engine of the setting; another one only for the person at the terminal, since it is an address to talk to."""
    if named and named != ws.config.engine and ws.folders is not None:
        raise ForbiddenError("Which engine is asked is decided by the setting of this server.")
    return named or ws.config.engine


def _artefacts(ws: Workspace, incident: str) -> list[tuple[str, Evidence]]:
    """Artefacts with the ids by which citations call them; without an incident by their names."""
    if not incident:
        return [(one.name, one) for one in ws.all("evidence", Evidence)]
    record = ws.get("incident", incident, Incident)
    gone = {one.id for one in ws.records.all("dropped")}
    return [
        (f"E{number}", replace(ws.get("evidence", sha, Evidence), seal=record.seal))
        for number, sha in enumerate(record.evidence, 1)
        if sha not in gone
    ]


def _question(
    ws: Workspace,
    asked: Query,
    incident: str,
    artefacts: Sequence[tuple[str, Evidence]],
    said: dict[str, str],
    rest: dict[str, str | int | bool],
) -> Question:
    """Raises InvalidError for options that this query does not read, and for those that are no times."""
    from afterword.app import period
    from afterword.queries.question import Question

    default = Question()
    given = [one for one, value in said.items() if value]
    given += [one for one, value in rest.items() if value != getattr(default, one) and one != "most"]
    wrong = [one for one in given if one not in _options(asked.takes)]
    if wrong:
        raise InvalidError(f"{asked.name} reads no {', '.join(wrong)}", tuple(f"{one}: not read" for one in wrong))
    if not 1 <= int(rest["most"]) <= 1_000_000:
        raise InvalidError("most is 1 to 1000000", ("most: 1 to 1000000",))
    window, baseline = period.span(said["window"], "window"), period.span(said["baseline"], "baseline")
    if "baseline" in asked.needs:
        window = window or _window(ws, incident)
        baseline = baseline or (window and (2 * window[0] - window[1], window[0]))
    question = replace(default, window=window, baseline=baseline, **rest)  # type: ignore[arg-type]
    return _at(question, said["citation"], artefacts) if said["citation"] else question


def _window(ws: Workspace, incident: str) -> tuple[int, int] | None:
    """The window that the analysis of the incident found, half open."""
    from afterword.model.postmortem import Postmortem

    found = ws.find("postmortem", incident, Postmortem) if incident else None
    return (found.window.start, found.window.end + 1) if found and found.window else None


def _at(question: Question, citation: str, artefacts: Sequence[tuple[str, Evidence]]) -> Question:
    try:
        cited = parse_citation(citation.strip().strip("[]"))
    except ValueError as error:
        raise InvalidError(str(error), (f"citation: {error}",)) from error
    found = next((one for id_, one in artefacts if id_ == cited.evidence), None)
    if found is None:
        raise NotFoundError(f"There is no {cited.evidence} here; citations are those of an incident (--incident).")
    return replace(question, artefact=found.sha256, line=cited.first, most=min(question.most, 1000))


def _shown(ws: Workspace, found: Answer, artefacts: Sequence[tuple[str, Evidence]], most: int) -> QueryAnswer:
    """The first rows, with the text of each template and the citation of each line beside them."""
    columns, rows = found.columns, found.rows[:most]
    if "template" in columns:
        masks = ws.lake.templates([one for _, one in artefacts])
        at = columns.index("template")
        columns, rows = (*columns, "masked"), tuple((*row, masks.get(str(row[at]))) for row in rows)
    sha = next((one for one in ("artefact", "first_artefact") if one in columns), "")
    line = "first_line" if "first_line" in columns else "first"
    if sha and line in columns:
        ids = {one.sha256: id_ for id_, one in artefacts}
        at, number = columns.index(sha), columns.index(line)
        rows = tuple((*row, f"{ids.get(str(row[at]), '?')}:{row[number]}") for row in rows)
        columns = (*columns, "cite")
    return QueryAnswer(found.query, found.engine, columns, rows, len(found.rows), found.sha256, found.sql)
