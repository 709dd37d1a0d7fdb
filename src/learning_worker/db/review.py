"""What a teacher does with an answer; every change is checked, versioned and audited inside the database."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from learning_worker.db.errors import refusals
from learning_worker.db.pool import Connection
from learning_worker.domain.reports import ReportV2


async def open_answer(connection: Connection, submission_id: UUID) -> None:
    """Note that a teacher looked; from now on the pupil cannot take it back. Raises NotAllowed."""
    with refusals():
        await connection.execute("select public.learning_open(%s)", (submission_id,))


async def review(
    connection: Connection, submission_id: UUID, base_version: int, report: ReportV2, feedback_md: str
) -> int:
    """Keep a teacher's version beside the original; returns its number.

    base_version: the version the teacher was looking at. Raises ChangedMeanwhile when there is a newer one,
    NotPossibleNow while an analysis runs, ReportInvalid, InvalidInput or NotAllowed.
    """
    with refusals():
        cursor = await connection.execute(
            "select public.learning_review(%s, %s, %s, %s) as version",
            (submission_id, base_version, Jsonb(report.model_dump(mode="json", by_alias=True)), feedback_md),
        )
        row = await cursor.fetchone()
    return int(row["version"]) if row else base_version


async def release(connection: Connection, submission_id: UUID, version: int) -> None:
    """Show this version to the pupil. Raises ChangedMeanwhile, NotPossibleNow or NotAllowed."""
    with refusals():
        await connection.execute("select public.learning_release(%s, %s)", (submission_id, version))


@dataclass(frozen=True)
class TextVersion:
    """A text as it stood once. `source`: typed, layer, ocr, model or corrected."""

    version: int
    text_body: str
    source: str
    is_by_pupil: bool
    created_at: datetime


async def text_versions(connection: Connection, submission_id: UUID) -> tuple[TextVersion, ...]:
    """Every version of an answer's text, oldest first; empty for who neither teaches nor observes the course."""
    cursor = await connection.execute("select * from public.learning_text_versions(%s)", (submission_id,))
    return tuple(TextVersion(**row) for row in await cursor.fetchall())


async def correct_text(connection: Connection, submission_id: UUID, text_version: int, text: str) -> None:
    """Replace what was read; feedback runs again, reading does not.

    text_version: the version the teacher was looking at. Raises ChangedMeanwhile, InvalidInput or NotAllowed.
    """
    with refusals():
        await connection.execute(
            "select public.learning_correct_text(%s, %s, %s)", (submission_id, text_version, text)
        )


async def answer_by_hand(connection: Connection, submission_id: UUID) -> int:
    """Stop waiting for an analysis, or take over a failed one: an unassessed report to fill in; its version.

    Raises NotPossibleNow when there is a report, NotAllowed.
    """
    with refusals():
        cursor = await connection.execute(
            "select public.learning_answer_by_hand(%s) as version", (submission_id,)
        )
        row = await cursor.fetchone()
    return int(row["version"]) if row else 0
