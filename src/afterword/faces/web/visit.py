"""One request of a person: what it asks of the desk, and what the person typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from starlette.responses import RedirectResponse

from afterword.app import desk, wire
from afterword.faces.status import status
from afterword.faces.web.form import Filled, arguments
from afterword.model.refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from afterword.app.workspace import Workspace


@dataclass(frozen=True)
class Visit:
    """A request with the workspace of its caller. Every page asks and changes things through it."""

    request: Request
    ws: Workspace
    typed: Mapping[str, list[str]] = field(default_factory=dict)
    #: Answers of this visit: a page and its head ask for the same things.
    _told: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False, compare=False)

    def look(self, name: str, **given: Any) -> Any:
        """The word with which the desk answers a question; asked once a visit."""
        key = (name, repr(sorted(given.items())))
        if key not in self._told:
            self._told[key] = desk.ask(self.ws, name, given)
        return self._told[key]

    def told(self, name: str, **given: Any) -> Any:
        """The answer to a question as plain values: citations as text, times as RFC 3339."""
        return wire.public(self.look(name, **given))

    def do(self, name: str, **given: Any) -> Any:
        """Have something done that needs no words of the person."""
        self._told.clear()
        return desk.ask(self.ws, name, given)

    def change(self, name: str, *, blank: tuple[str, ...] = (), **fixed: str) -> Any:
        """Carry out what the person typed. ``blank``: fields whose emptiness means something."""
        self._told.clear()
        return desk.ask(self.ws, name, {**arguments(self.typed, blank), **fixed}, text=True)

    def query(self, name: str, default: str = "") -> str:
        return str(self.request.query_params.get(name, default))

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    def to(self, path: str, done: str, on: str = "", *, anchor: str = "") -> Response:
        """Send the person back to a page that says what was done; filters of that page stay."""
        kept = [(k, v) for k, v in self.request.query_params.multi_items() if k not in {"done", "on"}]
        told = [*kept, ("done", done), *([("on", on)] if on else [])]
        mark = f"#{quote(anchor)}" if anchor else ""
        return RedirectResponse(f"{path}?{urlencode(told)}{mark}", 303)

    def attempt(
        self, form: str, act: Callable[[], Response], again: Callable[[Visit, Filled, int], Response]
    ) -> Response:
        """Do it and redirect; when it is refused, show the page again with what was typed and everything wrong."""
        try:
            return act()
        except RefusalError as error:
            return again(self, Filled.refused(form, self.typed, error), status(error))
