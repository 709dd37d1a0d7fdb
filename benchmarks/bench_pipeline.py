"""What the pipeline costs: jobs a second with a model that answers at once, pick-up latency, overhead, makespan, memory.

`python benchmarks/bench_pipeline.py` runs everything on a durable PostgreSQL of its own and prints one JSON line per figure.
"""

import argparse
import asyncio
import contextlib
import heapq
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from random import Random

from learning_worker.adapters.stub import StubFeedback
from learning_worker.db import embedded, logins, seed, submissions
from learning_worker.db.endings import Endings
from learning_worker.db.line import Line
from learning_worker.db.notify import listen
from learning_worker.db.pool import Database
from learning_worker.db.queue import LeaseTerms, Renewal
from learning_worker.db.submissions import NewAnswer
from learning_worker.domain.criteria import CriterionResult, parse_criteria
from learning_worker.domain.retry import RetryPolicy
from learning_worker.domain.submission import ConfirmText, Phase, Task
from learning_worker.observability import logs
from learning_worker.observability.metrics import Metrics
from learning_worker.worker.lease import Leases
from learning_worker.worker.pipeline import Bounds, Deps
from learning_worker.worker.runner import Runner
from learning_worker.worker.schedule import Plan

PUPILS = 30
TEXT = "Plants take in water and light. They give off oxygen, because they split the water."
TASK = Task("Why?", parse_criteria(["names a cause", "gives a reason"]), confirm_text=ConfirmText.NEVER)


class TimedFeedback(StubFeedback):
    """The stub, after a model time in seconds that the text's first word states; notes starts and ends."""

    def __init__(self) -> None:
        super().__init__()
        self.spans: list[tuple[float, float]] = []

    async def assess(
        self, text: str, task: Task, done: Sequence[CriterionResult]
    ) -> AsyncIterator[CriterionResult]:
        model_s = float(text.split()[0]) if text[0].isdigit() else 0.0
        started = time.perf_counter()
        if model_s:
            await asyncio.sleep(model_s)
        self.spans.append((started, time.perf_counter()))
        async for result in super().assess(text, task, done):
            yield result


class School:
    """One database with a class and a task; `hand_in` is the front door."""

    def __init__(self, dsns: logins.Dsns) -> None:
        self.dsns = dsns
        self.owner = Database(dsns.migration, max_size=1)
        self.app = Database(dsns.app, max_size=4)
        self.handed_in = 0

    async def open(self) -> None:
        await self.owner.open()
        await self.app.open()
        async with self.owner.transaction() as connection:
            people = [seed.Person(f"pupil-{n}", "Pupil") for n in range(PUPILS)]
            await seed.put_people(connection, people)
            members = [seed.Membership(person.sub, "student") for person in people]
            course_id = await seed.put_course(connection, "7b", None, members)
            self.task_id = await seed.put_task(connection, course_id, seed.NewTask("Light", TASK))

    async def close(self) -> None:
        await self.app.close()
        await self.owner.close()

    async def hand_in(self, texts: Sequence[str]) -> None:
        for text in texts:
            self.handed_in += 1
            async with self.app.acting_as(f"pupil-{self.handed_in % PUPILS}") as connection:
                await submissions.submit(connection, NewAnswer(self.task_id, str(self.handed_in), text=text))


@contextlib.asynccontextmanager
async def a_worker(school: School, slots: int) -> AsyncIterator[tuple[Runner, TimedFeedback]]:
    """The product's worker with its real parts; only the model is ours."""
    dsn, feedback = school.dsns.worker, TimedFeedback()
    db = Database(dsn, max_size=8)
    line, endings = Line(dsn, "lease"), Endings(Line(dsn, "endings"))
    deps = Deps(
        db=db, endings=endings, blobs=None, decoder=None, vision=None, feedback=feedback,  # type: ignore[arg-type]
        leases=Leases(Renewal(dsn, 30), 30, time.monotonic), retry=RetryPolicy(), bounds=Bounds(), random=Random(1),
    )  # fmt: skip
    runner = Runner(
        deps=deps, line=line, terms=LeaseTerms("bench"), plan=Plan({Phase.FEEDBACK: slots}, drain_s=60),
        metrics=Metrics(), clock=time.monotonic, wakeups=lambda on_lost: listen(dsn, "learning_jobs", on_lost),
    )  # fmt: skip
    stop = asyncio.Event()
    await db.open()
    running = asyncio.create_task(runner.run(stop))
    try:
        yield runner, feedback
    finally:
        stop.set()
        await running
        await endings.close()
        await line.close()
        await db.close()


async def completed(school: School, at_least: int) -> None:
    while True:
        async with school.owner.transaction() as connection:
            await connection.execute("set local role gustav_owner")
            row = await (
                await connection.execute(
                    "select count(*) as n from public.learning_submissions where analysis_status = 'completed'"
                )
            ).fetchone()
        if row and row["n"] >= at_least:
            return
        await asyncio.sleep(0.05)


async def throughput(school: School, jobs: int, slots: int) -> dict[str, object]:
    """Typed answers, two criteria each: a lease, two checkpoints and a completion, all durable and fenced."""
    await school.hand_in([TEXT] * jobs)
    started = time.perf_counter()
    async with a_worker(school, slots):
        await completed(school, school.handed_in)
        took = time.perf_counter() - started
    return {"figure": "no-op throughput", "jobs": jobs, "slots": slots, "jobs_per_s": round(jobs / took, 1)}


async def pickup(school: School, jobs: int) -> dict[str, object]:
    """From the commit of the hand-in to the start of the model call, on an idle worker."""
    waits = []
    async with a_worker(school, 2) as (runner, feedback):
        for _ in range(jobs):
            while not runner._is_idle:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.03)
            seen = len(feedback.spans)
            await school.hand_in([TEXT])
            committed = time.perf_counter()
            while len(feedback.spans) == seen:  # noqa: ASYNC110
                await asyncio.sleep(0.0005)
            waits.append((feedback.spans[-1][0] - committed) * 1000)
            await completed(school, school.handed_in)
    waits.sort()
    return {
        "figure": "pick-up latency, ms", "jobs": jobs, "p50": round(statistics.median(waits), 1),
        "p99": round(waits[int(0.99 * (len(waits) - 1))], 1),
    }  # fmt: skip


async def makespan(school: School, jobs: int, slots: int) -> dict[str, object]:
    """Mixed model times on few slots, against greedy list scheduling of the same jobs in the order of their start."""
    random = Random(3)
    times = [random.choice([0.1, 0.2, 0.4, 0.8]) for _ in range(jobs)]
    await school.hand_in([f"{model_s} s. {TEXT}" for model_s in times])
    async with a_worker(school, slots) as (_, feedback):
        await completed(school, school.handed_in)
        spans = sorted(feedback.spans)
    free = [0.0] * slots
    for start, end in spans:
        heapq.heappush(free, heapq.heappop(free) + (end - start))
    best, took = max(free), max(end for _, end in spans) - spans[0][0]
    overhead_ms = (took - best) * slots / jobs * 1000
    return {
        "figure": "makespan", "jobs": jobs, "slots": slots, "seconds": round(took, 2), "greedy_s": round(best, 2),
        "over_percent": round((took / best - 1) * 100, 2), "overhead_ms_per_submission": round(overhead_ms, 2),
        "overhead_percent_of_5_s": round(overhead_ms / 50, 3),
    }  # fmt: skip


def memory(school: School) -> dict[str, object]:
    """Resident memory of this process, which is worker and class at once."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {"figure": "memory", "after_jobs": school.handed_in, "rss_mib": round(pages * 4096 / 2**20, 1)}


async def run(scale: float, only: list[str] | None) -> None:
    logs.configure(level="error")
    with tempfile.TemporaryDirectory(prefix="lw-bench-") as folder:
        Path(folder).chmod(0o755)  # noqa: ASYNC240
        with embedded.server(Path(folder) / "postgres") as server:
            school = School(logins.provision(server, "bench"))
            await school.open()
            figures = {
                "throughput": [
                    lambda: throughput(school, int(2000 * scale), 1),
                    lambda: throughput(school, int(4000 * scale), 8),
                    lambda: throughput(school, int(8000 * scale), 100),
                ],
                "pickup": [lambda: pickup(school, int(200 * scale))],
                "makespan": [lambda: makespan(school, int(200 * scale), 4)],
            }
            for name in only or figures:
                for figure in figures[name]:
                    print(json.dumps(await figure()), flush=True)
                    print(json.dumps(memory(school)), flush=True)
            await school.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="0.1: a tenth of the jobs, to try it out")
    parser.add_argument("--only", action="append", choices=["throughput", "pickup", "makespan"])
    arguments = parser.parse_args()
    asyncio.run(run(arguments.scale, arguments.only))
