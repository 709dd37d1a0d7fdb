"""All jobs of a queue are cancelled, however many there are and whatever workers do meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from conftest import Database
from fakes import FakeFeedback, Script
from psycopg import sql
from workbench import School, a_bench, a_school, a_worker, lease, until

from learning_worker.db import operator
from learning_worker.db.line import Line

OPEN = ("queued", "leased")


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


@pytest.fixture
async def line(database: Database) -> AsyncIterator[Line]:
    line = Line(database.dsns.operator, "operator")
    yield line
    await line.close()


class WorkerBetween:
    """The operator's line; a worker leases what waits after the first statement, and gives it back after the second."""

    def __init__(self, line: Line, school: School) -> None:
        self.line, self.school, self.statements = line, school, 0

    async def rows(self, query: str | sql.SQL | sql.Composed, parameters: Sequence[object] = ()):
        rows = await self.line.rows(query, parameters)
        self.statements += 1
        if self.statements == 1:
            await lease(self.school, limit=5)
        elif self.statements == 2:
            await self.school.change_jobs(
                "status = 'queued', lease_key = null, leased_until = null where status = 'leased'"
            )
        return rows


@pytest.mark.parametrize("states", [OPEN, OPEN[::-1]])
async def test_a_job_that_is_leased_or_given_back_between_two_statements_is_cancelled_as_well(
    school: School, line: Line, states: Sequence[str]
) -> None:
    answers = [await school.hand_in_text(f"Answer {nr}.") for nr in range(2)]
    if states == OPEN:
        assert len(await lease(school)) == 1

    changed = await operator.change_all(WorkerBetween(line, school), operator.cancel, states)

    assert len(changed) == 2
    assert {(await school.stored(one))["error_code"] for one in answers} == {"cancelled"}


async def test_a_job_cancelled_and_queued_again_is_let_go_by_the_run_that_lost_it_although_the_same_worker_took_it(
    database: Database, school: School, line: Line
) -> None:
    answer = await school.hand_in_text()
    feedback = FakeFeedback(Script(gate=asyncio.Event()))
    script = feedback.script
    assert script.gate is not None
    async with a_worker(a_bench(database, school, feedback=feedback, lease_s=1), lease_s=1) as runner:
        await script.started.wait()
        job = await school.job(answer)
        assert job is not None
        await operator.cancel(line, [job["id"]])
        await operator.retry(line, [job["id"]])
        runner._look_again.set()
        await until(lambda: _is(lambda: script.calls == 2))

        # The next renewal prolongs the new key alone.
        await until(lambda: _is(lambda: script.cancelled == 1))
        script.gate.set()
        await until(lambda: _is(lambda: not runner._running))

    assert await school.status(answer) == "completed"
    assert feedback.asked == ["c1", "c2"]


async def _is(condition) -> bool:
    return bool(condition())


@pytest.mark.slow
async def test_more_jobs_than_a_page_holds_are_all_cancelled(school: School, line: Line) -> None:
    async with school.owner.transaction() as connection:
        # One real answer, and its rows again: what counts is how many there are.
        answer = await school.hand_in_text()
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(
            "with copies as ("
            " insert into public.learning_submissions select (jsonb_populate_record(s, jsonb_build_object("
            " 'id', gen_random_uuid(), 'attempt_nr', nr, 'idempotency_key', 'k' || nr))).*"
            " from public.learning_submissions s, generate_series(2, %s) nr where s.id = %s returning id)"
            " insert into public.learning_submission_jobs select (jsonb_populate_record(j, jsonb_build_object("
            " 'id', gen_random_uuid(), 'submission_id', c.id))).* from public.learning_submission_jobs j, copies c",
            (operator.PAGE + 1, answer),
        )

    changed = await operator.change_all(line, operator.cancel, OPEN)

    assert len(set(changed)) == operator.PAGE + 1
    assert await operator.jobs(line, ",".join(OPEN)) == []
