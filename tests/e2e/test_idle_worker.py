"""What a worker asks of the database, idle and at work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import pytest
from conftest import Database
from fakes import FakeFeedback, Script
from proxy import Proxy
from workbench import School, a_bench, a_school, a_worker, until
from worker_process import TwoPages

from learning_worker.db.line import Line
from learning_worker.domain.submission import Phase
from learning_worker.worker.schedule import Plan

SLOTS = {Phase.VISION: 1, Phase.FEEDBACK: 2}
SERVERS = dict.fromkeys(SLOTS, "http://ollama:11434")
SECONDS = 12
RARE = (b"worker_heartbeat", b"worker_queue_state", b"worker_endpoint_states", b"select 1")


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


@pytest.mark.slow
async def test_an_idle_worker_that_listens_asks_at_most_thirty_times_a_minute(
    database: Database, school: School
) -> None:
    """Counted on the wire, every message that carries a statement; also with one model at a time and with breakers."""
    plain = Plan(SLOTS, poll_s=0.5, drain_s=0.0)
    # The bound is over long before the first look that is counted.
    choosy = Plan(SLOTS, poll_s=0.5, drain_s=0.0, affinity_s=0.1, endpoints=SERVERS)
    async with (
        Proxy(database.dsns.worker).running() as one,
        Proxy(database.dsns.worker).running() as other,
        a_worker(a_bench(database, school, dsn=one.dsn), choosy) as loaded,
    ):
        answer = await school.hand_in_text()
        await until(lambda: _is_completed(school, answer))
        async with a_worker(a_bench(database, school, dsn=other.dsn), plain) as fresh:
            await until(lambda: _settled(loaded, fresh))
            for proxy in (one, other):
                proxy.seen.clear()
            await asyncio.sleep(SECONDS)
            asked = [[s for s in proxy.seen if s[:1] in (b"P", b"Q", b"B")] for proxy in (one, other)]

    for statements in asked:
        rare = [sum(name in statement for statement in statements) for name in RARE]
        # Periods of 20 s, and 30 s for LISTEN's probe: each falls into the window once at most.
        assert max(rare) <= 1
        # Whatever else there is counts as a look. Three in 12 s, and the rare ones' share of a minute, make 26.
        assert 1 <= len(statements) - sum(rare) <= 3


class Thinking(FakeFeedback):
    """Takes its time, so that every job ends alone."""

    async def assess(self, text, task, done):
        await asyncio.sleep(0.02 if len(self.asked) % 4 else 0.03)
        async for result in super().assess(text, task, done):
            yield result


async def test_a_backlog_of_one_phase_costs_one_look_a_job_and_no_word_in_between(
    database: Database, school: School
) -> None:
    """The default slots: while typed answers wait, the slot for photos has nothing to do."""
    jobs = 40
    answers = [await school.hand_in_text() for _ in range(jobs)]
    async with Proxy(database.dsns.worker).running() as proxy:
        bench = a_bench(database, school, feedback=Thinking(), dsn=proxy.dsn)
        async with a_worker(bench, Plan(SLOTS, poll_s=0.5, drain_s=0.0, endpoints=SERVERS)):
            for answer in answers:
                await until(lambda one=answer: _is_completed(school, one))
        asked = [s for s in proxy.seen if s[:1] in (b"P", b"Q", b"B")]

    counts = {
        name: sum(f"learning_worker_{name}(".encode() in s for s in asked)
        for name in ("heartbeat", "queue_state", "endpoint_states", "lease_work")
    }
    # A look for each slot that falls free, and some as it begins and ends.
    assert counts.pop("lease_work") <= jobs + 5
    assert all(1 <= count <= 3 for count in counts.values())


async def test_a_photo_wakes_a_worker_whose_other_slots_are_all_at_work(
    database: Database, school: School
) -> None:
    feedback = FakeFeedback(Script(gate=asyncio.Event()))
    bench = a_bench(database, school, feedback=feedback)
    bench.deps = replace(bench.deps, decoder=TwoPages())
    async with a_worker(bench, Plan(SLOTS, poll_s=0.5, drain_s=0.0)) as runner:
        for _ in range(3):
            await school.hand_in_text()
        await until(lambda: _is(lambda: feedback.script.calls == 2 and runner._is_listening))
        await asyncio.sleep(0.3)

        await school.hand_in_files(bench.blobs, b"page")

        # Far below the 5 s poll of a worker that listens.
        await until(lambda: _is(lambda: bench.vision.pages), 2.0)


class HandsInBefore(Line):
    """An answer is handed in the moment before the worker says for the first time that a slot is free."""

    def __init__(self, dsn: str, hand_in: Callable[[], Awaitable[UUID]]) -> None:
        super().__init__(dsn, "lease")
        self._hand_in = hand_in
        self.handed_in: UUID | None = None

    async def rows(self, query, parameters=()):
        if self.handed_in is None and "worker_heartbeat" in str(query):
            self.handed_in = await self._hand_in()
        return await super().rows(query, parameters)


async def test_an_answer_handed_in_before_the_worker_has_said_that_it_is_idle_is_found_at_once(
    database: Database, school: School
) -> None:
    bench = a_bench(database, school)
    bench.line = line = HandsInBefore(database.dsns.worker, school.hand_in_text)

    # Nothing wakes this worker, and its poll does not come in time.
    async with a_worker(bench, Plan(SLOTS, poll_s=60.0, drain_s=0.0)) as runner:
        runner.wakeups = None
        await until(lambda: _is(lambda: line.handed_in))

        await until(lambda: _is_completed(school, line.handed_in))


async def _is(condition) -> bool:
    return bool(condition())


async def _is_completed(school: School, submission_id) -> bool:
    return await school.status(submission_id) == "completed"


async def _settled(*runners) -> bool:
    return all(runner._is_listening and runner._is_idle for runner in runners)
