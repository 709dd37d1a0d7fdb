"""A worker stays alive in the database's eyes while it works, and lets go the moment it is not."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from conftest import Database
from fakes import FakeFeedback, Script
from proxy import Proxy, Weather
from workbench import School, a_bench, a_school, a_worker, lease, terms, until

from learning_worker.db.line import Line
from learning_worker.db.pool import DatabaseUnavailable
from learning_worker.db.queue import Renewal
from learning_worker.domain.errors import Fault, LeaseLost, PermanentError, TransientError
from learning_worker.domain.submission import Phase
from learning_worker.worker import pipeline
from learning_worker.worker.lease import Leases
from learning_worker.worker.pipeline import Outcome
from learning_worker.worker.schedule import Plan


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


@pytest.fixture
async def proxy(database: Database) -> AsyncIterator[Proxy]:
    async with Proxy(database.dsns.worker).running() as ready:
        yield ready


class BlockingFeedback(FakeFeedback):
    """Blocks the event loop, as a long native call does."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    async def assess(self, text, task, done):
        time.sleep(self.seconds)  # noqa: ASYNC251 - blocking is what is tested
        async for result in super().assess(text, task, done):
            yield result


async def test_a_blocked_event_loop_never_looks_dead(database: Database, school: School) -> None:
    submission_id = await school.hand_in_text()
    bench = a_bench(database, school, feedback=BlockingFeedback(2.5), lease_s=1)
    bench.deps.leases.start()
    asked_at = time.monotonic()
    (job,) = await lease(school, worker=terms(lease_s=1))

    ended = await pipeline.process(job, asked_at, bench.deps)

    bench.deps.leases.stop()
    assert ended.outcome is Outcome.COMPLETED
    assert await school.status(submission_id) == "completed"


async def test_a_lease_whose_reply_came_too_late_is_not_worked_on(database: Database, school: School) -> None:
    await school.hand_in_text()
    bench = a_bench(database, school, lease_s=1)
    asked_at = time.monotonic() - 1.5
    (job,) = await lease(school, worker=terms(lease_s=1))

    with pytest.raises(LeaseLost):
        await pipeline.process(job, asked_at, bench.deps)

    assert bench.feedback.asked == []


@dataclass
class Stall:
    """A clock that jumps by `seconds` when a criterion was answered, as it does for a process that was stopped."""

    seconds: float
    stalled: bool = False

    def __call__(self) -> float:
        return time.monotonic() + (self.seconds if self.stalled else 0.0)


class StallingFeedback(FakeFeedback):
    """Answers one criterion, and then the whole process stands still."""

    def __init__(self, stall: Stall) -> None:
        super().__init__()
        self.stall = stall

    async def assess(self, text, task, done):
        async for result in super().assess(text, task, done):
            self.stall.stalled = True
            yield result


async def test_a_worker_that_stood_still_puts_no_further_question_although_a_reply_came_first(
    database: Database, school: School
) -> None:
    await school.hand_in_text()
    stall = Stall(60.0)
    bench = a_bench(database, school, feedback=StallingFeedback(stall))
    bench.deps = replace(bench.deps, leases=Leases(Renewal(database.dsns.worker, 30), 30, stall))
    (job,) = await lease(school)

    with pytest.raises(LeaseLost):
        await pipeline.process(job, time.monotonic(), bench.deps)

    assert bench.feedback.asked == ["c1"]


async def test_a_silent_database_aborts_the_model_call_when_the_lease_has_ended(
    database: Database, school: School, proxy: Proxy
) -> None:
    bench = a_bench(
        database, school, feedback=FakeFeedback(Script(gate=asyncio.Event())), lease_s=1, dsn=proxy.dsn
    )
    await school.hand_in_text()
    bench.deps.leases.start()
    asked_at = time.monotonic()
    (job,) = await lease(school, worker=terms(lease_s=1))
    running = asyncio.create_task(pipeline.process(job, asked_at, bench.deps))
    await bench.feedback.script.started.wait()

    proxy.turn(Weather.BLACK_HOLE)
    silent_at = time.monotonic()
    with pytest.raises(LeaseLost):
        async with asyncio.timeout(10):
            await running
    took_s = time.monotonic() - silent_at
    bench.deps.leases.stop()

    assert bench.feedback.script.cancelled == 1
    assert took_s < 1.2
    (again,) = await _leased_soon(school)
    assert again.job_id == job.job_id


async def _leased_soon(school: School):
    jobs = []

    async def found() -> bool:
        jobs.extend(await lease(school))
        return bool(jobs)

    await until(found)
    return jobs


async def test_a_lease_survives_a_database_that_was_away_for_half_of_it(
    database: Database, school: School, proxy: Proxy
) -> None:
    feedback = FakeFeedback(Script(gate=asyncio.Event()))
    bench = a_bench(database, school, feedback=feedback, lease_s=2, dsn=proxy.dsn)
    submission_id = await school.hand_in_text()
    async with a_worker(bench, lease_s=2):
        await feedback.script.started.wait()

        proxy.turn(Weather.REFUSING)
        await asyncio.sleep(1.0)
        proxy.turn(Weather.FINE)
        await asyncio.sleep(1.5)
        feedback.script.gate.set()

        await until(lambda: _is(school, submission_id, "completed"))
        assert feedback.script.cancelled == 0
        assert feedback.asked == ["c1", "c2"]


async def test_a_lost_commit_reply_is_looked_up_and_not_written_again(
    database: Database, school: School, proxy: Proxy
) -> None:
    bench = a_bench(database, school, dsn=proxy.dsn)
    submission_id = await school.hand_in_text()
    proxy.swallow_reply_to = b"learning_worker_update_completed_batch"

    async with a_worker(bench) as runner:
        await until(lambda: _is(school, submission_id, "completed"))
        await until(lambda: _nothing_runs(runner))

    assert proxy.swallowed == 1
    assert sum(b"learning_worker_update_completed_batch" in chunk for chunk in proxy.seen) == 1
    assert _processed(runner, "completed") == 1


async def test_a_checkpoint_whose_reply_is_lost_is_not_asked_again(
    database: Database, school: School, proxy: Proxy
) -> None:
    bench = a_bench(database, school, dsn=proxy.dsn)
    submission_id = await school.hand_in_text()
    proxy.swallow_reply_to = b"learning_worker_save_criterion"

    async with a_worker(bench):
        await until(lambda: _is(school, submission_id, "completed"))

    assert proxy.swallowed == 1
    assert bench.feedback.asked == ["c1", "c2"]


async def test_the_worker_goes_on_after_every_connection_was_cut(
    database: Database, school: School, proxy: Proxy
) -> None:
    bench = a_bench(database, school, dsn=proxy.dsn)
    async with a_worker(bench):
        await until(lambda: _is_connected(proxy))
        for _ in range(3):
            proxy.cut()
            submission_id = await school.hand_in_text()

            await until(lambda one=submission_id: _is(school, one, "completed"))


async def test_a_healed_listen_connection_wakes_the_worker_again(
    database: Database, school: School, proxy: Proxy
) -> None:
    bench = a_bench(database, school, dsn=proxy.dsn)
    async with a_worker(bench) as runner:
        await until(lambda: _has(lambda: runner._is_listening and runner._is_idle))
        proxy.cut()
        await until(lambda: _has(lambda: not runner._is_listening))
        await until(lambda: _has(lambda: runner._is_listening and runner._is_idle))
        await asyncio.sleep(0.3)
        started = time.monotonic()
        submission_id = await school.hand_in_text()

        await until(lambda: _is(school, submission_id, "completed"))

        # Far below the 5 s poll of a worker that listens.
        assert time.monotonic() - started < 2.0


async def test_without_listen_the_poll_finds_the_work(database: Database, school: School) -> None:
    bench = a_bench(database, school)
    async with a_worker(bench) as runner:
        runner.wakeups = None
        submission_id = await school.hand_in_text()

        await until(lambda: _is(school, submission_id, "completed"))


async def test_a_lock_timeout_costs_no_run_and_no_question(database: Database, school: School) -> None:
    submission_id = await school.hand_in_text()
    bench = a_bench(database, school, dsn=f"{database.dsns.worker}&options=-c%20lock_timeout%3D100ms")
    async with a_worker(bench):
        async with school.owner.transaction() as connection:
            await connection.execute("lock table public.learning_criterion_results in exclusive mode")
            await bench.feedback.script.started.wait()
            await asyncio.sleep(0.5)

        await until(lambda: _is(school, submission_id, "completed"))

    assert bench.feedback.asked == ["c1", "c2"]
    assert (await _submission(school, submission_id))["feedback_attempts"] == 1


@pytest.mark.slow
async def test_the_victim_of_a_deadlock_writes_again_without_a_run_or_a_question(
    database: Database, school: School
) -> None:
    submission_id = await school.hand_in_text()
    gate = asyncio.Event()
    bench = a_bench(database, school, feedback=FakeFeedback(Script(gate=gate)))
    async with a_worker(bench):
        await bench.feedback.script.started.wait()
        async with school.owner.transaction() as other:
            # The worker looks for a deadlock after a second, this session after a minute: the worker is the victim.
            await other.execute("set local deadlock_timeout = '1min'")
            await other.execute(
                "select from public.learning_submissions where id = %s for no key update", (submission_id,)
            )
            gate.set()
            await until(lambda: _waits_for_a_lock(school))
            await other.execute(
                "select from public.learning_submission_jobs where submission_id = %s for update",
                (submission_id,),
            )

        await until(lambda: _is(school, submission_id, "completed"))

    assert bench.feedback.asked == ["c1", "c2"]
    assert (await _submission(school, submission_id))["feedback_attempts"] == 1


async def _waits_for_a_lock(school: School) -> bool:
    async with school.owner.transaction() as connection:
        cursor = await connection.execute(
            "select count(*) as n from pg_stat_activity"
            " where wait_event_type = 'Lock' and datname = current_database()"
        )
        row = await cursor.fetchone()
        return row is not None and row["n"] > 0


async def _submission(school: School, submission_id):
    async with school.owner.transaction() as connection:
        cursor = await connection.execute(
            "select * from public.learning_submissions where id = %s", (submission_id,)
        )
        return await cursor.fetchone()


async def test_an_unexpected_exception_is_charged_and_the_process_goes_on(
    database: Database, school: School
) -> None:
    bench = a_bench(database, school, feedback=FakeFeedback(Script(errors={1: ZeroDivisionError()})))  # type: ignore[dict-item]
    first = await school.hand_in_text("CRASH once.")
    async with a_worker(bench):
        await until(lambda: _has_code(school, first, "feedback_retrying"))
        second = await school.hand_in_text()

        await until(lambda: _is(school, second, "completed"))

    job = await school.job(first)
    assert job is not None
    assert (job["status"], job["run_count"], job["crash_count"]) == ("queued", 1, 0)


async def test_a_job_that_this_version_cannot_read_ends_and_the_next_one_flows(
    database: Database, school: School
) -> None:
    poison = await school.hand_in_text()
    await _set_language(school, "xx")
    async with a_worker(a_bench(database, school)) as runner:
        await until(lambda: _is(school, poison, "failed"))
        await _set_language(school, "en")
        good = await school.hand_in_text("Another answer.")

        await until(lambda: _is(school, good, "completed"))

    assert (await school.stored(poison))["error_code"] == "feedback_failed"
    assert _processed(runner, "failed") == 1


async def test_a_slot_is_free_again_however_its_job_ended(database: Database, school: School) -> None:
    errors: dict[int, Any] = {
        1: TransientError(Fault.TIMEOUT),
        2: PermanentError(Fault.FILE_MISSING),
        3: ZeroDivisionError(),
    }
    bench = a_bench(database, school, feedback=FakeFeedback(Script(errors=errors)))
    answers = [await school.hand_in_text(f"Answer {n}.") for n in range(4)]
    async with a_worker(bench, Plan({Phase.FEEDBACK: 1}, poll_s=0.05, drain_s=0.0)) as runner:
        await until(lambda: _is(school, answers[3], "completed"))
        await until(lambda: _nothing_runs(runner))

        assert _gauge(runner, "ai_worker_slots", phase="feedback") == 1
        assert _gauge(runner, "ai_worker_slots_busy", phase="feedback") == 0
        assert _gauge(runner, "analysis_jobs_inflight") == 0

    states = [(await school.stored(one))["status"] for one in answers]
    assert states == ["pending", "failed", "pending", "completed"]


async def test_the_gauges_follow_the_queue(database: Database, school: School) -> None:
    gate = asyncio.Event()
    bench = a_bench(database, school, feedback=FakeFeedback(Script(gate=gate)))
    for n in range(3):
        await school.hand_in_text(f"Answer {n}.")
    await school.change_jobs("visible_at = now() - interval '90 seconds'")
    async with a_worker(bench, Plan({Phase.FEEDBACK: 1}, poll_s=0.05, drain_s=0.0)) as runner:
        # Asked once in a heartbeat, not at each change.
        runner.heartbeat_s = 0.1
        await until(lambda: _has(lambda: _gauge(runner, "analysis_jobs_leased") == 1))
        busy = [_gauge(runner, f"analysis_jobs_{name}") for name in ("inflight", "queued", "leased")]
        waited_s = _gauge(runner, "analysis_jobs_oldest_visible_age_seconds")
        slots = _gauge(runner, "ai_worker_slots_busy", phase="feedback")
        gate.set()
        await until(lambda: _nothing_waits(school))
        await until(lambda: _nothing_runs(runner))
        await until(lambda: _has(lambda: _gauge(runner, "analysis_jobs_queued") == 0))

    assert busy == [1, 2, 1]
    assert 90 <= waited_s < 150
    assert slots == 1


async def _nothing_waits(school: School) -> bool:
    (row,) = await school.owner.rows("select count(*) as n from public.learning_submission_jobs")
    return row["n"] == 0


def _gauge(runner, name: str, **labels: str) -> float:
    return runner.metrics.registry.get_sample_value(name, labels)


async def _set_language(school: School, language: str) -> None:
    async with school.owner.transaction() as connection:
        await connection.execute("update public.task_snapshots set language = %s", (language,))


async def _is(school: School, submission_id, status: str) -> bool:
    return await school.status(submission_id) == status


async def _has_code(school: School, submission_id, code: str) -> bool:
    return (await school.stored(submission_id))["error_code"] == code


async def _nothing_runs(runner) -> bool:
    return not runner._running


async def _has(condition) -> bool:
    return bool(condition())


async def _is_connected(proxy: Proxy) -> bool:
    return proxy.connections >= 3


def _processed(runner, status: str) -> float:
    return runner.metrics.registry.get_sample_value("ai_worker_processed_total", {"status": status}) or 0.0


async def completes_soon(database: Database, school: School, line: Line) -> None:
    """An answer goes through far sooner than the 30 s of a lease, in a worker that leases over this line."""
    bench = a_bench(database, school)
    bench.line = line
    submission_id = await school.hand_in_text()

    async with a_worker(bench) as runner:

        async def is_completed() -> bool:
            runner._look_again.set()
            return await school.status(submission_id) == "completed"

        await until(is_completed)


class LosesLeases(Line):
    """A connection that breaks when a lease was committed and its reply under way, `times` times."""

    times = 3

    async def rows(self, query, parameters=()):
        found = await super().rows(query, parameters)
        if found and "lease_work" in str(query) and self.times:
            self.times -= 1
            raise DatabaseUnavailable
        return found


async def test_a_lost_reply_to_a_lease_costs_the_job_neither_its_time_nor_a_crash(
    database: Database, school: School
) -> None:
    line = LosesLeases(database.dsns.worker, "lease")

    await completes_soon(database, school, line)

    assert line.times == 0


class LeasesLate(Line):
    """A connection that breaks before a lease is committed; that happens when the worker has asked what it holds."""

    late: tuple[str, Any] | None = None
    is_broken = False

    async def rows(self, query, parameters=()):
        if "lease_work" in str(query) and not self.is_broken:
            self.is_broken, self.late = True, (query, parameters)
            raise DatabaseUnavailable
        found = await super().rows(query, parameters)
        if "release_unheld" in str(query) and self.late is not None:
            late, self.late = self.late, None
            await super().rows(*late)
        return found


async def test_a_lease_that_is_committed_late_costs_the_job_neither_its_time_nor_a_crash(
    database: Database, school: School
) -> None:
    line = LeasesLate(database.dsns.worker, "lease")

    await completes_soon(database, school, line)

    assert line.is_broken
    assert line.late is None
