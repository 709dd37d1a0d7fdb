"""LISTEN on a connection of its own that heals itself."""

import asyncio
from collections.abc import AsyncIterator, Callable
from random import Random
from typing import Any

import psycopg
from psycopg import sql

from learning_worker.db.pool import answering_async

RESYNC = "resync"
_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 30.0
_CHANCE = Random()


async def listen(
    dsn: str,
    channel: str,
    on_lost: Callable[[], None] = lambda: None,
    chance: Random = _CHANCE,
    quiet_s: float = 30.0,
) -> AsyncIterator[str]:
    """Payloads of a channel, for ever; RESYNC after every (re)connect, for what was missed meanwhile.

    The database itself sends `resync` on learning_submissions when a statement changed many rows, with the same meaning.
    on_lost: called whenever the connection is gone; RESYNC tells when it is back.
    quiet_s: after such a silence the server is asked whether it is still there, and has a third of that to answer.
    Needs a direct connection: behind a pooler in transaction mode nothing would arrive, so there it ends at once, and
    callers go on polling.
    """
    wait_s = _FIRST_WAIT_SECONDS
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                dsn,
                autocommit=True,
                connect_timeout=5,
                application_name="learning-worker listen",
                keepalives_idle=30,
            ) as connection:
                if not await _is_direct(connection):
                    on_lost()
                    return
                await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
                wait_s = _FIRST_WAIT_SECONDS
                yield RESYNC
                while True:
                    async for notification in connection.notifies(timeout=quiet_s):
                        yield notification.payload
                    # A connection that died silently would otherwise look like a quiet evening.
                    async with answering_async(connection, quiet_s / 3):
                        await connection.execute("select 1")
        except psycopg.Error:
            on_lost()
            # Jitter: after a restart of the server not every process knocks at the same moment.
            await asyncio.sleep(wait_s * chance.uniform(0.5, 1.5))
            wait_s = min(2 * wait_s, _LONGEST_WAIT_SECONDS)


async def _is_direct(connection: psycopg.AsyncConnection[Any]) -> bool:
    """Whether a server process of our own is behind the connection; a pooler has a number of its own for it."""
    row = await (await connection.execute("select pg_catalog.pg_backend_pid()")).fetchone()
    return row is not None and row[0] == connection.info.backend_pid
