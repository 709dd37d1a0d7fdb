"""Files become pages: `SandboxDecoder` is the worker's side of the decoder child, one child per file."""

import json
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from dataclasses import dataclass

from learning_worker.adapters.confine import MIB
from learning_worker.adapters.sandbox import Child, ChildEnded, ChildProtocolError, Frame, verdict
from learning_worker.domain.errors import ErrorCode, Fault, InputError, TransientError
from learning_worker.domain.upload import FileKind, clean_text, kind_of
from learning_worker.ports import Page

_DECODABLE = frozenset({FileKind.JPEG, FileKind.PNG, FileKind.WEBP, FileKind.PDF})
_REFUSALS = frozenset({ErrorCode.INPUT_CORRUPT, ErrorCode.INPUT_UNSUPPORTED, ErrorCode.INPUT_TOO_LARGE})
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_MODULE = "learning_worker.adapters.decoder_child"


@dataclass(frozen=True)
class DecodeLimits:
    """What one file may cost. `cpu_s` and `wall_s` are per page; `max_page_points` is a page's side in 1/72 inch."""

    max_file_bytes: int = 20 * MIB
    max_pages: int = 50
    max_pixels: int = 40_000_000
    max_side: int = 2400
    max_page_points: float = 14_400.0
    max_page_bytes: int = 24 * MIB
    address_space: int = 1024 * MIB
    cpu_s: int = 10
    wall_s: float = 90.0


class SandboxDecoder:
    """The PageDecoder: kind by content, decoding in a child that is gone when the last page was taken."""

    def __init__(self, limits: DecodeLimits | None = None) -> None:
        self._limits = limits or DecodeLimits()

    async def pages(
        self, content: bytes, *, rotation: int, first_page_nr: int, skip: Collection[int]
    ) -> AsyncGenerator[Page, None]:
        """Pages as they are decoded; see `ports.PageDecoder`. Leaving the loop early ends the child."""
        settings = self._settings(content, rotation, [nr - first_page_nr for nr in skip])
        async with aclosing(self._frames(settings, content)) as frames:
            expected = 0
            async for frame in frames:
                page = _page_of(frame, expected, first_page_nr)
                expected += 1
                yield page

    def _settings(self, content: bytes, rotation: int, skip: list[int]) -> bytes:
        limits = self._limits
        kind = kind_of(content)
        if not content:
            raise InputError(ErrorCode.INPUT_CORRUPT)
        if len(content) > limits.max_file_bytes:
            raise InputError(ErrorCode.INPUT_TOO_LARGE)
        if kind not in _DECODABLE:
            raise InputError(ErrorCode.INPUT_UNSUPPORTED)
        return json.dumps(
            {
                "kind": kind,
                "rotation": rotation,
                "skip": skip,
                "max_pages": limits.max_pages,
                "max_pixels": limits.max_pixels,
                "max_side": limits.max_side,
                "max_page_points": limits.max_page_points,
                "max_file_bytes": limits.max_file_bytes,
                "cpu_s": limits.cpu_s,
            }
        ).encode()

    async def _frames(self, settings: bytes, content: bytes) -> AsyncGenerator[Frame, None]:
        try:
            child = await Child.spawn(
                _MODULE, [str(self._limits.address_space)], max_frame_bytes=self._limits.max_page_bytes
            )
        except OSError as error:
            raise TransientError(Fault.DECODER_CRASHED) from error
        try:
            await _start(child)
            await child.send(b"D", 0, settings)
            await child.send(b"F", 0, content)
            for _ in range(self._limits.max_pages + 1):
                frame = await self._receive(child)
                if frame.kind == b"Z":
                    return
                yield frame
            raise InputError(ErrorCode.INPUT_CORRUPT)
        finally:
            await child.kill()

    async def _receive(self, child: Child) -> Frame:
        try:
            frame = await child.receive(self._limits.wall_s)
        except ChildEnded as ended:
            raise verdict(ended.returncode) from ended
        except ChildProtocolError as error:
            raise InputError(ErrorCode.INPUT_CORRUPT) from error
        except TimeoutError as error:
            # The file's own cost is bounded in processor time; a page late by the wall clock means a busy machine.
            raise TransientError(Fault.TIMEOUT) from error
        if frame.kind == b"E":
            code = frame.payload.decode("ascii", errors="replace")
            raise InputError(ErrorCode(code) if code in _REFUSALS else ErrorCode.INPUT_CORRUPT)
        return frame


async def _start(child: Child) -> None:
    try:
        await child.started()
    except (ChildEnded, ChildProtocolError, TimeoutError) as error:
        raise TransientError(Fault.DECODER_CRASHED) from error


def _page_of(frame: Frame, expected: int, first_page_nr: int) -> Page:
    """The page a frame describes; a child taken over by its file can say nothing else than pages in order."""
    page_nr = first_page_nr + expected
    if frame.number != expected:
        raise InputError(ErrorCode.INPUT_CORRUPT)
    match frame.kind:
        case b"K":
            return Page(page_nr, text_layer=None, png=None)
        case b"T":
            return Page(
                page_nr, text_layer=clean_text(frame.payload.decode("utf-8", errors="replace")), png=None
            )
        case b"P" if frame.payload.startswith(_PNG_MAGIC):
            return Page(page_nr, text_layer=None, png=frame.payload)
        case _:
            raise InputError(ErrorCode.INPUT_CORRUPT)
