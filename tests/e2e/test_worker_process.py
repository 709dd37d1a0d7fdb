"""Real worker processes and real signals: drain, kill, crash limit."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import Database
from workbench import School, a_school, until

SCRIPT = Path(__file__).parents[1] / "worker_process.py"


@dataclass
class Process:
    """A running worker; `notes` is what its adapter was asked, `log` what it said."""

    popen: subprocess.Popen[bytes]
    folder: Path

    @property
    def notes(self) -> list[list[str]]:
        file = self.folder / "notes"
        return [line.split()[1:4] for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / f"log{self.popen.pid}").read_text().splitlines()]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.log if line["event"] == name]

    def signal(self, number: signal.Signals) -> None:
        self.popen.send_signal(number)

    async def asked(self, count: int = 1) -> None:
        async def enough() -> bool:
            assert self.popen.poll() is None, self.log
            return sum(note[0] == "asked" for note in self.notes) >= count

        await until(enough)

    async def code(self) -> int:
        return await asyncio.to_thread(self.popen.wait, 20)


@contextmanager
def a_process(database: Database, folder: Path, **settings: str) -> Iterator[Process]:
    """A worker with leases of 2 s and a drain of 20 s, unless settings say otherwise; killed when the block ends."""
    environment = {
        **os.environ,
        "GUSTAV_ENV": "test",
        "LEARNING_DATABASE_URL": database.dsns.worker,
        "LEARNING_DATA_DIR": str(folder),
        "SCRIPT_NOTES": str(folder / "notes"),
        "WORKER_LEASE_SECONDS": "2",
        "WORKER_METRICS_PORT": "0",
        "WORKER_DRAIN_SECONDS": "20",
        "WORKER_BACKOFF_SECONDS": "0.1",
        **settings,
    }
    with (folder / "starting").open("wb") as log:
        popen = subprocess.Popen([sys.executable, str(SCRIPT)], env=environment, stderr=log, stdout=log)
    (folder / "starting").rename(folder / f"log{popen.pid}")
    try:
        yield Process(popen, folder)
    finally:
        popen.kill()
        popen.wait()


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


@pytest.mark.slow
async def test_sigterm_finishes_what_runs_and_leases_nothing_more(
    database: Database, school: School, tmp_path: Path
) -> None:
    running = [await school.hand_in_text(f"First{n} answer.") for n in range(2)]
    # A third slot is free, and idle: what is handed in wakes it within milliseconds.
    # They take longer than a lease: without renewals until the end both would be lost.
    settings = {"WORKER_FEEDBACK_CONCURRENCY": "3", "WORKER_LEASE_SECONDS": "2", "SCRIPT_SECONDS": "4"}
    with a_process(database, tmp_path, **settings) as worker:
        await worker.asked(2)
        await until(lambda: _is_idle(school))

        worker.signal(signal.SIGTERM)
        await asyncio.sleep(0.1)
        late = [await school.hand_in_text(f"Late{n} answer.") for n in range(3)]

        assert await worker.code() == 0
    assert [await school.status(one) for one in running] == ["completed"] * 2
    assert {note[1] for note in worker.notes} == {"First0", "First1"}
    for one in late:
        job = await school.job(one)
        assert job is not None
        assert (job["status"], job["run_count"], job["worker_id"]) == ("queued", 0, None)


@pytest.mark.slow
async def test_a_drain_that_runs_out_releases_uncharged_and_exits_0(
    database: Database, school: School, tmp_path: Path
) -> None:
    submission_id = await school.hand_in_text()
    with a_process(database, tmp_path, SCRIPT_SECONDS="60", WORKER_DRAIN_SECONDS="3") as worker:
        await worker.asked()
        worker.signal(signal.SIGTERM)

        assert await worker.code() == 0

    job = await school.job(submission_id)
    assert job is not None
    assert (job["status"], job["run_count"], job["crash_count"], job["interruption_count"]) == (
        "queued",
        0,
        0,
        1,
    )


@pytest.mark.slow
async def test_a_second_sigterm_gives_back_at_once(
    database: Database, school: School, tmp_path: Path
) -> None:
    submission_id = await school.hand_in_text()
    with a_process(database, tmp_path, SCRIPT_SECONDS="60") as worker:
        await worker.asked()
        worker.signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        started = time.monotonic()
        # More of them than it takes: none may kill a worker that is on its way out.
        for _ in range(100):
            worker.signal(signal.SIGTERM)
            await asyncio.sleep(0.01)

        assert await worker.code() == 0

    assert time.monotonic() - started < 4
    job = await school.job(submission_id)
    assert job is not None
    assert (job["status"], job["interruption_count"], job["crash_count"]) == ("queued", 1, 0)


async def test_after_sigkill_the_next_worker_asks_only_for_what_is_missing(
    database: Database, school: School, tmp_path: Path
) -> None:
    submission_id = await school.hand_in_text()
    with a_process(database, tmp_path, SCRIPT_SECONDS="0.4") as first:
        await first.asked(2)
        first.signal(signal.SIGKILL)
        assert await first.code() == -signal.SIGKILL

    with a_process(database, tmp_path):
        await until(lambda: _is(school, submission_id, "completed"))

    asked = [note[2] for note in first.notes if note[0] == "asked"]
    assert asked == ["c1", "c2", "c2"]


@pytest.mark.slow
async def test_a_job_that_kills_its_worker_ends_after_three_crashes_and_the_neighbours_flow(
    database: Database, school: School, tmp_path: Path
) -> None:
    # It is long, and so at work whenever the poison strikes.
    good = [await school.hand_in_text("Beside it, a long answer.")]
    poison = await school.hand_in_text("Poison KILL answer.")

    async def all_have_ended() -> bool:
        return await _is(school, poison, "failed") and all([await _is(school, i, "completed") for i in good])

    deaths = 0
    while not await all_have_ended():
        with a_process(
            database,
            tmp_path,
            WORKER_LEASE_SECONDS="1",
            WORKER_FEEDBACK_CONCURRENCY="2",
            WORKER_POLL_INTERVAL="0.1",
            SCRIPT_SECONDS="0.5",
        ) as worker:
            await until(lambda worker=worker: _has_died_or(worker, all_have_ended))
            if worker.popen.poll() is not None:
                deaths += 1
                good.append(await school.hand_in_text(f"Good{deaths} answer."))
        assert deaths <= 3

    assert (await school.stored(poison))["error_code"] == "worker_crashed"
    assert deaths == sum(note == ["asked", "Poison", "c1"] for note in worker.notes) == 3


@pytest.mark.slow
async def test_sigterm_while_the_database_is_away_exits_0(database: Database, tmp_path: Path) -> None:
    away = "postgresql://nobody:nothing@127.0.0.1:9/nowhere"
    with a_process(database, tmp_path, LEARNING_DATABASE_URL=away) as worker:
        await until(lambda: _says(worker, "database_unavailable"))
        worker.signal(signal.SIGTERM)

        assert await worker.code() == 0


@pytest.mark.slow
async def test_a_worker_that_was_stopped_for_longer_than_its_lease_writes_nothing(
    database: Database, school: School, tmp_path: Path
) -> None:
    submission_id = await school.hand_in_text()
    with a_process(database, tmp_path, SCRIPT_SECONDS="1") as sleeper:
        await sleeper.asked()
        sleeper.signal(signal.SIGSTOP)
        with a_process(database, tmp_path) as other:
            await until(lambda: _is(school, submission_id, "completed"))
            sleeper.signal(signal.SIGCONT)
            await until(lambda: _says(sleeper, "job_ended"))
            assert other.events("job_ended")[0]["outcome"] == "completed"

        assert [line["outcome"] for line in sleeper.events("job_ended")] == ["lease_lost"]


async def _is(school: School, submission_id: Any, status: str) -> bool:
    return await school.status(submission_id) == status


async def _has_died_or(worker: Process, happened: Callable[[], Awaitable[bool]]) -> bool:
    return worker.popen.poll() is not None or await happened()


async def _is_idle(school: School) -> bool:
    rows = await school.owner.rows("select worker_id from public.learning_workers where idle")
    return bool(rows)


async def _says(worker: Process, event: str) -> bool:
    return bool(worker.events(event))
