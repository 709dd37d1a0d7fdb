"""PostgreSQL is stopped at once and started again while a job runs; the storm does it at random, here it is one story."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from chaos.faults import Postgres
from conftest import Database
from fakes import FakeFeedback, Script
from workbench import School, a_bench, a_school, a_worker, until

from learning_worker.db import logins, migrate
from learning_worker.db.pool import DatabaseUnavailable
from learning_worker.ports import MadeWith

pytestmark = pytest.mark.slow


@pytest.fixture
async def postgres() -> AsyncIterator[Postgres]:
    """A server of this test's own: the others share theirs."""
    with tempfile.TemporaryDirectory(prefix="lw-restart-") as name:
        Path(name).chmod(0o755)
        server = Postgres(Path(name) / "postgres")
        try:
            yield server
        finally:
            server.remove()


async def test_a_restart_of_postgresql_costs_no_run_no_question_and_no_job(postgres: Postgres) -> None:
    server = await asyncio.to_thread(postgres.start)
    dsns = await asyncio.to_thread(logins.provision, server, "restart")
    owner = server.superuser_dsn(dsns.database)
    database = Database(dsns.database, dsns, owner, server, migrate.migrations_directory())
    feedback = FakeFeedback(Script(gate=asyncio.Event()))
    feedback.maker = MadeWith("a digest", "a version")
    assert feedback.script.gate is not None
    async with a_school(database) as school:
        async with a_worker(a_bench(database, school, feedback=feedback)):
            before = await school.hand_in_text("Before.")
            await feedback.script.started.wait()

            await asyncio.to_thread(postgres.restart)
            feedback.script.gate.set()
            after = await school.hand_in_text("After.")
            for answer in (before, after):
                await until(lambda one=answer: _is_completed(school, one), 60)

        rows = await school.owner.rows(
            "select feedback_attempts, feedback_last_error from public.learning_submissions"
        )
    assert [(row["feedback_attempts"], row["feedback_last_error"]) for row in rows] == [(1, None)] * 2
    assert feedback.asked == ["c1", "c2"] * 2
    assert feedback.script.cancelled == 0


async def _is_completed(school: School, submission_id) -> bool:
    try:
        return await school.status(submission_id) == "completed"
    except DatabaseUnavailable:
        return False
