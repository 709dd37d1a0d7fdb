"""What every request and response goes through: body limits, headers, and the check against forged requests."""

import hmac
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# Room for the largest text a form may carry, percent-encoded, beside everything else in it.
FORM_BYTES = 4 * 1024 * 1024
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # no-referrer would make browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
    "Vary": "Origin",
}


class BodyTooLarge(HTTPException):
    """The request body is over its limit; it is not read to the end."""

    def __init__(self) -> None:
        super().__init__(status_code=413)


class Forged(Exception):
    """An unsafe request that did not come from our own page, or without its token."""


def security_headers(*, is_https: bool) -> dict[str, str]:
    """The headers of a personal page."""
    return _HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if is_https else {})


class SecurityHeaders:
    """Adds the security headers to every response; everything but static files is personal and never stored."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self._app = app
        self._headers = security_headers(is_https=is_https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = headers.get(name, value) if name == "Content-Security-Policy" else value
                if scope["path"].startswith("/static/") and message["status"] in (200, 304):
                    headers["Cache-Control"] = "public, max-age=86400"
                    del headers["Vary"]
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimit:
    """Stops reading a body that is too large, while it streams in; a declared length can only shorten that."""

    def __init__(self, app: ASGIApp, *, upload_bytes: int) -> None:
        self._app = app
        self._upload_bytes = upload_bytes + FORM_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_upload = headers.get("content-type", "").startswith("multipart/form-data")
        limit = self._upload_bytes if is_upload else FORM_BYTES
        declared = headers.get("content-length", "")
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            if declared.isdigit() and int(declared) > limit:
                raise BodyTooLarge
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > limit:
                    raise BodyTooLarge
            return message

        await self._app(scope, receive_within_limit, send)


def check_origin(request: Request) -> None:
    """Raise Forged unless the browser says that an unsafe request comes from our own pages.

    One of Origin and Sec-Fetch-Site must be there, and whichever is there must agree.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is None and origin is None:
        raise Forged
    if site is not None and site != "same-origin":
        raise Forged
    # Host and port only: behind a TLS proxy this process sees http where the browser sees https.
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Forged


def check_token(expected: str, given: object) -> None:
    """Raise Forged unless the form or header brought the session's token."""
    if not isinstance(given, str) or not hmac.compare_digest(
        expected.encode(), given.encode(errors="replace")
    ):
        raise Forged


def is_loopback(request: Request, gateways: Collection[str] = ()) -> bool:
    """Whether a browser on this machine talks to us directly, under a name of this machine.

    gateways: further addresses that this machine's own connections come from, such as a container network's gateway.

    The Host header counts too: a foreign name that resolves to 127.0.0.1 would otherwise reach the demo's sign-in.
    """
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip")):
        return False
    client = request.client.host if request.client else ""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname
    return client in ("127.0.0.1", "::1", *gateways) and host in ("127.0.0.1", "::1", "localhost")
