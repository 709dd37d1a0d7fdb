"""The text that was read, beside the pages it was read from: pupils confirm or mend it, teachers mend it."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from learning_worker.db import answers, review, submissions
from learning_worker.db.answers import Answer
from learning_worker.db.errors import ChangedMeanwhile, NotPossibleNow
from learning_worker.db.review import TextVersion
from learning_worker.db.sessions import Session
from learning_worker.db.submissions import MySubmission
from learning_worker.web.auth import Student, Teacher, deps_of
from learning_worker.web.forms import form_of, number_field, text_field
from learning_worker.web.handin import check_text
from learning_worker.web.pages import render, see_other, texts_of
from learning_worker.web.pictures import picture
from learning_worker.web.texts import Texts

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class TextForm:
    """What stands in the form. text_version: what it was typed against; None: it cannot be saved any more."""

    text: str
    text_version: int | None
    has_conflict: bool = False


@router.get("/submissions/{submission_id}/pages/{page_nr}")
async def own_page(request: Request, session: Student, submission_id: UUID, page_nr: int) -> Response:
    """One of the own pages as a picture."""
    deps = deps_of(request)
    async with deps.db.acting_as(session.sub) as connection:
        files = await submissions.my_files(connection, submission_id)
    return await picture(deps, files, page_nr)


@router.get("/teacher/answers/{submission_id}/pages/{page_nr}")
async def answers_page(request: Request, session: Teacher, submission_id: UUID, page_nr: int) -> Response:
    """One page of an answer as a picture."""
    deps = deps_of(request)
    async with deps.db.acting_as(session.sub) as connection:
        files = await answers.answer_files(connection, submission_id)
    return await picture(deps, files, page_nr)


@router.post("/submissions/{submission_id}/confirm")
async def confirm(request: Request, session: Student, submission_id: UUID) -> Response:
    """ "This is what I wrote", as it was read or as the pupil mended it."""
    text = await _typed(request, session)
    try:
        async with deps_of(request).db.acting_as(session.sub) as connection:
            await submissions.confirm(connection, submission_id, text)
    except NotPossibleNow:
        return await _own_conflict(request, session, submission_id, text)
    return see_other(f"/submissions/{submission_id}")


@router.get("/submissions/{submission_id}/text")
async def own_text(request: Request, session: Student, submission_id: UUID) -> Response:
    """The own text beside its pages, to mend what was misread."""
    mine = await _mine(request, session, submission_id)
    if not mine.can_correct:
        return see_other(f"/submissions/{submission_id}")
    form = TextForm(mine.current_text or "", mine.current_text_version)
    return await _own_page(request, session, mine, form)


@router.post("/submissions/{submission_id}/text")
async def correct_own_text(request: Request, session: Student, submission_id: UUID) -> Response:
    """Mend what was misread; the feedback is made again."""
    text = await _typed(request, session)
    version = number_field(await form_of(request, session), "text_version") or 0
    try:
        async with deps_of(request).db.acting_as(session.sub) as connection:
            await submissions.correct(connection, submission_id, version, text)
    except (ChangedMeanwhile, NotPossibleNow):
        return await _own_conflict(request, session, submission_id, text)
    return see_other(f"/submissions/{submission_id}?corrected=1")


@router.get("/teacher/answers/{submission_id}/text")
async def answers_text(request: Request, session: Teacher, submission_id: UUID) -> Response:
    """An answer's text beside its pages, with its earlier versions."""
    found = await _answer(request, session, submission_id)
    return await _answers_page(request, session, found, TextForm(found.text_body or "", found.text_version))


@router.post("/teacher/answers/{submission_id}/text")
async def correct_answers_text(request: Request, session: Teacher, submission_id: UUID) -> Response:
    """Mend what was read; the assessment is made again."""
    text = await _typed(request, session)
    version = number_field(await form_of(request, session), "text_version") or 0
    try:
        async with deps_of(request).db.acting_as(session.sub) as connection:
            await review.correct_text(connection, submission_id, version, text)
    except ChangedMeanwhile:
        found = await _answer(request, session, submission_id)
        again = TextForm(text, found.text_version, has_conflict=True)
        return await _answers_page(request, session, found, again)
    return see_other(f"/teacher/answers/{submission_id}?text_saved=1")


@router.post("/teacher/answers/{submission_id}/by-hand")
async def answer_by_hand(request: Request, session: Teacher, submission_id: UUID) -> Response:
    """Answer without an assessment to start from: it failed, or the teacher does not want to wait."""
    await form_of(request, session)
    async with deps_of(request).db.acting_as(session.sub) as connection:
        await review.answer_by_hand(connection, submission_id)
    return see_other(f"/teacher/answers/{submission_id}")


async def _typed(request: Request, session: Session) -> str:
    text = text_field(await form_of(request, session), "text")
    check_text(text, deps_of(request).limits.max_text_chars)
    return text


async def _mine(request: Request, session: Session, submission_id: UUID) -> MySubmission:
    async with deps_of(request).db.acting_as(session.sub) as connection:
        mine = await submissions.my_submission(connection, submission_id)
    if mine is None:
        raise HTTPException(404)
    return mine


async def _own_conflict(request: Request, session: Session, submission_id: UUID, typed: str) -> Response:
    """What was typed, beside what is stored now; it can be saved as long as the text may be mended."""
    mine = await _mine(request, session, submission_id)
    version = mine.current_text_version if mine.can_correct else None
    return await _own_page(request, session, mine, TextForm(typed, version, has_conflict=True))


async def _own_page(request: Request, session: Session, mine: MySubmission, form: TextForm) -> Response:
    async with deps_of(request).db.acting_as(session.sub) as connection:
        pages = await submissions.pictured_pages(connection, mine.id)
    stored = (mine.current_text if mine.can_correct else mine.text_body) or ""
    shown = {"submission": mine, "form": form, "stored": stored, "pages": pages}
    return render(request, "student/text.html", shown, status=409 if form.has_conflict else 200)


async def _answer(request: Request, session: Session, submission_id: UUID) -> Answer:
    async with deps_of(request).db.acting_as(session.sub) as connection:
        found = await answers.answer(connection, submission_id)
    if found is None or not found.may_review:
        raise HTTPException(404)
    return found


async def _answers_page(request: Request, session: Session, found: Answer, form: TextForm) -> Response:
    async with deps_of(request).db.acting_as(session.sub) as connection:
        versions = await review.text_versions(connection, found.id)
    t = texts_of(request)
    shown = {
        "answer": found,
        "form": form,
        "stored": found.text_body or "",
        "versions": [(version, _maker(version, t)) for version in versions],
    }
    return render(request, "teacher/text.html", shown, status=409 if form.has_conflict else 200)


def _maker(version: TextVersion, t: Texts) -> str:
    """Whose wording a version is."""
    if version.source != "corrected":
        return t.version_read
    return t.version_by_pupil if version.is_by_pupil else t.version_by_teacher
