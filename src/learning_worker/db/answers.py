"""Answers as their teachers read them: the list of a task, and one answer with its report and the original."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from learning_worker.db.pool import Connection
from learning_worker.db.submissions import StoredFile, pictured_pages
from learning_worker.domain.criteria import Criterion, ReportSource, ResultStatus, parse_criteria
from learning_worker.domain.reports import ReportError, ReportV2, as_v2, parse_report
from learning_worker.domain.submission import AnalysisStatus


@dataclass(frozen=True)
class AnswerRow:
    """A pupil's newest attempt in the list of a task; `report` is None until there is one."""

    id: UUID
    student_sub: str
    display_name: str
    attempt_nr: int
    kind: str
    status: AnalysisStatus
    error_code: str | None
    created_at: datetime
    opened_at: datetime | None
    released_at: datetime | None
    person_reads: bool
    report: ReportV2 | None

    @property
    def needs_review(self) -> bool:
        """Whether a criterion waits for a person."""
        return self.report is not None and any(
            result.status is ResultStatus.NEEDS_REVIEW for result in self.report.criteria_results
        )


@dataclass(frozen=True)
class ReportVersion:
    """One version of a report, read as criteria.v2 whatever it was stored as.

    usage: calls, tokens, seconds and settings of the run; empty where no model was asked.
    """

    version: int
    source: ReportSource
    report: ReportV2
    feedback_md: str
    created_at: datetime
    released_at: datetime | None
    text_version: int
    model_digest: str | None
    program_version: str | None
    usage: Mapping[str, Any]


@dataclass(frozen=True)
class Attempt:
    """Another attempt of the same pupil at the same task."""

    id: UUID
    attempt_nr: int


@dataclass(frozen=True)
class Answer:
    """One answer with all a teacher judges it by. `original`: what the current report changes, if it is a teacher's.

    pages: numbers of the pages that were read from a picture.
    """

    id: UUID
    task_id: UUID
    task_title: str
    course_title: str
    instruction_md: str
    release_mode: str
    scores_visible: bool
    criteria: tuple[Criterion, ...]
    display_name: str
    attempt_nr: int
    kind: str
    ai_allowed: bool
    person_reads: bool
    status: AnalysisStatus
    error_code: str | None
    created_at: datetime
    released_at: datetime | None
    text_body: str | None
    text_version: int
    text_source: str | None
    may_review: bool
    current: ReportVersion | None
    original: ReportVersion | None
    files: tuple[StoredFile, ...]
    pages: tuple[int, ...]
    attempts: tuple[Attempt, ...]


async def answers(connection: Connection, task_id: UUID) -> tuple[AnswerRow, ...]:
    """Newest attempts of a task: those a person must read first, then those with an open criterion, then by pupil."""
    cursor = await connection.execute(
        """
        select distinct on (s.student_sub)
               s.id, s.student_sub, coalesce(p.display_name, '?') as display_name, s.attempt_nr, s.kind, s.analysis_status,
               s.error_code, s.created_at, s.opened_at, s.released_at, s.person_reads, s.analysis_json, t.criteria
          from public.learning_submissions s
          left join public.learning_reports r on r.submission_id = s.id and r.version = s.report_version
          join public.task_snapshots t on t.id = coalesce(r.snapshot_id, s.snapshot_id)
          left join public.people p on p.sub = s.student_sub
         where s.task_id = %s
         order by s.student_sub, s.attempt_nr desc
        """,
        (task_id,),
    )
    rows = [_row(row) for row in await cursor.fetchall()]
    return tuple(sorted(rows, key=_order))


async def missing_pupils(connection: Connection, task_id: UUID) -> tuple[str, ...]:
    """Names of the pupils of the course who have handed in nothing for this task."""
    cursor = await connection.execute(
        """
        select p.display_name
          from public.tasks t
          join public.course_members m on m.course_id = t.course_id
          join public.people p on p.sub = m.sub
         where t.id = %s
           and m.role = 'student'
           and (m.valid_until is null or m.valid_until > now())
           and not exists (
               select from public.learning_submissions s where s.task_id = t.id and s.student_sub = m.sub)
         order by p.display_name
        """,
        (task_id,),
    )
    return tuple(row["display_name"] for row in await cursor.fetchall())


async def answer(connection: Connection, submission_id: UUID) -> Answer | None:
    """One answer of a course that the acting person teaches or observes, else None."""
    cursor = await connection.execute(
        """
        select s.id, s.task_id, t.title as task_title, c.title as course_title, n.instruction_md, n.release_mode,
               n.scores_visible, n.criteria, coalesce(p.display_name, '?') as display_name, s.attempt_nr, s.kind,
               s.ai_allowed, s.person_reads, s.analysis_status, s.error_code, s.created_at, s.released_at, s.text_body,
               s.text_version, s.text_source, s.report_version, s.student_sub,
               s.course_id = any (public.learning_course_ids(array['teacher'])) as may_review
          from public.learning_submissions s
          join public.tasks t on t.id = s.task_id
          join public.courses c on c.id = s.course_id
          left join public.learning_reports r on r.submission_id = s.id and r.version = s.report_version
          join public.task_snapshots n on n.id = coalesce(r.snapshot_id, s.snapshot_id)
          left join public.people p on p.sub = s.student_sub
         where s.id = %s
        """,
        (submission_id,),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    columns = dict(row)
    criteria = parse_criteria(columns.pop("criteria"))
    current, original = await _reports(connection, submission_id, columns.pop("report_version"), criteria)
    return Answer(
        status=AnalysisStatus(columns.pop("analysis_status")),
        criteria=criteria,
        current=current,
        original=original,
        files=await answer_files(connection, submission_id),
        pages=await pictured_pages(connection, submission_id),
        attempts=await _attempts(connection, columns["task_id"], columns.pop("student_sub")),
        **columns,
    )


async def answer_files(connection: Connection, submission_id: UUID) -> tuple[StoredFile, ...]:
    """The files of an answer that the acting person may see as a teacher."""
    cursor = await connection.execute(
        """
        select f.position, f.object_key, f.sha256, f.byte_size, f.media_type, f.rotation
          from public.learning_submission_files f
         where f.submission_id = %s
         order by f.position
        """,
        (submission_id,),
    )
    return tuple(StoredFile(**row) for row in await cursor.fetchall())


async def _reports(
    connection: Connection, submission_id: UUID, version: int | None, criteria: tuple[Criterion, ...]
) -> tuple[ReportVersion | None, ReportVersion | None]:
    """The current version and, when a teacher made it, the original it is based on."""
    cursor = await connection.execute(
        """
        select r.id, r.version, r.source, r.analysis_json, r.feedback_md, r.created_at, r.released_at, r.based_on,
               r.text_version, r.model_digest, r.program_version, r.usage
          from public.learning_reports r
         where r.submission_id = %s
        """,
        (submission_id,),
    )
    rows = await cursor.fetchall()
    current = next((row for row in rows if row["version"] == version), None)
    if current is None:
        return None, None
    original = next((row for row in rows if row["id"] == current["based_on"]), None)
    return _version(current, criteria), None if original is None else _version(original, criteria)


async def _attempts(connection: Connection, task_id: UUID, student_sub: str) -> tuple[Attempt, ...]:
    cursor = await connection.execute(
        """
        select s.id, s.attempt_nr
          from public.learning_submissions s
         where s.task_id = %s
           and s.student_sub = %s
         order by s.attempt_nr
        """,
        (task_id, student_sub),
    )
    return tuple(Attempt(**row) for row in await cursor.fetchall())


def _version(row: Mapping[str, Any], criteria: tuple[Criterion, ...]) -> ReportVersion | None:
    report = _as_v2(row["analysis_json"], criteria)
    if report is None:
        return None
    return ReportVersion(
        version=row["version"],
        source=ReportSource(row["source"]),
        report=report,
        feedback_md=row["feedback_md"],
        created_at=row["created_at"],
        released_at=row["released_at"],
        text_version=row["text_version"],
        model_digest=row["model_digest"],
        program_version=row["program_version"],
        usage=row["usage"] or {},
    )


def _row(row: Mapping[str, Any]) -> AnswerRow:
    columns = dict(row)
    criteria = parse_criteria(columns.pop("criteria"))
    analysis = columns.pop("analysis_json")
    return AnswerRow(
        status=AnalysisStatus(columns.pop("analysis_status")),
        report=None if analysis is None else _as_v2(analysis, criteria),
        **columns,
    )


def _as_v2(analysis: object, criteria: tuple[Criterion, ...]) -> ReportV2 | None:
    """None for a report that no longer belongs to these criteria; the list must still open."""
    try:
        return as_v2(parse_report(analysis), criteria)
    except ReportError:
        return None


def _order(row: AnswerRow) -> tuple[bool, bool, str]:
    waits_for_a_person = row.person_reads and row.released_at is None
    waits_for_review = row.needs_review and row.released_at is None
    return (not waits_for_a_person, not waits_for_review, row.display_name.casefold())
