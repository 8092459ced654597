"""Templates: escaped without exception, steering characters made visible, one nonce for each answer."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from afterword.app.terminal import clean
from afterword.faces.web import wording
from afterword.faces.web.form import Filled

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

HERE = Path(__file__).parent
STATIC = HERE / "static"


_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ')
#: A picture this much smaller than it was drawn can still be read.
_SMALLEST = 0.75
#: As wide as a page gives room for.
_ROOM = 1000


def legible(svg: str) -> int:
    """The width below which a drawing cannot be read any more, in pixels; 0 where a page gives it enough room."""
    found = _BOX.search(svg)
    width = round(float(found.group(1)) * _SMALLEST) if found else 0
    return width if width > _ROOM else 0


def seen(value: Any) -> Any:
    """What is put into a page: text without the characters that steer a screen. Markup is ours and stays."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def environment(*, autoescape: bool = True) -> Environment:
    """Two walls against what strangers wrote: escaping here, the policy with its nonce in the guard.

    ``autoescape`` is only ever False in the test that shows that its detector works.
    """
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=autoescape,  # noqa: S701 - see above
        undefined=StrictUndefined,
        finalize=seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "seen": seen,
        "span": wording.span,
        "short_time": wording.short_time,
        "size": wording.size,
        "is_cite": wording.looks_like_citation,
        "slug": lambda text: "".join(c if c.isalnum() else "-" for c in str(text)),
        "legible": legible,
        "part": lambda text: quote(str(text), safe=""),
        "role_says": lambda role: wording.ROLES.get(role, ""),
        "point_says": lambda name: wording.POINTS.get(name, name),
    }
    made.globals |= {
        "grades": wording.GRADES,
        "kinds": wording.KINDS,
        "tones": wording.TONES,
        "section_says": wording.SECTIONS,
        "stamp": stamp(),
    }
    made.globals["m"] = made.get_template("macros.html").module
    return made


@cache
def _shared() -> Environment:
    return environment()


@cache
def stamp() -> str:
    """A name for this state of the static files: a new release is never mixed with a cached old one."""
    files = sorted(STATIC.glob("*"))
    return hashlib.sha256(b"".join(one.read_bytes() for one in files)).hexdigest()[:10]


def page(request: Request, template: str, *, status: int = 200, **known: Any) -> Response:
    known.setdefault("form", Filled())
    known.setdefault("here", "")
    done = wording.done(request.query_params.get("done", ""), request.query_params.get("on", ""))
    text = _shared().get_template(template).render(
        nonce=getattr(request.state, "nonce", ""), request=request, done=done, **known
    )  # fmt: skip
    return HTMLResponse(text.encode("utf-8", "backslashreplace"), status, headers={"Cache-Control": "no-store"})
