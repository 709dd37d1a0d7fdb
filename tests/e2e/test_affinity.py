"""One model loaded at a time: the worker stays on its phase, and the other one waits no longer than the bound."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from conftest import Database
from fakes import FakeFeedback, FakeVision, Script
from workbench import TASK, School, a_bench, a_school, a_worker, until
from worker_process import TwoPages

from learning_worker.db import queue
from learning_worker.domain.submission import Phase
from learning_worker.worker.schedule import Plan

SLOTS = {Phase.VISION: 1, Phase.FEEDBACK: 1}


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database, replace(TASK, criteria=TASK.criteria[:1])) as ready:
        yield ready


class NotedFeedback(FakeFeedback):
    """Notes that it was asked."""

    def __init__(self, order: list[Phase], script: Script) -> None:
        super().__init__(script)
        self.order = order

    async def assess(self, text, task, done):
        self.order.append(Phase.FEEDBACK)
        async for result in super().assess(text, task, done):
            yield result


class NotedVision(FakeVision):
    """Notes that it was asked."""

    def __init__(self, order: list[Phase]) -> None:
        super().__init__()
        self.order = order

    async def read(self, page, task):
        self.order.append(Phase.VISION)
        return await super().read(page, task)


@pytest.mark.parametrize(
    ("affinity_s", "order"),
    [
        (3600.0, [Phase.FEEDBACK] * 3 + [Phase.VISION] * 2 + [Phase.FEEDBACK]),
        (0.05, [Phase.FEEDBACK, Phase.VISION, Phase.VISION] + [Phase.FEEDBACK] * 3),
    ],
)
async def test_the_loaded_phase_goes_on_until_the_other_has_waited_beyond_the_bound(
    database: Database, school: School, affinity_s: float, order: list[Phase]
) -> None:
    asked: list[Phase] = []
    gate = asyncio.Event()
    feedback = NotedFeedback(asked, Script(gate=gate))
    bench = a_bench(database, school, feedback=feedback, vision=NotedVision(asked))
    bench.deps = replace(bench.deps, decoder=TwoPages())
    answers = [await school.hand_in_text("First answer.")]
    async with a_worker(bench, Plan(SLOTS, poll_s=0.05, drain_s=0.0, affinity_s=affinity_s)):
        await feedback.script.started.wait()
        answers += [await school.hand_in_text(f"Answer {nr}.") for nr in range(2)]
        answers.append(await school.hand_in_files(bench.blobs, b"page"))
        await until(lambda: _has_waited(school, 0.1))
        gate.set()
        for answer in answers:
            await until(lambda one=answer: _is_completed(school, one))

    assert asked == order


async def _has_waited(school: School, seconds: float) -> bool:
    return (await queue.due(school.worker)).get(Phase.VISION, 0.0) > seconds


async def _is_completed(school: School, submission_id) -> bool:
    return await school.status(submission_id) == "completed"
