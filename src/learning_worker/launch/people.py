"""Fills a new demo with the invented class: handed in, assessed, reviewed and released by the product's own functions."""

import asyncio
from uuid import UUID

from learning_worker import wiring
from learning_worker.db import queue, review, seed, submissions
from learning_worker.db.pool import Database
from learning_worker.db.submissions import NewAnswer, NewFile
from learning_worker.domain.upload import sha256_hex
from learning_worker.launch import samples
from learning_worker.launch.classroom import (
    Classroom,
    HandedIn,
    SeedState,
    SeedSubmission,
    demo_classroom,
)
from learning_worker.ports import BlobStore
from learning_worker.settings import Settings
from learning_worker.web.deps import DemoPerson

READ_CONFIDENCE = 0.93
DOUBTFUL_CONFIDENCE = 0.62
WAITING_MINUTES = 2.0
RETRY_MINUTES = 15.0
_FINISHED = {SeedState.RELEASED, SeedState.COMPLETED}


async def fill(settings: Settings, dsns: wiring.Dsns) -> None:
    """Put the invented class into an empty database."""
    if dsns.migration is None or dsns.app is None or dsns.worker is None:
        raise RuntimeError("filling needs the migrator, the web login and the worker")
    owner, app = Database(dsns.migration, max_size=1), Database(dsns.app, max_size=1)
    await owner.open()
    await app.open()
    try:
        room = demo_classroom()
        blobs = wiring.object_store(settings)
        tasks = await _place(owner, room)
        finished = [entry for entry in room.submissions if entry.state in _FINISHED]
        handed_in = [(await _hand_in(app, owner, blobs, entry, tasks), entry) for entry in finished]
        await _assess_all(settings, dsns.worker)
        for submission_id, entry in handed_in:
            await _finish(app, owner, submission_id, entry, room.teacher.sub)
        waiting = 0
        for entry in room.submissions:
            if entry.state not in _FINISHED:
                submission_id = await _hand_in(app, owner, blobs, entry, tasks)
                waiting += entry.state is SeedState.PENDING
                await _arrange(owner, submission_id, entry, waiting * WAITING_MINUTES)
    finally:
        await app.close()
        await owner.close()


async def _place(owner: Database, room: Classroom) -> dict[str, UUID]:
    """People, course and tasks; the tasks' ids by key."""
    people = [
        seed.Person(room.teacher.sub, room.teacher.name, "teacher"),
        seed.Person(room.observer.sub, room.observer.name, "teacher"),
        seed.Person(room.operator.sub, room.operator.name, "operator"),
        *(seed.Person(pupil.sub, pupil.name) for pupil in room.pupils),
    ]
    members = [
        seed.Membership(room.teacher.sub, "teacher"),
        seed.Membership(room.observer.sub, "observer"),
        *(seed.Membership(pupil.sub, "student", pupil.ai_allowed) for pupil in room.pupils),
    ]
    async with owner.transaction() as connection:
        await seed.put_people(connection, people)
        course_id = await seed.put_course(connection, room.title, room.school_year, members)
        return {
            entry.key: await seed.put_task(
                connection, course_id, seed.NewTask(entry.title, entry.task, entry.release_mode, position)
            )
            for position, entry in enumerate(room.tasks)
        }


async def _hand_in(
    app: Database, owner: Database, blobs: BlobStore, entry: SeedSubmission, tasks: dict[str, UUID]
) -> UUID:
    """Through the same door as every pupil; files count as read where the entry holds their text."""
    key = f"demo-{entry.pupil_sub}-{entry.task_key}-{entry.minutes_ago}"
    if entry.handed_in is HandedIn.TYPED:
        answer = NewAnswer(tasks[entry.task_key], key, text=entry.text)
    else:
        sample = samples.PHOTO if entry.handed_in is HandedIn.PHOTO else samples.PDF
        content = samples.read(sample)
        object_key = wiring.new_object_key()
        await blobs.put(object_key, content)
        file = NewFile(object_key, sha256_hex(content), len(content), samples.MEDIA_TYPES[sample])
        answer = NewAnswer(tasks[entry.task_key], key, files=(file,))
    async with app.acting_as(entry.pupil_sub) as connection:
        receipt = await submissions.submit(connection, answer)
    if entry.handed_in is not HandedIn.TYPED and entry.text is not None:
        confidence = DOUBTFUL_CONFIDENCE if entry.state is SeedState.EXTRACTED else READ_CONFIDENCE
        async with owner.transaction() as connection:
            await seed.as_read(connection, receipt.submission_id, entry.text, confidence)
    return receipt.submission_id


async def _assess_all(settings: Settings, worker_dsn: str) -> None:
    """Run a worker until the queue is empty."""
    stop = asyncio.Event()
    async with wiring.worker(settings, worker_dsn) as runner:
        run = asyncio.create_task(runner.run(stop))
        while any(phase.queued or phase.leased for phase in await queue.state(runner.deps.db)):
            done, _ = await asyncio.wait([run], timeout=0.1)
            if done:
                break
        stop.set()
        await run


async def _finish(
    app: Database, owner: Database, submission_id: UUID, entry: SeedSubmission, teacher_sub: str
) -> None:
    """The teacher releases what is released; then the answer moves into the past."""
    if entry.state is SeedState.RELEASED:
        async with app.acting_as(teacher_sub) as connection:
            await review.release(connection, submission_id, 1)
    async with owner.transaction() as connection:
        await seed.as_handed_in_before(connection, submission_id, entry.minutes_ago)


async def _arrange(
    owner: Database, submission_id: UUID, entry: SeedSubmission, waiting_minutes: float
) -> None:
    async with owner.transaction() as connection:
        match entry.state:
            case SeedState.EXTRACTED:
                await seed.as_waiting_for_the_pupil(connection, submission_id)
            case SeedState.RETRYING:
                await seed.as_retrying(connection, submission_id, str(entry.error_code), RETRY_MINUTES)
            case SeedState.FAILED:
                await seed.as_failed(connection, submission_id, str(entry.error_code))
            case SeedState.PENDING:
                await seed.as_pending(connection, submission_id, waiting_minutes)
            case _:
                raise ValueError(f"{entry.state} is not arranged but earned")
        await seed.as_handed_in_before(connection, submission_id, entry.minutes_ago)


def demo_people() -> tuple[DemoPerson, ...]:
    """Whom the demo's sign-in page offers."""
    room = demo_classroom()
    return (
        DemoPerson(room.teacher.sub, room.teacher.name, "teacher"),
        DemoPerson(room.observer.sub, room.observer.name, "teacher"),
        DemoPerson(room.operator.sub, room.operator.name, "operator"),
        *(DemoPerson(pupil.sub, pupil.name, "student") for pupil in room.pupils),
    )
