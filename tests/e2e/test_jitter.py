"""Workers that wait for the same thing do not return in step: each wait is drawn, and the draw is seen in it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from conftest import Database
from proxy import Proxy, Weather
from workbench import School, a_bench, a_school, a_worker, lease, until

from learning_worker.db.line import Line
from learning_worker.db.notify import listen
from learning_worker.domain.errors import Fault, TransientError
from learning_worker.domain.retry import RetryPolicy
from learning_worker.domain.submission import Phase
from learning_worker.worker import pipeline
from learning_worker.worker.schedule import Plan


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


class Drawn(Random):
    """Always the same draw, 0..1."""

    def __init__(self, draw: float) -> None:
        super().__init__()
        self._draw = draw

    def random(self) -> float:
        return self._draw


class NotedLine(Line):
    """Notes when it was asked for work."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn, "lease")
        self.looks: list[float] = []

    async def rows(self, query, parameters=()):
        if "lease_work" in str(query):
            self.looks.append(time.monotonic())
        return await super().rows(query, parameters)


def gaps(times: list[float]) -> list[float]:
    """Seconds between one and the next."""
    return [later - earlier for earlier, later in pairwise(times)]


async def looks(database: Database, school: School, draw: float) -> list[float]:
    """Seconds between the looks of a worker that polls every 0.4 s."""
    bench = a_bench(database, school)
    bench.deps, bench.line = replace(bench.deps, random=Drawn(draw)), NotedLine(database.dsns.worker)
    line = bench.line
    async with a_worker(bench, Plan({Phase.FEEDBACK: 1}, poll_s=0.4, drain_s=0.0)) as runner:
        runner.wakeups = None
        await until(lambda: _is(lambda: len(line.looks) >= 6))
    # The second one follows at once, since the worker has said that it is idle.
    return gaps(line.looks[1:])


async def test_two_workers_do_not_poll_in_step(database: Database, school: School) -> None:
    short, long = await asyncio.gather(looks(database, school, 0.0), looks(database, school, 1.0))

    assert 0.32 <= min(short) < 0.48 <= min(long)


async def losses(proxy: Proxy, draw: float) -> list[float]:
    """Seconds between the tries to listen again, which are all in vain."""
    lost: list[float] = []

    async def hear() -> None:
        async for _ in listen(proxy.dsn, "learning_jobs", lambda: lost.append(time.monotonic()), Drawn(draw)):
            pass

    hearing = asyncio.create_task(hear())
    await until(lambda: _is(lambda: len(lost) >= 3))
    hearing.cancel()
    return gaps(lost)


async def test_listeners_do_not_knock_in_step_and_wait_longer_each_time(database: Database) -> None:
    async with Proxy(database.dsns.worker).running() as proxy:
        proxy.turn(Weather.REFUSING)

        short, long = await asyncio.gather(losses(proxy, 0.0), losses(proxy, 1.0))

    assert 0.25 <= short[0] < long[0] >= 0.75
    assert 0.5 <= short[1] < long[1] >= 1.5


async def test_after_a_lost_reply_workers_do_not_ask_for_its_outcome_in_step(
    database: Database, school: School, capsys: pytest.CaptureFixture[str]
) -> None:
    took_s = []
    for draw in (0.0, 1.0):
        async with Proxy(database.dsns.worker).running() as proxy:
            bench = a_bench(database, school, dsn=proxy.dsn)
            bench.deps = replace(bench.deps, random=Drawn(draw))
            proxy.swallow_reply_to = b"learning_worker_update_completed_batch"
            async with a_worker(bench) as runner:
                await school.hand_in_text()
                await until(lambda: _is(lambda: proxy.swallowed))
                await until(lambda: _is(lambda: not runner._running))
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
        took_s += [line["duration_s"] for line in lines if line["event"] == "job_ended"]

    assert 0.5 <= took_s[0] < took_s[1] >= 1.0


async def test_jobs_that_failed_together_do_not_return_in_step(database: Database, school: School) -> None:
    bench = a_bench(database, school)
    error, policy = TransientError(Fault.ANSWER_INVALID), RetryPolicy(backoff_s=100.0)
    waits_s = []
    for draw in (0.0, 1.0):
        submission_id = await school.hand_in_text()
        (job,) = await lease(school)
        deps = replace(bench.deps, retry=policy, random=Drawn(draw))

        await pipeline.settle_error(job, error, deps)

        (row,) = await school.owner.rows(
            "select extract(epoch from visible_at - now())::float as wait_s"
            " from public.learning_submission_jobs where submission_id = %s",
            (submission_id,),
        )
        waits_s.append(row["wait_s"])
    await bench.deps.endings.close()

    # A fifth less, and a fifth more, of 100 s.
    assert 60 < waits_s[0] <= 80
    assert 100 < waits_s[1] <= 120


async def _is(condition) -> bool:
    return bool(condition())
