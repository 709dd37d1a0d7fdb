"""A handed-in file on its way back to somebody who may see it."""

from collections.abc import Sequence

from fastapi import HTTPException
from starlette.responses import Response

from learning_worker.db.submissions import StoredFile
from learning_worker.domain.errors import PermanentError
from learning_worker.ports import BlobStore
from learning_worker.web.uploads import ENDINGS


async def file_response(blobs: BlobStore, files: Sequence[StoredFile], position: int) -> Response:
    """The file at a position. It is never opened as a page of ours: attachment, sandboxed, and of the kind we found.

    Raises HTTPException(404), or TransientError of the store.
    """
    file = next((file for file in files if file.position == position), None)
    if file is None or file.media_type not in ENDINGS:
        raise HTTPException(404)
    try:
        content = await blobs.fetch(file.object_key, sha256=file.sha256, byte_size=file.byte_size)
    except PermanentError:
        raise HTTPException(404) from None
    return Response(
        content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="page-{file.position}.{ENDINGS[file.media_type]}"',
            "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        },
    )
