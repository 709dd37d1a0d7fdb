"""Session cookie -> who is asking; what each part of the site requires."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from learning_worker.db import sessions
from learning_worker.db.sessions import ABSOLUTE_DAYS, Session
from learning_worker.web.deps import WebDeps
from learning_worker.web.security import UNSAFE_METHODS, check_origin, check_token

TOKEN_LIMIT = 200
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf"


class NotSignedIn(Exception):
    """There is no session, or it has ended."""


class WrongRole(Exception):
    """Signed in, but as somebody else than this page is for."""


def deps_of(request: Request) -> WebDeps:
    """What the application was built with."""
    deps: WebDeps = request.app.state.deps
    return deps


def cookie_name(deps: WebDeps) -> str:
    """`__Host-` needs Secure, which plain http on this machine cannot have."""
    return "__Host-session" if deps.is_https else "session"


async def session_of(request: Request) -> Session | None:
    """The session of this request, looked up once."""
    if not hasattr(request.state, "session"):
        deps = deps_of(request)
        token = request.cookies.get(cookie_name(deps), "")
        request.state.session = None
        if token and len(token) <= TOKEN_LIMIT:
            async with deps.sessions.transaction() as connection:
                request.state.session = await sessions.load(connection, token)
    session: Session | None = request.state.session
    return session


async def signed_in(request: Request) -> Session:
    """The session; an unsafe request must come from our own pages, and a JSON one must bring the token as a header.

    Raises NotSignedIn or Forged. Forms bring the token as a field, which `web.forms` checks.
    """
    session = await session_of(request)
    if session is None:
        raise NotSignedIn
    if request.method in UNSAFE_METHODS:
        check_origin(request)
        if not is_form(request):
            check_token(session.csrf_token, request.headers.get(CSRF_HEADER))
    return session


def is_form(request: Request) -> bool:
    """Whether the body is a form of a page."""
    return request.headers.get("content-type", "").startswith(
        ("multipart/form-data", "application/x-www-form-urlencoded")
    )


async def student(session: Annotated[Session, Depends(signed_in)]) -> Session:
    """A signed-in pupil. Raises WrongRole."""
    return _in_role(session, "student")


async def teacher(session: Annotated[Session, Depends(signed_in)]) -> Session:
    """A signed-in teacher; which courses, row level security decides. Raises WrongRole."""
    return _in_role(session, "teacher")


async def teacher_or_operator(session: Annotated[Session, Depends(signed_in)]) -> Session:
    """Somebody who may see the state of the system. Raises WrongRole."""
    return _in_role(session, "teacher", "operator")


async def operator(session: Annotated[Session, Depends(signed_in)]) -> Session:
    """A signed-in operator. Raises WrongRole."""
    return _in_role(session, "operator")


Student = Annotated[Session, Depends(student)]
Teacher = Annotated[Session, Depends(teacher)]
TeacherOrOperator = Annotated[Session, Depends(teacher_or_operator)]
Operator = Annotated[Session, Depends(operator)]


def set_session_cookie(response: Response, deps: WebDeps, token: str) -> None:
    """Hand the token to the browser: not readable by scripts, not sent along from other sites' forms."""
    response.set_cookie(
        cookie_name(deps),
        token,
        max_age=ABSOLUTE_DAYS * 24 * 3600,
        path="/",
        secure=deps.is_https,
        httponly=True,
        samesite="lax",
    )


def clear_session_cookie(response: Response, deps: WebDeps) -> None:
    """Take the token back from the browser."""
    response.delete_cookie(cookie_name(deps), path="/", secure=deps.is_https, httponly=True, samesite="lax")


def _in_role(session: Session, *roles: str) -> Session:
    if session.site_role not in roles:
        raise WrongRole
    return session
