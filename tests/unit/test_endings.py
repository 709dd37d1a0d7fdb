"""The connection that writes for all jobs: whatever becomes of a batch, each job in it is told."""

import asyncio
from uuid import uuid4

from learning_worker.db.endings import Endings
from learning_worker.domain.criteria import parse_criteria
from learning_worker.domain.submission import Lane, LeasedJob, Phase, Task


class ForgetfulLine:
    """A database that answers one row less than it was given items, the first time."""

    is_first = True

    async def rows(self, query, parameters=()):
        count = parameters[0].count("lease_key") - self.is_first
        self.is_first = False
        return [{"outcome": "applied"}] * count

    async def close(self) -> None:
        """Nothing is held."""


async def test_a_batch_with_too_few_answers_leaves_no_job_waiting() -> None:
    endings = Endings(ForgetfulLine())
    task = Task("Why?", parse_criteria(["says why"]))
    jobs = [LeasedJob(uuid4(), uuid4(), uuid4(), Phase.FEEDBACK, Lane.BULK, 0, task) for _ in range(3)]

    async with asyncio.timeout(5):
        told = await asyncio.gather(*map(endings.release, jobs), return_exceptions=True)
        await endings.release(jobs[0])

    assert [type(one) for one in told] == [ValueError] * 3
