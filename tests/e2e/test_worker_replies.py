"""The end of a run was committed, and the worker never heard of it: what it says and counts is what the database has."""

import json
from collections.abc import AsyncIterator

import pytest
from conftest import Database
from fakes import FakeFeedback, Script, always
from proxy import Proxy
from workbench import School, a_bench, a_school, a_worker, until

from learning_worker.domain.errors import Fault, TransientError
from learning_worker.domain.submission import Phase
from learning_worker.ports import MadeWith
from learning_worker.worker.schedule import Plan


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


@pytest.mark.parametrize(
    ("verb", "script", "outcome", "status"),
    [
        (b"learning_worker_update_completed_batch", Script(), "completed", "completed"),
        (
            b"learning_worker_nack_retry_batch",
            Script(errors=always(TransientError(Fault.ANSWER_INVALID))),
            "retrying",
            "pending",
        ),
    ],
)
async def test_a_heartbeat_that_finds_the_job_gone_is_no_lost_lease(
    database: Database,
    school: School,
    capsys: pytest.CaptureFixture[str],
    verb: bytes,
    script: Script,
    outcome: str,
    status: str,
) -> None:
    """Leases of 1 s: the next renewal comes before the worker asks what became of its write."""
    submission_id = await school.hand_in_text()
    async with Proxy(database.dsns.worker).running() as proxy:
        bench = a_bench(database, school, feedback=FakeFeedback(script), lease_s=1, dsn=proxy.dsn)
        proxy.swallow_reply_to = verb

        async with a_worker(bench, lease_s=1) as runner:
            await until(lambda: _has(lambda: proxy.swallowed))
            await until(lambda: _has(lambda: not runner._running))

    assert _ended(capsys) == [outcome]
    assert await school.status(submission_id) == status
    completed = runner.metrics.registry.get_sample_value("ai_worker_processed_total", {"status": "completed"})
    assert (completed or 0) == (outcome == "completed")


async def test_a_database_away_while_an_earlier_report_is_looked_for_costs_no_run(
    database: Database, school: School, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Proxy(database.dsns.worker).running() as proxy:
        bench = a_bench(database, school, dsn=proxy.dsn)
        bench.feedback.maker = MadeWith("a digest", "a version")
        proxy.swallow_reply_to = b"learning_worker_stored_report"

        async with a_worker(bench) as runner:
            submission_id = await school.hand_in_text()
            await until(lambda: _has(lambda: proxy.swallowed))
            await until(lambda: _has(lambda: not runner._running))

    assert _ended(capsys) == ["completed"]
    (row,) = await school.owner.rows(
        "select feedback_attempts, feedback_last_error from public.learning_submissions where id = %s",
        (submission_id,),
    )
    assert (row["feedback_attempts"], row["feedback_last_error"]) == (1, None)


async def test_a_completion_under_way_when_the_drain_ends_is_told_as_completed(
    database: Database, school: School, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = Plan({Phase.FEEDBACK: 1}, poll_s=0.05, drain_s=0.0)
    async with (
        Proxy(database.dsns.worker).running() as proxy,
        a_worker(a_bench(database, school, dsn=proxy.dsn), plan) as runner,
    ):
        async with school.owner.transaction() as connection:
            # Whoever stores the report waits here.
            await connection.execute("lock table public.learning_reports in share mode")
            submission_id = await school.hand_in_text()
            await until(lambda: _has(lambda: any(b"update_completed_batch" in s for s in proxy.seen)))
            runner.hurry()
        await until(lambda: _has(lambda: not runner._running))

    assert _ended(capsys) == ["completed"]
    assert await school.status(submission_id) == "completed"
    assert await school.job(submission_id) is None


def _ended(capsys: pytest.CaptureFixture[str]) -> list[str]:
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    return [line["outcome"] for line in lines if line["event"] == "job_ended"]


async def _has(condition) -> bool:
    return bool(condition())
