"""A worker that stops gives back what it holds, whatever the database does just then."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from conftest import Database
from fakes import FakeFeedback, Script
from proxy import Proxy
from workbench import School, a_bench, a_school, a_worker, until

from learning_worker.db.line import Line


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

    lines = _lines(capsys)
    assert [line["outcome"] for line in lines if line["event"] == "job_ended"] == ["left"]
    assert [line["event"] for line in lines if line["level"] == "error"] == ["job_left", "goodbye_crashed"]
    assert lines[-1]["event"] == "worker_stopped"
    assert not runner.deps.leases._thread.is_alive()


class HoldsLeases(Line):
    """Keeps a lease that brought something to itself until `may_tell`."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn, "lease")
        self.has_leased, self.may_tell = asyncio.Event(), asyncio.Event()

    async def rows(self, query, parameters=()):
        found = await super().rows(query, parameters)
        if found and "lease_work" in str(query):
            self.has_leased.set()
            await self.may_tell.wait()
        return found


async def test_a_job_that_came_with_the_stop_is_given_back_and_took_no_time_of_a_phase(
    database: Database, school: School, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = a_bench(database, school)
    bench.line = line = HoldsLeases(database.dsns.worker)
    submission_id = await school.hand_in_text()
    async with a_worker(bench) as runner:
        await line.has_leased.wait()
        line.may_tell.set()

    job = await school.job(submission_id)
    assert job is not None
    assert (job["status"], job["run_count"], job["crash_count"]) == ("queued", 0, 0)
    assert [line["outcome"] for line in _lines(capsys) if line["event"] == "job_ended"] == ["released"]
    assert not runner.metrics.registry.get_sample_value("ai_worker_feedback_seconds_count")


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]


async def _is(condition) -> bool:
    return bool(condition())
