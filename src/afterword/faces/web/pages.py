"""The pages of the web face: their routes, and the outermost line at which nothing but a sentence leaves."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, RedirectResponse
from starlette.routing import Match, Mount, Route
from starlette.staticfiles import StaticFiles

from afterword.faces.web import (
    action,
    argument,
    cause,
    document,
    evidence,
    form,
    incident,
    incidents,
    journal,
    refusal,
    timeline,
    trend,
)
from afterword.faces.web.render import STATIC
from afterword.faces.web.visit import Visit
from afterword.model.refusal import InvalidError, NotFoundError, RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from afterword.app.workspace import Workspace

    OpenWorkspace = Callable[[str], Workspace]
    Page = Callable[[Visit], Response]

#: A form is a few words.
LARGEST = 1 << 18
_LOG = logging.getLogger(__name__)

_ONE = "/incidents/{incident}"
_LOOK: Mapping[str, Page] = {
    "/": incidents.show,
    _ONE: incident.show,
    f"{_ONE}/timeline": timeline.show,
    f"{_ONE}/causes": cause.show,
    f"{_ONE}/argument": argument.show,
    f"{_ONE}/document": document.show,
    f"{_ONE}/document/{{form}}": document.download,
    f"{_ONE}/pictures/{{name}}.svg": document.picture,
    f"{_ONE}/actions": action.show,
    f"{_ONE}/evidence": evidence.show,
    "/actions": action.every,
    "/trends": trend.show,
    "/journal": journal.show,
}
#: What each form does, and the page on which it stands: an address of a form that is opened leads there.
_DO: Mapping[str, tuple[Page, str]] = {
    f"{_ONE}/points": (incident.state, _ONE),
    f"{_ONE}/close": (incident.close, _ONE),
    f"{_ONE}/causes/{{cause}}": (cause.judge, f"{_ONE}/causes"),
    f"{_ONE}/argument/answers": (argument.answer, f"{_ONE}/argument"),
    f"{_ONE}/argument/causes": (argument.add, f"{_ONE}/argument"),
    f"{_ONE}/argument/links": (argument.link, f"{_ONE}/argument"),
    f"{_ONE}/edits/{{edit}}": (argument.withdraw, f"{_ONE}/argument"),
    f"{_ONE}/notes": (document.note, f"{_ONE}/document"),
    f"{_ONE}/verify": (document.verify, f"{_ONE}/document"),
    f"{_ONE}/export": (document.export, f"{_ONE}/document"),
    f"{_ONE}/actions": (action.add, f"{_ONE}/actions"),
    f"{_ONE}/actions/{{action}}/{{verb}}": (action.step_here, f"{_ONE}/actions"),
    f"{_ONE}/evidence/{{evidence}}/drop": (evidence.drop, f"{_ONE}/evidence"),
    f"{_ONE}/reread": (evidence.reread, f"{_ONE}/evidence"),
    "/actions/{action}/{verb}": (action.step, "/actions"),
    "/lessons/learn": (trend.learn, "/trends"),
}


def routes(open_ws: OpenWorkspace) -> list[BaseRoute]:
    """The pages, their forms and their files."""
    return [
        *(Route(path, _endpoint(open_ws, shown), methods=["GET"]) for path, shown in _LOOK.items()),
        *(Route(path, _endpoint(open_ws, done), methods=["POST"]) for path, (done, _) in _DO.items()),
        *(Route(path, _back(page), methods=["GET"]) for path, (_, page) in _DO.items() if path not in _LOOK),
        Route("/favicon.ico", lambda _: FileResponse(STATIC / "icon.svg", media_type="image/svg+xml"), methods=["GET"]),
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
        _Elsewhere("/{path:path}", _endpoint(open_ws, _nothing), methods=["GET"]),
    ]


class _Elsewhere(Route):
    """Every other address, but those of programs: they get their answers in JSON."""

    def matches(self, scope: Any) -> tuple[Match, Any]:
        if scope["type"] == "http" and str(scope["path"]).startswith(("/api/", "/mcp", "/static/")):
            return Match.NONE, {}
        return super().matches(scope)


def _back(page: str) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        parts = {name: quote(str(value), safe="") for name, value in request.path_params.items()}
        return RedirectResponse(page.format(**parts), 303)

    return endpoint


def _nothing(visit: Visit) -> Response:
    raise NotFoundError(f"There is no page {visit.request.url.path}.")


def _endpoint(open_ws: OpenWorkspace, made: Page) -> Callable[[Request], Any]:
    def answer(request: Request, typed: Mapping[str, list[str]]) -> Response:
        return made(Visit(request, open_ws("web"), typed))

    async def endpoint(request: Request) -> Response:
        try:
            typed = await _typed(request) if request.method == "POST" else {}
            return await run_in_threadpool(answer, request, typed)
        except RefusalError as error:
            return await run_in_threadpool(refusal.refused, request, error)
        except ClientDisconnect:
            raise
        except Exception:  # noqa: BLE001 - the outermost line of this face: no traceback reaches a person
            _LOG.exception("%s failed", request.url.path)
            return refusal.said(request, 500, "The log of the server has the details. Nothing was changed half.")

    return endpoint


async def _typed(request: Request) -> dict[str, list[str]]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise InvalidError("Forms of these pages are sent as application/x-www-form-urlencoded.")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            raise InvalidError(f"A form holds at most {LARGEST} bytes.")
    return form.parse(body)
