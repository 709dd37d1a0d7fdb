"""What was answered once is not asked again, though the worker was told to leave while it was being kept."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from conftest import Database
from fakes import FakeFeedback
from workbench import School, a_bench, a_school, a_worker, until

from learning_worker.db.endings import Endings
from learning_worker.db.line import Line
from learning_worker.domain.criteria import parse_criteria
from learning_worker.domain.submission import Phase, Task
from learning_worker.worker.schedule import Plan

NO_DRAIN = Plan({Phase.FEEDBACK: 2}, poll_s=0.05, drain_s=0.0)


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


class SlowOnce(Line):
    """A connection whose first statement takes half a second."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn, "endings")
        self.is_writing = asyncio.Event()

    async def rows(self, query, parameters=()):
        if not self.is_writing.is_set():
            self.is_writing.set()
            await asyncio.sleep(0.5)
        return await super().rows(query, parameters)


async def test_an_answer_that_waits_for_the_connection_when_the_drain_ends_is_kept(
    database: Database, school: School
) -> None:
    first = a_bench(database, school)
    line = SlowOnce(database.dsns.worker)
    object.__setattr__(first.deps, "endings", Endings(line))
    await school.hand_in_text("First words are here.")

    async with a_worker(first, NO_DRAIN):
        await line.is_writing.wait()
        await school.hand_in_text("Second words are here.")
        await until(lambda: _are_asked(first.feedback, 2))
    second = a_bench(database, school)
    async with a_worker(second, NO_DRAIN):
        await until(lambda: _is_empty(school))

    assert first.feedback.asked == ["c1", "c1"]
    assert second.feedback.asked == ["c2", "c2"]


class NeverWords(FakeFeedback):
    """Judges every criterion, and is long over the words of the feedback."""

    async def summarise(self, text, task, results):
        await asyncio.Event().wait()


async def test_the_last_answer_is_kept_when_the_drain_ends_while_the_feedback_is_worded(
    database: Database,
) -> None:
    async with a_school(database, Task("Why?", parse_criteria(["says why"]))) as school:
        first = a_bench(database, school, feedback=NeverWords())
        line = SlowOnce(database.dsns.worker)
        object.__setattr__(first.deps, "endings", Endings(line))
        await school.hand_in_text("First words are here.")

        async with a_worker(first, NO_DRAIN):
            await line.is_writing.wait()
            await school.hand_in_text("Second words are here.")
            await until(lambda: _are_asked(first.feedback, 2))
        second = a_bench(database, school)
        async with a_worker(second, NO_DRAIN):
            await until(lambda: _is_empty(school))

    assert (first.feedback.asked, second.feedback.asked) == (["c1", "c1"], [])


class Cancelled(FakeFeedback):
    """Waits for something of its own that somebody cancelled, as a library may."""

    async def assess(self, text, task, done):
        self.asked.append("c1")
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future
        yield


async def test_a_job_that_is_cancelled_from_within_is_charged(database: Database, school: School) -> None:
    submission_id = await school.hand_in_text()
    bench = a_bench(database, school, feedback=Cancelled())

    async with a_worker(bench, NO_DRAIN):

        async def is_charged() -> bool:
            job = await school.job(submission_id)
            return job is not None and (job["status"], job["run_count"]) == ("queued", 1)

        await until(is_charged)

    job = await school.job(submission_id)
    assert job is not None
    assert (job["interruption_count"], bench.feedback.asked) == (0, ["c1"])


async def _are_asked(feedback: FakeFeedback, count: int) -> bool:
    return len(feedback.asked) >= count


async def _is_empty(school: School) -> bool:
    return not await school.owner.rows("select 1 from public.learning_submission_jobs")
