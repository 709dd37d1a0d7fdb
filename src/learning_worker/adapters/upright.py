"""Pages upright before a model sees them: a vision model reads worse, or nothing, on a page that lies on its side."""

from dataclasses import replace
from typing import Protocol

from learning_worker.domain.errors import TransientError
from learning_worker.domain.submission import PageReading, Task
from learning_worker.observability.logs import logger
from learning_worker.ports import Page, VisionAdapter

log = logger(__name__)


class Turner(Protocol):
    """Who knows which way up a page belongs."""

    async def upright(self, png: bytes) -> bytes | None:
        """The picture turned, None when it may stay as it is. Raises TransientError when that is not to be known."""
        ...

    async def aclose(self) -> None:
        """Free what it holds."""
        ...


class UprightVision:
    """A VisionAdapter whose pictures are set upright first; without the turner they are read as they are."""

    def __init__(self, inner: VisionAdapter, turner: Turner) -> None:
        self._inner = inner
        self._turner = turner

    async def read(self, page: Page, task: Task) -> PageReading:
        """See `ports.VisionAdapter`."""
        if page.png is not None:
            page = replace(page, png=await self._upright(page.png))
        return await self._inner.read(page, task)

    async def aclose(self) -> None:
        """Close both."""
        try:
            await self._turner.aclose()
        finally:
            await self._inner.aclose()

    async def _upright(self, png: bytes) -> bytes:
        try:
            turned = await self._turner.upright(png)
        except TransientError as error:
            log.warning("page_not_turned", code=error.code)
            return png
        return png if turned is None else turned
