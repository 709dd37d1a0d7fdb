"""Chaos: real worker processes on a durable PostgreSQL, through proxies, under faults drawn from a seed.

`python -m chaos.storm --jobs 10000 --faults 400 --seed 1`, in the directory of the tests, prints a table of the faults and
one JSON line of figures. It exits 1 when a promise was broken (something lost, with two effects or asked again, a lease
left) and when it was a lesser storm than promised. The seed draws kind, order, length and spacing of the faults; whom they
meet in the middle of what is up to the machine.
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import logging
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import uuid4

from chaos.crew import Notes, Slot
from chaos.faults import LEASE_S, OF_ALL, Fault, Kind, Missed, Postgres, Weatherman, programme, promised
from proxy import Proxy, Weather

from learning_worker.db import logins, seed, submissions
from learning_worker.db.pool import Database, DatabaseUnavailable
from learning_worker.db.submissions import NewAnswer, NewFile
from learning_worker.domain.criteria import parse_criteria
from learning_worker.domain.submission import ConfirmText, Task
from learning_worker.storage.objects import ObjectStore

PUPILS = 30
TASK = Task("Why?", parse_criteria(["names a cause", "gives a reason"]), confirm_text=ConfirmText.NEVER)


@dataclass(frozen=True)
class Plan:
    """What one storm is: every third job is a file of two pages.

    pause_s: mean time between two faults. patience_s: from the last fault to the empty queue, and for one fault to hit.
    """

    jobs: int
    faults: int
    seed: int
    workers: int = 6
    answer_s: float = 0.15
    pause_s: float = 0.5
    patience_s: float = 300.0


@dataclass
class Storm:
    """One run."""

    plan: Plan
    postgres: Postgres
    dsns: logins.Dsns
    owner_dsn: str
    folder: Path
    random: Random = field(init=False)
    exit_codes: Counter[int] = field(default_factory=Counter)
    slots: list[Slot] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.plan.seed)
        self.owner = Database(self.owner_dsn, max_size=2)
        self.app = Database(self.dsns.app, max_size=4)
        self.notes = Notes(self.folder / "notes")
        self.weather = Weatherman(self.notes, self.postgres, self._kill_backend)

    async def run(self) -> dict[str, object]:
        """Hand in, let the faults loose, wait for the end, count."""
        started = time.monotonic()
        async with contextlib.AsyncExitStack() as stack:
            for database in (self.owner, self.app):
                await database.open()
                stack.push_async_callback(database.close)
            for _ in range(self.plan.workers):
                proxy = await stack.enter_async_context(Proxy(self.dsns.worker).running())
                self.slots.append(Slot(proxy, self._environment(), self.exit_codes))
            stack.callback(lambda: [slot.end() for slot in self.slots])
            task_id = await self._place()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._hand_in(task_id))
                group.create_task(self._let_loose())
            await self._end()
            return await self._figures(time.monotonic() - started)

    def _environment(self) -> dict[str, str]:
        return {
            "GUSTAV_ENV": "test",
            "LEARNING_DATA_DIR": str(self.folder),
            "SCRIPT_NOTES": str(self.notes.path),
            "SCRIPT_SECONDS": str(self.plan.answer_s),
            # High: a storm hits the same innocent job more often than a school does in a year.
            "SCRIPT_MAX_CRASHES": "10",
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
            while number > (self.weather.count + 1) * self.plan.jobs / self.plan.faults:  # noqa: ASYNC110
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
        async with asyncio.TaskGroup() as tails:
            for fault in programme(self.plan.faults, self.random, self.plan.pause_s):
                await asyncio.sleep(fault.pause_s)
                slot = await self._somebody(fault)
                tail = tails.create_task(self._strike(fault, slot))
                # Whatever happens to the database happens to everybody; the rest goes on behind the scenes.
                if fault.kind in OF_ALL:
                    await tail

    async def _strike(self, fault: Fault, slot: Slot) -> None:
        """Until it has hit somebody; `slot` is the caller's choice and taken."""
        while True:
            try:
                await self.weather.hit(fault, slot)
            except Missed:
                slot.is_busy = False
                slot = await self._somebody(fault)
            else:
                return
            finally:
                slot.is_busy = False

    async def _somebody(self, fault: Fault) -> Slot:
        """A worker whom the fault would hit, taken."""
        async with asyncio.timeout(self.plan.patience_s):
            while True:
                for slot in self.slots:
                    if not slot.is_busy:
                        slot.ensure()
                if fitting := [slot for slot in self.slots if self.weather.fits(fault, slot)]:
                    slot = self.random.choice(fitting)
                    slot.is_busy = True
                    return slot
                await asyncio.sleep(0.02)

    async def _kill_backend(self) -> None:
        """SIGKILL to one server process: the whole server drops everybody and recovers from its log. Raises Missed."""
        try:
            rows = await self.owner.rows(
                "select pid from pg_stat_activity where usename = 'gustav_worker' limit 1"
            )
            os.kill(rows[0]["pid"], signal.SIGKILL)
        except (DatabaseUnavailable, IndexError, ProcessLookupError) as error:
            raise Missed from error

    async def _end(self) -> None:
        """Fine weather until the queue is empty, then an orderly end."""
        for slot in self.slots:
            slot.proxy.turn(Weather.FINE)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.plan.patience_s):
                while await self._count_soon("learning_submission_jobs where status <> 'failed'"):
                    for slot in self.slots:
                        slot.ensure()
                    await asyncio.sleep(0.2)
        for slot in self.slots:
            slot.ensure()
            while slot.proxy.connections < 3:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            slot.signal(signal.SIGTERM)
        for slot in self.slots:
            await asyncio.to_thread(slot.wait, 60)
            self.exit_codes[slot.process.exitcode] += 1

    async def _count_soon(self, what: str) -> int:
        while True:
            with contextlib.suppress(DatabaseUnavailable):
                return await self._count(what)
            await asyncio.sleep(0.2)

    async def _count(self, what: str) -> int:
        (row,) = await self.owner.rows(f"select count(*) as n from public.{what}")
        return int(row["n"])

    async def _figures(self, seconds: float) -> dict[str, object]:
        self.notes.read()
        by_kind = self.weather.by_kind()
        return {
            "jobs": self.plan.jobs,
            "seed": self.plan.seed,
            "seconds": round(seconds),
            "faults": self.weather.count,
            "missing_faults": sum(
                max(0, count - by_kind.get(kind, 0)) for kind, count in promised(self.plan.faults).items()
            ),
            "by_kind": {kind.name.lower(): by_kind.get(kind, 0) for kind in Kind},
            "by_phase": {
                f"{kind.name.lower()} {asked}": n for (kind, asked), n in sorted(self.weather.done.items())
            },
            "exit_codes": {str(code): n for code, n in sorted(self.exit_codes.items())},
            "not_handed_in": self.plan.jobs - await self._count("learning_submissions"),
            "lost": await self._count("learning_submissions where analysis_status <> 'completed'"),
            "two_effects": await self._count(
                "learning_submissions s where text_version <> 1"
                " or (select count(*) from public.learning_reports r where r.submission_id = s.id) <> 1"
            ),
            "asked_again": self.notes.asked_after(await self._stored()),
            "questions": sum(map(len, self.notes.asked.values())),
            "questions_repeated_unkept": sum(len(times) - 1 for times in self.notes.asked.values()),
            "leases_left": await self._count("learning_submission_jobs where status = 'leased'"),
            "jobs_left": await self._count("learning_submission_jobs"),
        }

    async def _stored(self) -> dict[tuple[str, str], float]:
        """When each answer was stored: as a checkpoint, or else with the report that holds it."""
        rows = await self.owner.rows(
            "select idempotency_key as name, what, extract(epoch from min(at))::float8 as at from ("
            " select submission_id, 'page' || page_nr as what, created_at as at from public.learning_page_readings"
            " union all select submission_id, criterion_id, created_at from public.learning_criterion_results"
            " union all select submission_id, unnest(array['c1', 'c2']), created_at from public.learning_reports"
            ") kept join public.learning_submissions s on s.id = kept.submission_id group by 1, 2"
        )
        return {(row["name"], row["what"]): row["at"] for row in rows}


PROMISES = (
    "missing_faults",
    "not_handed_in",
    "lost",
    "two_effects",
    "asked_again",
    "leases_left",
    "jobs_left",
)


def broken(figures: dict[str, object]) -> list[str]:
    """The promises that this storm broke, its own size among them; empty is what we want."""
    codes = set(figures["exit_codes"]) - {"0", str(-signal.SIGKILL)}  # type: ignore[call-overload]
    return [name for name in PROMISES if figures[name]] + ([f"exit codes {sorted(codes)}"] if codes else [])


def table(figures: dict[str, object]) -> str:
    """The faults by kind and by what the worker was being asked when it was hit, in Markdown."""
    phases = ("vision", "feedback", "feedback+vision", "idle")
    counts = figures["by_phase"]
    assert isinstance(counts, dict)
    rows = [
        [str(kind), *(counts.get(f"{kind.name.lower()} {phase}", 0) for phase in phases)] for kind in Kind
    ]
    lines = [["fault", "vision", "feedback", "both", "neither", "all"], ["---"] * 6]
    lines += [[*map(str, row), str(sum(row[1:]))] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


async def storm(plan: Plan) -> dict[str, object]:
    """One storm on a durable server of its own, in a temporary directory that is removed with everything that runs."""
    with tempfile.TemporaryDirectory(prefix="lw-storm-") as name:
        Path(name).chmod(0o755)
        postgres = Postgres(Path(name) / "postgres")
        try:
            server = await asyncio.to_thread(postgres.start)
            dsns = await asyncio.to_thread(logins.provision, server, "storm")
            folder = Path(name) / "workers"
            folder.mkdir()
            return await Storm(plan, postgres, dsns, server.superuser_dsn(dsns.database), folder).run()
        finally:
            postgres.remove()


async def _until_sigterm(plan: Plan) -> dict[str, object]:
    """A storm that clears up after itself when it is told to end."""
    running = asyncio.current_task()
    assert running is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    return await storm(plan)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--faults", type=int, default=400)
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--workers", type=int, default=Plan.workers)
    arguments = parser.parse_args()
    # The pool tells each lost connection; they are what a storm is made of.
    logging.disable(logging.WARNING)
    code = 0
    for number in arguments.seed or [1, 2, 3]:
        plan = Plan(arguments.jobs, arguments.faults, number, arguments.workers)
        try:
            figures = asyncio.run(_until_sigterm(plan))
        except asyncio.CancelledError:
            sys.stderr.write("interrupted; everything is cleared up\n")
            return 130
        sys.stdout.write(f"{table(figures)}\n\n{json.dumps(figures)}\n")
        sys.stdout.flush()
        if problems := broken(figures):
            sys.stderr.write(f"seed {number} broke: {', '.join(problems)}\n")
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
