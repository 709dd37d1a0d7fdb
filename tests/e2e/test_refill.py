"""A slot is the model's time, not the database's: it is refilled while the end of the job before is still being written."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from conftest import Database
from fakes import FakeFeedback, Script
from proxy import Proxy
from workbench import TASK, School, a_bench, a_school, a_worker, until

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

    async with a_worker(bench, Plan({Phase.FEEDBACK: 1}, poll_s=0.05, drain_s=10.0)):
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
