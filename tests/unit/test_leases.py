"""Until when a lease is good, by this process's own clock."""

import asyncio
import time
from uuid import UUID, uuid4

import pytest

from learning_worker.domain.criteria import parse_criteria
from learning_worker.domain.errors import LeaseLost
from learning_worker.domain.submission import Lane, LeasedJob, Phase, Task
from learning_worker.worker.lease import Leases


class SlowRenewal:
    """A database that grants the first renewal and answers 0.2 s later; after that nobody can be asked."""

    def __init__(self) -> None:
        self.now = 0.0
        self.questions = 0
        self.asked_again = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def renew(self, leases: list[tuple[UUID, UUID]]) -> dict[UUID, bool]:
        self.questions += 1
        if self.questions > 1:
            self._loop.call_soon_threadsafe(self.asked_again.set)
            return {}
        self.now += 0.2
        return {lease_key: True for _, lease_key in leases}

    def close(self) -> None:
        """Nothing is held."""


class AwayRenewal:
    """A database that nobody can ask."""

    def renew(self, leases: list[tuple[UUID, UUID]]) -> dict[UUID, bool]:
        return {}

    def close(self) -> None:
        """Nothing is held."""


class LateRenewal:
    """A database that nobody can ask three times, and that grants what it is asked the fourth time."""

    def __init__(self) -> None:
        self.questions = 0
        self.granted = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def renew(self, leases: list[tuple[UUID, UUID]]) -> dict[UUID, bool]:
        self.questions += 1
        if self.questions < 4:
            return {}
        self._loop.call_soon_threadsafe(self.granted.set)
        return {lease_key: True for _, lease_key in leases}

    def close(self) -> None:
        """Nothing is held."""


def a_job() -> LeasedJob:
    task = Task("Why?", parse_criteria(["says why"]))
    return LeasedJob(uuid4(), uuid4(), uuid4(), Phase.FEEDBACK, Lane.INTERACTIVE, 0, task)


async def test_a_renewed_lease_is_good_from_when_the_renewal_was_sent_not_from_when_its_reply_came() -> None:
    database = SlowRenewal()
    leases = Leases(database, 0.3, lambda: database.now)
    job = a_job()
    leases.start()

    with leases.held(job, leased_at=0.0):
        # By then what the first renewal brought is taken in.
        await asyncio.wait_for(database.asked_again.wait(), 10)
        leases.still_holds(job)
        database.now = 0.4
        with pytest.raises(LeaseLost):
            leases.still_holds(job)

    leases.stop()


async def test_a_database_that_cannot_be_asked_is_asked_more_often_so_that_most_of_a_lease_may_pass() -> None:
    database = LateRenewal()
    leases = Leases(database, 1.5, time.monotonic)
    leases.start()

    # At a third of the lease each time, the third question would come when it has ended.
    with leases.held(a_job(), time.monotonic()):
        await database.granted.wait()

    leases.stop()


async def test_each_of_several_leases_ends_at_its_own_time() -> None:
    leases = Leases(AwayRenewal(), 1.0, time.monotonic)
    lost: list[float] = []

    async def work(leased_at: float) -> None:
        try:
            with leases.held(a_job(), leased_at):
                await asyncio.Event().wait()
        except LeaseLost:
            lost.append(leased_at)

    now = time.monotonic()
    asked_at = (now, now - 0.6, now - 0.2, now - 0.4)
    await asyncio.wait_for(asyncio.gather(*map(work, asked_at)), 10)

    assert lost == sorted(asked_at)


async def test_work_under_a_lease_that_came_too_late_is_not_even_begun() -> None:
    leases = Leases(AwayRenewal(), 1.0, time.monotonic)

    with pytest.raises(LeaseLost), leases.held(a_job(), time.monotonic() - 1.5):
        pytest.fail("begun")
