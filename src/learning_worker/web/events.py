"""Server-sent events: one LISTEN per process, fanned out to the pages that show a submission."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from time import monotonic
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from learning_worker.db import answers, submissions
from learning_worker.db.notify import RESYNC, listen
from learning_worker.db.sessions import Session
from learning_worker.web.auth import NotSignedIn, deps_of, session_of

CHANNEL = "learning_submissions"
# A stream ends by itself, and the browser's next one is checked again: sessions end, memberships too.
_STREAM_SECONDS = 600
_PING_SECONDS = 20
_STREAMS_PER_PERSON = 10

router = APIRouter(include_in_schema=False)


class Hub:
    """Who waits for which submission. One event per stream: changes that come close together are told once."""

    def __init__(self) -> None:
        self._waiting: dict[UUID | None, set[asyncio.Event]] = {}
        self._streams: dict[str, int] = {}

    @contextmanager
    def stream(self, sub: str, submission_id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set whenever the submission changed."""
        changed = asyncio.Event()
        self._waiting.setdefault(submission_id, set()).add(changed)
        self._streams[sub] = self._streams.get(sub, 0) + 1
        try:
            yield changed
        finally:
            self._waiting[submission_id].discard(changed)
            if not self._waiting[submission_id]:
                del self._waiting[submission_id]
            self._streams[sub] -= 1
            if not self._streams[sub]:
                del self._streams[sub]

    def is_full_for(self, sub: str) -> bool:
        """Whether a person has more pages open than anybody reads at a time."""
        return self._streams.get(sub, 0) >= _STREAMS_PER_PERSON

    def tell(self, payload: str) -> None:
        """Pass one notification on: ids, or resync for everybody."""
        if payload == RESYNC:
            ids: list[UUID | None] = list(self._waiting)
        else:
            ids = [_uuid(part) for part in payload.split()]
        for submission_id in ids:
            for changed in self._waiting.get(submission_id, ()):
                changed.set()


@asynccontextmanager
async def fan_out(hub: Hub, dsn: str | None) -> AsyncIterator[None]:
    """Listen while the application runs; without a direct DSN pages poll."""
    if dsn is None:
        yield
        return
    task = asyncio.create_task(_pump(hub, dsn), name="listen")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@router.get("/events/{submission_id}")
async def events(request: Request, submission_id: UUID) -> EventSourceResponse:
    """A stream of `changed` events, for the pupil or teacher who may read this submission."""
    session = await session_of(request)
    if session is None:
        raise NotSignedIn
    if not await _may_read(request, session, submission_id):
        raise HTTPException(404)
    hub: Hub = request.app.state.hub
    if hub.is_full_for(session.sub):
        raise HTTPException(429)
    return EventSourceResponse(_changes(hub, session.sub, submission_id), ping=_PING_SECONDS)


async def _changes(hub: Hub, sub: str, submission_id: UUID) -> AsyncIterator[ServerSentEvent]:
    event = ServerSentEvent(event="changed", data="")
    ends_at = monotonic() + _STREAM_SECONDS
    with hub.stream(sub, submission_id) as changed, suppress(TimeoutError):
        # What happened between the page and this stream.
        yield event
        while True:
            await asyncio.wait_for(changed.wait(), max(0.0, ends_at - monotonic()))
            changed.clear()
            yield event


async def _may_read(request: Request, session: Session, submission_id: UUID) -> bool:
    async with deps_of(request).db.acting_as(session.sub) as connection:
        if session.site_role == "student":
            return await submissions.my_submission(connection, submission_id) is not None
        return await answers.answer(connection, submission_id) is not None


async def _pump(hub: Hub, dsn: str) -> None:
    async for payload in listen(dsn, CHANNEL):
        hub.tell(payload)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
