"""The main job from a terminal: a temporary database, the real worker process, and nothing left behind."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID, uuid4

from learning_worker import wiring
from learning_worker.db import embedded, logins, seed, stored, submissions
from learning_worker.db.pool import Database
from learning_worker.db.submissions import NewAnswer, NewFile
from learning_worker.domain.errors import ErrorCode, InputError
from learning_worker.domain.submission import Task
from learning_worker.domain.upload import FileKind, UploadLimits, kind_of, sha256_hex, text_of
from learning_worker.launch import children
from learning_worker.launch.children import Child
from learning_worker.settings import child_environment

PUPIL, TEACHER = "pupil", "teacher"
LOOK_S = 0.05
Progress = Callable[[int, str], None]


class LaunchError(Exception):
    """The run could not be carried out; the message is one sentence for a person."""


@dataclass(frozen=True)
class Request:
    """One submission to analyse: the contents of its files in page order, and the task they answer."""

    files: tuple[bytes, ...]
    task: Task
    title: str = "Task"


@dataclass(frozen=True)
class Analysis:
    """What became of it, under the names the database uses."""

    status: str
    error_code: str | None
    text_body: str | None = None
    feedback_md: str | None = None
    analysis_json: object = None

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self)


def analyse(
    requests: Sequence[Request],
    progress: Progress,
    *,
    limits: UploadLimits | None = None,
    more: Mapping[str, str] | None = None,
) -> list[Analysis]:
    """Analyse every request in a database of its own, which is gone afterwards, whatever happens.

    progress: called with the request's index and its step whenever that changes. more: settings for the worker beyond
    those of the environment.
    Raises LaunchError, EmbeddedError or MigrationError.
    """
    limits = limits or UploadLimits()
    with embedded.ephemeral() as server:
        dsns = logins.provision(server, wiring.DATABASE_NAME)
        home = server.base_dir / "worker"
        home.mkdir(mode=0o700)
        with ExitStack() as stack:
            environment = {**_environment(dsns, home), **(more or {})}
            worker = children.start("worker", environment, home / "worker.log")
            stack.callback(worker.stop, patience_s=5.0)
            return asyncio.run(_analyse(requests, dsns, home, Follow(worker, progress, limits)))


@dataclass(frozen=True)
class Follow:
    """How one run is watched."""

    worker: Child
    progress: Progress
    limits: UploadLimits


def _environment(dsns: logins.Dsns, home: Path) -> dict[str, str]:
    return child_environment(
        {
            "GUSTAV_ENV": "demo",
            "LEARNING_DATABASE_URL": dsns.worker,
            "LEARNING_DATA_DIR": str(home),
            # The files of one run lie beside its database, wherever those of the school are kept.
            "STORAGE_BUCKET": "",
            "WORKER_METRICS_PORT": "0",
            "WORKER_DRAIN_SECONDS": "0",
        }
    )


async def _analyse(
    requests: Sequence[Request], dsns: logins.Dsns, home: Path, follow: Follow
) -> list[Analysis]:
    owner, app = Database(dsns.migration, max_size=1), Database(dsns.app, max_size=2)
    await owner.open()
    await app.open()
    try:
        tasks = await _place(owner, requests)
        handed_in = [
            await _hand_in(app, home, request, task_id, follow.limits)
            for request, task_id in zip(requests, tasks, strict=True)
        ]
        return [
            found if isinstance(found, Analysis) else await _result(app, found, index, follow)
            for index, found in enumerate(handed_in)
        ]
    finally:
        await app.close()
        await owner.close()


async def _place(owner: Database, requests: Sequence[Request]) -> list[UUID]:
    async with owner.transaction() as connection:
        await seed.put_people(
            connection, [seed.Person(PUPIL, "Pupil"), seed.Person(TEACHER, "Teacher", "teacher")]
        )
        course_id = await seed.put_course(
            connection,
            "Course",
            None,
            [seed.Membership(PUPIL, "student"), seed.Membership(TEACHER, "teacher")],
        )
        return [
            await seed.put_task(connection, course_id, seed.NewTask(request.title, request.task))
            for request in requests
        ]


async def _hand_in(
    app: Database, home: Path, request: Request, task_id: UUID, limits: UploadLimits
) -> UUID | Analysis:
    """The submission's id; or how it ended, where the files cannot even be taken in."""
    try:
        answer = await _answer(home, request, task_id, limits)
    except InputError as error:
        return Analysis("failed", error.code)
    async with app.acting_as(PUPIL) as connection:
        return (await submissions.submit(connection, answer)).submission_id


async def _answer(home: Path, request: Request, task_id: UUID, limits: UploadLimits) -> NewAnswer:
    key = uuid4().hex
    if len(request.files) > limits.max_files or any(
        len(file) > limits.max_file_bytes for file in request.files
    ):
        raise InputError(ErrorCode.INPUT_TOO_LARGE)
    if all(kind_of(file) is FileKind.TEXT for file in request.files):
        text = "\n\n".join(text_of(file) for file in request.files)
        if len(text) > limits.max_text_chars:
            raise InputError(ErrorCode.INPUT_TOO_LARGE)
        return NewAnswer(task_id, key, text=text)
    store = wiring.object_store_in(home)
    files = []
    for content in request.files:
        object_key = wiring.new_object_key()
        await store.put(object_key, content)
        files.append(NewFile(object_key, sha256_hex(content), len(content), "application/octet-stream"))
    return NewAnswer(task_id, key, files=tuple(files))


async def _result(app: Database, submission_id: UUID, index: int, follow: Follow) -> Analysis:
    """Wait for the end of one submission, telling every step. Raises LaunchError when the worker ended."""
    last_step, started_at = "", time.monotonic()
    while True:
        async with app.acting_as(PUPIL) as connection:
            mine = await submissions.my_submission(connection, submission_id)
        if mine is not None and mine.step != last_step:
            last_step = mine.step
            follow.progress(index, last_step)
        if mine is not None and mine.step not in {"waiting", "reading", "checking"}:
            break
        if follow.worker.has_ended:
            raise LaunchError(
                f"The worker ended after {time.monotonic() - started_at:.0f} s before it was done; please try again."
            )
        await asyncio.sleep(LOOK_S)
    async with app.acting_as(TEACHER) as connection:
        return Analysis(**await stored.analysis(connection, submission_id))
