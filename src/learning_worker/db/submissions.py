"""What a pupil does with an answer: hand it in, follow it, confirm its text, take it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from learning_worker.db.errors import refusals
from learning_worker.db.pool import Connection
from learning_worker.db.released import ReleasedReport, released_report
from learning_worker.domain.criteria import Criterion, parse_criteria
from learning_worker.domain.submission import AnalysisStatus, Lane


@dataclass(frozen=True)
class NewFile:
    """A file that is stored already and now becomes part of an answer. `rotation`: clockwise, as the pupil turned it."""

    object_key: str
    sha256: str
    byte_size: int
    media_type: str
    rotation: int = 0


@dataclass(frozen=True)
class StoredFile:
    """A file of an answer, in page order from 1."""

    position: int
    object_key: str
    sha256: str
    byte_size: int
    media_type: str
    rotation: int


@dataclass(frozen=True)
class NewAnswer:
    """What is handed in: either a text or files. The same key and contents give the same submission."""

    task_id: UUID
    idempotency_key: str
    text: str | None = None
    files: tuple[NewFile, ...] = ()


@dataclass(frozen=True)
class Receipt:
    """The submission an answer became; `created` is False when the same answer had arrived before."""

    submission_id: UUID
    attempt_nr: int
    created: bool


@dataclass(frozen=True)
class MySubmission:
    """One answer as its pupil may see it. `step`: waiting, reading, checking, confirm, teacher_reads, done or failed."""

    id: UUID
    task_id: UUID
    course_id: UUID
    attempt_nr: int
    kind: str
    status: AnalysisStatus
    error_code: str | None
    flaw: str | None
    step: str
    created_at: datetime
    completed_at: datetime | None
    text_body: str | None
    text_version: int
    text_source: str | None
    text_confidence: float | None
    confirm_until: datetime | None
    criteria: tuple[Criterion, ...]
    release_mode: str
    scores_visible: bool
    released_at: datetime | None
    report: ReleasedReport | None
    can_take_back: bool
    file_count: int
    # What was read, to be mended; None when it cannot be. `text_body` is the text that the report shown is about.
    can_correct: bool
    current_text: str | None
    current_text_version: int | None


async def submit(connection: Connection, answer: NewAnswer, lane: Lane = Lane.INTERACTIVE) -> Receipt:
    """Hand in an answer: submission, snapshot of the task and job come into being together.

    Raises NotAllowed, KeyReused, NoAttemptLeft, DeadlinePassed or InvalidInput.
    """
    files = None if answer.text is not None else Jsonb([_file_json(file) for file in answer.files])
    with refusals():
        cursor = await connection.execute(
            "select * from public.learning_submit(%s, %s, %s, %s, %s)",
            (answer.task_id, answer.idempotency_key, answer.text, files, lane),
        )
        row = await cursor.fetchone()
    assert row is not None, "learning_submit returns one row or raises"  # noqa: S101
    return Receipt(**row)


async def my_submissions(connection: Connection, task_id: UUID | None = None) -> tuple[MySubmission, ...]:
    """The acting pupil's answers, newest first; of one task if given."""
    cursor = await connection.execute("select * from public.learning_my_submissions(%s, null)", (task_id,))
    return tuple(_mine(row) for row in await cursor.fetchall())


async def my_submission(connection: Connection, submission_id: UUID) -> MySubmission | None:
    """One answer of the acting pupil, None when it is not theirs or does not exist."""
    cursor = await connection.execute(
        "select * from public.learning_my_submissions(null, %s)", (submission_id,)
    )
    row = await cursor.fetchone()
    return None if row is None else _mine(row)


async def my_files(connection: Connection, submission_id: UUID) -> tuple[StoredFile, ...]:
    """The files of one of the acting pupil's answers; empty when it is not theirs."""
    cursor = await connection.execute("select * from public.learning_my_files(%s)", (submission_id,))
    return tuple(StoredFile(**row) for row in await cursor.fetchall())


async def pictured_pages(connection: Connection, submission_id: UUID) -> tuple[int, ...]:
    """Numbers of the pages that were read from a picture, for their pupil and for the course's teachers."""
    cursor = await connection.execute(
        "select public.learning_pictured_pages(%s) as page_nr", (submission_id,)
    )
    return tuple(row["page_nr"] for row in await cursor.fetchall())


async def confirm(connection: Connection, submission_id: UUID, text: str) -> None:
    """ "This is what I wrote": feedback starts on this text. Raises NotPossibleNow or InvalidInput."""
    with refusals():
        await connection.execute("select public.learning_confirm_text(%s, %s)", (submission_id, text))


async def correct(connection: Connection, submission_id: UUID, text_version: int, text: str) -> None:
    """Mend what was read; feedback runs again, reading does not.

    text_version: the version the pupil was looking at. Raises ChangedMeanwhile, NotPossibleNow or InvalidInput.
    """
    with refusals():
        await connection.execute(
            "select public.learning_correct_my_text(%s, %s, %s)", (submission_id, text_version, text)
        )


async def take_back(connection: Connection, submission_id: UUID) -> Sequence[str]:
    """Remove an answer that nobody has opened. Returns the object keys to delete. Raises NotPossibleNow."""
    with refusals():
        cursor = await connection.execute("select public.learning_take_back(%s) as keys", (submission_id,))
        row = await cursor.fetchone()
    return tuple(row["keys"]) if row else ()


def _file_json(file: NewFile) -> dict[str, object]:
    return {
        "object_key": file.object_key,
        "sha256": file.sha256,
        "byte_size": file.byte_size,
        "media_type": file.media_type,
        "rotation": file.rotation,
    }


def _mine(row: Mapping[str, Any]) -> MySubmission:
    columns = dict(row)
    criteria = parse_criteria(columns.pop("criteria"))
    analysis, source = columns.pop("analysis_json"), columns.pop("report_source")
    feedback_md = columns.pop("feedback_md")
    return MySubmission(
        **{key: value for key, value in columns.items() if key != "analysis_status"},
        status=AnalysisStatus(columns["analysis_status"]),
        criteria=criteria,
        report=None if analysis is None else released_report(analysis, criteria, source, feedback_md or ""),
    )
