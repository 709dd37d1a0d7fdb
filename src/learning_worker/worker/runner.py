"""The worker process: fills free slots with leases, wakes on notifications, drains on SIGTERM."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from learning_worker.db import queue
from learning_worker.db.queue import LeaseTerms
from learning_worker.domain.errors import Fault, LeaseLost, TransientError
from learning_worker.domain.submission import LeasedJob, Phase
from learning_worker.observability.logs import logger
from learning_worker.observability.metrics import Metrics
from learning_worker.ports import Clock
from learning_worker.worker import pipeline
from learning_worker.worker.pipeline import Deps, Ended, Outcome

HEARTBEAT_S = 20.0
TROUBLE_S = 2.0
# Waiting by listening: the poll then only catches what a broken connection lost.
POLL_WHILE_LISTENING_S = 5.0

log = logger(__name__)


@dataclass(frozen=True)
class Plan:
    """How many jobs of each phase run at once, how long to wait between looks, how long a drain may take (seconds)."""

    slots: Mapping[Phase, int]
    poll_s: float = 0.5
    drain_s: float = 25.0


@dataclass
class Runner:
    """One worker. `wakeups` yields once per notification; without it the worker polls."""

    deps: Deps
    terms: LeaseTerms
    plan: Plan
    metrics: Metrics
    clock: Clock
    wakeups: Callable[[], AsyncIterator[str]] | None = None
    _running: dict[asyncio.Task[None], LeasedJob] = field(default_factory=dict)
    _look_again: asyncio.Event = field(default_factory=asyncio.Event)
    _is_listening: bool = False
    _is_idle: bool | None = None
    _told_at: float = float("-inf")

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what fits the drain and give the rest back uncharged."""
        self.deps.leases.start()
        listener = asyncio.create_task(self._listen()) if self.wakeups else None
        stopper = asyncio.create_task(self._wake_on(stop))
        log.info("worker_started", worker_id=self.terms.worker_id)
        try:
            while not stop.is_set():
                await self._look(stop)
            await self._drain()
        finally:
            for task in (listener, stopper):
                if task is not None:
                    task.cancel()
            await self._leave()
            log.info("worker_stopped", worker_id=self.terms.worker_id)

    async def _look(self, stop: asyncio.Event) -> None:
        """Fill the free slots; when nothing is due, say so, look once more, and wait."""
        self._look_again.clear()
        try:
            started = await self._fill(stop)
            is_idle = started == 0 and self._has_free_slot()
            if is_idle is not self._is_idle or self.clock() - self._told_at > HEARTBEAT_S:
                is_news = is_idle and not self._is_idle
                await self._tell(is_idle=is_idle)
                # A job handed in between the look above and this word would wake nobody: look once more.
                if is_news:
                    return
            if started:
                return
        except ConnectionError:
            log.warning("database_unavailable", worker_id=self.terms.worker_id)
            self._is_idle = None
            await self._wait(TROUBLE_S)
            return
        await self._wait(POLL_WHILE_LISTENING_S if self._is_listening else self.plan.poll_s)

    async def _fill(self, stop: asyncio.Event) -> int:
        """Lease up to the free slots of each phase and start the jobs; how many were started."""
        started = 0
        for phase, slots in self.plan.slots.items():
            free = slots - sum(job.phase is phase for job in self._running.values())
            if free > 0 and not stop.is_set():
                asked_at = self.clock()
                for job in await queue.lease(self.deps.db, self.terms, phase, free):
                    task = asyncio.create_task(self._one(job, asked_at))
                    self._running[task] = job
                    task.add_done_callback(self._ended)
                    started += 1
        self.metrics.inflight(len(self._running))
        return started

    def _has_free_slot(self) -> bool:
        return len(self._running) < sum(self.plan.slots.values())

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self.metrics.inflight(len(self._running))
        self._look_again.set()

    async def _one(self, job: LeasedJob, leased_at: float) -> None:
        """One job, told in one log line; whatever happens in it, the worker goes on."""
        self.metrics.waited(job.waited_s)
        try:
            ended = await pipeline.process(job, leased_at, self.deps)
        except LeaseLost:
            ended = Ended(Outcome.LEASE_LOST)
        except asyncio.CancelledError:
            # The drain's time is up: an interruption, not the job's fault.
            ended = await self._give_back(job)
        except ConnectionError:
            # Nothing more can be written; the lease ends by itself and another run takes over.
            ended = Ended(Outcome.LEFT)
        except Exception as error:
            log.error("job_crashed", job_id=job.job_id, phase=job.phase, exc_info=error)
            ended = await self._charge(job)
        self._say(job, ended, self.clock() - leased_at)

    async def _charge(self, job: LeasedJob) -> Ended:
        """An unexpected exception counts as a failed run."""
        try:
            return await pipeline.settle_error(job, TransientError(Fault.UNEXPECTED), self.deps)
        except LeaseLost:
            return Ended(Outcome.LEASE_LOST)
        except ConnectionError:
            return Ended(Outcome.LEFT)

    async def _give_back(self, job: LeasedJob) -> Ended:
        try:
            await queue.release(self.deps.db, job)
        except LeaseLost:
            return Ended(Outcome.LEASE_LOST)
        except ConnectionError:
            return Ended(Outcome.LEFT)
        return Ended(Outcome.RELEASED)

    def _say(self, job: LeasedJob, ended: Ended, duration_s: float) -> None:
        log.info(
            "job_ended",
            job_id=job.job_id,
            submission_id=job.submission_id,
            phase=job.phase,
            outcome=ended.outcome,
            code=ended.code,
            error_code=ended.error_code,
            wait_s=ended.wait_s and round(ended.wait_s, 1),
            retry_count=job.retry_count,
            waited_s=round(job.waited_s, 3),
            duration_s=round(duration_s, 3),
        )
        self.metrics.phase_took(job.phase, duration_s)
        if ended.outcome is Outcome.COMPLETED:
            self.metrics.processed("completed")
            self.metrics.submission_took(job.age_s + duration_s)
        elif ended.outcome is Outcome.RETRYING:
            self.metrics.retried(job.phase)
        elif ended.error_code is not None:
            self.metrics.processed("failed")
            self.metrics.failed(ended.error_code)

    async def _tell(self, *, is_idle: bool) -> None:
        slots = {str(phase): count for phase, count in self.plan.slots.items()}
        await queue.heartbeat(self.deps.db, self.terms.worker_id, is_idle=is_idle, slots=slots)
        self._is_idle, self._told_at = is_idle, self.clock()
        phases = await queue.state(self.deps.db)
        self.metrics.queue_is(
            queued=sum(phase.queued for phase in phases),
            leased=sum(phase.leased for phase in phases),
            expired=sum(phase.expired for phase in phases),
            oldest_visible_age_s=max(phase.oldest_visible_s for phase in phases),
        )

    async def _listen(self) -> None:
        if self.wakeups is None:
            return
        async for _ in self.wakeups():
            self._is_listening = True
            self._look_again.set()

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._look_again.set()

    async def _wait(self, seconds: float) -> None:
        """Until there is something to look at, or for about this long: jitter keeps workers from polling in step."""
        try:
            async with asyncio.timeout(seconds * (0.8 + 0.4 * self.deps.random.random())):
                await self._look_again.wait()
        except TimeoutError:
            return

    async def _drain(self) -> None:
        """Finish what fits, release the rest; renewals go on until the end."""
        if not self._running:
            return
        log.info("worker_draining", worker_id=self.terms.worker_id, count=len(self._running))
        _, late = await asyncio.wait(set(self._running), timeout=self.plan.drain_s)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def _leave(self) -> None:
        try:
            await queue.goodbye(self.deps.db, self.terms.worker_id)
        except ConnectionError:
            log.warning("database_unavailable", worker_id=self.terms.worker_id)
        self.deps.leases.stop()

    def hurry(self) -> None:
        """Give everything back now instead of waiting for the drain."""
        for task in self._running:
            task.cancel()
