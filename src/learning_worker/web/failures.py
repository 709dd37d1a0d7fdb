"""Every error as something to read: a page with what to do for people, a stable code for /api and /internal."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from learning_worker.db.errors import (
    ChangedMeanwhile,
    InvalidInput,
    KeyReused,
    NotAllowed,
    NotPossibleNow,
    Refused,
)
from learning_worker.db.pool import DatabaseUnavailable
from learning_worker.domain.errors import TransientError
from learning_worker.domain.reports import ReportError
from learning_worker.observability.logs import logger
from learning_worker.web.auth import NotSignedIn, WrongRole, deps_of
from learning_worker.web.handin import TextTooLong
from learning_worker.web.pages import render, see_other, texts_of
from learning_worker.web.security import Forged, security_headers

log = logger(__name__)
_CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    422: "invalid_input",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
}
_REFUSED = {KeyReused: 409, ChangedMeanwhile: 409, NotPossibleNow: 409, InvalidInput: 422, NotAllowed: 403}


def add_error_handlers(app: FastAPI) -> None:
    """Map every exception that may leave a route, once."""
    app.add_exception_handler(NotSignedIn, _not_signed_in)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    for kind, status, code in (
        (WrongRole, 403, "wrong_role"),
        (Forged, 403, "forged"),
        (TextTooLong, 422, "too_large"),
        (ReportError, 422, "report_invalid"),
        (DatabaseUnavailable, 503, "unavailable"),
    ):
        app.add_exception_handler(kind, _always(status, code))
    app.add_exception_handler(TransientError, _transient)
    app.add_exception_handler(Exception, _unexpected)


def failure(request: Request, status: int, code: str) -> Response:
    """One error, for whoever asks. Nothing of the request is repeated."""
    headers = {"Retry-After": "5"} if status == 503 else None
    if is_for_machines(request):
        return JSONResponse({"error": code}, status_code=status, headers=headers)
    t = texts_of(request)
    shown = (
        status if hasattr(t, f"error_{status}") else 404 if status == 405 else 422 if status < 500 else 500
    )
    name = "storage" if code.startswith("storage_") else shown
    words = {"title": getattr(t, f"error_{name}"), "help": getattr(t, f"error_{name}_help")}
    page = render(request, "error.html", words, status=status)
    page.headers.update(headers or {})
    return page


def is_for_machines(request: Request) -> bool:
    """Whether this path answers in JSON."""
    return request.url.path.startswith(("/api/", "/internal/"))


async def _not_signed_in(request: Request, error: Exception) -> Response:
    is_page = request.method == "GET" and "hx-request" not in request.headers
    if is_page and not is_for_machines(request) and not request.url.path.startswith("/events/"):
        return see_other("/")
    return failure(request, 401, "not_signed_in")


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return failure(request, status, _CODES.get(status, "error"))


async def _refused(request: Request, error: Exception) -> Response:
    status = next((s for kind, s in _REFUSED.items() if isinstance(error, kind)), 422)
    return failure(request, status, error.code if isinstance(error, Refused) else "refused")


async def _invalid(request: Request, error: Exception) -> Response:
    """An id that is none leads nowhere; anything else is a mistake in what was sent."""
    places = [e["loc"][0] for e in error.errors()] if isinstance(error, RequestValidationError) else []
    if "path" in places and not is_for_machines(request):
        return failure(request, 404, "not_found")
    return failure(request, 422, "invalid_input")


async def _transient(request: Request, error: Exception) -> Response:
    """What another try may get past; a store of files that is full or away says so."""
    code = error.code if isinstance(error, TransientError) else "unavailable"
    log.warning("request_unavailable", error_class=type(error).__name__, code=code)
    return failure(request, 503, code if code.startswith("storage_") else "unavailable")


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("request_failed", exc_info=error)
    response = failure(request, 500, "internal_error")
    # The outermost handler answers this one, outside the middleware that adds them.
    response.headers.update(security_headers(is_https=deps_of(request).is_https))
    return response


def _always(status: int, code: str) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handler(request: Request, error: Exception) -> Response:
        if status == 503:
            log.warning("request_unavailable", error_class=type(error).__name__)
        return failure(request, status, code)

    return handler
