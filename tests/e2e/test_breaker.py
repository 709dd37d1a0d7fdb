"""An outage of the model server is not the job's fault; a job that the server cannot bear is."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from conftest import Database
from fakes import FakeFeedback, Script
from workbench import Bench, School, a_bench, a_school, a_worker, terms, until

from learning_worker.db import queue
from learning_worker.db.queue import Want
from learning_worker.domain.errors import Fault, TransientError
from learning_worker.domain.submission import Phase
from learning_worker.worker import pipeline
from learning_worker.worker.pipeline import Bounds, Outcome
from learning_worker.worker.schedule import Plan

SERVER = "http://ollama:11434"


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


class Server(FakeFeedback):
    """A model server that is down, or falls over at texts that hold BOOM."""

    def __init__(self, script: Script | None = None) -> None:
        super().__init__(script)
        self.is_down = False
        self.fault = TransientError(Fault.MODEL_UNREACHABLE)
        self.tries: list[str] = []

    async def assess(self, text, task, done):
        self.tries.append(text.split()[0])
        if self.is_down or "BOOM" in text:
            raise self.fault
        async for result in super().assess(text, task, done):
            yield result


def a_bench_with(database: Database, school: School, server: Server) -> Bench:
    bench = a_bench(database, school, feedback=server)
    bench.deps = replace(bench.deps, endpoints={Phase.FEEDBACK: SERVER})
    return bench


async def leased(school: School, slots: int = 1):
    found = await queue.lease(school.worker, terms(), [Want(Phase.FEEDBACK, slots, endpoint=SERVER)])
    return found.jobs


async def run_one(bench: Bench, school: School) -> pipeline.Ended:
    (job,) = await leased(school)
    return await pipeline.process(job, asyncio.get_running_loop().time(), bench.deps)


async def endpoint(school: School):
    async with school.owner.transaction() as connection:
        return await (await connection.execute("select * from public.learning_endpoints")).fetchone()


async def let_time_pass(school: School) -> None:
    """Every wait is over."""
    async with school.owner.transaction() as connection:
        await connection.execute("update public.learning_endpoints set retry_at = now()")
        await connection.execute(
            "update public.learning_submission_jobs set visible_at = now() where status = 'queued'"
        )


async def open_breaker(bench: Bench, school: School, code: str = "model_unreachable") -> None:
    for _ in range(3):
        ended = await run_one(bench, school)
        assert (ended.outcome, ended.code) == (Outcome.RELEASED, code)
        await school.change_jobs("visible_at = now()")


async def test_three_failures_in_a_row_stop_the_leasing_and_cost_no_run(
    database: Database, school: School
) -> None:
    server = Server()
    server.is_down = True
    submissions = [await school.hand_in_text(f"A{n} answer.") for n in range(3)]

    await open_breaker(a_bench_with(database, school, server), school)

    assert (await endpoint(school))["state"] == "open"
    assert await leased(school) == []
    for submission_id in submissions:
        job = await school.job(submission_id)
        assert job is not None
        assert (job["status"], job["run_count"], job["retry_count"]) == ("queued", 0, 0)
        assert await school.status(submission_id) == "pending"


@pytest.mark.parametrize(
    ("fault", "freed"), [(Fault.MODEL_UNREACHABLE, 0), (Fault.ANSWER_INVALID, 1)], ids=["outage", "error"]
)
async def test_an_outage_keeps_the_slot_until_the_breaker_knows_and_an_error_does_not(
    database: Database, school: School, fault: Fault, freed: int
) -> None:
    server = Server()
    server.is_down, server.fault = True, TransientError(fault)
    await school.hand_in_text()
    (job,) = await leased(school)
    said: list[str] = []

    await pipeline.process(
        job,
        asyncio.get_running_loop().time(),
        a_bench_with(database, school, server).deps,
        lambda: said.append("the model is free"),
    )

    # A run that has ended frees its slot by itself; until then the next job would meet the same silence.
    assert len(said) == freed


async def test_nobody_asks_a_server_before_the_time_it_named(database: Database, school: School) -> None:
    server = Server()
    server.is_down, server.fault = True, TransientError(Fault.MODEL_BUSY, retry_after_s=120.0)
    for n in range(2):
        await school.hand_in_text(f"A{n} answer.")

    ended = await run_one(a_bench_with(database, school, server), school)

    assert (ended.outcome, ended.code) == (Outcome.RELEASED, "model_busy")
    assert await leased(school, slots=2) == []
    await school.change_jobs("visible_at = now()")
    assert await leased(school, slots=2) == []


async def test_one_probe_at_a_time_tries_the_server_and_the_next_probe_is_another_job(
    database: Database, school: School
) -> None:
    server = Server()
    server.is_down = True
    bench = a_bench_with(database, school, server)
    for n in range(3):
        await school.hand_in_text(f"A{n} answer.")
    await open_breaker(bench, school)
    server.tries.clear()

    for _ in range(6):
        await let_time_pass(school)
        (probe,) = await leased(school, slots=3)
        assert await leased(school, slots=3) == []
        ended = await pipeline.process(probe, asyncio.get_running_loop().time(), bench.deps)
        assert ended.outcome is Outcome.RELEASED
        assert await leased(school) == []

    assert sorted(server.tries[:3]) == ["A0", "A1", "A2"]
    assert server.tries[3:] == server.tries[:3]


async def test_a_probe_that_is_answered_closes_the_breaker_for_everybody(
    database: Database, school: School
) -> None:
    server = Server()
    server.is_down = True
    bench = a_bench_with(database, school, server)
    for n in range(3):
        await school.hand_in_text(f"A{n} answer.")
    await open_breaker(bench, school)
    server.is_down = False
    await let_time_pass(school)

    assert (await run_one(bench, school)).outcome is Outcome.COMPLETED

    found = await endpoint(school)
    assert (found["state"], found["failures_in_row"], found["recoveries"]) == ("closed", 0, 1)
    assert len(await leased(school, slots=5)) == 2


async def test_the_death_of_a_probe_does_not_keep_the_breaker_half_open(
    database: Database, school: School
) -> None:
    server = Server()
    server.is_down = True
    bench = a_bench_with(database, school, server)
    for n in range(2):
        await school.hand_in_text(f"A{n} answer.")
    await open_breaker(bench, school)
    await let_time_pass(school)
    (probe,) = await leased(school)
    assert await leased(school) == []
    async with school.owner.transaction() as connection:
        await connection.execute(
            "update public.learning_submission_jobs set leased_until = now() where id = %s", (probe.job_id,)
        )

    (other,) = await leased(school)

    assert other.job_id != probe.job_id


async def test_a_job_that_fells_the_server_is_charged_once_others_were_answered_in_between(
    database: Database, school: School
) -> None:
    server = Server()
    bench = a_bench_with(database, school, server)
    poison = await school.hand_in_text("Poison BOOM answer.")
    outcomes = []
    for n in range(6):
        outcomes.append((await run_one(bench, school)).outcome)
        await school.hand_in_text(f"A{n} answer.")
        await school.change_jobs("visible_at = now() + interval '1 minute' where outage_count > 0")
        assert (await run_one(bench, school)).outcome is Outcome.COMPLETED
        await school.change_jobs(
            "visible_at = now(), fair_at = now() - interval '1 hour' where outage_count > 0"
        )

    found = await school.stored(poison)
    assert outcomes == [Outcome.RELEASED] * 2 + [Outcome.RETRYING] * 3 + [Outcome.FAILED]
    assert (found["status"], found["error_code"]) == ("failed", "feedback_failed")


async def test_an_outage_ends_by_itself_and_nothing_was_charged(database: Database, school: School) -> None:
    server = Server()
    server.is_down = True
    bench = a_bench_with(database, school, server)
    plan = Plan(
        {Phase.VISION: 1, Phase.FEEDBACK: 2}, poll_s=0.05, drain_s=0, endpoints={Phase.FEEDBACK: SERVER}
    )
    submissions = [await school.hand_in_text(f"A{n} answer.") for n in range(5)]
    async with a_worker(bench, plan) as runner:
        await until(lambda: _is_open(school))
        tries = len(server.tries)
        await asyncio.sleep(0.3)
        assert len(server.tries) <= tries + 2
        server.is_down = False
        await let_time_pass(school)
        runner._look_again.set()
        for submission_id in submissions:
            await until(lambda one=submission_id: _is(school, one, "completed"))

    assert runner.metrics.registry.get_sample_value("ai_worker_retry_total", {"phase": "feedback"}) is None


async def test_a_server_that_hangs_for_everybody_costs_no_job_a_run(
    database: Database, school: School
) -> None:
    server = Server()
    server.is_down, server.fault = True, TransientError(Fault.TIMEOUT)
    bench = a_bench_with(database, school, server)
    submissions = [await school.hand_in_text(f"A{n} answer.") for n in range(2)]
    for _ in range(12):
        ended = await run_one(bench, school)
        assert (ended.outcome, ended.code) == (Outcome.RELEASED, "model_timeout")
        await let_time_pass(school)

    server.is_down = False
    for _ in submissions:
        assert (await run_one(bench, school)).outcome is Outcome.COMPLETED

    assert [await school.status(one) for one in submissions] == ["completed"] * 2


async def test_a_phase_that_ended_without_a_word_of_the_server_costs_no_run(
    database: Database, school: School
) -> None:
    bench = a_bench_with(database, school, Server(Script(gate=asyncio.Event())))
    bench.deps = replace(bench.deps, bounds=Bounds(feedback_s=0.05))
    await school.hand_in_text()

    ended = await run_one(bench, school)

    assert (ended.outcome, ended.code) == (Outcome.RELEASED, "model_timeout")


async def test_a_server_that_answered_and_then_took_too_long_is_slow_and_the_run_counts(
    database: Database, school: School
) -> None:
    bench = a_bench_with(database, school, Server(Script(errors={2: TransientError(Fault.TIMEOUT)})))
    submission_id = await school.hand_in_text()

    ended = await run_one(bench, school)

    assert (ended.outcome, ended.code) == (Outcome.RETRYING, "timeout")
    assert await endpoint(school) is None
    assert (await school.job(submission_id))["run_count"] == 1  # type: ignore[index]


async def test_a_text_that_never_fits_the_deadline_ends_while_others_are_answered(
    database: Database, school: School
) -> None:
    server = Server()
    server.fault = TransientError(Fault.TIMEOUT)
    bench = a_bench_with(database, school, server)
    slow = await school.hand_in_text("Slow BOOM answer.")
    runs = 0
    while await school.status(slow) == "pending":
        await school.change_jobs("visible_at = now(), fair_at = now() - interval '1 hour'")
        await run_one(bench, school)
        runs += 1
        await school.hand_in_text("Another answer.")
        await school.change_jobs("visible_at = now() + interval '1 minute' where outage_count > 0")
        await run_one(bench, school)

    assert (await school.status(slow), runs) == ("failed", 6)


async def health(school: School):
    rows = await school.app.rows("select * from public.learning_worker_health_probe()")
    return next(row["status"] for row in rows if row["check_name"] == "model_answers")


async def test_health_tells_after_five_minutes_that_the_model_server_answers_nothing(
    database: Database, school: School
) -> None:
    server = Server()
    server.is_down, server.fault = True, TransientError(Fault.TIMEOUT)
    await school.hand_in_text()
    await open_breaker(a_bench_with(database, school, server), school, "model_timeout")
    just_now = await health(school)

    await change_endpoint(school, "changed_at = now() - interval '6 min'")
    later = await health(school)
    await change_endpoint(school, "retry_at = now() - interval '1 day'")

    assert (just_now, later) == ("ok", "failed")
    # Nobody tries it any more: it has left the settings, or nothing waits for it.
    assert await health(school) == "ok"


async def change_endpoint(school: School, assignment: str) -> None:
    async with school.owner.transaction() as connection:
        await connection.execute(f"update public.learning_endpoints set {assignment}")


async def _is_open(school: School) -> bool:
    found = await endpoint(school)
    return found is not None and found["state"] == "open"


async def _is(school: School, submission_id, status: str) -> bool:
    return await school.status(submission_id) == status
