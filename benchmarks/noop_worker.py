"""A worker process around a model that answers at once; ends with SIGTERM. Usage: noop_worker.py DSN SLOTS MANNER

MANNER noop, logged or stub. Only `logged` writes the line per job that the product writes: the peers' loggers are off, too.
Prints one JSON line when it has begun its first job.
"""

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence

from rig import TEXT, NoOp, a_worker, slots

from learning_worker.adapters.stub import StubFeedback
from learning_worker.domain.criteria import CriterionResult
from learning_worker.domain.person_reads import DEFAULT_PHRASES
from learning_worker.domain.submission import Task
from learning_worker.observability import logs
from learning_worker.ports import Feedback
from learning_worker.worker.runner import settle_memory


class Stub(NoOp):
    """The product's stub, which looks for sentences to quote and words its feedback."""

    async def assess(
        self, text: str, task: Task, done: Sequence[CriterionResult]
    ) -> AsyncIterator[CriterionResult]:
        self.first_at = self.first_at or time.time()
        async for result in StubFeedback.assess(self, text, task, done):
            yield result

    async def summarise(self, text: str, task: Task, results: Sequence[CriterionResult]) -> Feedback:
        return await StubFeedback.summarise(self, text, task, results)


async def main(dsn: str, count: int, manner: str) -> None:
    """Work until SIGTERM."""
    logs.configure(level="info" if manner == "logged" else "error")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    DEFAULT_PHRASES.finds(TEXT)  # compiled with the first answer of a process, which is not what is measured
    settle_memory()
    feedback = Stub() if manner == "stub" else NoOp()
    async with a_worker(dsn, slots(count), feedback):
        while feedback.first_at is None and not stop.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.002)
        print(json.dumps({"first": feedback.first_at}), flush=True)
        await stop.wait()


asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
