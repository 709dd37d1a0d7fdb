"""The connection that writes for all jobs: whatever becomes of a batch, each job in it is told."""

import asyncio
from uuid import uuid4

from learning_worker.db.endings import Endings
from learning_worker.db.pool import Locked
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


class LockedLine:
    """A database in which somebody has locked one job."""

    def __init__(self, job: LeasedJob) -> None:
        self.locked = str(job.job_id)

    async def rows(self, query, parameters=()):
        if self.locked in parameters[0]:
            raise Locked
        return [{"outcome": "applied"}] * parameters[0].count("lease_key")

    async def close(self) -> None:
        """Nothing is held."""


async def test_of_a_batch_only_the_job_that_somebody_has_locked_is_not_written() -> None:
    task = Task("Why?", parse_criteria(["says why"]))
    jobs = [LeasedJob(uuid4(), uuid4(), uuid4(), Phase.FEEDBACK, Lane.BULK, 0, task) for _ in range(3)]
    endings = Endings(LockedLine(jobs[1]))

    async with asyncio.timeout(5):
        told = await asyncio.gather(*map(endings.release, jobs), return_exceptions=True)

    assert [type(one) for one in told] == [type(None), Locked, type(None)]


async def test_a_batch_with_too_few_answers_leaves_no_job_waiting() -> None:
    endings = Endings(ForgetfulLine())
    task = Task("Why?", parse_criteria(["says why"]))
    jobs = [LeasedJob(uuid4(), uuid4(), uuid4(), Phase.FEEDBACK, Lane.BULK, 0, task) for _ in range(3)]

    async with asyncio.timeout(5):
        told = await asyncio.gather(*map(endings.release, jobs), return_exceptions=True)
        await endings.release(jobs[0])

    assert [type(one) for one in told] == [ValueError] * 3
