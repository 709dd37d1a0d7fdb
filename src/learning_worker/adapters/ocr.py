"""Reading without a model server: `OcrVision` is the worker's side of the reader child, kept alive between pages."""

import asyncio
import json

from learning_worker.adapters.confine import MIB
from learning_worker.adapters.reader_child import MAX_PNG_BYTES
from learning_worker.adapters.sandbox import Child, ChildEnded, ChildProtocolError, Frame
from learning_worker.domain.errors import ErrorCode, Fault, InputError, PermanentError, TransientError
from learning_worker.domain.submission import PageReading, Task, TextSource
from learning_worker.domain.upload import clean_text
from learning_worker.ports import Page

_MODULE = "learning_worker.adapters.reader_child"
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
# What the reader may answer, and how many bytes long: text, a turned picture, "stands upright", "no picture".
_ANSWERS = {b"A": MIB, b"T": MAX_PNG_BYTES, b"K": 0, b"E": 0}


class OcrVision:
    """The VisionAdapter `ocr`: pages one after the other, each within `page_timeout_s`.

    The first page starts the child unless `start()` did; a child that crashed, answered late or was cancelled is
    replaced at the next page, so that no page ever sees the answer of another.
    """

    def __init__(
        self, *, threads: int = 2, page_timeout_s: float = 120.0, address_space: int = 2048 * MIB
    ) -> None:
        self._arguments = [str(address_space), str(threads)]
        self._page_timeout_s = page_timeout_s
        self._child: Child | None = None
        self._turn = asyncio.Lock()
        self._requests = 0

    @property
    def child_pid(self) -> int | None:
        """The reader's process id while it runs."""
        return self._child.pid if self._child is not None else None

    async def start(self) -> None:
        """Load the models now, so that the first page does not wait. Raises TransientError(READER_CRASHED)."""
        async with self._turn:
            await self._running_child()

    async def read(self, page: Page, task: Task) -> PageReading:
        """See `ports.VisionAdapter`. A doubtful reading is returned with its confidence; the caller decides."""
        if page.png is None:
            if page.text_layer is None:
                raise PermanentError(Fault.UNEXPECTED)
            return PageReading(page.page_nr, page.text_layer, TextSource.LAYER)
        async with self._turn:
            frame = await self._answer(b"R", page.png)
        text, confidence = _answer_of(frame)
        if not text:
            raise InputError(ErrorCode.INPUT_UNREADABLE)
        return PageReading(page.page_nr, text, TextSource.OCR, confidence)

    async def upright(self, png: bytes) -> bytes | None:
        """The picture of a page turned so that it can be read; None when it stands upright or cannot be opened.

        Raises TransientError(READER_CRASHED, TIMEOUT).
        """
        async with self._turn:
            frame = await self._answer(b"U", png)
        if frame.kind in (b"K", b"E"):
            return None
        if frame.kind != b"T" or not frame.payload.startswith(_PNG_MAGIC):
            raise TransientError(Fault.READER_CRASHED)
        return frame.payload

    async def aclose(self) -> None:
        """End the reader; a later page starts a new one."""
        async with self._turn:
            await self._drop_child()

    async def _answer(self, kind: bytes, png: bytes) -> Frame:
        child = await self._running_child()
        self._requests += 1
        number = self._requests % 2**32
        answered = False
        try:
            async with asyncio.timeout(self._page_timeout_s):
                # A child that stands still takes no page either.
                await child.send(kind, number, png)
                frame = await child.receive(self._page_timeout_s)
            if frame.number != number or len(frame.payload) > _ANSWERS.get(frame.kind, -1):
                raise ChildProtocolError
            answered = True
            return frame
        except (ChildEnded, ChildProtocolError) as error:
            raise TransientError(Fault.READER_CRASHED) from error
        except TimeoutError as error:
            raise TransientError(Fault.TIMEOUT) from error
        finally:
            # Also on cancellation: what the child still works on must never be taken for the next page's answer.
            if not answered:
                await self._drop_child()

    async def _running_child(self) -> Child:
        if self._child is not None:
            return self._child
        try:
            child = await Child.spawn(_MODULE, self._arguments, max_frame_bytes=MAX_PNG_BYTES)
        except OSError as error:
            raise TransientError(Fault.READER_CRASHED) from error
        self._child = child
        ready = False
        try:
            await child.started()
            ready = True
        except (ChildEnded, ChildProtocolError, TimeoutError) as error:
            raise TransientError(Fault.READER_CRASHED) from error
        finally:
            if not ready:
                await self._drop_child()
        return child

    async def _drop_child(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.kill()


def _answer_of(frame: Frame) -> tuple[str, float]:
    """Text and confidence. Raises InputError for a picture the reader cannot open, TransientError for nonsense."""
    if frame.kind == b"E":
        raise InputError(ErrorCode.INPUT_UNREADABLE)
    try:
        answer = json.loads(frame.payload)
        text, confidence = clean_text(str(answer["text"])), float(answer["confidence"])
    except (ValueError, KeyError, TypeError) as error:
        raise TransientError(Fault.READER_CRASHED) from error
    return text.strip(), min(1.0, max(0.0, confidence))
