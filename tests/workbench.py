"""A small school in a test's database, with one pupil and one task, and the workers that serve it."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID, uuid4

from conftest import Database as TestDatabase
from fakes import FakeBlobStore, FakeFeedback, FakeVision

from learning_worker.adapters.rasterise import SandboxDecoder
from learning_worker.db import queue, seed, stored, submissions
from learning_worker.db.endings import Endings
from learning_worker.db.line import Line
from learning_worker.db.notify import listen
from learning_worker.db.pool import Database
from learning_worker.db.queue import LeaseTerms, Renewal, Want
from learning_worker.db.submissions import NewAnswer, NewFile
from learning_worker.domain.criteria import parse_criteria
from learning_worker.domain.retry import RetryPolicy
from learning_worker.domain.submission import ConfirmText, LeasedJob, Phase, Task
from learning_worker.observability.metrics import Metrics
from learning_worker.worker.lease import Leases
from learning_worker.worker.pipeline import Bounds, Deps
from learning_worker.worker.runner import Runner
from learning_worker.worker.schedule import Plan

PUPIL, TEACHER = "pupil-1", "teacher-1"
TASK = Task(
    instruction_md="Why do plants need light?",
    criteria=parse_criteria(["names a cause", "gives a reason"]),
    confirm_text=ConfirmText.NEVER,
)
TEXT = "Plants need light. Without it they cannot make sugar."


@dataclass
class School:
    """The databases as the roles see them, and the task's id."""

    owner: Database
    app: Database
    worker: Database
    task_id: UUID

    async def hand_in_text(self, text: str = TEXT) -> UUID:
        """A typed answer of the pupil; its id."""
        async with self.app.acting_as(PUPIL) as connection:
            answer = NewAnswer(self.task_id, uuid4().hex, text=text)
            return (await submissions.submit(connection, answer)).submission_id

    async def hand_in_files(self, blobs: FakeBlobStore, *contents: bytes) -> UUID:
        """Stored files as one answer; its id."""
        files = []
        for content in contents:
            key = f"submissions/aa/{uuid4().hex}"
            await blobs.put(key, content)
            files.append(NewFile(key, hashlib.sha256(content).hexdigest(), len(content), "image/png"))
        async with self.app.acting_as(PUPIL) as connection:
            answer = NewAnswer(self.task_id, uuid4().hex, files=tuple(files))
            return (await submissions.submit(connection, answer)).submission_id

    async def stored(self, submission_id: UUID) -> dict[str, Any]:
        """What the teacher finds."""
        async with self.app.acting_as(TEACHER) as connection:
            return await stored.analysis(connection, submission_id)

    async def job(self, submission_id: UUID) -> dict[str, Any] | None:
        """The job's row, None once it is gone."""
        async with self.owner.transaction() as connection:
            cursor = await connection.execute(
                "select * from public.learning_submission_jobs where submission_id = %s", (submission_id,)
            )
            return await cursor.fetchone()

    async def status(self, submission_id: UUID) -> str:
        """The submission's analysis_status."""
        return str((await self.stored(submission_id))["status"])

    async def change_jobs(self, assignment: str) -> None:
        """Arrange the queue, as the superuser: `assignment` is SQL of the test itself."""
        async with self.owner.transaction() as connection:
            await connection.execute(f"update public.learning_submission_jobs set {assignment}")


@asynccontextmanager
async def a_school(
    database: TestDatabase, task: Task = TASK, release_mode: str = "reviewed"
) -> AsyncIterator[School]:
    """Pools with the real logins, and one task in place."""
    owner, app, worker = Database(database.owner), Database(database.dsns.app), Database(database.dsns.worker)
    for pool in (owner, app, worker):
        await pool.open()
    try:
        async with owner.transaction() as connection:
            await seed.put_people(
                connection, [seed.Person(PUPIL, "Pupil"), seed.Person(TEACHER, "Teacher", "teacher")]
            )
            members = [seed.Membership(PUPIL, "student"), seed.Membership(TEACHER, "teacher")]
            course_id = await seed.put_course(connection, "7b", "2026/27", members)
            task_id = await seed.put_task(connection, course_id, seed.NewTask("Light", task, release_mode))
        yield School(owner, app, worker, task_id)
    finally:
        for pool in (owner, app, worker):
            await pool.close()


def terms(**changes: int) -> LeaseTerms:
    """The default lease terms of a test's worker."""
    return replace(LeaseTerms(worker_id=f"test-{uuid4().hex[:6]}"), **changes)


async def lease(
    school: School, phase: Phase = Phase.FEEDBACK, limit: int = 1, worker: LeaseTerms | None = None
) -> list[LeasedJob]:
    """Jobs as a worker leases them."""
    return (await queue.lease(school.worker, worker or terms(), [Want(phase, limit)])).jobs


@dataclass
class Bench:
    """Fakes around a real database: what one worker needs."""

    deps: Deps
    line: Line
    feedback: FakeFeedback
    vision: FakeVision
    blobs: FakeBlobStore


def a_bench(
    database: TestDatabase,
    school: School,
    *,
    feedback: FakeFeedback | None = None,
    vision: FakeVision | None = None,
    lease_s: int = 30,
    bounds: Bounds | None = None,
    dsn: str | None = None,
) -> Bench:
    """Dependencies of a worker with scripted adapters; the decoder is the real one. The heartbeat is not started.

    dsn: another way to the database, a proxy's for example; then the pool is the caller's to open.
    """
    dsn = dsn or database.dsns.worker
    answer_s = lease_s / 2
    feedback, vision, blobs = feedback or FakeFeedback(), vision or FakeVision(), FakeBlobStore()
    leases = Leases(Renewal(dsn, lease_s), lease_s, time.monotonic)
    deps = Deps(
        db=school.worker if dsn == database.dsns.worker else Database(dsn, max_size=3, answer_s=answer_s),
        endings=Endings(Line(dsn, "endings", answer_s=answer_s)),
        blobs=blobs,
        decoder=SandboxDecoder(),
        vision=vision,
        feedback=feedback,
        leases=leases,
        retry=RetryPolicy(),
        bounds=bounds or Bounds(),
        random=Random(7),
    )
    return Bench(deps, Line(dsn, "lease", answer_s=answer_s), feedback, vision, blobs)


@asynccontextmanager
async def a_worker(bench: Bench, plan: Plan | None = None, lease_s: int = 30) -> AsyncIterator[Runner]:
    """A running worker of these fakes; stopped, with everything given back, when the block ends."""
    stop = asyncio.Event()
    runner = Runner(
        deps=bench.deps,
        line=bench.line,
        terms=terms(lease_s=lease_s),
        plan=plan or Plan({Phase.VISION: 1, Phase.FEEDBACK: 2}, poll_s=0.05, drain_s=0.0),
        metrics=Metrics(),
        clock=time.monotonic,
        wakeups=lambda on_lost: listen(bench.deps.db.dsn, "learning_jobs", on_lost),
    )
    await bench.deps.db.open()
    running = asyncio.create_task(runner.run(stop))
    try:
        yield runner
    finally:
        stop.set()
        await running
        await bench.deps.endings.close()
        await bench.line.close()


async def until(condition: Callable[[], Awaitable[object]], seconds: float = 20.0) -> None:
    """Wait for a promise that is kept some time soon; fails when it is not."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what is waited for lies in the database
            await asyncio.sleep(0.02)
