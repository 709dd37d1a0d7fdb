"""What every connection brings along, whatever its surroundings say."""

import asyncio
import time

import conftest
import pytest
from proxy import Proxy, Weather

from learning_worker.db.line import Line
from learning_worker.db.pool import Database, DatabaseUnavailable

WORDS = "a – b →"


@pytest.fixture
def latin1(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator's shell from long ago."""
    monkeypatch.setenv("PGCLIENTENCODING", "latin1")


@pytest.mark.usefixtures("latin1")
async def test_a_line_takes_every_letter(database: conftest.Database) -> None:
    line = Line(database.dsns.worker, "test")

    assert await line.rows("select %s as words", (WORDS,)) == [{"words": WORDS}]

    await line.close()


@pytest.mark.usefixtures("latin1")
async def test_a_pool_takes_every_letter(database: conftest.Database) -> None:
    pool = Database(database.dsns.worker, max_size=1)
    await pool.open()

    assert await pool.rows("select %s as words", (WORDS,)) == [{"words": WORDS}]

    await pool.close()


async def test_a_person_who_falls_silent_holds_no_row_for_longer_than_the_pool_waits(
    database: conftest.Database,
) -> None:
    pool = Database(database.dsns.app, max_size=1, answer_s=2.5)
    await pool.open()
    limit = "select current_setting('idle_in_transaction_session_timeout') as limit"

    async with pool.acting_as("pupil-1") as connection:
        inside = await (await connection.execute(limit)).fetchone()

    assert inside == {"limit": "2500ms"}
    assert await pool.rows(limit) == [{"limit": "0"}]
    await pool.close()


async def test_a_pool_is_back_soon_after_the_server_however_long_that_was_away(
    database: conftest.Database,
) -> None:
    async with Proxy(database.dsns.worker).running() as proxy:
        pool = Database(proxy.dsn, max_size=2, acquire_s=0.5)
        await pool.open()
        await pool.rows("select 1")
        proxy.turn(Weather.REFUSING)
        ends_at = time.monotonic() + 8
        while time.monotonic() < ends_at:
            with pytest.raises(DatabaseUnavailable):
                await pool.rows("select 1")
        proxy.turn(Weather.FINE)

        # Pauses that doubled since the beginning would be at 8 s by now.
        async with asyncio.timeout(4):
            while not await _answers(pool):
                pass

        await pool.close()


async def _answers(pool: Database) -> bool:
    try:
        await pool.rows("select 1")
    except DatabaseUnavailable:
        return False
    return True
