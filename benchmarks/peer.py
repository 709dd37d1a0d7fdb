"""One adapter per other queue, run by .bench/bin/python. Usage: peer.py SYSTEM COMMAND DSN MANNER [COUNT]

SYSTEM procrastinate or pgqueuer, COMMAND setup, enqueue or worker, MANNER noop or storing.

`worker` prints one JSON line when it has begun its first job. storing: every job also writes a report-sized row, committed.
"""

import asyncio
import json
import logging
import sys
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta

import psycopg

SYSTEM, COMMAND, DSN, MANNER = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4]
COUNT = int(sys.argv[5]) if len(sys.argv) > 5 else 0
REPORT = json.dumps(
    {"schema": "criteria.v1", "score": 3, "criteria_results": [{"explanation_md": "x" * 400}]}
)
RESULTS = "create table if not exists results (id bigint generated always as identity primary key, report jsonb not null)"
STORE = "insert into results (report) values ({})"
is_first = True
logging.disable(logging.WARNING)


def began() -> None:
    """Tell once when the first job begins."""
    global is_first
    if is_first:
        is_first = False
        print(json.dumps({"first": time.time()}), flush=True)


def procrastinate_main() -> Callable[[], Coroutine[None, None, None]]:
    import procrastinate
    import psycopg_pool

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=DSN, min_size=2, max_size=10))
    pool = psycopg_pool.AsyncConnectionPool(
        DSN, min_size=4, max_size=10, open=False, kwargs={"autocommit": True}
    )

    @app.task(name="noop")
    async def noop() -> None:
        began()
        if MANNER == "storing":
            async with pool.connection() as connection:
                await connection.execute(STORE.format("%s"), (REPORT,))

    async def main() -> None:
        await pool.open()
        async with app.open_async():
            if COMMAND == "setup":
                await app.schema_manager.apply_schema_async()
            elif COMMAND == "enqueue":
                for start in range(0, COUNT, 1000):
                    await noop.batch_defer_async(*[{}] * min(1000, COUNT - start))
            else:
                await app.run_worker_async(concurrency=50, delete_jobs="successful")

    return main


def pgqueuer_main() -> Callable[[], Coroutine[None, None, None]]:
    import asyncpg
    from pgqueuer import PgQueuer
    from pgqueuer.db import AsyncpgDriver
    from pgqueuer.queries import Queries

    async def main() -> None:
        driver = AsyncpgDriver(await asyncpg.connect(DSN))
        if COMMAND == "setup":
            await Queries(driver).install()
        elif COMMAND == "enqueue":
            for start in range(0, COUNT, 1000):
                count = min(1000, COUNT - start)
                await Queries(driver).enqueue(["noop"] * count, [b"0"] * count, [0] * count)
        else:
            pool = await asyncpg.create_pool(DSN, min_size=4, max_size=10)
            queuer = PgQueuer(driver)

            @queuer.entrypoint("noop")
            async def noop(job: object) -> None:
                began()
                if MANNER == "storing":
                    await pool.execute(STORE.format("$1"), REPORT)

            await queuer.run(batch_size=500, dequeue_timeout=timedelta(seconds=5))

    return main


if COMMAND == "setup":
    with psycopg.connect(DSN, autocommit=True) as connection:
        connection.execute(RESULTS)
if SYSTEM == "procrastinate":
    asyncio.run(procrastinate_main()())
else:
    import uvloop

    uvloop.run(pgqueuer_main()())
