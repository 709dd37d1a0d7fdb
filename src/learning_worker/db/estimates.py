"""When it is somebody's turn, and when a class is done: what the pages tell about waiting."""

from dataclasses import dataclass
from uuid import UUID

from learning_worker.db.pool import Connection


@dataclass(frozen=True)
class Place:
    """Of a waiting answer: jobs ahead in its phase, and seconds until it starts (p50, p90); None: nothing is known yet."""

    phase: str
    ahead: int
    start_p50_s: float | None
    start_p90_s: float | None


@dataclass(frozen=True)
class CoursePace:
    """Of a course: answers that wait or run, and seconds until the last is done (p50, p90); None: nothing is known yet.

    A text that waits for its pupil is none of them.
    """

    waiting: int
    done_p50_s: float | None
    done_p90_s: float | None


async def place(connection: Connection, submission_id: UUID) -> Place | None:
    """The place of a waiting answer of the acting pupil, or of a course the acting person teaches; otherwise None."""
    cursor = await connection.execute("select * from public.learning_place(%s)", (submission_id,))
    row = await cursor.fetchone()
    return Place(**row) if row else None


async def course_pace(connection: Connection, course_id: UUID) -> CoursePace | None:
    """How a course's answers get on, for its teachers and observers; otherwise None."""
    cursor = await connection.execute("select * from public.learning_course_pace(%s)", (course_id,))
    row = await cursor.fetchone()
    return CoursePace(**row) if row else None
