"""Counts what the pages answer, for /metrics; no path, name or address becomes a label."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from learning_worker.observability.metrics import WebMetrics

FAILED = 500


class Counting:
    """Middleware: one count and one duration for each request, up to the first byte of its answer."""

    def __init__(self, app: ASGIApp, metrics: WebMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and watch for its answer; one that never comes counts as failed."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_at, has_answered = time.monotonic(), False

        async def send_counted(message: Message) -> None:
            nonlocal has_answered
            if message["type"] == "http.response.start":
                has_answered = True
                self._metrics.answered(message["status"], time.monotonic() - started_at)
            await send(message)

        try:
            await self._app(scope, receive, send_counted)
        finally:
            if not has_answered:
                self._metrics.answered(FAILED, time.monotonic() - started_at)
