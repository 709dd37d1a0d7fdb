"""The web application: pages, API, events and health, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from learning_worker.web import account, api, api_teaching, events, internal, recognised, student, teacher
from learning_worker.web.counting import Counting
from learning_worker.web.deps import DemoPerson, WebDeps
from learning_worker.web.events import Hub, fan_out
from learning_worker.web.failures import add_error_handlers
from learning_worker.web.pages import STATIC
from learning_worker.web.security import BodyLimit, SecurityHeaders

__all__ = ["DemoPerson", "WebDeps", "create_app"]


def create_app(deps: WebDeps) -> FastAPI:
    """The application on given dependencies. Its lifespan listens for changes; opening the databases is the caller's."""
    hub = Hub()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with fan_out(hub, deps.listen_dsn):
            yield

    app = FastAPI(
        title="Learning worker",
        description="Hand in answers and read released feedback. Signed in by session cookie; unsafe requests bring"
        " the session's token as X-CSRF-Token.",
        version="1",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.deps = deps
    app.state.hub = hub
    for part in (account, student, recognised, teacher, events, internal, api, api_teaching):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    add_error_handlers(app)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, upload_bytes=deps.limits.max_submission_bytes)
    app.add_middleware(SecurityHeaders, is_https=deps.is_https)
    app.add_middleware(Counting, metrics=deps.metrics)
    return app
