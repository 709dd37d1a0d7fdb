"""A job's row that somebody else holds locked costs that job time, and its neighbours nothing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from conftest import Database
from fakes import FakeFeedback, Script
from proxy import Proxy
from workbench import School, a_bench, a_school, a_worker, until
from worker_process import TwoPages

from learning_worker.domain.submission import Phase
from learning_worker.worker.schedule import Plan

LEASE_S = 8
PLAN = Plan({Phase.VISION: 2, Phase.FEEDBACK: 4}, poll_s=0.05, drain_s=0.0)


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


async def test_a_locked_job_keeps_no_other_one_from_being_renewed_and_completed(
    database: Database, school: School
) -> None:
    answers = [await school.hand_in_text() for _ in range(4)]
    gate = asyncio.Event()
    bench = a_bench(database, school, feedback=FakeFeedback(Script(gate=gate)), lease_s=LEASE_S)

    async with a_worker(bench, PLAN, LEASE_S) as runner:
        await until(lambda: _is(lambda: len(runner._running) == 4))
        before = await _jobs(school)
        # The fence locks in the order of the ids: whoever waits for the last one holds all the others.
        locked, *free = sorted(before, reverse=True)
        async with school.owner.transaction() as other:
            await other.execute(
                "select from public.learning_submission_jobs where id = %s for update", (locked,)
            )
            await until(lambda: _all_renewed(school, before, free))
            gate.set()
            await until(lambda: _only(school, locked))
            assert (await _jobs(school))[locked]["leased_until"] == before[locked]["leased_until"]
        await until(lambda: _is(lambda: not runner._running))

    assert [await school.status(one) for one in answers] == ["completed"] * 4
    assert await _runs(school) == [1] * 4


async def test_a_network_that_falls_silent_after_a_checkpoint_leaves_no_job_locked(
    database: Database, school: School
) -> None:
    async with Proxy(database.dsns.worker).running() as proxy:
        bench = a_bench(database, school, dsn=proxy.dsn, lease_s=4)
        bench.deps = replace(bench.deps, decoder=TwoPages())
        answers = [await school.hand_in_files(bench.blobs, b"page%d" % n) for n in range(2)]
        proxy.is_deaf_after = b"learning_worker_save_page"

        async with a_worker(bench, PLAN, 4) as runner:
            for one in answers:
                await until(lambda one=one: _has_status(school, one, "completed"))
            await until(lambda: _is(lambda: not runner._running))

    assert proxy.is_deaf_after is None
    assert await _runs(school) == [1] * 2
    assert [await school.job(one) for one in answers] == [None] * 2


async def _is(condition: Any) -> bool:
    return bool(condition())


async def _has_status(school: School, answer: UUID, status: str) -> bool:
    return await school.status(answer) == status


async def _jobs(school: School) -> dict[UUID, dict[str, Any]]:
    rows = await school.owner.rows("select * from public.learning_submission_jobs")
    return {row["id"]: row for row in rows}


async def _all_renewed(school: School, before: dict[UUID, dict[str, Any]], ids: list[UUID]) -> bool:
    now = await _jobs(school)
    return all(now[one]["leased_until"] > before[one]["leased_until"] for one in ids)


async def _only(school: School, job_id: UUID) -> bool:
    return set(await _jobs(school)) == {job_id}


async def _runs(school: School) -> list[int]:
    """How often each answer was leased for feedback: a crash would be one more."""
    rows = await school.owner.rows("select feedback_attempts from public.learning_submissions")
    return [row["feedback_attempts"] for row in rows]
