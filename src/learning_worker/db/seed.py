"""Puts people, courses and tasks in place, as the migrator: for the demo, the one-shot commands and tests."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from learning_worker.db.pool import Connection
from learning_worker.domain.criteria import criteria_json
from learning_worker.domain.submission import Task


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    sub: str
    display_name: str
    site_role: str = "student"
    language: str = "de"


@dataclass(frozen=True)
class Membership:
    """What a person is in a course: student, teacher or observer."""

    sub: str
    role: str
    ai_allowed: bool = True


async def put_people(connection: Connection, people: Iterable[Person]) -> None:
    """Add people who are not there yet."""
    for person in people:
        await connection.execute(
            """
            insert into public.people (sub, display_name, site_role, language)
            values (%s, %s, %s, %s)
            on conflict (sub) do nothing
            """,
            (person.sub, person.display_name, person.site_role, person.language),
        )


async def put_course(
    connection: Connection, title: str, school_year: str | None, members: Iterable[Membership]
) -> UUID:
    """A new course with its members; its id."""
    cursor = await connection.execute(
        "insert into public.courses (title, school_year) values (%s, %s) returning id", (title, school_year)
    )
    course_id = _id(await cursor.fetchone())
    for member in members:
        await connection.execute(
            "insert into public.course_members (course_id, sub, role, ai_allowed) values (%s, %s, %s, %s)",
            (course_id, member.sub, member.role, member.ai_allowed),
        )
    return course_id


@dataclass(frozen=True)
class NewTask:
    """A task for a course. `release_mode`: practice or reviewed; `position` orders the list."""

    title: str
    task: Task
    release_mode: str = "reviewed"
    position: int = 0


async def put_task(connection: Connection, course_id: UUID, new: NewTask) -> UUID:
    """A new task with its criteria and hints; its id."""
    task = new.task
    cursor = await connection.execute(
        """
        insert into public.tasks (
            course_id, title, instruction_md, criteria, language, form_of_address, grade_level, release_mode, scores_visible,
            confirm_text, position)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        returning id
        """,
        (
            course_id,
            new.title,
            task.instruction_md,
            criteria_json(task.criteria),
            task.language,
            task.form_of_address,
            task.grade_level,
            new.release_mode,
            task.scores_visible,
            task.confirm_text,
            new.position,
        ),
    )
    task_id = _id(await cursor.fetchone())
    if task.hints_md:
        await connection.execute(
            "insert into public.task_hints (task_id, hints_md) values (%s, %s)", (task_id, task.hints_md)
        )
    return task_id


def _id(row: Mapping[str, Any] | None) -> UUID:
    if row is None:
        raise RuntimeError("insert returned no row")
    return UUID(str(row["id"]))


async def as_read(connection: Connection, submission_id: UUID, text: str, confidence: float) -> None:
    """The files of an answer count as read: this is their text, and feedback is what comes next."""
    await connection.execute(
        """
        update public.learning_submissions
           set text_body = %s, text_version = 1, text_source = 'ocr', text_confidence = %s,
               vision_attempts = 1, vision_last_attempt_at = now()
         where id = %s
        """,
        (text, confidence, submission_id),
    )
    await connection.execute(
        "update public.learning_submission_jobs set phase = 'feedback' where submission_id = %s",
        (submission_id,),
    )


async def as_waiting_for_the_pupil(connection: Connection, submission_id: UUID) -> None:
    """The pupil is asked for a day whether the recognised text is right."""
    await connection.execute(
        """
        update public.learning_submissions
           set analysis_status = 'extracted', confirm_until = now() + interval '1 day'
         where id = %s
        """,
        (submission_id,),
    )
    await _visible_in(connection, submission_id, 24 * 60)


async def as_retrying(connection: Connection, submission_id: UUID, error_code: str, minutes: float) -> None:
    """A run failed for a passing reason; the next one is due in some minutes."""
    await connection.execute(
        "update public.learning_submissions set error_code = %s where id = %s", (error_code, submission_id)
    )
    await connection.execute(
        "update public.learning_submission_jobs set run_count = 1 where submission_id = %s", (submission_id,)
    )
    await _visible_in(connection, submission_id, minutes)


async def as_failed(connection: Connection, submission_id: UUID, error_code: str) -> None:
    """The analysis ended with this final code."""
    await connection.execute(
        "update public.learning_submissions set analysis_status = 'failed', error_code = %s where id = %s",
        (error_code, submission_id),
    )
    await connection.execute(
        "update public.learning_submission_jobs set status = 'failed' where submission_id = %s",
        (submission_id,),
    )


async def as_pending(connection: Connection, submission_id: UUID, minutes: float) -> None:
    """Waits, and becomes due in some minutes."""
    await _visible_in(connection, submission_id, minutes)


async def as_handed_in_before(connection: Connection, submission_id: UUID, minutes: float) -> None:
    """Moves the times of an answer into the past; its assessment took as long as it did, for estimates go by that."""
    await connection.execute(
        """
        update public.learning_submissions
           set created_at = created_at - %s * interval '1 minute',
               completed_at = completed_at - %s * interval '1 minute',
               feedback_last_attempt_at = feedback_last_attempt_at - %s * interval '1 minute'
         where id = %s
        """,
        (minutes, minutes * 0.98, minutes * 0.98, submission_id),
    )
    await connection.execute(
        "update public.learning_reports set created_at = created_at - %s * interval '1 minute' where submission_id = %s",
        (minutes * 0.98, submission_id),
    )


async def _visible_in(connection: Connection, submission_id: UUID, minutes: float) -> None:
    await connection.execute(
        """
        update public.learning_submission_jobs
           set visible_at = now() + %s * interval '1 minute', fair_at = now() + %s * interval '1 minute'
         where submission_id = %s
        """,
        (minutes, minutes, submission_id),
    )
