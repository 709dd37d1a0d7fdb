"""What pupil and teacher pages read; row level security decides which rows there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from learning_worker.db.pool import Connection
from learning_worker.domain.criteria import Criterion, parse_criteria


@dataclass(frozen=True)
class TaskPage:
    """A task as its pupils read it, as it is now."""

    id: UUID
    course_id: UUID
    course_title: str
    title: str
    instruction_md: str
    criteria: tuple[Criterion, ...]
    language: str
    max_attempts: int | None
    deadline: datetime | None
    release_mode: str
    scores_visible: bool
    pupil_may_correct: bool
    is_archived: bool


@dataclass(frozen=True)
class TaughtTask:
    """A task in a teacher's overview, with how many pupils stand where (their newest attempts)."""

    id: UUID
    course_id: UUID
    course_title: str
    school_year: str | None
    title: str
    deadline: datetime | None
    release_mode: str
    pupils: int
    handed_in: int
    in_progress: int
    to_review: int
    needs_attention: int
    released: int


_TASK = """
    select t.id, t.course_id, c.title as course_title, t.title, t.instruction_md, t.criteria, t.language, t.max_attempts,
           t.deadline, t.release_mode, t.scores_visible, t.pupil_may_correct, c.archived_at is not null as is_archived
      from public.tasks t
      join public.courses c on c.id = t.course_id
"""


async def my_tasks(connection: Connection) -> tuple[TaskPage, ...]:
    """The tasks of all courses in which the acting person is a pupil today, in the order of the course."""
    cursor = await connection.execute(
        _TASK
        + """
     where c.archived_at is null
       and t.course_id = any ((select public.learning_course_ids(array['student']))::uuid[])
     order by c.title, t.position, t.created_at
        """
    )
    return tuple(_task(row) for row in await cursor.fetchall())


async def my_task(connection: Connection, task_id: UUID) -> TaskPage | None:
    """One task of a course in which the acting person is a pupil, else None."""
    cursor = await connection.execute(
        _TASK
        + """
     where t.id = %s
       and t.course_id = any ((select public.learning_course_ids(array['student']))::uuid[])
        """,
        (task_id,),
    )
    row = await cursor.fetchone()
    return None if row is None else _task(row)


async def taught_tasks(connection: Connection, task_id: UUID | None = None) -> tuple[TaughtTask, ...]:
    """The tasks of all courses that the acting person teaches or observes, with counts; or the one task."""
    cursor = await connection.execute(
        """
        with newest as (
            select distinct on (s.task_id, s.student_sub) s.*
              from public.learning_submissions s
             order by s.task_id, s.student_sub, s.attempt_nr desc
        )
        select t.id, t.course_id, c.title as course_title, c.school_year, t.title, t.deadline, t.release_mode,
               (select count(*)
                  from public.course_members m
                 where m.course_id = t.course_id
                   and m.role = 'student'
                   and (m.valid_until is null or m.valid_until > now())) as pupils,
               count(n.id) as handed_in,
               count(n.id) filter (where n.analysis_status in ('pending', 'extracted')) as in_progress,
               count(n.id) filter (where n.analysis_status = 'completed' and n.released_at is null) as to_review,
               count(n.id) filter (
                   where n.person_reads and n.opened_at is null or n.analysis_status = 'failed') as needs_attention,
               count(n.id) filter (where n.released_at is not null) as released
          from public.tasks t
          join public.courses c on c.id = t.course_id
          left join newest n on n.task_id = t.id
         where t.course_id = any ((select public.learning_course_ids(array['teacher', 'observer']))::uuid[])
           and (%s::uuid is null or t.id = %s)
         group by t.id, c.id
         order by c.title, c.id, t.position, t.created_at
        """,
        (task_id, task_id),
    )
    return tuple(TaughtTask(**row) for row in await cursor.fetchall())


def _task(row: Mapping[str, Any]) -> TaskPage:
    columns = dict(row)
    return TaskPage(criteria=parse_criteria(columns.pop("criteria")), **columns)
