"""Connections to PostgreSQL: a pool, short transactions, and the one place that sets whom a transaction acts for."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from learning_worker.db.deadline import cut

Connection: TypeAlias = psycopg.AsyncConnection[DictRow]

# The pool logs the driver's words, which may quote the connection string. Where nobody configured logging, Python would
# print them; where the program's own log is, the record arrives there without them.
logging.getLogger("psycopg").addHandler(logging.NullHandler())


class DatabaseUnavailable(ConnectionError):
    """No connection, or it broke under way; worth another try after a look at what was committed."""


class Locked(DatabaseUnavailable):
    """Nothing was written, because another transaction holds a row of it."""


@asynccontextmanager
async def answering_async(connection: psycopg.AsyncConnection[Any], seconds: float) -> AsyncIterator[None]:
    """Cut the connection when the body takes longer: a wait for a dead peer ends as a broken connection, not never."""
    timer = asyncio.get_running_loop().call_later(seconds, cut, connection)
    try:
        yield
    finally:
        timer.cancel()


class Database:
    """A pool on one DSN. Transactions are short: none stays open while a model thinks."""

    def __init__(
        self, dsn: str, *, max_size: int = 8, acquire_s: float = 5.0, answer_s: float = 30.0
    ) -> None:
        """answer_s: how long a transaction may take; a server that says nothing for longer counts as gone."""
        self._dsn = dsn
        self._answer_s = answer_s
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            dsn,
            min_size=1,
            max_size=max_size,
            timeout=acquire_s,
            # A pool that gave up starts afresh when it is asked; one that goes on doubles its pauses, and stays away for
            # about as long again as the server was.
            reconnect_timeout=5.0,
            open=False,
            check=self._check,
            # Statements prepared on the server would not survive a connection pooler in transaction mode.
            kwargs={
                "autocommit": True,
                "row_factory": dict_row,
                "connect_timeout": 5,
                "application_name": "learning-worker",
                "prepare_threshold": None,
                "client_encoding": "utf8",
            },
        )

    @property
    def dsn(self) -> str:
        """For the one connection a pool cannot give: LISTEN and lease renewal."""
        return self._dsn

    async def open(self) -> None:
        """Start the pool; it goes on trying in the background while the server is away."""
        await self._pool.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection inside one transaction; commits on leaving, rolls back on any exception.

        Raises DatabaseUnavailable when there is no connection to be had, or when it broke: then the outcome is unknown.
        """
        async with self._connected() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        try:
            connection = await self._pool.getconn()
        except psycopg.OperationalError as error:
            raise DatabaseUnavailable from error
        try:
            async with answering_async(connection, self._answer_s):
                yield connection
        except psycopg.OperationalError as error:
            raise DatabaseUnavailable from error
        finally:
            await self._pool.putconn(connection)

    async def _check(self, connection: Connection) -> None:
        """Whether a pooled connection still answers; one that hangs is as bad as one that is closed."""
        async with answering_async(connection, min(self._answer_s, 5.0)):
            await AsyncConnectionPool.check_connection(connection)

    async def rows(
        self, query: str | sql.SQL | sql.Composed, parameters: Sequence[object] = ()
    ) -> list[DictRow]:
        """The rows of one statement, as one transaction. Raises DatabaseUnavailable."""
        # No BEGIN: a server that waits for a COMMIT that the network lost would keep the rows locked.
        async with self._connected() as connection:
            cursor = await connection.execute(query, parameters)
            return await cursor.fetchall() if cursor.description else []

    @asynccontextmanager
    async def acting_as(self, subject: str) -> AsyncIterator[Connection]:
        """A transaction in which row level security sees `subject`; the identity ends with the transaction."""
        if not subject:
            raise ValueError("acting_as needs a subject")
        async with self.transaction() as connection:
            # A client that falls silent must not keep rows locked for longer than it would wait itself.
            await connection.execute(
                "select set_config('app.current_sub', %s, true),"
                " set_config('idle_in_transaction_session_timeout', %s, true)",
                (subject, f"{int(self._answer_s * 1000)}ms"),
            )
            yield connection
