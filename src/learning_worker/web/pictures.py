"""Pages as pictures, to compare them with the text that was read from them."""

from collections.abc import Sequence
from contextlib import aclosing

from fastapi import HTTPException
from starlette.responses import Response

from learning_worker.db.submissions import StoredFile
from learning_worker.domain.errors import InputError, PermanentError
from learning_worker.ports import PageDecoder
from learning_worker.web.deps import WebDeps

PDF = "application/pdf"


async def picture(deps: WebDeps, files: Sequence[StoredFile], page_nr: int) -> Response:
    """The picture of one page, numbered from 1 through all files as the worker numbers them.

    Raises HTTPException(404) for a page without a picture, or TransientError.
    """
    try:
        content, media_type = await _picture(deps, files, page_nr)
    except (InputError, PermanentError):
        raise HTTPException(404) from None
    return Response(
        content,
        media_type=media_type,
        headers={"Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'"},
    )


async def _picture(deps: WebDeps, files: Sequence[StoredFile], page_nr: int) -> tuple[bytes, str]:
    first = 1
    for file in files:
        if first > page_nr:
            break
        is_photo = file.media_type.startswith("image/")
        if is_photo and first != page_nr:
            first += 1
        elif is_photo or file.media_type == PDF:
            content = await deps.blobs.fetch(file.object_key, sha256=file.sha256, byte_size=file.byte_size)
            if is_photo and file.rotation == 0:
                return content, file.media_type
            first, png = await _rendered(deps, content, file.rotation, (first, page_nr))
            if png is not None:
                return png, "image/png"
    raise HTTPException(404)


async def _rendered(
    deps: WebDeps, content: bytes, rotation: int, pages: tuple[int, int]
) -> tuple[int, bytes | None]:
    """The number of the next file's first page, and the wanted page if it is in this file and has a picture.

    pages: the number of this file's first page, and of the wanted one.
    """
    first, wanted = pages
    decoder: PageDecoder = deps.decoder
    # A child takes up to a gigabyte: a class that looks at its pages at once waits in line.
    async with deps.decoding:
        skip = range(first, wanted)
        async with aclosing(
            decoder.pages(content, rotation=rotation, first_page_nr=first, skip=skip)
        ) as decoded:
            async for page in decoded:
                first = page.page_nr + 1
                if page.page_nr == wanted:
                    return first, page.png
    return first, None
