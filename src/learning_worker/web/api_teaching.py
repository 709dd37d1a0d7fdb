"""The JSON API of teachers: how a class gets on. Described at /api/openapi.json."""

from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel

from learning_worker.db import estimates
from learning_worker.web.api import PROBLEMS
from learning_worker.web.auth import Teacher, deps_of

router = APIRouter(prefix="/api/teaching", tags=["teaching"])


class CoursePaceOut(BaseModel):
    """Answers of a course that wait or run, and seconds until the last is done (p50, p90), null while nothing is known.

    A text that waits for its pupil is none of them.
    """

    waiting: int
    done_p50_s: float | None
    done_p90_s: float | None


@router.get("/courses/{course_id}/pace", responses=PROBLEMS)
async def course_pace(request: Request, session: Teacher, course_id: UUID) -> CoursePaceOut:
    """When a course's answers are done, for its teachers and observers."""
    async with deps_of(request).db.acting_as(session.sub) as connection:
        pace = await estimates.course_pace(connection, course_id)
    if pace is None:
        raise HTTPException(404)
    return CoursePaceOut(waiting=pace.waiting, done_p50_s=pace.done_p50_s, done_p90_s=pace.done_p90_s)
