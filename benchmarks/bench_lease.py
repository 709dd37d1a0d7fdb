"""What a look for work costs: jobs leased a second at several batch sizes, and a look at a long queue where nothing is due.

`python benchmarks/bench_lease.py` runs on a durable PostgreSQL of its own and prints one JSON line per figure.
"""

import argparse
import asyncio
import statistics
import time

import psycopg
from rig import School, durable_server, figure

from learning_worker.db import queue
from learning_worker.db.line import Line
from learning_worker.db.queue import LeaseTerms, Want
from learning_worker.domain.submission import Phase


async def leases(line: Line, owner: str, batch: int, jobs: int) -> None:
    """Whole views of jobs, fenced, committed."""
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(
            "update public.learning_submission_jobs"
            " set status = 'queued', lease_key = null, leased_until = null, run_count = 0"
        )
        connection.execute("vacuum analyze public.learning_submission_jobs")
    started, got = time.perf_counter(), 0
    while got < jobs:
        found = await queue.lease(line, LeaseTerms("bench"), [Want(Phase.FEEDBACK, min(batch, jobs - got))])
        got += len(found.jobs)
    figure("leases", batch=batch, jobs_per_s=round(got / (time.perf_counter() - started)))


async def empty_looks(line: Line, owner: str, looks: int) -> None:
    """A look of an idle worker while every job backs off."""
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(
            "update public.learning_submission_jobs set status = 'queued', lease_key = null, leased_until = null,"
            " visible_at = now() + interval '1 day'"
        )
        connection.execute("vacuum analyze public.learning_submission_jobs")
    times = []
    for _ in range(looks):
        started = time.perf_counter()
        await queue.lease(line, LeaseTerms("bench"), [Want(Phase.VISION, 1), Want(Phase.FEEDBACK, 2)])
        times.append((time.perf_counter() - started) * 1000)
    figure("empty look, ms", looks=looks, p50=round(statistics.median(times), 2))


async def run(jobs: int) -> None:
    """All figures."""
    with durable_server() as server:
        async with School(server, "bench") as school:
            await school.hand_in_many(jobs)
            line = Line(school.dsns.worker, "bench")
            for batch in (1, 10, 100):
                await leases(line, school.owner_dsn, batch, min(jobs, 200 * batch))
            await empty_looks(line, school.owner_dsn, 200)
            await line.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1000)
    asyncio.run(run(parser.parse_args().jobs))
