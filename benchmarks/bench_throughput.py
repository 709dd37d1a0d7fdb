"""Jobs a second to durable done, beside Procrastinate, PgQueuer and what pgbench commits, in one run on one server.

`make bench` installs the others into .bench. Every system runs as processes of its own; time counts from the first job's
begin until nothing is left. Rounds are interleaved, and the median counts. One JSON line per figure.
"""

import argparse
import asyncio
import contextlib
import json
import re
import select
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
from psycopg import sql
from rig import School, durable_server, figure

from learning_worker.db.embedded import Server
from learning_worker.db.embedded_home import binaries, prepare

HERE = Path(__file__).parent
PEERS = HERE.parent / ".bench" / "bin" / "python"
SLOTS = 100
LEFT = {
    "procrastinate": "select count(*) from procrastinate_jobs where status in ('todo', 'doing')",
    "pgqueuer": "select count(*) from pgqueuer",
}


@dataclass(frozen=True)
class System:
    """One way to work off jobs. `manner`: what a job does; `fill` hands in so many; `left` counts what is not done."""

    name: str
    manner: str
    workers: int
    jobs: int
    command: tuple[str, ...]
    dsn: str
    fill: Callable[[int], None]
    left: str


def measure(system: System, jobs: int) -> float:
    """Jobs a second of one run."""
    system.fill(jobs)
    with psycopg.connect(system.dsn, autocommit=True) as connection:
        connection.execute("vacuum analyze")
        with running(system) as processes:
            began = first_job(processes)
            while (row := connection.execute(system.left).fetchone()) and row[0]:  # type: ignore[arg-type]
                time.sleep(0.02)
            return jobs / (time.time() - began)


@contextlib.contextmanager
def running(system: System) -> Iterator[list[subprocess.Popen[str]]]:
    """The worker processes of a system."""
    processes = [
        subprocess.Popen(system.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for _ in range(system.workers)
    ]
    try:
        yield processes
    finally:
        # Nothing is left to do, and a graceful stop would take some of them seconds.
        for process in processes:
            process.kill()
            process.wait()


def first_job(processes: list[subprocess.Popen[str]]) -> float:
    """When the first of them began its first job."""
    outputs = [process.stdout for process in processes if process.stdout is not None]
    ready, _, _ = select.select(outputs, [], [], 60)
    return min(float(json.loads(output.readline())["first"]) for output in ready)


def ours(server: Server, name: str, manner: str, workers: int, jobs: int) -> System:
    """The product's worker."""
    school = School(server, name, criteria=2 if manner == "stub" else 1)

    async def fill(count: int) -> None:
        async with school:
            await school.hand_in_many(count)

    return System(
        "learning-worker", manner, workers, jobs,
        (sys.executable, str(HERE / "noop_worker.py"), school.dsns.worker, str(SLOTS), manner),
        school.owner_dsn, lambda count: asyncio.run(fill(count)), "select count(*) from learning_submission_jobs",
    )  # fmt: skip


def peer(server: Server, name: str, manner: str, workers: int, jobs: int) -> System:
    """Another queue, in a database of its own."""
    database = f"{name}_{manner}_{workers}"
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(database)))
    dsn = server.superuser_dsn(database)

    def run(command: str, *more: str) -> None:
        subprocess.run(
            [PEERS, HERE / "peer.py", name, command, dsn, manner, *more],
            check=True,
            stdout=subprocess.DEVNULL,
        )

    run("setup")
    return System(
        name, manner, workers, jobs, (str(PEERS), str(HERE / "peer.py"), name, "worker", dsn, manner), dsn,
        lambda count: run("enqueue", str(count)), LEFT[name],
    )  # fmt: skip


def pgbench(server: Server, seconds: int) -> Callable[[], float]:
    """What the server commits at best: one small durable update per transaction, 8 clients."""
    program = binaries(prepare(server.base_dir).user) / "pgbench"
    dsn = server.superuser_dsn("floor")
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        connection.execute("create database floor")
    subprocess.run([program, "-i", "-q", "-s", "5", dsn], check=True, capture_output=True)

    def run() -> float:
        command = [program, "-n", "-b", "simple-update", "-c", "8", "-j", "2", "-T", str(seconds), dsn]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        (found,) = re.findall(r"tps = ([\d.]+)", done.stdout)
        return float(found)

    return run


def main(rounds: int, scale: float) -> None:
    """Every system once per round; then the medians."""
    with durable_server() as server:
        systems = [
            ours(server, "one", "noop", 1, 4000),
            ours(server, "two", "noop", 2, 4000),
            ours(server, "logged", "logged", 1, 4000),
            ours(server, "stub", "stub", 1, 3000),
            *(
                peer(server, name, manner, workers, jobs)
                for name, jobs in (("procrastinate", 2000), ("pgqueuer", 10_000))
                for manner, workers in (("noop", 1), ("noop", 2), ("storing", 1))
            ),
        ]
        rates: dict[str, list[float]] = {}
        floor = pgbench(server, max(2, int(4 * scale)))
        runs = {
            f"{s.name}, {s.manner}, {s.workers} process{'es' * (s.workers > 1)}": partial(measure, s, int(s.jobs * scale))
            for s in systems
        } | {"pgbench simple-update, 8 clients": floor}  # fmt: skip
        for _ in range(rounds):
            for name, run in runs.items():
                rates.setdefault(name, []).append(run())
        for name, found in rates.items():
            figure(
                "throughput",
                system=name,
                jobs_per_s=round(statistics.median(found)),
                runs=[round(rate) for rate in found],
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="0.1: a tenth of the jobs, to try it out")
    arguments = parser.parse_args()
    main(arguments.rounds, arguments.scale)
