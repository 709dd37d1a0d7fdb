"""What teachers do: see their courses, look at an answer, change what the AI proposed, release it."""

from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from learning_worker.db import answers, courses, estimates, review
from learning_worker.db.answers import Answer, AnswerRow
from learning_worker.db.errors import ChangedMeanwhile, NotPossibleNow
from learning_worker.db.sessions import Session
from learning_worker.domain.submission import AnalysisStatus
from learning_worker.web import views
from learning_worker.web.auth import Teacher, deps_of
from learning_worker.web.files import file_response
from learning_worker.web.forms import form_of, text_field
from learning_worker.web.handin import check_text
from learning_worker.web.pages import moment_in_words, render, see_other, texts_of
from learning_worker.web.review_form import (
    ReviewEntry,
    entry_from,
    entry_of,
    is_changed,
    teacher_report,
)
from learning_worker.web.teacher_views import answer_context, row_views
from learning_worker.web.waiting import pace_line

router = APIRouter(prefix="/teacher", include_in_schema=False)
_TEXT_LIMIT = 20_000


@dataclass(frozen=True)
class Neighbours:
    """An answer's place in its list. `next_open`: the next one, round the end, that is not released."""

    position: int
    total: int
    previous: UUID | None
    next: UUID | None
    next_open: UUID | None


@router.get("")
async def taught(request: Request, session: Teacher) -> Response:
    """All courses with their tasks and what waits in each."""
    async with deps_of(request).db.acting_as(session.sub) as connection:
        tasks = await courses.taught_tasks(connection)
    by_course = [list(group) for _, group in groupby(tasks, key=lambda task: task.course_id)]
    return render(request, "teacher/courses.html", {"courses": by_course})


@router.get("/tasks/{task_id}")
async def task_answers(request: Request, session: Teacher, task_id: UUID, part: bool = False) -> Response:
    """The answers of a task: those a person must read first, then open ones, then by name."""
    async with deps_of(request).db.acting_as(session.sub) as connection:
        tasks = await courses.taught_tasks(connection, task_id)
        rows = await answers.answers(connection, task_id)
        missing = await answers.missing_pupils(connection, task_id)
        pace = await estimates.course_pace(connection, tasks[0].course_id) if tasks else None
    if not tasks:
        raise HTTPException(404)
    return render(
        request,
        "teacher/answers.html" if part else "teacher/task.html",
        {
            "task": tasks[0],
            "rows": row_views(rows, texts_of(request)),
            "missing": missing,
            "pace": pace_line(
                pace, deps_of(request).clock(), partial(moment_in_words, request), texts_of(request)
            ),
            "all_done": "done" in request.query_params,
        },
    )


@router.get("/answers/{submission_id}")
async def answer_page(request: Request, session: Teacher, submission_id: UUID) -> Response:
    """One answer: the text on one side, the criteria on the other. Opening it is noted."""
    found, rows = await _answer(request, session, submission_id)
    if found.may_review:
        async with deps_of(request).db.acting_as(session.sub) as connection:
            await review.open_answer(connection, submission_id)
    entry = entry_of(found.current) if found.current is not None else None
    return _answer_page(request, found, rows, entry)


@router.post("/answers/{submission_id}")
async def save_answer(request: Request, session: Teacher, submission_id: UUID) -> Response:
    """Save, release, or release and go on. Unchanged, the AI's own version is released as it is."""
    form = await form_of(request, session)
    action = text_field(form, "action")
    found, rows = await _answer(request, session, submission_id)
    if found.current is None or not found.may_review:
        raise NotPossibleNow
    entry = entry_from(form, found.criteria)
    _check_entry(entry)
    try:
        async with deps_of(request).db.acting_as(session.sub) as connection:
            version = entry.base_version
            if version != found.current.version:
                raise ChangedMeanwhile
            if is_changed(entry, found.current):
                report = teacher_report(entry, found.current, found.criteria)
                version = await review.review(connection, submission_id, version, report, entry.feedback_md)
            if action in ("release", "release_next"):
                await review.release(connection, submission_id, version)
    except (ChangedMeanwhile, NotPossibleNow):
        return await _conflict_page(request, session, submission_id, entry)
    if action == "release_next":
        following = _neighbours(rows, submission_id).next_open
        return see_other(
            f"/teacher/answers/{following}" if following else f"/teacher/tasks/{found.task_id}?done=1"
        )
    return see_other(f"/teacher/answers/{submission_id}?{'released' if action == 'release' else 'saved'}=1")


@router.get("/answers/{submission_id}/files/{position}")
async def answer_file(request: Request, session: Teacher, submission_id: UUID, position: int) -> Response:
    """One of the files, as it was handed in."""
    deps = deps_of(request)
    async with deps.db.acting_as(session.sub) as connection:
        files = await answers.answer_files(connection, submission_id)
    return await file_response(deps.blobs, files, position)


async def _answer(
    request: Request, session: Session, submission_id: UUID
) -> tuple[Answer, tuple[AnswerRow, ...]]:
    async with deps_of(request).db.acting_as(session.sub) as connection:
        found = await answers.answer(connection, submission_id)
        rows = () if found is None else await answers.answers(connection, found.task_id)
    if found is None:
        raise HTTPException(404)
    return found, rows


def _answer_page(
    request: Request,
    found: Answer,
    rows: tuple[AnswerRow, ...],
    entry: ReviewEntry | None,
    *,
    has_conflict: bool = False,
) -> Response:
    t = texts_of(request)
    notices = {
        "saved": t.saved,
        "released": t.released_now,
        "text_saved": t.text_saved if found.ai_allowed else t.saved,
    }
    notice = next((text for name, text in notices.items() if name in request.query_params), "")
    why = views.why(found.error_code or "", t) if found.status is AnalysisStatus.FAILED else ""
    context = answer_context(found, entry, t) | {
        "answer": found,
        "place": _neighbours(rows, found.id),
        "notice": notice,
        "has_conflict": has_conflict,
        "is_running": found.status in (AnalysisStatus.PENDING, AnalysisStatus.EXTRACTED),
        "why": why,
    }
    return render(request, "teacher/answer.html", context, status=409 if has_conflict else 200)


async def _conflict_page(
    request: Request, session: Session, submission_id: UUID, typed: ReviewEntry
) -> Response:
    """What was typed, beside what is stored now: the next save is made against the current version."""
    found, rows = await _answer(request, session, submission_id)
    if found.current is None or len(found.criteria) != len(typed.criteria):
        raise ChangedMeanwhile
    entry = replace(typed, base_version=found.current.version)
    return _answer_page(request, found, rows, entry, has_conflict=True)


def _neighbours(rows: tuple[AnswerRow, ...], submission_id: UUID) -> Neighbours:
    ids = [row.id for row in rows]
    # An earlier attempt is not in the list; it stands before the first.
    here = ids.index(submission_id) if submission_id in ids else -1
    waiting = [row.id for row in rows[here + 1 :] + rows[: max(here, 0)] if _is_open(row)]
    return Neighbours(
        position=here + 1,
        total=len(ids),
        previous=ids[here - 1] if here > 0 else None,
        next=ids[here + 1] if here + 1 < len(ids) else None,
        next_open=waiting[0] if waiting else None,
    )


def _is_open(row: AnswerRow) -> bool:
    return row.status is AnalysisStatus.COMPLETED and row.released_at is None


def _check_entry(entry: ReviewEntry) -> None:
    check_text(entry.feedback_md, _TEXT_LIMIT)
    for given in entry.criteria:
        check_text(given.explanation_md, _TEXT_LIMIT)
        check_text(given.next_step_md, _TEXT_LIMIT)
