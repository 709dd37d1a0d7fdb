"""A connection that stays open and says nothing any more, each time only one of the worker's: it is given up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from uuid import UUID

import pytest
from conftest import Database
from fakes import FakeFeedback, Script
from proxy import Proxy
from workbench import School, a_bench, a_school, a_worker, until

from learning_worker.db.notify import RESYNC, listen

LEASE_S = 4


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


@pytest.fixture
async def proxy(database: Database) -> AsyncIterator[Proxy]:
    async with Proxy(database.dsns.worker).running() as ready:
        ready.is_half_open = True
        yield ready


async def test_leases_are_renewed_over_another_connection(
    database: Database, school: School, proxy: Proxy
) -> None:
    answer = await school.hand_in_text()
    gate = asyncio.Event()
    feedback = FakeFeedback(Script(gate=gate))
    proxy.swallow_reply_to = b"learning_worker_renew_batch"

    async with a_worker(
        a_bench(database, school, feedback=feedback, dsn=proxy.dsn, lease_s=LEASE_S), lease_s=LEASE_S
    ):
        await until(lambda: _is(lambda: proxy.swallowed))
        leased_until = await _leased_until(school, answer)
        await until(lambda: _is_leased_for_longer(school, answer, leased_until))
        gate.set()
        await until(lambda: _is_completed(school, answer))

    assert await _runs(school) == [1]


async def test_ends_are_written_over_another_connection_and_the_unheard_one_once(
    database: Database, school: School, proxy: Proxy
) -> None:
    first = await school.hand_in_text()
    proxy.swallow_reply_to = b"learning_worker_update_completed_batch"

    async with a_worker(a_bench(database, school, dsn=proxy.dsn, lease_s=LEASE_S), lease_s=LEASE_S) as runner:
        await until(lambda: _is(lambda: proxy.swallowed))
        second = await school.hand_in_text()
        await until(lambda: _is_completed(school, second))
        await until(lambda: _is(lambda: not runner._running))

    assert await school.status(first) == "completed"
    assert await _runs(school) == [1, 1]
    counted = runner.metrics.registry.get_sample_value("ai_worker_processed_total", {"status": "completed"})
    assert counted == 2


async def test_notifications_come_over_another_connection(school: School, proxy: Proxy) -> None:
    lost = asyncio.Event()

    async with (
        asyncio.timeout(20),
        aclosing(listen(proxy.dsn, "learning_jobs", lost.set, quiet_s=0.3)) as heard,
    ):
        assert await anext(heard) == RESYNC
        proxy.swallow_reply_to = b"select 1"
        assert await anext(heard) == RESYNC
        assert lost.is_set()
        await school.owner.rows("select pg_notify('learning_jobs', 'again')")
        assert await anext(heard) == "again"

    assert proxy.swallowed == 1


async def _is(condition) -> bool:
    return bool(condition())


async def _is_completed(school: School, answer: UUID) -> bool:
    return await school.status(answer) == "completed"


async def _leased_until(school: School, answer: UUID) -> datetime:
    job = await school.job(answer)
    assert job is not None
    until: datetime = job["leased_until"]
    return until


async def _is_leased_for_longer(school: School, answer: UUID, than: datetime) -> bool:
    return await _leased_until(school, answer) > than


async def _runs(school: School) -> list[int]:
    """How often each answer was leased: a crash would be one more."""
    rows = await school.owner.rows("select feedback_attempts from public.learning_submissions")
    return [row["feedback_attempts"] for row in rows]
