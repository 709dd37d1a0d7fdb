"""Keeps leases alive from a thread of its own, and stops the work the moment a lease is lost."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from learning_worker.domain.errors import LeaseLost
from learning_worker.domain.submission import LeasedJob
from learning_worker.observability.logs import logger
from learning_worker.ports import Clock

RENEWALS_PER_LEASE = 3
# While the database cannot be asked, ask more often: a restart must not cost the lease.
TRIES_PER_LEASE = 15

log = logger(__name__)


class Renewing(Protocol):
    """Prolongs leases in the database; called from the heartbeat thread."""

    def renew(self, leases: list[tuple[UUID, UUID]]) -> dict[UUID, bool]:
        """By lease key whether it was prolonged; False: it is lost, missing: nobody could tell this time."""
        ...

    def close(self) -> None:
        """Drop what is held."""
        ...


@dataclass(eq=False)
class _Hold:
    job: LeasedJob
    task: asyncio.Task[object]
    loop: asyncio.AbstractEventLoop
    good_until: (
        float  # counted from when the last accepted renewal was sent, so never later than the database thinks
    )
    is_lost: bool = False


class Leases:
    """The leases this process holds. Start it once; `held` guards the work on one job, on one event loop for all.

    A blocked event loop never looks dead to the database, since renewal runs in a thread with its own connection. A lost
    database never keeps work going, since a watchdog on the event loop counts from the last accepted renewal.
    """

    def __init__(self, renewal: Renewing, lease_s: float, clock: Clock) -> None:
        self._renewal = renewal
        self._lease_s = lease_s
        self._clock = clock
        self._holds: dict[UUID, _Hold] = {}  # by lease key
        self._watchdog: asyncio.TimerHandle | None = None
        self._watching_until = float("inf")
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease-renewal", daemon=True)

    def start(self) -> None:
        """Start the heartbeat thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the heartbeat; call it after the last job has let go of its lease."""
        self._stopping.set()
        self._thread.join(timeout=self._lease_s)

    @contextmanager
    def held(self, job: LeasedJob, leased_at: float) -> Iterator[None]:
        """Run the body, in a task, while the lease holds; cancelled and raised as LeaseLost once it does not.

        leased_at: this process's clock when the lease was asked for.
        """
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("held needs a task")
        hold = _Hold(job, task, task.get_loop(), leased_at + self._lease_s)
        if hold.good_until <= self._clock():
            # The reply to the lease came too late: somebody else may be at work already.
            raise LeaseLost
        with self._lock:
            self._holds[job.lease_key] = hold
        self._watch(hold.loop, hold.good_until)
        try:
            yield
        except asyncio.CancelledError:
            if hold.is_lost and task.uncancel() == 0:
                raise LeaseLost from None
            raise
        finally:
            with self._lock:
                self._holds.pop(job.lease_key, None)
            if not self._holds:
                self._stop_watching()

    def still_holds(self, job: LeasedJob) -> None:
        """Raises LeaseLost when the lease has ended by this process's clock; call it before each question to a model.

        A process that stood still finds replies before it finds its watchdog, and would put one more question.
        """
        with self._lock:
            hold = self._holds.get(job.lease_key)
        if hold is None or hold.good_until <= self._clock():
            raise LeaseLost

    def _watch(self, loop: asyncio.AbstractEventLoop, until: float) -> None:
        """On the event loop: look at the leases at that time, or before. One timer for all costs a job nothing."""
        if until < self._watching_until:
            self._stop_watching()
            self._watching_until = until
            self._watchdog = loop.call_later(until - self._clock(), self._look, loop)

    def _stop_watching(self) -> None:
        self._watching_until = float("inf")
        if self._watchdog is not None:
            self._watchdog.cancel()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """On the event loop: a lease would have ended now, unless it was renewed meanwhile."""
        self._watching_until = float("inf")
        now = self._clock()
        for hold in list(self._holds.values()):
            if hold.good_until <= now:
                self._lose(hold)
            elif not hold.is_lost:  # of a lost one nothing is left to watch
                self._watch(loop, hold.good_until)

    def _lose(self, hold: _Hold) -> None:
        """On the event loop: cancel the work, if it still runs."""
        if hold.job.lease_key in self._holds and not hold.is_lost:
            hold.is_lost = True
            hold.task.cancel()

    def _beat(self) -> None:
        pause_s = self._lease_s / RENEWALS_PER_LEASE
        while not self._stopping.wait(pause_s):
            with self._lock:
                holds = list(self._holds.values())
            is_answered = not holds or self._renew(holds)
            pause_s = self._lease_s / (RENEWALS_PER_LEASE if is_answered else TRIES_PER_LEASE)
        self._renewal.close()

    def _renew(self, holds: list[_Hold]) -> bool:
        """Whether the database answered for all; what it refused is lost."""
        sent_at = self._clock()
        try:
            renewed = self._renewal.renew([(hold.job.job_id, hold.job.lease_key) for hold in holds])
        except Exception as error:
            # The heart goes on beating: without it every later job of this worker would be lost.
            log.error("renewal_crashed", exc_info=error)
            return False
        for hold in holds:
            is_prolonged = renewed.get(hold.job.lease_key)
            if is_prolonged:
                hold.good_until = sent_at + self._lease_s
            elif is_prolonged is not None:
                self._report_lost(hold)
        return len(renewed) == len(holds)

    def _report_lost(self, hold: _Hold) -> None:
        with suppress(RuntimeError):  # the loop has ended, and the work with it
            hold.loop.call_soon_threadsafe(self._lose, hold)
