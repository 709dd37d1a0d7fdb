"""What pupils do: see their tasks, hand in, follow an answer, confirm its text, take it back."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from learning_worker.db import courses, estimates, submissions
from learning_worker.db.courses import TaskPage
from learning_worker.db.errors import KeyReused, Refused
from learning_worker.db.estimates import Place
from learning_worker.db.submissions import MySubmission
from learning_worker.domain.errors import InputError
from learning_worker.domain.upload import FileKind, text_of
from learning_worker.web import handin, views
from learning_worker.web.auth import Student, deps_of
from learning_worker.web.files import file_response
from learning_worker.web.forms import form_of, text_field
from learning_worker.web.pages import render, see_other, texts_of
from learning_worker.web.texts import Texts
from learning_worker.web.uploads import TooManyFiles, checked_files, discard_keys
from learning_worker.web.waiting import place_line

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class HandInForm:
    """The form of a task as it stands on the page. `refused`: why the last try was not accepted."""

    key: str
    text: str = ""
    refused: str = ""
    mode: str = "text"

    @property
    def files_key(self) -> str:
        """Text and files are two forms; each one is one answer."""
        return f"{self.key}-files"


@dataclass(frozen=True)
class Followed:
    """An answer on its pupil's page.

    place: where it waits, None when it does not. pages: the pictures that a text to be confirmed was read from.
    """

    submission: MySubmission
    task: TaskPage
    place: Place | None
    pages: tuple[int, ...]


@router.get("/tasks")
async def my_tasks(request: Request, session: Student) -> Response:
    """All tasks, with the newest attempt at each."""
    async with deps_of(request).db.acting_as(session.sub) as connection:
        tasks = await courses.my_tasks(connection)
        mine = await submissions.my_submissions(connection)
    newest: dict[UUID, MySubmission] = {}
    for submission in mine:
        newest.setdefault(submission.task_id, submission)
    t = texts_of(request)
    rows = [(task, newest.get(task.id), _short(newest.get(task.id), t)) for task in tasks]
    was_taken_back = "taken_back" in request.query_params
    return render(request, "student/tasks.html", {"rows": rows, "was_taken_back": was_taken_back})


@router.get("/tasks/{task_id}")
async def task_page(request: Request, session: Student, task_id: UUID) -> Response:
    """The task, its form and the own attempts; `?again=<submission>` starts from an earlier text."""
    text = ""
    again = request.query_params.get("again", "")
    if again:
        async with deps_of(request).db.acting_as(session.sub) as connection:
            earlier = await submissions.my_submission(connection, _uuid_or_404(again))
        text = (earlier.text_body or "") if earlier is not None and earlier.kind == "text" else ""
    return await _task_page(request, session, task_id, HandInForm(key=str(uuid4()), text=text))


@router.post("/tasks/{task_id}/hand-in")
async def hand_in(request: Request, session: Student, task_id: UUID) -> Response:
    """Take a text or files; the form's own key makes a second click the same answer."""
    form = await form_of(request, session)
    deps = deps_of(request)
    key, text = text_field(form, "key"), text_field(form, "text")
    try:
        files = await checked_files(form, deps.limits)
        if files and all(file.kind is FileKind.TEXT for file in files):
            text = "\n\n".join(text_of(file.content) for file in files)
            receipt = await handin.hand_in_text(deps, session.sub, task_id, key, text)
        elif files:
            receipt = await handin.hand_in_files(deps, session.sub, task_id, key, files)
        elif text.strip():
            receipt = await handin.hand_in_text(deps, session.sub, task_id, key, text)
        else:
            raise handin.NothingHandedIn
    except (Refused, InputError, TooManyFiles, handin.TextTooLong, handin.NothingHandedIn) as error:
        status = 409 if isinstance(error, KeyReused) else 422
        # After a conflict the same words are a new answer, if the pupil says so.
        key = str(uuid4()) if isinstance(error, KeyReused) else key.removesuffix("-files")
        mode = "files" if "files" in form else "text"
        again = HandInForm(key=key, text=text, refused=_refusal(error, request), mode=mode)
        return await _task_page(request, session, task_id, again, status=status)
    return see_other(f"/submissions/{receipt.submission_id}?arrived=1")


@router.get("/submissions/{submission_id}")
async def submission_page(request: Request, session: Student, submission_id: UUID) -> Response:
    """Receipt, steps and feedback of one answer."""
    found = await _followed(request, session, submission_id)
    shown = _shown(request, found) | {
        "has_arrived": "arrived" in request.query_params,
        "has_corrected": "corrected" in request.query_params,
        "is_part": False,
    }
    return render(request, "student/submission.html", shown)


@router.get("/submissions/{submission_id}/live")
async def submission_part(
    request: Request, session: Student, submission_id: UUID, seen: str = ""
) -> Response:
    """The part of the page that changes; 204 while it looks as it did."""
    shown = _shown(request, await _followed(request, session, submission_id))
    if shown["fingerprint"] == seen:
        return Response(status_code=204)
    return render(request, "student/live.html", shown | {"is_part": True})


@router.post("/submissions/{submission_id}/take-back")
async def take_back(request: Request, session: Student, submission_id: UUID) -> Response:
    """Delete an answer that nobody opened, with its files."""
    await form_of(request, session)
    deps = deps_of(request)
    async with deps.db.acting_as(session.sub) as connection:
        keys = await submissions.take_back(connection, submission_id)
    await discard_keys(deps.blobs, keys)
    return see_other("/tasks?taken_back=1")


@router.get("/submissions/{submission_id}/files/{position}")
async def own_file(request: Request, session: Student, submission_id: UUID, position: int) -> Response:
    """One of the own files, as it was handed in."""
    deps = deps_of(request)
    async with deps.db.acting_as(session.sub) as connection:
        files = await submissions.my_files(connection, submission_id)
    return await file_response(deps.blobs, files, position)


async def _task_page(
    request: Request, session: Student, task_id: UUID, form: HandInForm, *, status: int = 200
) -> Response:
    deps = deps_of(request)
    async with deps.db.acting_as(session.sub) as connection:
        task = await courses.my_task(connection, task_id)
        mine = await submissions.my_submissions(connection, task_id)
    if task is None:
        raise HTTPException(404)
    t = texts_of(request)
    left = None if task.max_attempts is None else max(0, task.max_attempts - len(mine))
    return render(
        request,
        "student/task.html",
        {
            "task": task,
            "attempts": [(submission, views.state_short(submission, t)) for submission in mine],
            "form": form,
            "left": left,
            "is_over": task.deadline is not None and task.deadline <= deps.clock(),
            "limits": deps.limits,
        },
        status=status,
    )


async def _followed(request: Request, session: Student, submission_id: UUID) -> Followed:
    async with deps_of(request).db.acting_as(session.sub) as connection:
        submission = await submissions.my_submission(connection, submission_id)
        task = None if submission is None else await courses.my_task(connection, submission.task_id)
        is_moving = submission is not None and submission.step in views.MOVING
        place = await estimates.place(connection, submission_id) if is_moving else None
        is_asked = submission is not None and submission.step == "confirm"
        pages = await submissions.pictured_pages(connection, submission_id) if is_asked else ()
    if submission is None or task is None:
        raise HTTPException(404)
    return Followed(submission, task, place, pages)


def _shown(request: Request, found: Followed) -> dict[str, object]:
    """What the changing part of an answer's page shows."""
    t, submission = texts_of(request), found.submission
    report, text = submission.report, submission.text_body or ""
    place = place_line(found.place, t)
    shown: dict[str, object] = {
        "submission": submission,
        "task": found.task,
        "place": place,
        "pages": found.pages,
        "steps": views.steps(submission, t),
        "sentence": views.state_sentence(submission, t),
        "is_moving": submission.step in views.MOVING,
        "may_change": submission.step in (*views.MOVING, "teacher_reads"),
        "fingerprint": views.fingerprint(submission, place),
        "why": views.why(submission.error_code or "", t, submission.flaw)
        if submission.step == "failed"
        else "",
        "help_md": deps_of(request).help_md or t.help_text,
    }
    if report is not None:
        results = report.results
        shown |= {
            "segments": views.marked(text, [result.evidence for result in results]),
            "criteria": views.criterion_views(submission.criteria, results, text, t),
            "source": views.source_word(report.source, t),
            "assessed_line": views.assessed_line(report, t),
            "overall_line": views.overall_line(report.score, t),
            "feedback_md": report.feedback_md,
        }
    else:
        shown |= {"segments": views.marked(text, [])}
    return shown


def _refusal(error: Exception, request: Request) -> str:
    """Why handing in was refused, and what to do."""
    t, limits = texts_of(request), deps_of(request).limits
    match error:
        case InputError():
            return views.why(error.code, t)
        case TooManyFiles():
            return t.refused_too_many_files.format(n=limits.max_files)
        case handin.TextTooLong():
            return t.refused_text_too_long.format(n=limits.max_text_chars)
        case handin.NothingHandedIn():
            return t.refused_empty
        case Refused():
            return views.refusal(error, t)
        case _:
            raise error


def _short(submission: MySubmission | None, t: Texts) -> str:
    return t.not_handed_in if submission is None else views.state_short(submission, t)


def _uuid_or_404(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise HTTPException(404) from None
