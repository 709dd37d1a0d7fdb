"""A TCP proxy before PostgreSQL's socket that can be cut, fall silent, refuse, or lose the reply to a commit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum
from urllib.parse import parse_qs, quote, urlsplit


class Weather(Enum):
    """How the network is."""

    FINE = "fine"
    BLACK_HOLE = "takes every byte and passes none on"
    REFUSING = "resets whoever comes"


class Proxy:
    """Use `dsn`. Statements are seen as bytes: psycopg sends their text in clear on an unencrypted connection."""

    def __init__(self, dsn: str) -> None:
        parts = urlsplit(dsn)
        socket = parse_qs(parts.query)
        self._target = f"{socket['host'][0]}/.s.PGSQL.{socket['port'][0]}"
        self._login = f"{parts.username}:{parts.password}"
        self._database = parts.path.lstrip("/")
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_fine = asyncio.Event()
        self.weather = Weather.FINE
        self._is_fine.set()
        self.swallow_reply_to: bytes | None = None
        self.halves_replies = False  # the first half of a swallowed reply still arrives
        self.is_half_open = False  # after a swallowed reply the connection stays, and says nothing
        self.holds_its_breath = False  # from a swallowed reply on, nothing passes any more, on any connection
        self.is_deaf_after: bytes | None = None  # of whoever says this nothing more arrives, not even the end
        self.swallowed = 0
        self.accepted = 0  # connections ever made
        self.seen: list[bytes] = []
        self._server: asyncio.Server | None = None

    @property
    def dsn(self) -> str:
        """The way through this proxy."""
        if self._server is None:
            raise RuntimeError("the proxy is closed")
        port = self._server.sockets[0].getsockname()[1]
        return f"postgresql://{self._login}@127.0.0.1:{port}/{quote(self._database)}?sslmode=disable&gssencmode=disable"

    def turn(self, weather: Weather) -> None:
        """Change the weather for old and new connections; silence keeps them open."""
        self.weather = weather
        if weather is Weather.BLACK_HOLE:
            self._is_fine.clear()
        else:
            self._is_fine.set()
        if weather is Weather.REFUSING:
            self.cut()

    def cut(self) -> None:
        """Reset every connection that is open now."""
        for writer in list(self._writers):
            writer.transport.abort()

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._tasks)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        """Listens on a free port of the loopback."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield self
        finally:
            self._server.close()
            self._is_fine.set()
            self.cut()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.accepted += 1
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            if self.weather is Weather.REFUSING:
                return
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._is_fine.wait()
                there_reader, there_writer = await asyncio.open_unix_connection(self._target)
                self._writers.add(there_writer)
                try:
                    await self._carry(reader, writer, there_reader, there_writer)
                finally:
                    self._writers.discard(there_writer)
                    there_writer.transport.abort()
        finally:
            self._writers.discard(writer)
            self._tasks.discard(task)
            writer.transport.abort()

    async def _carry(self, reader, writer, there_reader, there_writer) -> None:
        is_lost = False

        async def out() -> None:
            nonlocal is_lost
            while chunk := await reader.read(65536):
                self.seen.append(chunk)
                await self._is_fine.wait()
                if self.swallow_reply_to is not None and self.swallow_reply_to in chunk:
                    self.swallow_reply_to, is_lost = None, True
                there_writer.write(chunk)
                await there_writer.drain()
                if self.is_deaf_after is not None and self.is_deaf_after in chunk:
                    self.is_deaf_after = None
                    await asyncio.Event().wait()

        async def back() -> None:
            while chunk := await there_reader.read(65536):
                await self._is_fine.wait()
                if is_lost:
                    # The server has answered, so it has committed; the client will never know from us.
                    self.swallowed += 1
                    if self.holds_its_breath:
                        self.turn(Weather.BLACK_HOLE)
                        await self._is_fine.wait()
                    if self.is_half_open:
                        await asyncio.Event().wait()
                    if self.halves_replies:
                        writer.write(chunk[: len(chunk) // 2])
                        await writer.drain()
                    return
                writer.write(chunk)
                await writer.drain()

        ways = [asyncio.create_task(out()), asyncio.create_task(back())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
