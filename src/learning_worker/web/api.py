"""The JSON API of a pupil: hand in a text, read the own answers. Described at /api/openapi.json."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from learning_worker.db import estimates, submissions
from learning_worker.db.estimates import Place
from learning_worker.db.pool import Connection
from learning_worker.db.submissions import MySubmission
from learning_worker.web.auth import Student, deps_of
from learning_worker.web.handin import hand_in_text
from learning_worker.web.views import MOVING

router = APIRouter(prefix="/api/learning", tags=["learning"])


class TextAnswer(BaseModel):
    """A typed answer."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Annotated[str, Field(min_length=1, max_length=1_000_000)]


class Accepted(BaseModel):
    """The submission an answer became; `created` is false when the same answer had arrived before."""

    id: UUID
    attempt_nr: int
    created: bool


class Problem(BaseModel):
    """Why a request was refused: a stable code."""

    error: str


class QuoteOut(BaseModel):
    """Code points start..end (excluded) of the text."""

    quote: str
    start: int
    end: int


class CriterionOut(BaseModel):
    """One criterion with its released result. `level` 0..3; `score` null where the task hides points."""

    criterion_id: str
    criterion: str
    status: str
    level: int | None
    score: int | None
    max_score: int
    explanation_md: str
    next_step_md: str | None
    evidence: list[QuoteOut]


class PlaceOut(BaseModel):
    """A place in line: jobs ahead in the phase, and seconds until it starts (p50, p90), null while nothing is known."""

    phase: str
    ahead: int
    start_p50_s: float | None
    start_p90_s: float | None


class SubmissionOut(BaseModel):
    """One own answer; everything about results is null or empty until released. `place`: null unless it waits."""

    id: UUID
    task_id: UUID
    attempt_nr: int
    kind: str
    analysis_status: str
    step: str
    place: PlaceOut | None
    error_code: str | None
    created_at: datetime
    completed_at: datetime | None
    released_at: datetime | None
    text: str | None
    source: str | None
    score: int | None
    feedback_md: str | None
    criteria: list[CriterionOut]


PROBLEMS: dict[int | str, dict[str, type[Problem]]] = {
    status: {"model": Problem} for status in (401, 403, 404, 409, 413, 422, 503)
}


@dataclass(frozen=True)
class Target:
    """What is answered, and the name of this try."""

    task_id: UUID
    key: Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


@router.post("/tasks/{task_id}/submissions", status_code=202, responses=PROBLEMS)
async def create_submission(
    request: Request,
    response: Response,
    session: Student,
    target: Annotated[Target, Depends()],
    answer: TextAnswer,
) -> Accepted:
    """Hand in a text. The same key and text give the same submission; the same key with another text is a 409."""
    receipt = await hand_in_text(deps_of(request), session.sub, target.task_id, target.key, answer.text)
    response.headers["Location"] = f"/api/learning/submissions/{receipt.submission_id}"
    return Accepted(id=receipt.submission_id, attempt_nr=receipt.attempt_nr, created=receipt.created)


@router.get("/submissions", responses=PROBLEMS)
async def my_submissions(
    request: Request, session: Student, task_id: UUID | None = None
) -> list[SubmissionOut]:
    """The own answers, newest first; of one task if given."""
    async with deps_of(request).db.acting_as(session.sub) as connection:
        found = await submissions.my_submissions(connection, task_id)
        return [_out(one, await _place(connection, one)) for one in found]


@router.get("/submissions/{submission_id}", responses=PROBLEMS)
async def my_submission(request: Request, session: Student, submission_id: UUID) -> SubmissionOut:
    """One own answer."""
    async with deps_of(request).db.acting_as(session.sub) as connection:
        found = await submissions.my_submission(connection, submission_id)
        if found is None:
            raise HTTPException(404)
        return _out(found, await _place(connection, found))


async def _place(connection: Connection, found: MySubmission) -> Place | None:
    return await estimates.place(connection, found.id) if found.step in MOVING else None


def _out(found: MySubmission, place: Place | None) -> SubmissionOut:
    report = found.report
    return SubmissionOut(
        id=found.id,
        task_id=found.task_id,
        attempt_nr=found.attempt_nr,
        kind=found.kind,
        analysis_status=found.status,
        step=found.step,
        place=None if place is None else PlaceOut(**asdict(place)),
        error_code=found.error_code,
        created_at=found.created_at,
        completed_at=found.completed_at,
        released_at=found.released_at,
        text=found.text_body,
        source=None if report is None else report.source,
        score=None if report is None else report.score,
        feedback_md=None if report is None else report.feedback_md,
        criteria=_criteria(found),
    )


def _criteria(found: MySubmission) -> list[CriterionOut]:
    if found.report is None:
        return []
    return [
        CriterionOut(
            criterion_id=result.criterion_id,
            criterion=criterion.text,
            status=result.status,
            level=result.level,
            score=result.score,
            max_score=result.max_score,
            explanation_md=result.explanation_md,
            next_step_md=result.next_step_md,
            evidence=[QuoteOut(quote=q.quote, start=q.start, end=q.end) for q in result.evidence],
        )
        for criterion, result in zip(found.criteria, found.report.results, strict=True)
    ]
