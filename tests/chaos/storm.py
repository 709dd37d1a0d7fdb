"""Chaos: real worker processes on a durable PostgreSQL, through proxies, under faults drawn from a seed.

`python -m chaos.storm --jobs 10000 --faults 400 --seed 1`, in the directory of the tests, prints one JSON line of figures
and exits 1 when a promise was broken: nothing lost, nothing with two effects, nothing answered asked again, no lease left.
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import uuid4

from proxy import Proxy, Weather

from learning_worker.db import embedded, logins, seed, submissions
from learning_worker.db.pool import Database, DatabaseUnavailable
from learning_worker.db.submissions import NewAnswer, NewFile
from learning_worker.domain.criteria import parse_criteria
from learning_worker.domain.submission import ConfirmText, Task
from learning_worker.storage.objects import ObjectStore

ROOT = Path(__file__).resolve().parents[1]
LEASE_S = 2
PUPILS = 30
TASK = Task("Why?", parse_criteria(["names a cause", "gives a reason"]), confirm_text=ConfirmText.NEVER)
VERBS = (b"update_completed_batch", b"save_criterion", b"save_text", b"save_page", b"lease_work")


@dataclass(frozen=True)
class Plan:
    """What one storm is: every third job is a file of two pages. patience_s: from the last fault to the empty queue."""

    jobs: int
    faults: int
    seed: int
    workers: int = 3
    answer_s: float = 0.15
    patience_s: float = 300.0


@dataclass
class Slot:
    """A worker's place: whoever dies in it is replaced, behind the same proxy."""

    proxy: Proxy
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    is_busy: bool = False

    @property
    def is_up(self) -> bool:
        """Whether its process works, and no fault has hold of it."""
        is_alive = self.process is not None and self.process.poll() is None
        return is_alive and not self.is_busy and self.proxy.connections >= 3

    def ensure(self) -> None:
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "worker_process.py")],
                env={**self.environment, "LEARNING_DATABASE_URL": self.proxy.dsn},
                stderr=subprocess.DEVNULL,
            )


@dataclass
class Storm:
    """One run."""

    plan: Plan
    server: embedded.Server
    dsns: logins.Dsns
    folder: Path
    random: Random = field(init=False)
    faults: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    exit_codes: Counter[int] = field(default_factory=Counter)
    slots: list[Slot] = field(default_factory=list)
    tails: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.random = Random(self.plan.seed)
        self.owner = Database(self.server.superuser_dsn(self.dsns.database), max_size=2)
        self.app = Database(self.dsns.app, max_size=4)

    async def run(self) -> dict[str, object]:
        """Hand in, let the faults loose, wait for the end, count."""
        started = time.monotonic()
        await self.owner.open()
        await self.app.open()
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(self.plan.workers):
                proxy = await stack.enter_async_context(Proxy(self.dsns.worker).running())
                self.slots.append(Slot(proxy, self._environment()))
            stack.callback(self._kill_all)
            task_id = await self._place()
            handing_in = asyncio.create_task(self._hand_in(task_id))
            for slot in self.slots:
                slot.ensure()
            await self._let_loose()
            await handing_in
            await self._end()
            figures = await self._figures(time.monotonic() - started)
        await self.app.close()
        await self.owner.close()
        return figures

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "GUSTAV_ENV": "test",
            "LEARNING_DATA_DIR": str(self.folder),
            "SCRIPT_NOTES": str(self.folder / "notes"),
            "SCRIPT_SECONDS": str(self.plan.answer_s),
            # High: a storm hits the same innocent job more often than a school does in a year.
            "SCRIPT_MAX_CRASHES": "100",
            "WORKER_LEASE_SECONDS": str(LEASE_S),
            "WORKER_VISION_CONCURRENCY": "2",
            "WORKER_FEEDBACK_CONCURRENCY": "4",
            "WORKER_METRICS_PORT": "0",
            "WORKER_BACKOFF_SECONDS": "0.2",
            "WORKER_DRAIN_SECONDS": "1",
        }

    async def _place(self):
        async with self.owner.transaction() as connection:
            people = [seed.Person(f"pupil-{n}", "Pupil") for n in range(PUPILS)]
            await seed.put_people(connection, people)
            members = [seed.Membership(person.sub, "student") for person in people]
            course_id = await seed.put_course(connection, "7b", None, members)
            return await seed.put_task(connection, course_id, seed.NewTask("Light", TASK))

    async def _hand_in(self, task_id) -> None:
        store = ObjectStore.in_directory(self.folder / "objects")
        for number in range(self.plan.jobs):
            # The flow follows the faults, so that each meets work.
            while number > (sum(self.faults.values()) + 1) * self.plan.jobs / self.plan.faults:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            name = f"job{number}"
            answer = NewAnswer(task_id, name, text=f"{name} wrote this.")
            if number % 3 == 0:
                key = f"submissions/aa/{uuid4().hex}"
                await store.put(key, name.encode())
                file = NewFile(key, hashlib.sha256(name.encode()).hexdigest(), len(name), "image/png")
                answer = NewAnswer(task_id, name, files=(file,))
            # The same key until it is in: what a browser does after an error, and never a second submission.
            while True:
                try:
                    async with self.app.acting_as(f"pupil-{number % PUPILS}") as connection:
                        await submissions.submit(connection, answer)
                except DatabaseUnavailable:
                    await asyncio.sleep(0.2)
                else:
                    break

    async def _let_loose(self) -> None:
        kinds = {
            "sigkill": (self._sigkill, 10),
            "sigterm": (self._sigterm, 3),
            "sigstop": (self._sigstop, 3),
            "cut": (self._cut, 4),
            "black_hole": (self._black_hole, 3),
            "refused": (self._refused, 2),
            "lost_reply": (self._lost_reply, 8),
            "database_crash": (self._database_crash, 1),
        }
        names = list(kinds)
        # Each kind at least once; the rest by weight.
        drawn = names + self.random.choices(
            names, [weight for _, weight in kinds.values()], k=self.plan.faults - len(names)
        )
        self.random.shuffle(drawn)
        for name in drawn:
            await asyncio.sleep(self.random.uniform(0.05, 0.3))
            slot = await self._somebody()
            # Faults with a duration go on behind the scenes: the others are hit meanwhile.
            tail = asyncio.create_task(self._hit(slot, kinds[name][0]))
            self.tails.add(tail)
            if name in {"cut", "database_crash"}:
                await tail
            self.faults[name] += 1
        await asyncio.gather(*self.tails)

    async def _hit(self, slot: Slot, fault) -> None:
        slot.is_busy = True
        try:
            await fault(slot)
        finally:
            slot.is_busy = False

    async def _somebody(self) -> Slot:
        while True:
            for slot in self.slots:
                if not slot.is_busy:
                    slot.ensure()
            if up := [slot for slot in self.slots if slot.is_up]:
                return self.random.choice(up)
            await asyncio.sleep(0.05)

    async def _sigkill(self, slot: Slot) -> None:
        """In the middle of a question, if one comes up within seconds."""
        phase = "idle"
        end = time.monotonic() + 5
        while time.monotonic() < end and (phase := self._phase_of(slot)) == "idle":  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        self.kills[phase] += 1
        self._signal(slot, signal.SIGKILL)
        await self._gone(slot)

    def _phase_of(self, slot: Slot) -> str:
        """What the process is being asked just now: vision, feedback or idle."""
        assert slot.process is not None
        open_questions: dict[tuple[str, str], str] = {}
        for pid, word, name, what in self._notes(tail_bytes=20_000):
            if pid == str(slot.process.pid):
                if word == "asked":
                    open_questions[name, what] = "vision" if what.startswith("page") else "feedback"
                else:
                    open_questions.pop((name, what), None)
        phases = sorted(set(open_questions.values()))
        return self.random.choice(phases) if phases else "idle"

    async def _sigterm(self, slot: Slot) -> None:
        self._signal(slot, signal.SIGTERM)
        await self._gone(slot)

    async def _sigstop(self, slot: Slot) -> None:
        self._signal(slot, signal.SIGSTOP)
        await asyncio.sleep(LEASE_S + 1)
        self._signal(slot, signal.SIGCONT)

    async def _cut(self, slot: Slot) -> None:
        slot.proxy.cut()

    async def _black_hole(self, slot: Slot) -> None:
        slot.proxy.turn(Weather.BLACK_HOLE)
        await asyncio.sleep(self.random.uniform(0.5, 1.5 * LEASE_S))
        slot.proxy.turn(Weather.FINE)

    async def _refused(self, slot: Slot) -> None:
        slot.proxy.turn(Weather.REFUSING)
        await asyncio.sleep(self.random.uniform(0.2, LEASE_S))
        slot.proxy.turn(Weather.FINE)

    async def _lost_reply(self, slot: Slot) -> None:
        """Of a verb that the worker is likely to use soon; committed, and nobody is told."""
        slot.proxy.swallow_reply_to = self.random.choice(VERBS)
        end = time.monotonic() + 10
        while slot.proxy.swallow_reply_to is not None and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    async def _database_crash(self, slot: Slot) -> None:
        """SIGKILL to one server process: the whole server drops everybody and recovers from its log."""
        with contextlib.suppress(DatabaseUnavailable):
            async with self.owner.transaction() as connection:
                cursor = await connection.execute(
                    "select pid from pg_stat_activity where usename = 'gustav_worker' limit 1"
                )
                row = await cursor.fetchone()
            if row is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(row["pid"], signal.SIGKILL)

    def _signal(self, slot: Slot, number: signal.Signals) -> None:
        assert slot.process is not None
        slot.process.send_signal(number)

    async def _gone(self, slot: Slot) -> None:
        assert slot.process is not None
        self.exit_codes[await asyncio.to_thread(slot.process.wait, 60)] += 1

    async def _end(self) -> None:
        """Fine weather until the queue is empty, then an orderly end."""
        for slot in self.slots:
            slot.proxy.turn(Weather.FINE)
            slot.proxy.swallow_reply_to = None
        end = time.monotonic() + self.plan.patience_s
        while time.monotonic() < end:
            for slot in self.slots:
                slot.ensure()
            with contextlib.suppress(DatabaseUnavailable):
                if await self._count("learning_submission_jobs where status <> 'failed'") == 0:
                    break
            await asyncio.sleep(0.2)
        for slot in self.slots:
            while slot.proxy.connections < 3:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await asyncio.gather(*map(self._sigterm, self.slots))

    def _kill_all(self) -> None:
        for slot in self.slots:
            if slot.process is not None:
                slot.process.kill()
                slot.process.wait()

    async def _count(self, what: str) -> int:
        (row,) = await self.owner.rows(f"select count(*) as n from public.{what}")
        return int(row["n"])

    def _notes(self, tail_bytes: int | None = None) -> list[list[str]]:
        path = self.folder / "notes"
        if not path.exists():
            return []
        with path.open("rb") as file:
            skipped = 0 if tail_bytes is None else max(0, path.stat().st_size - tail_bytes)
            file.seek(skipped)
            lines = file.read().decode().splitlines()
        return [line.split() for line in (lines[1:] if skipped else lines)]

    async def _figures(self, seconds: float) -> dict[str, object]:
        kept: set[tuple[str, str]] = set()
        asked: Counter[tuple[str, str]] = Counter()
        again = 0
        for _, word, name, what in self._notes():
            if word == "asked":
                asked[name, what] += 1
                again += (name, what) in kept
            elif word == "kept":
                kept.add((name, what))
        return {
            "jobs": self.plan.jobs,
            "seed": self.plan.seed,
            "seconds": round(seconds),
            "faults": sum(self.faults.values()),
            "by_kind": dict(sorted(self.faults.items())),
            "kills_by_phase": dict(sorted(self.kills.items())),
            "exit_codes": {str(code): n for code, n in sorted(self.exit_codes.items())},
            "replies_swallowed": sum(slot.proxy.swallowed for slot in self.slots),
            "handed_in": await self._count("learning_submissions"),
            "lost": await self._count("learning_submissions where analysis_status <> 'completed'"),
            "two_effects": await self._count(
                "learning_submissions s where text_version <> 1"
                " or (select count(*) from public.learning_reports r where r.submission_id = s.id) <> 1"
            ),
            "asked_again": again,
            "questions": sum(asked.values()),
            "questions_repeated_unkept": sum(count - 1 for count in asked.values()),
            "leases_left": await self._count("learning_submission_jobs where status = 'leased'"),
            "jobs_left": await self._count("learning_submission_jobs"),
        }


def broken(figures: dict[str, object]) -> list[str]:
    """The promises that this storm broke; empty is what we want."""
    zero = [
        name for name in ("lost", "two_effects", "asked_again", "leases_left", "jobs_left") if figures[name]
    ]
    codes = set(figures["exit_codes"]) - {"0", str(-signal.SIGKILL)}  # type: ignore[call-overload]
    return zero + ([f"exit codes {sorted(codes)}"] if codes else [])


async def storm(plan: Plan) -> dict[str, object]:
    """One storm on a durable server of its own, in a temporary directory that is removed."""
    with tempfile.TemporaryDirectory(prefix="lw-storm-") as name:
        Path(name).chmod(0o755)
        with embedded.server(Path(name) / "postgres") as server:
            dsns = logins.provision(server, "storm")
            folder = Path(name) / "workers"
            folder.mkdir()
            return await Storm(plan, server, dsns, folder).run()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--faults", type=int, default=400)
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--answer-s", type=float, default=Plan.answer_s)
    arguments = parser.parse_args()
    # The pool tells each lost connection; they are what a storm is made of.
    logging.disable(logging.WARNING)
    code = 0
    for number in arguments.seed or [1, 2, 3]:
        figures = asyncio.run(
            storm(Plan(arguments.jobs, arguments.faults, number, arguments.workers, arguments.answer_s))
        )
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()
        if problems := broken(figures):
            sys.stderr.write(f"seed {number} broke: {', '.join(problems)}\n")
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
