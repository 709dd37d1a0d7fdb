"""The decoder: one process per file, started by `rasterise`; turns a file into text layers and bounded pictures.

Arguments: the worker's process id, the address space in bytes. Frames in: `D` settings (JSON), then `F` the file.
Frames out: `S` ready, then per page `T` (text), `P` (PNG) or `K` (skipped), at last `Z`, or `E` with an error code.
"""

import io
import json
import struct
import sys
import warnings
import zlib
from collections.abc import Iterator
from typing import TypedDict

from PIL import Image, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin
from pypdfium2 import PdfPage

from learning_worker.adapters import confine
from learning_worker.adapters.pdf_pages import (
    CORRUPT,
    TOO_LARGE,
    UNSUPPORTED,
    Refused,
    open_pdf,
    page_of,
    picture,
    text_layer,
)

# Pillow imports these when it meets such a file; by then no file can be opened any more.
_PRELOADED = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
_FORMATS = ("JPEG", "PNG", "WEBP")
_ORIENTATION_TAG = 0x0112
_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Pillow turns counter-clockwise, pupils turn clockwise.
_TURNED = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}

# What parsers of hostile bytes raise, by experience; anything else is a fault of ours and ends the process.
_PARSER_ERRORS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


class Settings(TypedDict):
    """What the worker asks for; see `rasterise.DecodeLimits`."""

    kind: str
    rotation: int
    skip: list[int]
    max_pages: int
    max_pixels: int
    max_side: int
    max_page_points: float
    max_file_bytes: int
    cpu_s: int


def main() -> None:
    """Decode one file, then end."""
    confine.die_with_parent(int(sys.argv[1]))
    Image.preinit()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    confine.limit_memory(int(sys.argv[2]))
    confine.no_more_processes()
    confine.seal(threads=False)
    confine.write_frame(sink, b"S", 0)
    asked = confine.read_frame(source, confine.MIB)
    if asked is None:
        return
    settings: Settings = json.loads(asked[2])
    confine.limit_cpu(settings["cpu_s"])
    file = confine.read_frame(source, settings["max_file_bytes"])
    if file is None:
        return
    try:
        for number, (kind, payload) in enumerate(_pages(file[2], settings)):
            confine.write_frame(sink, kind, number, payload)
            confine.limit_cpu(settings["cpu_s"])
        confine.write_frame(sink, b"Z", 0)
    except MemoryError:
        sys.exit(confine.EXIT_OUT_OF_MEMORY)
    except Refused as refusal:
        confine.write_frame(sink, b"E", 0, refusal.code.encode())
    except BrokenPipeError:
        sys.exit(0)


def _pages(content: bytes, settings: Settings) -> Iterator[tuple[bytes, bytes]]:
    if settings["kind"] == "pdf":
        yield from _pdf(content, settings)
    elif 0 in settings["skip"]:
        yield b"K", b""
    else:
        yield b"P", _png(_photo(content, settings))


def _pdf(content: bytes, settings: Settings) -> Iterator[tuple[bytes, bytes]]:
    document = open_pdf(content, settings["max_pages"])
    for index in range(len(document)):
        if index in settings["skip"]:
            yield b"K", b""
            continue
        page = page_of(document, index)
        try:
            text = text_layer(page, settings["max_pixels"])
            if text is not None:
                yield b"T", text.encode("utf-8", errors="replace")
            else:
                yield b"P", _png(_rendered(page, settings))
        finally:
            page.close()


def _rendered(page: PdfPage, settings: Settings) -> Image.Image:
    return picture(
        page,
        rotation=settings["rotation"],
        max_side=settings["max_side"],
        max_points=settings["max_page_points"],
    )


def _photo(content: bytes, settings: Settings) -> Image.Image:
    """The picture upright, bounded, and without anything the camera wrote beside it."""
    Image.MAX_IMAGE_PIXELS = settings["max_pixels"]
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        opened = Image.open(io.BytesIO(content), formats=_FORMATS)
        if opened.format not in (*_FORMATS, "MPO"):
            raise Refused(UNSUPPORTED)
        orientation = _orientation(opened)
        opened.thumbnail((settings["max_side"], settings["max_side"]), reducing_gap=2.0)
        shown = _on_white(opened)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Refused(TOO_LARGE) from error
    except ValueError as error:
        # Pillow says so in words only when a packed text or colour profile unpacks beyond its bounds.
        bomb = "large" in str(error).lower() or "memory" in str(error).lower()
        raise Refused(TOO_LARGE if bomb else CORRUPT) from error
    except _PARSER_ERRORS as error:
        raise Refused(CORRUPT) from error
    for turn in (_TRANSPOSE.get(orientation), _TURNED.get(settings["rotation"])):
        shown = shown.transpose(turn) if turn is not None else shown
    return shown


def _orientation(opened: Image.Image) -> int:
    """As the camera was held; a damaged note about it does not make a good photo unreadable."""
    try:
        return int(opened.getexif().get(_ORIENTATION_TAG, 1))
    except _PARSER_ERRORS:
        return 1


def _on_white(opened: Image.Image) -> Image.Image:
    """A new RGB picture: no metadata comes along, and what was transparent is paper."""
    if opened.mode.startswith("I"):
        opened = opened.convert("I").point(lambda value: value / 256).convert("L")
    plain = Image.new("RGB", opened.size, "white")
    if opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info:
        layered = opened.convert("RGBA")
        plain.paste(layered, mask=layered.getchannel("A"))
    else:
        plain.paste(opened.convert("RGB"))
    return plain


def _png(shown: Image.Image) -> bytes:
    buffer = io.BytesIO()
    # Level 1 costs a quarter of the time of the default; the bytes live in memory only.
    shown.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
