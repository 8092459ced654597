"""The terminal: ``afterword``. Commands are derived from the table; this file holds what only a terminal has."""

from __future__ import annotations

import contextlib
import errno
import importlib
import io
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from afterword.app.terminal import clean
from afterword.faces.cli.command import Group, State, commands, fill
from afterword.faces.cli.receive import receive
from afterword.faces.cli.why import why
from afterword.model.refusal import InvalidError, NotFoundError, RefusalError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Exit codes that scripts rely on. Not found is a request that names something that is not there.
EXIT = {"invalid": 2, "not-found": 2, "unreadable": 3}
KINDS = (InvalidError, NotFoundError, UnreadableError)
REFUSED = 4
FAULT = 70

_FIRST = """afterword reconstructs incidents from their evidence: timeline, causes, document, actions, lessons.

Where to begin:
  afterword demo                      an incident that ships with it, from evidence to a verified document
  afterword analyze EVIDENCE...       your own: files, folders, archives, in any mix
  afterword collect --window A/B      ask the live systems that afterword.toml names
  afterword verify FILE.afterword     execute every claim of a document again
  afterword review FILE               check a postmortem that somebody wrote
  afterword serve                     look at it in a browser

All commands: afterword --help. One command: afterword COMMAND --help."""


@click.group(cls=Group, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--workspace", metavar="DIR", help="Workspace to use; else AFTERWORD_WORKSPACE, else the nearest .afterword."
)
@click.option("--actor", metavar="NAME", help="Who you are in the journal; else AFTERWORD_ACTOR, else your login name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.option("--local", is_flag=True, help="Times in the zone of this machine instead of UTC.")
@click.option("--version", is_flag=True, is_eager=True, help="Print the version.")
@click.pass_context
def cli(context: click.Context, workspace: str, actor: str, as_json: bool, local: bool, version: bool) -> None:
    """Postmortems that can be executed again: what happened, why, and what to do about it."""
    context.obj = State(workspace or "", actor or "", as_json, local)
    if version:
        from importlib.metadata import version as installed

        click.echo(f"afterword {installed('afterword')}")
        context.exit()
    if context.invoked_subcommand is None:
        click.echo(_FIRST)


@click.command(epilog="Example: afterword serve --port 8710")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; others need AFTERWORD_TOKEN."
)
@click.option("--port", default=8710, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--read-only", is_flag=True, help="Show everything, change nothing.")
@click.option("--judge", is_flag=True, help="Let agents (MCP) decide in the name of people, too.")
@click.option(
    "--unseal", is_flag=True, help="Let callers read original bytes with their secrets; the journal says who."
)
@click.option("--files", multiple=True, metavar="DIR", help="Folder from which callers may name files; else this one.")
@click.option("--workspace", metavar="DIR", help="Workspace to use.")
@click.option("--actor", metavar="NAME", help="Who you are in the journal.")
@click.pass_obj
def serve(
    state: State,
    host: str,
    port: int,
    read_only: bool,
    judge: bool,
    unseal: bool,
    files: tuple[str, ...],
    workspace: str,
    actor: str,
) -> None:
    """Serve the web pages, the HTTP API and MCP on one port."""
    _other("serve").run(
        state.merged(workspace, actor).opener(_rights(read_only=read_only, judge=True, unseal=unseal), _folders(files)),
        state.merged(workspace, actor).opener(
            _rights(read_only=read_only, judge=judge, unseal=unseal), _folders(files)
        ),
        host=host,
        port=port,
        token=os.environ.get("AFTERWORD_TOKEN", ""),
    )


@click.command(epilog='Example, in the settings of an agent: {"command": "afterword", "args": ["mcp"]}')
@click.option("--read-only", is_flag=True, help="Show everything, change nothing.")
@click.option("--judge", is_flag=True, help="Let the agent decide in the name of people, too.")
@click.option(
    "--unseal", is_flag=True, help="Let the agent read original bytes with their secrets; the journal says so."
)
@click.option(
    "--files", multiple=True, metavar="DIR", help="Folder from which the agent may name files; else this one."
)
@click.option("--workspace", metavar="DIR", help="Workspace to use.")
@click.option("--actor", metavar="NAME", help="Who the agent is in the journal.")
@click.pass_obj
def mcp(
    state: State, read_only: bool, judge: bool, unseal: bool, files: tuple[str, ...], workspace: str, actor: str
) -> None:
    """Serve every operation to an agent over standard input and output (MCP)."""
    rights = _rights(read_only=read_only, judge=judge, unseal=unseal)
    _other("serve").run_mcp(state.merged(workspace, actor).opener(rights, _folders(files)))


@click.command(epilog="Example: afterword completion bash > ~/.local/share/bash-completion/completions/afterword")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is None:  # pragma: no cover - click knows all three
        raise click.UsageError(f"no completion for {shell}")
    maker = found(cli, {}, "afterword", "_AFTERWORD_COMPLETE")
    # source() first runs bash to ask its version; the script itself says what it needs.
    click.echo(maker.source_template % maker.source_vars())


def _rights(*, read_only: bool, judge: bool, unseal: bool) -> frozenset[str]:
    """A caller who may only look cannot read originals either: that is written into the journal."""
    given = {"judge": judge, "unseal": unseal}
    return frozenset({"read"} | (set() if read_only else {"write", *(name for name, on in given.items() if on)}))


def _folders(named: Sequence[str]) -> tuple[Path, ...]:
    return tuple(Path(one).resolve() for one in named) or (Path.cwd(),)


def _other(name: str) -> Any:
    """Faces do not know each other: the one file that puts them together is named by text."""
    return importlib.import_module(f"afterword.faces.{name}")


fill(cli, commands())
for extra in (serve, receive, mcp, why, completion):
    cli.add_command(extra)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run, and turn every way to fail into a sentence and an exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that knows fewer letters than the evidence shows question marks for the others.
        sys.stdout.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))


def run(arguments: Sequence[str]) -> int:
    """The exit code of one command line."""
    try:
        code = cli.main(args=list(arguments), prog_name="afterword", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        return _not_understood(error)
    except click.exceptions.Exit as error:
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return 130
    except RefusalError as error:
        return _refused(error, arguments)
    except BrokenPipeError:
        # The reader of our output has gone (head, less): nothing is wrong, and nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _fault(error) if error.errno != errno.ENOSPC else _full()
    except Exception as error:  # noqa: BLE001 - the outermost line of this face: no traceback reaches a person
        return _fault(error)
    return code if isinstance(code, int) else 0


def _not_understood(error: click.ClickException) -> int:
    context = getattr(error, "ctx", None)
    click.echo(clean(f"afterword: {error.format_message()}"), err=True)
    if context is not None:
        click.echo(f"Try: {context.command_path} --help", err=True)
    return EXIT["invalid"]


def _refused(error: RefusalError, arguments: Sequence[str]) -> int:
    reasons: tuple[str, ...] = getattr(error, "reasons", ())
    if "--json" in arguments:
        import json

        told = {"code": error.code, "message": str(error), "reasons": list(reasons)}
        click.echo(json.dumps({"error": told}, indent=2))
    lines = [f"afterword: {error}"]
    if len(reasons) > 1:
        lines = ["afterword: the request cannot be understood:", *(f"  {reason}" for reason in reasons)]
    click.echo(clean("\n".join(lines)), err=True)
    if any(": is missing" in reason for reason in reasons):
        click.echo(f"Try: {_called(arguments)} --help", err=True)
    # A refusal may carry a code of its own; its kind decides how the program ends.
    return next((EXIT[kind.code] for kind in KINDS if isinstance(error, kind)), REFUSED)


def _called(arguments: Sequence[str]) -> str:
    """The words of the command in a command line: ``afterword action accept``."""
    words = ["afterword"]
    place: click.Group = cli
    for word in arguments:
        found = place.commands.get(word)
        if found is None:
            continue
        words.append(word)
        if not isinstance(found, click.Group):
            break
        place = found
    return " ".join(words)


def _full() -> int:
    """A full disk is no fault of the program; what was asked for was not done all the same."""
    click.echo("afterword: no space is left where this was to be written.", err=True)
    with contextlib.suppress(OSError):
        # What could not be written must not be tried again at the end of the process.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAULT


def _fault(error: Exception) -> int:
    if os.environ.get("AFTERWORD_DEBUG") == "1":
        traceback.print_exception(error)
        return FAULT
    told = "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile("w", prefix="afterword-fault-", suffix=".txt", delete=False) as file:
            file.write(told)
        where = f"The details are in {file.name}"
    except OSError:
        where = "Run it again with AFTERWORD_DEBUG=1 for the details"
    said = " ".join(str(error).split())[:200] or "no more is known"
    click.echo(
        clean(
            f"afterword: something went wrong ({type(error).__name__}: {said}). This is a fault of afterword. {where}."
        ),
        err=True,
    )
    return FAULT


if __name__ == "__main__":
    main()
