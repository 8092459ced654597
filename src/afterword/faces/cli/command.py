"""Commands out of the table: words, arguments, options, help and completion of every operation."""

from __future__ import annotations

import difflib
import json
import sys
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import click

from afterword.app import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from afterword.app.table import Operation, Parameter
    from afterword.app.workspace import Workspace

GROUPS = {
    "incident": "Incidents: list them, look at one.",
    "collection": "Collections: what live systems answered.",
    "inbox": "Inbox: what was sent to us; slices of it to analyse.",
    "document": "Documents: read one, add your own words.",
    "point": "Points of an incident: estimated and stated, side by side.",
    "cause": "Causes: list, judge, read as whys or as a fault tree.",
    "evidence": "Evidence: list it, open a citation, read again, drop.",
    "action": "Action items: list, add, accept, move on, verify.",
    "alert": "Alerts: which of them lead to which others.",
    "lesson": "Lessons: what incidents have in common.",
    "bench": "Benchmarks: list them, rank causes whose answers are known.",
}
#: How the commands stand in the help: what one does first comes first.
_SECTIONS = (
    ("Begin", ("demo", "analyze", "collect", "receive", "verify", "serve")),
    ("Look", ("incident", "timeline", "point", "cause", "evidence", "collection", "inbox", "document", "export")),
    ("Decide", ("action", "lesson", "similar", "trends", "alert")),
    ("Other people's files", ("review", "argument", "import", "tree", "backtest", "logs")),
    ("Ask the lake", ("query", "queries")),
    ("This installation", ("info", "journal", "mcp", "bench", "completion")),
)


@dataclass(frozen=True, slots=True)
class State:
    """What was said before the command."""

    workspace: str = ""
    actor: str = ""
    as_json: bool = False
    local: bool = False

    def merged(self, workspace: str | None, actor: str | None, *, as_json: bool = False, local: bool = False) -> State:
        """The same may be said behind the command; there it counts more."""
        return State(
            workspace or self.workspace, actor or self.actor, self.as_json or as_json, self.local or local
        )  # fmt: skip

    def opener(self, may: frozenset[str], folders: tuple[Path, ...]) -> Callable[[str], Workspace]:
        """Gives each request of another face a workspace of its own, over the same stores."""
        from afterword.app.workspace import Scope, open_workspace

        rights = frozenset(Scope(one) for one in may)

        opened = open_workspace(self.workspace or None, actor=self.actor, face="serve", may=rights, folders=folders)
        return opened.for_caller


class Group(click.Group):
    """Commands in sections, and near ones for a word that is none."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        word = args[0]
        if self.get_command(ctx, word) is None and not word.startswith("-"):
            near = difflib.get_close_matches(word, self.list_commands(ctx), 3, 0.5)
            said = f" Did you mean {' or '.join(near)}?" if near else ""
            raise click.UsageError(f"{ctx.command_path} has no command “{word}”.{said}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        names = set(self.list_commands(ctx))
        sections = _SECTIONS if "analyze" in names else (("Commands", tuple(self.list_commands(ctx))),)
        for title, listed in sections:
            rows = [(name, self._short(ctx, name)) for name in listed if name in names]
            with formatter.section(title):
                formatter.write_dl(rows)

    def _short(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str(200) if command else ""


class Words(click.ParamType[str]):
    """A value with a few allowed words. It is read at the desk, so that all mistakes are told at once."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words
        self.name = "|".join(words)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        del ctx, param
        return [CompletionItem(word) for word in self.words if word.startswith(incomplete)]


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every operation with the words that call it."""
    for operation in table.OPERATIONS:
        yield tuple(operation.command.split()), _Lazy(operation)


def fill(root: click.Group, made: Iterator[tuple[tuple[str, ...], click.Command]]) -> None:
    """Hang the commands into the root, in groups where they have two words."""
    for words, command in made:
        place = root
        for word in words[:-1]:
            if word not in place.commands:
                place.add_command(Group(word, help=GROUPS[word]))
            found = place.commands[word]
            assert isinstance(found, click.Group)
            place = found
        place.add_command(command, words[-1])


class _Lazy(click.Command):
    """A command whose module is loaded when its help or its parameters are looked at."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(operation.command.split()[-1], callback=self._call)
        self.operation = operation

    def get_short_help_str(self, limit: int = 45) -> str:
        del limit
        return table.summary(self.operation)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        if not self.params:
            self.params = [*_parameters(self.operation), *_common()]
        return super().get_params(ctx)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.help = table.description(self.operation)
        super().format_help_text(ctx, formatter)
        needed = [one for one in table.parameters(self.operation) if one.required]
        if needed:
            with formatter.section("Arguments"):
                formatter.write_dl([(_metavar(one), explained(one)) for one in needed])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        formatter.write_paragraph()
        formatter.write_text(f"Example: {self.operation.example}")

    def _call(self, **given: Any) -> int:
        state: State = click.get_current_context().obj or State()
        common = [given.pop(name) for name in ("workspace", "actor", "as_json", "local")]
        state = state.merged(common[0], common[1], as_json=common[2], local=common[3])
        return carry_out(self.operation, _said(self.operation, given), state)


def carry_out(operation: Operation, arguments: dict[str, Any], state: State) -> int:
    """Ask the desk and print its answer; 1 when what was asked about does not hold."""
    from afterword.app import desk, wire
    from afterword.app.workspace import open_workspace
    from afterword.faces.cli.watch import watching

    with watching() as progress:
        ws = open_workspace(state.workspace or None, actor=state.actor, face="cli", progress=progress)
        word = desk.ask(ws, operation.name, arguments, text=True)
    if state.as_json:
        # ASCII only: whatever the terminal takes for its encoding, the document stays the same and steers nothing.
        click.echo(json.dumps(wire.public(word), indent=2))
    else:
        from afterword.faces.cli.render import show

        show(word, sys.stdout, local=state.local)
    return 1 if getattr(word, "holds", True) is False else 0


def _said(operation: Operation, given: dict[str, Any]) -> dict[str, Any]:
    """Only what was said, as text; the desk fills in the rest."""
    said: dict[str, Any] = {}
    for one in table.parameters(operation):
        value = given.get(one.name)
        if value is None or value == ():
            continue
        said[one.name] = list(value) if one.many else {True: "true", False: "false"}.get(value, value)
    return said


def _parameters(operation: Operation) -> Iterator[click.Parameter]:
    for one in table.parameters(operation):
        kind = Words(allowed(one.type)) if allowed(one.type) else click.STRING
        if one.required:
            # Not required for click: a missing argument is told together with everything else that is wrong.
            yield click.Argument(
                [one.name], type=kind, nargs=-1 if one.many else 1, required=False, metavar=_metavar(one)
            )
        elif one.type is bool:
            yield click.Option(
                [_option(one)], is_flag=True, flag_value="true", default=None, type=click.STRING, help=_sentence(one)
            )
        else:
            yield click.Option(
                [_option(one), one.name], type=kind, multiple=one.many, metavar=_value_name(one), help=_sentence(one)
            )  # fmt: skip


def _common() -> list[click.Parameter]:
    return [
        click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON document and nothing else."),
        click.Option(["--local"], is_flag=True, help="Times in the zone of this machine instead of UTC."),
        click.Option(["--workspace"], metavar="DIR", help="Workspace to use."),
        click.Option(["--actor"], metavar="NAME", help="Who you are in the journal."),
    ]


def allowed(type_: Any) -> tuple[str, ...]:
    """The words that a type allows; none where it allows any."""
    if get_origin(type_) is Literal:
        return tuple(map(str, get_args(type_)))
    if isinstance(type_, type) and issubclass(type_, Enum):
        return tuple(str(one.value) for one in type_)
    return next(filter(None, map(allowed, get_args(type_))), ())


def explained(one: Parameter) -> str:
    """What an argument is, with the words that it allows where its sentence does not name them."""
    words = allowed(one.type)
    return one.help if not words or any(word in one.help for word in words) else f"{one.help}: {', '.join(words)}"


def _option(one: Parameter) -> str:
    return "--" + one.name.replace("_", "-")


def _metavar(one: Parameter) -> str:
    name = one.name.upper()
    return name.removesuffix("S") + "..." if one.many else name


def _value_name(one: Parameter) -> str:
    if allowed(one.type):
        return "WORD"
    kinds = {one.type, *get_args(one.type)}
    return "N" if int in kinds else "P" if float in kinds else "TEXT"


def _sentence(one: Parameter) -> str:
    words = allowed(one.type)
    said = one.help[:1].upper() + one.help[1:]
    if words:
        said += f": {', '.join(words)}" if len(words) > 3 or not any(word in one.help for word in words) else ""
    default = one.default.value if isinstance(one.default, Enum) else one.default
    shown = default not in (None, "", (), False)
    return said + (f" [{default}]" if shown else "") + "."
