"""A worker that stops gives back what it holds, whatever the database does just then."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from conftest import Database
from fakes import FakeFeedback, Script
from proxy import Proxy
from workbench import School, a_bench, a_school, a_worker, until


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


async def test_a_lease_whose_reply_hangs_is_given_back_when_the_worker_leaves(
    database: Database, school: School
) -> None:
    async with Proxy(database.dsns.worker).running() as proxy:
        async with a_worker(a_bench(database, school, dsn=proxy.dsn)) as runner:
            await until(lambda: _is(lambda: runner._is_listening and runner._is_idle))
            # The look that follows the word of being idle is over; the next one is 4 s away.
            await asyncio.sleep(0.3)
            proxy.is_half_open, proxy.swallow_reply_to = True, b"learning_worker_lease_work"
            submission_id = await school.hand_in_text()
            await until(lambda: _is(lambda: proxy.swallowed))

        job = await school.job(submission_id)
        workers = await school.owner.rows("select from public.learning_workers")

    assert job is not None
    assert (job["status"], job["run_count"], job["crash_count"]) == ("queued", 0, 0)
    assert workers == []


async def test_a_job_that_cannot_be_given_back_is_told_all_the_same(
    database: Database, school: School, capsys: pytest.CaptureFixture[str]
) -> None:
    feedback = FakeFeedback(Script(gate=asyncio.Event()))
    await school.hand_in_text()
    async with a_worker(a_bench(database, school, feedback=feedback)) as runner:
        await feedback.script.started.wait()
        for function in ("learning_worker_release_batch(jsonb)", "learning_worker_goodbye(text)"):
            await school.owner.rows(f"revoke execute on function public.{function} from gustav_worker")  # type: ignore[arg-type]

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    assert [line["outcome"] for line in lines if line["event"] == "job_ended"] == ["left"]
    assert [line["event"] for line in lines if line["level"] == "error"] == ["job_left", "goodbye_crashed"]
    assert lines[-1]["event"] == "worker_stopped"
    assert not runner.deps.leases._thread.is_alive()


async def _is(condition) -> bool:
    return bool(condition())
