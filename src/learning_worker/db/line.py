"""One connection of its own for single statements: a lease, a heartbeat, a flush. Heals itself."""

from collections.abc import Sequence
from typing import Protocol

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from learning_worker.db.pool import DatabaseUnavailable, Locked, answering_async


class Asks(Protocol):
    """Somebody who runs one statement as one transaction: a pool or a line."""

    async def rows(
        self, query: str | sql.SQL | sql.Composed, parameters: Sequence[object] = ()
    ) -> list[DictRow]:
        """The rows. Raises DatabaseUnavailable: then it is unknown whether the statement was committed."""
        ...


class Line:
    """A connection in autocommit: a statement costs one round trip, and an idle worker few of them."""

    def __init__(self, dsn: str, name: str, *, answer_s: float = 15.0) -> None:
        """answer_s: how long a statement may take; a server that says nothing for longer counts as gone."""
        self._dsn = dsn
        self._name = name
        self._answer_s = answer_s
        self._connection: psycopg.AsyncConnection[DictRow] | None = None

    async def rows(
        self, query: str | sql.SQL | sql.Composed, parameters: Sequence[object] = ()
    ) -> list[DictRow]:
        """The rows of one statement. Not for two callers at a time. Raises DatabaseUnavailable."""
        is_whole = False
        try:
            connection = self._connection or await self._connect()
            async with answering_async(connection, self._answer_s):
                cursor = await connection.execute(query, parameters)
                found = await cursor.fetchall() if cursor.description else []
            is_whole = True
        except psycopg.errors.LockNotAvailable as error:
            is_whole = True  # nothing wrong with the connection, and nothing was written
            raise Locked from error
        except psycopg.OperationalError as error:
            raise DatabaseUnavailable from error
        except psycopg.Error:
            is_whole = True  # refused, and nothing wrong with the connection
            raise
        else:
            return found
        finally:
            # Also after a cancellation: what is still under way belongs to nobody.
            if not is_whole:
                await self.close()

    async def _connect(self) -> psycopg.AsyncConnection[DictRow]:
        self._connection = await psycopg.AsyncConnection.connect(
            self._dsn,
            autocommit=True,
            row_factory=dict_row,
            connect_timeout=5,
            prepare_threshold=None,
            client_encoding="utf8",
            application_name=f"learning-worker {self._name}",
        )
        return self._connection

    async def close(self) -> None:
        """Drop the connection; the next statement makes a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
