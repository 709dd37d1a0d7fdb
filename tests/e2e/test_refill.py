"""A slot is the model's time, not the database's: it is refilled while the end of the job before is still being written."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from conftest import Database
from fakes import FakeFeedback, FakeVision, Script
from proxy import Proxy
from workbench import TASK, School, a_bench, a_school, a_worker, until
from worker_process import TwoPages

from learning_worker.db.line import Line
from learning_worker.domain.criteria import CriterionResult
from learning_worker.domain.errors import Fault, TransientError
from learning_worker.domain.submission import Phase, Task
from learning_worker.ports import Feedback
from learning_worker.worker.schedule import Plan


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    # One criterion: the first of several is kept over the connection that the test blocks.
    async with a_school(database, replace(TASK, criteria=TASK.criteria[:1])) as ready:
        yield ready


async def test_no_job_opens_a_connection_of_its_own(database: Database, school: School) -> None:
    async with Proxy(database.dsns.worker).running() as proxy:
        bench = a_bench(database, school, dsn=proxy.dsn)
        async with a_worker(bench, Plan({Phase.FEEDBACK: 4}, poll_s=0.05, drain_s=0.0)) as runner:
            for answers in (8, 32):
                handed_in = [await school.hand_in_text() for _ in range(answers)]
                await until(lambda ids=handed_in: _are_completed(school, ids))
        assert runner.metrics.registry.get_sample_value("ai_worker_feedback_seconds_count") == 40

    # One each for leases, ends, renewals and LISTEN, and a pool of at most three.
    assert proxy.accepted <= 7


async def _are_completed(school: School, answers: Sequence[UUID]) -> bool:
    return [await school.status(answer) for answer in answers] == ["completed"] * len(answers)


async def test_the_next_job_thinks_while_a_failed_run_is_written(
    database: Database, school: School, owner_db: psycopg.AsyncConnection
) -> None:
    first, _ = [await school.hand_in_text() for _ in range(2)]
    gate = asyncio.Event()
    script = Script(gate=gate, errors={1: TransientError(Fault.ANSWER_INVALID)})
    bench = a_bench(database, school, feedback=FakeFeedback(script))

    async with a_worker(bench, Plan({Phase.FEEDBACK: 1}, poll_s=0.05, drain_s=0.0)):
        await script.started.wait()
        async with owner_db.transaction():
            # Whoever writes the end of the first job waits here.
            await owner_db.execute("select from learning_submissions where id = %s for update", (first,))
            gate.set()
            await until(lambda: _is_asked(script, 2))


async def _is_asked(script: Script, times: int) -> bool:
    return script.calls >= times


class Gated(FakeFeedback):
    """The words of every job wait for `may_word`; an answer of the culprit costs what no JSON can say."""

    def __init__(self) -> None:
        super().__init__()
        self.may_word = asyncio.Event()

    async def summarise(self, text: str, task: Task, results: Sequence[CriterionResult]) -> Feedback:
        await self.may_word.wait()
        feedback = await super().summarise(text, task, results)
        return replace(feedback, provenance={"usage": object()}) if "Culprit" in text else feedback


async def test_an_end_that_no_json_can_say_is_charged_and_takes_no_neighbour_along(
    database: Database, school: School
) -> None:
    culprit, neighbour = await school.hand_in_text("Culprit."), await school.hand_in_text("Neighbour.")
    feedback = Gated()
    bench = a_bench(database, school, feedback=feedback)

    async with a_worker(bench, Plan({Phase.FEEDBACK: 2}, poll_s=0.05, drain_s=0.0)):
        await until(lambda: _is_asked(feedback.script, 2))
        # Both ends are there before the first one is written, so they go out together.
        feedback.may_word.set()
        await until(lambda: _are_completed(school, [neighbour]))
        await until(lambda: _is_charged(school, culprit))


async def _is_charged(school: School, answer: UUID) -> bool:
    (row,) = await school.owner.rows(
        "select feedback_last_error from public.learning_submissions where id = %s", (answer,)
    )
    return row["feedback_last_error"] == "unexpected"


async def test_the_next_job_thinks_while_the_end_of_the_last_is_written_and_a_third_is_not_taken(
    database: Database, school: School, owner_db: psycopg.AsyncConnection
) -> None:
    answers = [await school.hand_in_text() for _ in range(3)]
    feedback = Gated()
    bench = a_bench(database, school, feedback=feedback)

    async def leased() -> int:
        jobs = [await school.job(answer) for answer in answers]
        return sum(job is not None and job["status"] == "leased" for job in jobs)

    async def words_given(count: int) -> bool:
        return feedback.summaries >= count

    # No poll comes in time: that an end is written is what the worker hears of.
    async with a_worker(bench, Plan({Phase.FEEDBACK: 1}, poll_s=60.0, drain_s=10.0)) as runner:
        runner.wakeups = None
        await until(leased)
        # Whoever writes the end of the first job waits here.
        async with owner_db.transaction():
            await owner_db.execute(
                "select from learning_submissions s join learning_submission_jobs j on j.submission_id = s.id"
                " where j.status = 'leased' for update of s"
            )
            feedback.may_word.set()
            await until(lambda: words_given(2))
            taken = await leased()
        await until(lambda: words_given(3))

    assert taken == 2
    assert [await school.status(answer) for answer in answers] == ["completed"] * 3


class NotedLine(Line):
    """Counts the looks for work that have ended."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn, "lease")
        self.looks = 0

    async def rows(self, query, parameters=()):
        found = await super().rows(query, parameters)
        self.looks += "lease_work" in str(query)
        return found


async def test_the_assessment_of_a_photo_begins_when_its_text_is_stored_and_not_at_the_next_poll(
    database: Database, school: School, owner_db: psycopg.AsyncConnection
) -> None:
    vision = FakeVision(Script(gate=asyncio.Event()))
    bench = a_bench(database, school, vision=vision)
    bench.deps = replace(bench.deps, decoder=TwoPages())
    bench.line = line = NotedLine(database.dsns.worker)
    photo = await school.hand_in_files(bench.blobs, b"page")

    async def has_looked(times: int) -> bool:
        return line.looks >= times

    async with a_worker(
        bench, Plan({Phase.VISION: 1, Phase.FEEDBACK: 1}, poll_s=60.0, drain_s=0.0)
    ) as runner:
        runner.wakeups = None
        await vision.script.started.wait()
        # One brings the photo, and one comes after the word that a slot is free.
        await until(lambda: has_looked(2))
        # Whoever stores the text waits here, until the slot that fell free was looked after in vain.
        async with owner_db.transaction():
            await owner_db.execute(
                "select from learning_submissions where id = %s for no key update", (photo,)
            )
            assert vision.script.gate is not None
            vision.script.gate.set()
            await until(lambda: has_looked(3))

        await until(lambda: _are_completed(school, [photo]))
