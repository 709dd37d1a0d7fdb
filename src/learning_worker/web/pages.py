"""Templates -> responses: the Jinja environment and what every page is given."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse

from learning_worker.db.sessions import Session
from learning_worker.web import languages
from learning_worker.web.auth import deps_of
from learning_worker.web.markdown import to_html
from learning_worker.web.texts import Texts

HERE = Path(__file__).parent
STATIC = HERE / "static"
LANGUAGE_COOKIE = "lang"
# 4xx and 5xx bodies are whole pages: never swap one into a part of a page. Never evaluate code from attributes.
_HTMX_CONFIG = json.dumps(
    {"noSwap": [204, 304, "4xx", "5xx"], "includeIndicatorCSS": False, "history": False, "extensions": "sse"}
)


def _static_version() -> str:
    """Changes with any static file, so that browsers may keep them for a day."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["md"] = to_html
_ENVIRONMENT.globals["static_version"] = _static_version()
_ENVIRONMENT.globals["htmx_config"] = _HTMX_CONFIG


def language_of(request: Request) -> str:
    """The session's language, else the cookie of the switch, else the browser's."""
    session: Session | None = getattr(request.state, "session", None)
    if session is not None:
        return session.language
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in languages.CATALOGUES:
        return chosen
    return languages.negotiated(request.headers.get("accept-language", ""))


def texts_of(request: Request) -> Texts:
    """The catalogue for this request."""
    return languages.texts_for(language_of(request))


def render(
    request: Request, template: str, context: Mapping[str, object] | None = None, *, status: int = 200
) -> HTMLResponse:
    """A page or a part of one, in the language of the request."""
    deps = deps_of(request)
    t = texts_of(request)

    def when(moment: datetime) -> str:
        return moment.astimezone(deps.timezone).strftime(t.date_format)

    session: Session | None = getattr(request.state, "session", None)
    html = _ENVIRONMENT.get_template(template).render(
        t=t,
        when=when,
        session=session,
        csrf=session.csrf_token if session else "",
        is_demo=deps.env == "demo",
        here=request.url.path,
        **(context or {}),
    )
    return HTMLResponse(html, status_code=status, headers={"Content-Language": t.code})


def moment_in_words(request: Request, moment: datetime) -> str:
    """The time of day for a moment of today, with its date otherwise; in the school's time zone."""
    deps, t = deps_of(request), texts_of(request)
    local, today = moment.astimezone(deps.timezone), deps.clock().astimezone(deps.timezone)
    return local.strftime(t.time_format if local.date() == today.date() else t.date_format)


def see_other(path: str) -> RedirectResponse:
    """After a form: a reload of the next page repeats nothing."""
    return RedirectResponse(path, status_code=303)
