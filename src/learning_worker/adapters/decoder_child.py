"""The decoder: one process per file, started by `rasterise`; turns a file into text layers and bounded pictures.

Arguments: the worker's process id, the address space in bytes, the purpose: `pages`, `heic` (a telephone's photo, whose
decoder starts threads) or `clean-pdf`. Frames in: `D` settings (JSON), then `F` the file. Frames out: `S` ready, then
per page `T` (text), `P` (PNG), `B` (a picture nobody can read: why) or `K` (skipped), or once `C` (the file as it is
kept); at last `Z`, or `E` with an error code.
"""

import json
import sys
from collections.abc import Iterator
from typing import TypedDict

from PIL import Image
from pypdfium2 import PdfPage

from learning_worker.adapters import confine, photos
from learning_worker.adapters.pdf_pages import Refused, open_pdf, page_of, picture, text_layer
from learning_worker.adapters.quality import flaw_of


class Settings(TypedDict):
    """What the worker asks for; see `rasterise.DecodeLimits`. `is_cleaning`: the file as it is kept, not its pages.

    `is_strict`: a picture nobody can read is answered by its flaw.
    """

    kind: str
    is_cleaning: bool
    is_strict: bool
    rotation: int
    skip: list[int]
    max_pages: int
    max_pixels: int
    max_side: int
    max_page_points: float
    max_file_bytes: int
    cpu_s: int
    file_cpu_s: int


def main() -> None:
    """Decode one file, then end."""
    confine.die_with_parent(int(sys.argv[1]))
    purpose = sys.argv[3]
    photos.prepare(heic=purpose == "heic")
    if purpose == "clean-pdf":
        from learning_worker.adapters import clean_pdf

        clean_pdf.warm_up()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    confine.limit_memory(int(sys.argv[2]))
    # libheif converts colours of large photos in threads and ends the process when it gets none.
    if purpose != "heic":
        confine.no_more_processes()
    confine.seal(threads=purpose == "heic")
    confine.write_frame(sink, b"S", 0)
    asked = confine.read_frame(source, confine.MIB)
    if asked is None:
        return
    settings: Settings = json.loads(asked[2])
    _next_page(settings)
    file = confine.read_frame(source, settings["max_file_bytes"])
    if file is None:
        return
    try:
        for number, (kind, payload) in enumerate(_answers(file[2], settings)):
            confine.write_frame(sink, kind, number, payload)
            _next_page(settings)
        confine.write_frame(sink, b"Z", 0)
    except MemoryError:
        sys.exit(confine.EXIT_OUT_OF_MEMORY)
    except Refused as refusal:
        confine.write_frame(sink, b"E", 0, refusal.code.encode())
    except BrokenPipeError:
        sys.exit(0)


def _next_page(settings: Settings) -> None:
    """Every page has its own seconds, all pages together have theirs."""
    confine.limit_cpu(settings["cpu_s"], settings["file_cpu_s"])


def _answers(content: bytes, settings: Settings) -> Iterator[tuple[bytes, bytes]]:
    if settings["is_cleaning"]:
        yield b"C", _clean(content, settings)
    elif settings["kind"] == "pdf":
        yield from _pdf(content, settings)
    elif 0 in settings["skip"]:
        yield b"K", b""
    else:
        yield _shown(_photo(content, settings), settings)


def _clean(content: bytes, settings: Settings) -> bytes:
    if settings["kind"] != "pdf":
        return photos.jpeg(_photo(content, settings))
    from learning_worker.adapters import clean_pdf

    return clean_pdf.cleaned(
        content,
        clean_pdf.Bounds(
            settings["max_pages"], settings["max_pixels"], settings["max_side"], settings["max_page_points"]
        ),
        lambda: _next_page(settings),
    )


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
                yield _shown(_rendered(page, settings), settings)
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
    limits = photos.PhotoLimits(settings["max_pixels"], settings["max_side"])
    return photos.photo(content, settings["kind"], settings["rotation"], limits)


def _shown(page: Image.Image, settings: Settings) -> tuple[bytes, bytes]:
    flaw = flaw_of(page) if settings["is_strict"] else None
    return (b"P", photos.png(page)) if flaw is None else (b"B", flaw.encode())


if __name__ == "__main__":
    main()
