"""``afterword why``: the interview in the terminal. It asks at the weakest place of the argument, and writes down what is said."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from afterword.app.terminal import clean, one_line
from afterword.model.refusal import InvalidError, RefusalError

if TYPE_CHECKING:
    from afterword.app.workspace import Workspace
    from afterword.core.lint.interview import Question
    from afterword.faces.cli.command import State

_SAYS = {"y": "yes", "n": "no", "u": "unknown"}
_HOW = "[y]es, [n]o, [u]nknown, [s]kip, [q]uit"
_WHY = "what it was, the number of one above, “end: why it ends here”, [s]kip, [q]uit"


@click.command(epilog="Example: afterword why inc-0123456789 --role responder")
@click.argument("incident")
@click.option("--role", default="", help="What you were in the incident: responder, author of the change, owner, …")
@click.option("--workspace", metavar="DIR", help="Workspace to use.")
@click.option("--actor", metavar="NAME", help="Who you are in the journal.")
@click.pass_obj
def why(state: State, incident: str, role: str, workspace: str, actor: str) -> None:
    """Be asked about the causes of an incident: where is the argument weakest, and what would hold it or refute it?"""
    from afterword.app.workspace import open_workspace

    merged = state.merged(workspace, actor)
    if not sys.stdin.isatty() and state.as_json:
        raise InvalidError(
            "why talks with a person; for programs there are cause ask and cause answer", ("why: a terminal",)
        )
    ws = open_workspace(merged.workspace or None, face="cli", actor=merged.actor)
    skipped: set[tuple[str, str]] = set()
    asked = 0
    while question := _next(ws, incident, skipped):
        asked += 1
        _show(question, asked)
        if not _put(ws, incident, question, role, skipped):
            return
    click.echo(
        "Nothing more is open."
        if asked
        else "Nothing is open: every link was tested, and every branch says why it ends."
    )


def _next(ws: Workspace, incident: str, skipped: set[tuple[str, str]]) -> Question | None:
    from afterword.app.operations import lint

    found = lint.ask(ws, incident=incident, most=1000)
    return next((one for one in found if (one.rule, one.about) not in skipped), None)


def _show(question: Question, number: int) -> None:
    click.echo()
    click.secho(f"{number}. {clean(one_line(question.asks))}", bold=True)
    click.secho(f"   {clean(one_line(question.because))}", dim=True)
    for n, offer in enumerate(question.offers, 1):
        cites = ", ".join(map(str, offer.cites))
        click.echo(f"   {n}) perhaps: {clean(one_line(offer.statement))}" + (f" [{cites}]" if cites else ""))


def _put(ws: Workspace, incident: str, question: Question, role: str, skipped: set[tuple[str, str]]) -> bool:
    """One answer taken; False where the person has had enough."""
    said = click.prompt(_HOW if question.rule else _WHY, default="s", show_default=False).strip()
    if said.lower() in ("q", "quit"):
        return False
    if said.lower() in ("s", "skip"):
        skipped.add((question.rule, question.about))
        return True
    try:
        (_tested if question.rule else _because)(ws, incident, question, role, said)
    except RefusalError as error:
        click.secho(f"   {clean(one_line(str(error)))}", fg="red")
    return True


def _tested(ws: Workspace, incident: str, question: Question, role: str, said: str) -> None:
    from afterword.app.operations import lint
    from afterword.model.answer import Says

    short = said[:1].lower()
    if short not in _SAYS:
        raise RefusalError(f"One of {_HOW}.", code="why")
    text = click.prompt("   what did you see that says so", default="", show_default=False)
    lint.answer(
        ws, incident=incident, rule=question.rule, about=question.about, says=Says(_SAYS[short]), text=text, role=role
    )


def _because(ws: Workspace, incident: str, question: Question, role: str, said: str) -> None:
    """A new cause, one that was offered, or the reason why the branch ends here."""
    from afterword.app.operations import graph, lint
    from afterword.model.answer import Says

    if said.lower().startswith("end:"):
        lint.answer(
            ws, incident=incident, rule="C42", about=question.about, says=Says.YES, text=said[4:].strip(), role=role
        )
    elif said.isdigit():
        if not 1 <= int(said) <= len(question.offers):
            raise RefusalError(f"There is no {said} above.", code="why")
        offer = question.offers[int(said) - 1]
        graph.link(
            ws,
            incident=incident,
            cause=offer.id,
            effect=question.about,
            role=role,
            reason=f"said by the {role or 'person asked'}",
        )
    else:
        graph.add(
            ws,
            incident=incident,
            effect=question.about,
            statement=said,
            role=role,
            reason=f"said by the {role or 'person asked'}",
        )
