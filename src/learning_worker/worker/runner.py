"""The worker process: fills free slots with leases, wakes on notifications, drains on SIGTERM."""

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from uuid import UUID

from learning_worker.db import endpoints, queue
from learning_worker.db.line import Line
from learning_worker.db.pool import DatabaseUnavailable
from learning_worker.db.queue import ClosedJob, LeaseTerms
from learning_worker.domain.errors import Fault, LeaseLost, TransientError
from learning_worker.domain.submission import LeasedJob, Phase
from learning_worker.observability.logs import logger
from learning_worker.observability.metrics import Metrics
from learning_worker.ports import Clock
from learning_worker.worker import pipeline
from learning_worker.worker.pipeline import Deps, Ended, InDoubt, Outcome
from learning_worker.worker.schedule import Plan, Schedule, slots_asked_for

TROUBLE_S = 2.0
# Waiting by listening: the poll then only catches what a broken connection lost.
POLL_WHILE_LISTENING_S = 5.0

log = logger(__name__)


class _Found(Enum):
    """What a look for work says of what is due."""

    ALL_ASKED_FOR = "there may be more"
    FEWER = "a slot stays free, and a job for it would have to come yet"
    UNASKED = "no slot is free"


def settle_memory() -> None:
    """What a process has loaded stays loaded; call it once, before the first job.

    Python's collector would walk through all of it again with every few hundred jobs, a tenth of a worker's own time.
    """
    gc.collect()
    gc.freeze()


@dataclass
class Runner:
    """One worker. `line` leases; `wakeups` yields once per notification and calls its argument when notifications may be
    lost; without it the worker polls."""

    deps: Deps
    line: Line
    terms: LeaseTerms
    plan: Plan
    metrics: Metrics
    clock: Clock
    wakeups: Callable[[Callable[[], None]], AsyncIterator[str]] | None = None
    heartbeat_s: float = 20.0
    _running: dict[asyncio.Task[None], LeasedJob] = field(default_factory=dict)
    _busy: Counter[Phase] = field(default_factory=Counter)
    _in_slot: set[UUID] = field(default_factory=set)
    _given_up: set[asyncio.Task[None]] = field(default_factory=set)
    _left: set[UUID] = field(default_factory=set)
    _unheard_until: float = float("-inf")
    _look_again: asyncio.Event = field(default_factory=asyncio.Event)
    _is_listening: bool = False
    _is_idle: bool | None = None
    _told_at: float = float("-inf")

    def __post_init__(self) -> None:
        self._schedule = Schedule(self.plan)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what fits the drain and give the rest back uncharged."""
        self.deps.leases.start()
        self.metrics.inflight(lambda: len(self._running))
        for phase, total in self.plan.slots.items():
            self.metrics.slots_are(phase, total=total, busy=partial(self._busy.__getitem__, phase))
        listener = asyncio.create_task(self._listen()) if self.wakeups else None
        looking = asyncio.create_task(self._look_for_work(stop))
        log.info("worker_started", worker_id=self.terms.worker_id)
        try:
            await stop.wait()
            self._look_again.set()
            # A look under way ends by itself and gives back what it got; nobody waits for a database that hangs.
            await self._drain()
            await asyncio.wait({looking}, timeout=TROUBLE_S)
        finally:
            for task in (listener, looking):
                if task is not None:
                    task.cancel()
            await self._leave()
            log.info("worker_stopped", worker_id=self.terms.worker_id)

    async def _look_for_work(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self._look(stop)
            except DatabaseUnavailable:
                log.warning("database_unavailable", worker_id=self.terms.worker_id)
                self._is_idle = None
                await self._wait(TROUBLE_S)
            except Exception as error:
                log.error("look_crashed", worker_id=self.terms.worker_id, exc_info=error)
                self._is_idle = None
                await self._wait(TROUBLE_S)

    async def _look(self, stop: asyncio.Event) -> None:
        """Fill the free slots; when one of them stays free, say so, look once more, and wait."""
        self._look_again.clear()
        await self._release_unheard()
        found = await self._fill(stop)
        # Also with jobs at work: who waits for a photo while texts are assessed wants to hear of it.
        is_idle = found is _Found.FEWER
        is_news = is_idle and not self._is_idle
        is_due = self.clock() - self._told_at > self.heartbeat_s
        if is_due or is_idle is not self._is_idle:
            slots = {str(phase): count for phase, count in self.plan.slots.items()}
            await queue.heartbeat(self.line, self.terms.worker_id, is_idle=is_idle, slots=slots)
            self._is_idle = is_idle
        if is_due:
            self._told_at = self.clock()
            await self._gauge()
        # A job handed in between the look above and that word would wake nobody: look once more.
        if found is not _Found.ALL_ASKED_FOR and not is_news:
            await self._wait(POLL_WHILE_LISTENING_S if self._is_listening else self.plan.poll_s)

    async def _release_unheard(self) -> None:
        """After a lost reply jobs may be ours without our knowing; as their leases ran out they would count as crashes.

        Asked again for the length of a lease: a server that is slow may lease for a connection that is long gone.
        """
        if self.clock() < self._unheard_until:
            held = {job.lease_key for job in self._running.values()} | self._left
            await queue.release_unheld(self.line, self.terms.worker_id, held)

    async def _fill(self, stop: asyncio.Event) -> _Found:
        """Lease up to the free slots and start the jobs."""
        if not self._has_free_slot():
            return _Found.UNASKED
        due = await queue.due(self.line) if self._schedule.needs_due(self._busy, self.clock()) else {}
        wants = self._schedule.choices(self._busy, due)
        if not wants or stop.is_set():
            return _Found.UNASKED
        asked_at = self.clock()
        unheard_until, self._unheard_until = self._unheard_until, float("inf")
        found = await queue.lease(self.line, self.terms, wants)
        for closed in found.closed:
            # No run of its own ended it: whoever closed it tells it, or nobody would.
            self._say_end(closed, Outcome.FAILED, closed.error_code)
        if stop.is_set():
            await self._give_back_all(found.jobs)
            return _Found.UNASKED
        for job in found.jobs:
            self._start(job, asked_at)
        # What a reply that was lost had leased ends by itself before that.
        self._unheard_until = min(unheard_until, asked_at + self.terms.lease_s)
        self._schedule.leased(wants, found.jobs, asked_at)
        is_all = bool(found.closed) or len(found.jobs) == slots_asked_for(wants, found.jobs)
        return _Found.ALL_ASKED_FOR if is_all else _Found.FEWER

    def _start(self, job: LeasedJob, leased_at: float) -> None:
        task = asyncio.create_task(self._one(job, leased_at))
        self._running[task] = job
        task.add_done_callback(self._ended)
        self._busy[job.phase] += 1
        self._in_slot.add(job.lease_key)

    def _has_free_slot(self) -> bool:
        slots, busy = sum(self.plan.slots.values()), self._busy.total()
        # At most as many ends as slots are being written: a slow database must not pile them up.
        return busy < slots and len(self._running) - busy <= slots

    def _free_slot(self, job: LeasedJob) -> None:
        """The model is done with this job: the next one starts while the end of this one is written."""
        if job.lease_key in self._in_slot:
            self._in_slot.discard(job.lease_key)
            self._busy[job.phase] -= 1
            self._look_again.set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        job = self._running[task]
        self._free_slot(job)
        was_full = not self._has_free_slot()
        del self._running[task]
        self._given_up.discard(task)
        # The slot was looked after when it fell free. New is only what was read, or that ends no longer pile up.
        if was_full or job.phase is Phase.VISION:
            self._look_again.set()

    async def _one(self, job: LeasedJob, leased_at: float) -> None:
        """One job, told in one log line; whatever happens in it, the worker goes on."""
        self.metrics.waited(job.waited_s)
        ended = await self._or_left(job, self._run(job, leased_at))
        duration_s = self.clock() - leased_at
        self.metrics.phase_took(job.phase, duration_s)
        self._say(job, ended, duration_s)

    async def _run(self, job: LeasedJob, leased_at: float) -> Ended:
        try:
            return await pipeline.process(job, leased_at, self.deps, partial(self._free_slot, job))
        except LeaseLost:
            return Ended(Outcome.LEASE_LOST)
        except asyncio.CancelledError as error:
            if (task := asyncio.current_task()) is None or not task.cancelling():
                # Nobody stopped this job: something in it was cancelled, and would be again at once.
                log.error("job_crashed", job_id=job.job_id, phase=job.phase, exc_info=error)
                return await self._charge(job)
            # The drain's time is up: an interruption, not the job's fault.
            return await self._give_back(job)
        except InDoubt as doubt:
            return await self._clear_up(job, doubt.ended)
        except Exception as error:
            log.error("job_crashed", job_id=job.job_id, phase=job.phase, exc_info=error)
            return await self._charge(job)

    async def _or_left(self, job: LeasedJob, run: Awaitable[Ended]) -> Ended:
        """How the run ended; LEFT if not even that could be written."""
        try:
            return await run
        except Exception as error:
            # The lease ends by itself and another run takes over. It counts as a crash, or a job that always ends here
            # would never end.
            self._left.add(job.lease_key)
            log.error("job_left", job_id=job.job_id, phase=job.phase, exc_info=error)
            return Ended(Outcome.LEFT)

    async def _charge(self, job: LeasedJob) -> Ended:
        """An unexpected exception counts as a failed run."""
        self._free_slot(job)
        try:
            return await pipeline.settle_error(job, TransientError(Fault.UNEXPECTED), self.deps)
        except LeaseLost:
            return Ended(Outcome.LEASE_LOST)
        except asyncio.CancelledError:
            return await self._give_back(job)
        except InDoubt as doubt:
            return await self._clear_up(job, doubt.ended)

    async def _give_back(self, job: LeasedJob) -> Ended:
        try:
            await self.deps.endings.release(job)
        except LeaseLost:
            return Ended(Outcome.LEASE_LOST)
        except DatabaseUnavailable:
            return Ended(Outcome.LEFT)
        return Ended(Outcome.RELEASED)

    async def _clear_up(self, job: LeasedJob, ended: Ended) -> Ended:
        """What became of an end that was cut short while it was written: it was committed, or the job goes back now."""
        if (task := asyncio.current_task()) is not None:
            self._given_up.add(task)
        # Behind the write, if that is still under way; then one of the two finds that the other was there.
        released = await self._give_back(job)
        if released.outcome is Outcome.LEASE_LOST:
            with suppress(DatabaseUnavailable):
                if await queue.outcome(self.deps.db, job) == "applied":
                    return ended
        return released

    async def _give_back_all(self, jobs: list[LeasedJob]) -> None:
        """What was leased while the stop came in."""
        given_back = await asyncio.gather(*(self._or_left(job, self._give_back(job)) for job in jobs))
        for job, ended in zip(jobs, given_back, strict=True):
            self._say(job, ended, 0.0)

    def _say(self, job: LeasedJob, ended: Ended, duration_s: float) -> None:
        self._say_end(
            job,
            ended.outcome,
            ended.error_code,
            code=ended.code,
            wait_s=ended.wait_s and round(ended.wait_s, 1),
            waited_s=round(job.waited_s, 3),
            duration_s=round(duration_s, 3),
        )
        if ended.outcome is Outcome.COMPLETED:
            self.metrics.processed("completed")
            if job.age_s is not None:
                self.metrics.submission_took(job.age_s + duration_s)
        elif ended.outcome is Outcome.RETRYING:
            self.metrics.retried(job.phase)

    def _say_end(
        self, job: LeasedJob | ClosedJob, outcome: Outcome, error_code: str | None, **run: str | float | None
    ) -> None:
        log.info(
            "job_ended",
            job_id=job.job_id,
            submission_id=job.submission_id,
            phase=job.phase,
            outcome=outcome,
            error_code=error_code,
            retry_count=job.retry_count,
            **run,
        )
        if error_code is not None:
            self.metrics.processed("failed")
            self.metrics.failed(error_code)

    async def _gauge(self) -> None:
        """What the database alone knows; it counts the whole queue for that."""
        phases = await queue.state(self.line)
        self.metrics.queue_is(
            queued=sum(phase.queued for phase in phases),
            leased=sum(phase.leased for phase in phases),
            expired=sum(phase.expired for phase in phases),
            oldest_visible_age_s=max(phase.oldest_visible_s for phase in phases),
        )
        if self.plan.endpoints:
            states = await endpoints.states(self.line)
            for phase, endpoint in self.plan.endpoints.items():
                self.metrics.breaker_is(phase, states.get(endpoint, "closed"))

    async def _listen(self) -> None:
        if self.wakeups is None:
            return
        try:
            async for _ in self.wakeups(self._is_deaf):
                self._is_listening = True
                self._look_again.set()
        except Exception as error:
            log.error("listen_crashed", worker_id=self.terms.worker_id, exc_info=error)
            self._is_deaf()

    def _is_deaf(self) -> None:
        """Notifications may be lost from now on: poll at the short interval."""
        self._is_listening = False
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
        await asyncio.wait(set(self._running), timeout=self.plan.drain_s)
        if self._running:
            self.hurry()
            await asyncio.wait(set(self._running), timeout=self.terms.lease_s)

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(TROUBLE_S):
                # Not over the line: a look that was cancelled may wait there for a reply that never comes.
                await queue.goodbye(self.deps.db, self.terms.worker_id)
        except (DatabaseUnavailable, TimeoutError):
            log.warning("database_unavailable", worker_id=self.terms.worker_id)
        except Exception as error:
            log.error("goodbye_crashed", worker_id=self.terms.worker_id, exc_info=error)
        self.deps.leases.stop()

    def hurry(self) -> None:
        """Give everything back now instead of waiting for the drain; once per job, or the giving back would be cancelled."""
        for task in self._running.keys() - self._given_up:
            self._given_up.add(task)
            task.cancel()
