"""Files become pages, or files fit to be kept: `SandboxDecoder` and `SandboxCleaner`, with one decoder child per file."""

import asyncio
import json
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass

from learning_worker.adapters.confine import MIB
from learning_worker.adapters.sandbox import Child, ChildEnded, ChildProtocolError, Frame, verdict
from learning_worker.domain.errors import ErrorCode, Fault, InputError, TransientError
from learning_worker.domain.upload import FileKind, clean_text, kind_of, text_of
from learning_worker.ports import CleanFile, Page

_DECODABLE = frozenset({FileKind.JPEG, FileKind.PNG, FileKind.WEBP, FileKind.HEIC, FileKind.PDF})
_FLAWS = frozenset({Fault.PHOTO_BLURRED, Fault.PHOTO_DARK, Fault.PHOTO_TOO_SMALL, Fault.PAGE_BLANK})
_REFUSALS = frozenset({ErrorCode.INPUT_CORRUPT, ErrorCode.INPUT_UNSUPPORTED, ErrorCode.INPUT_TOO_LARGE})
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
MAX_KEPT_BYTES = 100 * MIB
_MODULE = "learning_worker.adapters.decoder_child"


@dataclass(frozen=True)
class DecodeLimits:
    """What one file may cost. `cpu_s` and `wall_s` are per page; `max_page_points` is a page's side in 1/72 inch.

    file_cpu_s: of all pages together, so that no file keeps a child busy for longer than half a minute. 50 scanned pages
    take 8 s of it where the figures in benchmarks/README.md were taken.
    """

    max_file_bytes: int = 20 * MIB
    max_pages: int = 50
    max_pixels: int = 40_000_000
    max_side: int = 2400
    max_page_points: float = 14_400.0
    max_page_bytes: int = 24 * MIB
    address_space: int = 1024 * MIB
    cpu_s: int = 10
    file_cpu_s: int = 25
    wall_s: float = 90.0


class SandboxDecoder:
    """The PageDecoder: kind by content, decoding in a child that is gone when the last page was taken."""

    def __init__(self, limits: DecodeLimits | None = None, *, is_strict: bool = False) -> None:
        """is_strict: a picture that nobody can read comes as its flaw, for a reader is not to be bothered with it."""
        self._limits = limits or DecodeLimits()
        self._is_strict = is_strict

    async def pages(
        self, content: bytes, *, rotation: int, first_page_nr: int, skip: Collection[int]
    ) -> AsyncGenerator[Page, None]:
        """Pages as they are decoded; see `ports.PageDecoder`. Leaving the loop early ends the child."""
        if content and kind_of(content) is FileKind.TEXT and len(content) <= self._limits.max_file_bytes:
            yield Page(first_page_nr, text_layer=text_of(content), png=None)
            return
        skipped = [nr - first_page_nr for nr in skip]
        settings = _settings(
            self._limits, content, {"rotation": rotation, "skip": skipped, "is_strict": self._is_strict}
        )
        async with aclosing(_frames(self._limits, settings, content)) as frames:
            expected = 0
            async for frame in frames:
                page = _page_of(frame, expected, first_page_nr)
                expected += 1
                yield page


class SandboxCleaner:
    """The FileCleaner: what is handed in becomes what is kept, in a child; at most `at_once` children at a time."""

    def __init__(self, limits: DecodeLimits | None = None, *, at_once: int = 2) -> None:
        self._limits = limits or DecodeLimits()
        self._places = asyncio.Semaphore(at_once)

    async def cleaned(self, content: bytes, rotation: int) -> CleanFile:
        """See `ports.FileCleaner`."""
        kind = kind_of(content)
        if content and kind is FileKind.TEXT and len(content) <= self._limits.max_file_bytes:
            return CleanFile(text_of(content).encode(), FileKind.TEXT)
        asked = {"rotation": 0 if kind is FileKind.PDF else rotation, "is_cleaning": True}
        settings = _settings(self._limits, content, asked)
        async with self._places, aclosing(_frames(self._limits, settings, content)) as frames:
            async for frame in frames:
                if frame.kind != b"C" or not frame.payload.startswith(_KEPT_MAGIC[kind is FileKind.PDF]):
                    break
                if kind is FileKind.PDF:
                    return CleanFile(frame.payload, FileKind.PDF, rotation)
                return CleanFile(frame.payload, FileKind.JPEG)
        raise InputError(ErrorCode.INPUT_CORRUPT)


_KEPT_MAGIC = (b"\xff\xd8\xff", b"%PDF-")


def _settings(limits: DecodeLimits, content: bytes, asked: Mapping[str, object]) -> dict[str, object]:
    """What the child is told. Raises InputError for what no child is started for."""
    kind = kind_of(content)
    if not content:
        raise InputError(ErrorCode.INPUT_CORRUPT)
    if len(content) > limits.max_file_bytes:
        raise InputError(ErrorCode.INPUT_TOO_LARGE)
    if kind not in _DECODABLE:
        raise InputError(ErrorCode.INPUT_UNSUPPORTED)
    told = {
        "kind": kind,
        "is_cleaning": False,
        "is_strict": False,
        "skip": [],
        "max_pages": limits.max_pages,
        "max_pixels": limits.max_pixels,
        "max_side": limits.max_side,
        "max_page_points": limits.max_page_points,
        "max_file_bytes": limits.max_file_bytes,
        "cpu_s": limits.cpu_s,
        "file_cpu_s": limits.file_cpu_s,
    }
    return told | dict(asked)


def _purpose(settings: Mapping[str, object]) -> str:
    if settings["kind"] == FileKind.HEIC:
        return "heic"
    return "clean-pdf" if settings["is_cleaning"] and settings["kind"] == FileKind.PDF else "pages"


async def _frames(
    limits: DecodeLimits, settings: Mapping[str, object], content: bytes
) -> AsyncGenerator[Frame, None]:
    """What the child says of one file, until it is done. Raises InputError or TransientError."""
    # A cleaned PDF may hold every page as a picture.
    most_bytes = MAX_KEPT_BYTES if settings["is_cleaning"] else limits.max_page_bytes
    arguments = [str(limits.address_space), _purpose(settings)]
    try:
        child = await Child.spawn(_MODULE, arguments, max_frame_bytes=most_bytes)
    except OSError as error:
        raise TransientError(Fault.DECODER_CRASHED) from error
    try:
        await _start(child)
        await child.send(b"D", 0, json.dumps(settings).encode())
        await child.send(b"F", 0, content)
        for _ in range(limits.max_pages + 1):
            frame = await _receive(child, limits.wall_s)
            if frame.kind == b"Z":
                return
            yield frame
        raise InputError(ErrorCode.INPUT_CORRUPT)
    finally:
        await child.kill()


async def _receive(child: Child, wall_s: float) -> Frame:
    try:
        frame = await child.receive(wall_s)
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
        case b"B" if frame.payload.decode("ascii", errors="replace") in _FLAWS:
            return Page(page_nr, text_layer=None, png=None, flaw=Fault(frame.payload.decode("ascii")))
        case b"P" if frame.payload.startswith(_PNG_MAGIC):
            return Page(page_nr, text_layer=None, png=frame.payload)
        case _:
            raise InputError(ErrorCode.INPUT_CORRUPT)
