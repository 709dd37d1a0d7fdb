"""What every connection brings along, whatever its surroundings say."""

import conftest
import pytest

from learning_worker.db.line import Line
from learning_worker.db.pool import Database

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
