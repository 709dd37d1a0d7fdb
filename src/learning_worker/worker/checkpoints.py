"""What was answered once is kept: checkpoints that are on their way when a job is cancelled, or is nearly done."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from learning_worker.domain.criteria import CriterionResult
from learning_worker.domain.errors import AnalysisError

# A drain that has no time left still has this much: the answer may have cost a minute of a model.
LAST_MOMENT_S = 2.0

Write = Coroutine[Any, Any, None]


async def kept(write: Write) -> None:
    """One checkpoint; it is written although its job is cancelled meanwhile, if a moment is enough for that."""
    writing = _started(write)
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.wait({writing}, timeout=LAST_MOMENT_S)
        raise
    finally:
        writing.cancel()


@asynccontextmanager
async def keeping_the_last(
    write: Callable[[CriterionResult], Write],
) -> AsyncIterator[Callable[[CriterionResult], None]]:
    """Keeps the last answer while the feedback is worded; what is not on its way when the block ends, the report holds."""
    loop, writes = asyncio.get_running_loop(), list[asyncio.Task[None]]()
    starting: list[tuple[asyncio.Handle, CriterionResult]] = []

    def keep(result: CriterionResult) -> None:
        # Not at once: feedback that needs nobody else is worded by then, and the report goes out with the answer in it.
        starting.append((loop.call_soon(start, result), result))

    def start(result: CriterionResult) -> None:
        # Whatever stops it stops the report as well, and is told there.
        writes.append(_started(write(result)))

    try:
        yield keep
    except AnalysisError:
        # There is no report, and the next run must not ask again.
        if not writes:
            for handle, result in starting:
                handle.cancel()
                start(result)
        await asyncio.gather(*writes)
        raise
    except asyncio.CancelledError:
        if writes:
            await asyncio.wait(writes, timeout=LAST_MOMENT_S)
        raise
    finally:
        for handle, _ in starting:
            handle.cancel()
        for one in writes:
            one.cancel()


def _started(write: Write) -> asyncio.Task[None]:
    task = asyncio.create_task(write)
    # Looked at, so that nobody is told of an error that nobody waits for any more.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task
