"""Guards of the worker that `mutants.py` removes: name, file, text that stands there once, what replaces it, tests."""

_LEASE = "src/learning_worker/worker/lease.py"
_PIPELINE = "src/learning_worker/worker/pipeline.py"
_RUNNER = "src/learning_worker/worker/runner.py"
_CHECKPOINTS = "src/learning_worker/worker/checkpoints.py"
_LIVENESS = "tests/e2e/test_worker_liveness.py"
_LAST_MOMENT = "tests/e2e/test_last_moment.py"
_PROCESS = "tests/e2e/test_worker_process.py"
_REFILL = "tests/e2e/test_refill.py"

_BEAT_IN_THE_LOOP = """        async def beat() -> None:
            while not self._stopping.is_set():
                await asyncio.sleep(self._lease_s / RENEWALS_PER_LEASE)
                if self._holds:
                    self._renew(list(self._holds))

        self._beating = asyncio.get_running_loop().create_task(beat())
        self._thread = threading.Thread(target=self._stopping.wait, daemon=True)
        self._thread.start()
"""

WORKER_MUTANTS = (
    ("heartbeat in the event loop", _LEASE, "        self._thread.start()\n", _BEAT_IN_THE_LOOP, _LIVENESS),
    (
        "no watchdog",
        _LEASE,
        "            self._watchdog = loop.call_later(until - self._clock(), self._look, loop)\n",
        "            pass\n",
        _LIVENESS,
    ),
    (
        "a renewal counts from its reply",
        _LEASE,
        "                hold.good_until = sent_at + self._lease_s\n",
        "                hold.good_until = self._clock() + self._lease_s\n",
        "tests/unit/test_leases.py",
    ),
    (
        "a lost lease lives on with the same worker's next one",
        _LEASE,
        "            is_prolonged = renewed.get(hold.job.lease_key)\n",
        "            is_prolonged = any(renewed.values())\n",
        "tests/e2e/test_cancel_all.py -k let_go",
    ),
    (
        "a locked job counts as lost",
        "src/learning_worker/db/queue.py",
        '            if result != "busy"\n',
        "",
        "tests/e2e/test_locked_jobs.py",
    ),
    (
        "a locked job takes its batch along",
        "src/learning_worker/db/endings.py",
        "isinstance(error, (psycopg.Error, Locked))",
        "isinstance(error, psycopg.Error)",
        "tests/unit/test_endings.py",
    ),
    (
        "a statement of the pool waits for its COMMIT",
        "src/learning_worker/db/pool.py",
        "would keep the rows locked.\n        async with self._connected() as connection:\n",
        "would keep the rows locked.\n        async with self.transaction() as connection:\n",
        "tests/e2e/test_locked_jobs.py",
    ),
    (
        "a pool stays away as long as the server was",
        "src/learning_worker/db/pool.py",
        "            reconnect_timeout=5.0,\n",
        "",
        "tests/db/test_connections.py",
    ),
    (
        "a silent renewal is waited for",
        "src/learning_worker/db/queue.py",
        "            with answering(self._connection, self._lease_s / 4):\n",
        "            with answering(self._connection, 3600):\n",
        "tests/e2e/test_half_open.py",
    ),
    (
        "a silent end is waited for",
        "src/learning_worker/db/line.py",
        "            async with answering_async(connection, self._answer_s):\n",
        "            async with answering_async(connection, 3600):\n",
        "tests/e2e/test_half_open.py",
    ),
    (
        "a silent LISTEN is waited for",
        "src/learning_worker/db/notify.py",
        "                    async with answering_async(connection, quiet_s / 3):\n",
        "                    async with answering_async(connection, 3600):\n",
        "tests/e2e/test_half_open.py",
    ),
    (
        "a lease that came too late is worked on",
        _LEASE,
        "        if hold.good_until <= self._clock():\n",
        "        if False:\n",
        "tests/unit/test_leases.py",
    ),
    (
        "a worker that stood still asks on",
        _PIPELINE,
        "        deps.leases.still_holds(job)\n    missing =",
        "    missing =",
        _LIVENESS,
    ),
    (
        "an answered criterion is asked again",
        _PIPELINE,
        "deps.feedback.assess(text, job.task, job.results_done):",
        "deps.feedback.assess(text, job.task, ()):",
        "tests/e2e/test_slow_machine.py -m slow -k between",
    ),
    (
        "run not counted",
        "supabase/migrations/20261101000009_worker_functions.sql",
        "               run_count = j.run_count + (j.status = 'queued')::int,\n",
        "",
        "tests/db/test_lease.py",
    ),
    (
        "an outage is charged",
        _PIPELINE,
        "    if endpoint is None or not isinstance(error, TransientError) or error.code not in OUTAGES:\n",
        "    if True:\n",
        "tests/e2e/test_breaker.py",
    ),
    (
        "a silent server is charged",
        _PIPELINE,
        "        return Fault.MODEL_TIMEOUT if is_silent else Fault.TIMEOUT\n",
        "        return Fault.TIMEOUT\n",
        "tests/e2e/test_breaker.py",
    ),
    (
        "a slow server is taken for a silent one",
        _PIPELINE,
        "is_silent = self.is_shared and self.is_asked and not self.has_answered\n",
        "is_silent = self.is_shared and self.is_asked\n",
        "tests/e2e/test_breaker.py",
    ),
    (
        "an answer under way is dropped with its job",
        _CHECKPOINTS,
        "        await asyncio.wait({writing}, timeout=LAST_MOMENT_S)\n",
        "",
        _LAST_MOMENT,
    ),
    (
        "the last answer is dropped with its job",
        _CHECKPOINTS,
        "            await asyncio.wait(writes, timeout=LAST_MOMENT_S)\n",
        "            pass\n",
        _LAST_MOMENT,
    ),
    (
        "a job that is cancelled from within is given back",
        _RUNNER,
        "if (task := asyncio.current_task()) is None or not task.cancelling():",
        "if False:",
        _LAST_MOMENT,
    ),
    (
        "a lease whose reply was lost is a crash",
        _RUNNER,
        "        if self.clock() < self._unheard_until:\n",
        "        if False:\n",
        f"{_LIVENESS} -k lost_reply_to",
    ),
    (
        "a lease that is committed late is a crash",
        _RUNNER,
        "min(unheard_until, asked_at + self.terms.lease_s)",
        'float("-inf")',
        f"{_LIVENESS} -k committed_late",
    ),
    (
        "the drain's end is charged",
        _RUNNER,
        "            # The drain's time is up: an interruption, not the job's fault.\n"
        "            return await self._give_back(job)\n",
        "            return await self._charge(job)\n",
        f"{_PROCESS} -m slow -k drain",
    ),
    (
        "renewals end with the SIGTERM",
        _RUNNER,
        "            await self._drain()\n",
        "            self.deps.leases.stop()\n            await self._drain()\n",
        f"{_PROCESS} -m slow -k sigterm_finishes",
    ),
    (
        "an idle worker counts the queue every second",
        _RUNNER,
        "    heartbeat_s: float = 20.0\n",
        "    heartbeat_s: float = 1.0\n",
        "tests/e2e/test_idle_worker.py -m slow",
    ),
    (
        "workers poll in step",
        _RUNNER,
        "seconds * (0.8 + 0.4 * self.deps.random.random())",
        "seconds",
        "tests/e2e/test_jitter.py",
    ),
    (
        "listeners knock in step",
        "src/learning_worker/db/notify.py",
        "wait_s * chance.uniform(0.5, 1.5)",
        "wait_s",
        "tests/e2e/test_jitter.py",
    ),
    (
        "outcomes are asked for in step",
        _PIPELINE,
        "PAUSE_S * (1 + deps.random.random())",
        "PAUSE_S",
        "tests/e2e/test_jitter.py",
    ),
    (
        "failed jobs return in step",
        _PIPELINE,
        "deps.random.uniform(-1, 1)",
        "0.0",
        "tests/e2e/test_jitter.py",
    ),
    (
        "the next job meets the same silence",
        _PIPELINE,
        "            if error.code not in OUTAGES:\n                model_is_free()\n",
        "            model_is_free()\n",
        "tests/e2e/test_breaker.py",
    ),
    (
        "no look after the word that a slot is free",
        _RUNNER,
        "        if found is not _Found.ALL_ASKED_FOR and not is_news:\n",
        "        if found is not _Found.ALL_ASKED_FOR:\n",
        "tests/e2e/test_idle_worker.py",
    ),
    (
        "no look when a photo was read",
        _RUNNER,
        "        if was_full or job.phase is Phase.VISION:\n",
        "        if was_full:\n",
        _REFILL,
    ),
    (
        "no look when ends no longer pile up",
        _RUNNER,
        "        if was_full or job.phase is Phase.VISION:\n",
        "        if job.phase is Phase.VISION:\n",
        _REFILL,
    ),
    (
        "a database that is away is asked three times a lease",
        _LEASE,
        "TRIES_PER_LEASE = 15\n",
        "TRIES_PER_LEASE = 3\n",
        "tests/unit/test_leases.py",
    ),
    (
        "a worker at work is never woken",
        _RUNNER,
        "        is_idle = found is _Found.FEWER\n",
        "        is_idle = found is _Found.FEWER and not self._running\n",
        "tests/e2e/test_idle_worker.py -k photo_wakes",
    ),
    (
        "slot leaked",
        _RUNNER,
        "            self._busy[job.phase] -= 1\n",
        "            pass\n",
        _LIVENESS,
    ),
    (
        "an unexpected exception is not charged",
        _RUNNER,
        "            return await self._charge(job)\n\n",
        "            return await self._give_back(job)\n\n",
        _LIVENESS,
    ),
    (
        "a lost reply is written again",
        "src/learning_worker/db/queue.py",
        "            if await _was_applied(db, job, pause):\n                return\n        except LeaseLost:",
        "            await pause()\n        except LeaseLost:",
        _LIVENESS,
    ),
)
