"""Start page, sign-out, language; and the demo's sign-in without a password, on this machine only."""

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from learning_worker.db import sessions
from learning_worker.db.sessions import Session
from learning_worker.web import languages
from learning_worker.web.auth import (
    clear_session_cookie,
    deps_of,
    session_of,
    set_session_cookie,
    signed_in,
)
from learning_worker.web.deps import WebDeps
from learning_worker.web.forms import form_of, text_field
from learning_worker.web.pages import LANGUAGE_COOKIE, render, see_other
from learning_worker.web.security import check_origin, is_loopback

router = APIRouter(include_in_schema=False)
_HOME = {"student": "/tasks", "teacher": "/teacher", "operator": "/operator"}


@router.get("/")
async def start(request: Request) -> Response:
    """To one's own start page, or to the sign-in."""
    session = await session_of(request)
    if session is not None:
        return see_other(_HOME[session.site_role])
    if _is_demo(request):
        return see_other("/demo/sign-in")
    return render(request, "sign_in.html")


@router.get("/demo/sign-in")
async def demo_people(request: Request) -> Response:
    """Pick one of the invented people."""
    deps = _demo_deps(request)
    await session_of(request)
    groups = {
        role: [person for person in deps.demo_people if person.site_role == role]
        for role in ("student", "teacher", "operator")
    }
    return render(request, "demo.html", {"groups": groups})


@router.post("/demo/sign-in")
async def demo_sign_in(request: Request) -> Response:
    """Be one of the invented people, in a new session."""
    deps = _demo_deps(request)
    check_origin(request)
    form = await request.form(max_files=0, max_fields=5, max_part_size=1000)
    person = next((p for p in deps.demo_people if p.sub == text_field(form, "sub")), None)
    if person is None:
        raise HTTPException(422)
    old = await session_of(request)
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    async with deps.sessions.transaction() as connection:
        if old is not None:
            await sessions.end(connection, old.token)
        session = await sessions.start(
            connection,
            sub=person.sub,
            display_name=person.display_name,
            site_role=person.site_role,
            language=chosen if chosen in languages.CATALOGUES else person.language,
        )
    response = see_other(_HOME[person.site_role])
    set_session_cookie(response, deps, session.token)
    return response


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session on the server, not only in the browser."""
    session = await signed_in(request)
    await form_of(request, session)
    deps = deps_of(request)
    async with deps.sessions.transaction() as connection:
        await sessions.end(connection, session.token)
    response = see_other("/")
    clear_session_cookie(response, deps)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.post("/language")
async def switch_language(request: Request) -> Response:
    """Speak the other language, now and at the next visit."""
    check_origin(request)
    session = await session_of(request)
    form = await form_of(request, session) if session else await request.form(max_files=0, max_fields=5)
    language = text_field(form, "language")
    if language not in languages.CATALOGUES:
        raise HTTPException(422)
    deps = deps_of(request)
    if session is not None:
        async with deps.sessions.transaction() as connection:
            await sessions.set_language(connection, session.token, language)
    response = see_other(_own_path(text_field(form, "next")))
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=365 * 24 * 3600,
        secure=deps.is_https,
        httponly=True,
        samesite="lax",
    )
    return response


def home_of(session: Session) -> str:
    """Where a person starts."""
    return _HOME[session.site_role]


def _own_path(path: str) -> str:
    """A path of ours to go back to; anything that could lead elsewhere becomes the start page."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_own and "\\" not in path else "/"


def _is_demo(request: Request) -> bool:
    deps = deps_of(request)
    return deps.env == "demo" and is_loopback(request, deps.local_gateways)


def _demo_deps(request: Request) -> WebDeps:
    if not _is_demo(request):
        raise HTTPException(404)
    return deps_of(request)
