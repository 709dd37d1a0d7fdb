"""Behind PgBouncer in transaction mode: no notification arrives, so the worker polls, and everything else works."""

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
import pytest
from conftest import Database
from workbench import School, a_bench, a_school, a_worker, until

from learning_worker.db.notify import listen

pytestmark = pytest.mark.system


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


@pytest.fixture
def pooled_dsn(database: Database) -> Iterator[str]:
    """The worker's login through a pooler on a free port of the loopback; ended with the test."""
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    assert Path(program).exists(), "Debian's package `pgbouncer` is needed"
    parts = urlsplit(database.dsns.worker)
    server, (user, password) = parse_qs(parts.query), (unquote(parts.username), unquote(parts.password))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with TemporaryDirectory(prefix="lw-pgbouncer-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "users").write_text(f'"{user}" "{password}"\n')
        (folder / "ini").write_text(
            f"[databases]\n* = host={server['host'][0]} port={server['port'][0]}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = scram-sha-256\nauth_file = {folder / 'users'}\n"
            "pool_mode = transaction\ndefault_pool_size = 4\nignore_startup_parameters = extra_float_digits\n"
        )
        # It refuses to be root, and the server's socket belongs to the user that the embedded server runs as.
        as_user = "nobody" if os.geteuid() == 0 else None
        running = subprocess.Popen(
            [program, str(folder / "ini")],
            user=as_user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        dsn = f"postgresql://{parts.username}:{parts.password}@127.0.0.1:{port}{parts.path}"
        try:
            _await_answer(dsn, running)
            yield dsn
        finally:
            running.kill()
            running.wait()


def _await_answer(dsn: str, running: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        assert running.poll() is None
        with suppress(psycopg.OperationalError):
            psycopg.connect(dsn, connect_timeout=2).close()
            return
        with suppress(subprocess.TimeoutExpired):
            running.wait(0.05)
    raise AssertionError("PgBouncer does not answer")


async def test_the_worker_notices_that_nothing_can_arrive_polls_and_finishes_its_jobs(
    database: Database, school: School, pooled_dsn: str
) -> None:
    bench = a_bench(database, school, dsn=pooled_dsn)
    async with a_worker(bench) as runner:
        await until(lambda: _is_idle(runner))
        answers = [await school.hand_in_text(f"Answer {n}.") for n in range(5)]
        for one in answers:
            # Far below the 5 s that a worker waits between two looks when it listens.
            await until(lambda one=one: _is_completed(school, one), 4)

        assert runner._is_listening is False
    await bench.deps.db.close()


async def test_listening_ends_at_once_behind_a_pooler_and_goes_on_without(
    database: Database, pooled_dsn: str
) -> None:
    lost: list[str] = []

    async with asyncio.timeout(10):
        heard = [
            payload async for payload in listen(pooled_dsn, "learning_jobs", lambda: lost.append("lost"))
        ]
    direct = listen(database.dsns.worker, "learning_jobs")

    assert (heard, lost) == ([], ["lost"])
    assert await anext(direct) == "resync"
    await direct.aclose()


async def _is_idle(runner) -> bool:
    return bool(runner._is_idle)


async def _is_completed(school: School, submission_id) -> bool:
    return await school.status(submission_id) == "completed"
