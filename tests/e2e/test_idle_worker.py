"""What an idle worker asks of the database."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from conftest import Database
from proxy import Proxy
from workbench import School, a_bench, a_school, a_worker, until


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


@pytest.mark.slow
async def test_an_idle_worker_that_listens_asks_at_most_thirty_times_a_minute(
    database: Database, school: School
) -> None:
    """Counted on the wire: every message that carries a statement, over 12 s, as a rate."""
    async with Proxy(database.dsns.worker).running() as proxy:
        bench = a_bench(database, school, dsn=proxy.dsn)
        async with a_worker(bench) as runner:
            await until(lambda: _settled(runner))
            proxy.seen.clear()
            await asyncio.sleep(12)
            statements = [chunk for chunk in proxy.seen if chunk[:1] in (b"P", b"Q", b"B")]

    # A heartbeat of two statements each 20 s and LISTEN's probe each 30 s fall into the window or not: both are counted.
    rate = (len([s for s in statements if b"lease_work" in s]) / 12) * 60 + 3 * 2 + 2
    assert len(statements) <= 6
    assert rate <= 30


async def _settled(runner) -> bool:
    return bool(runner._is_listening and runner._is_idle)
