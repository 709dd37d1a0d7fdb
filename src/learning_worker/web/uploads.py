"""Files of a form -> clean copies -> stored objects under names the server made; what was stored for nothing goes."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile

from learning_worker.db.submissions import NewFile
from learning_worker.domain.errors import ErrorCode, InputError, TransientError
from learning_worker.domain.upload import FileKind, UploadLimits, sha256_hex, storable_kind
from learning_worker.observability.logs import logger
from learning_worker.ports import BlobStore, CleanFile, FileCleaner

log = logger(__name__)

MEDIA_TYPES = {
    FileKind.JPEG: "image/jpeg",
    FileKind.PNG: "image/png",
    FileKind.WEBP: "image/webp",
    FileKind.PDF: "application/pdf",
    FileKind.TEXT: "text/plain",
}
ENDINGS = {
    media_type: "txt" if kind is FileKind.TEXT else kind.value for kind, media_type in MEDIA_TYPES.items()
}
_ROTATIONS = ("0", "90", "180", "270")


class TooManyFiles(Exception):
    """More files than one answer may have."""


@dataclass(frozen=True)
class CheckedFile:
    """A file that may be stored. The name and type that the browser sent are not kept."""

    content: bytes
    kind: FileKind
    rotation: int


async def checked_files(form: FormData, limits: UploadLimits) -> tuple[CheckedFile, ...]:
    """The files of the field `files`, in the order of the form, turned as the field `rotation` beside each says.

    Raises TooManyFiles, or InputError (empty, too large, or of a kind that cannot be handed in).
    """
    uploads = [
        part
        for part in form.getlist("files")
        if isinstance(part, UploadFile) and (part.filename or part.size)
    ]
    if len(uploads) > limits.max_files:
        raise TooManyFiles
    if sum(upload.size or 0 for upload in uploads) > limits.max_submission_bytes:
        raise InputError(ErrorCode.INPUT_TOO_LARGE)
    rotations = [part for part in form.getlist("rotation") if isinstance(part, str)]
    checked = []
    for nr, upload in enumerate(uploads):
        if (upload.size or 0) > limits.max_file_bytes:
            raise InputError(ErrorCode.INPUT_TOO_LARGE)
        content = await upload.read()
        rotation = rotations[nr] if nr < len(rotations) and rotations[nr] in _ROTATIONS else "0"
        checked.append(CheckedFile(content, storable_kind(content, limits), int(rotation)))
    return tuple(checked)


async def cleaned(cleaner: FileCleaner, files: Sequence[CheckedFile]) -> tuple[CleanFile, ...]:
    """The files as they may be kept, one after the other. Raises InputError, or TransientError of the cleaner."""
    return tuple([await cleaner.cleaned(file.content, file.rotation) for file in files])


async def store(blobs: BlobStore, files: Sequence[CleanFile]) -> tuple[NewFile, ...]:
    """Put every file into the store. Raises TransientError, with what was stored so far removed."""
    stored: list[NewFile] = []
    try:
        for file in files:
            key = blobs.new_key()
            await blobs.put(key, file.content)
            stored.append(
                NewFile(
                    object_key=key,
                    sha256=sha256_hex(file.content),
                    byte_size=len(file.content),
                    media_type=MEDIA_TYPES[file.kind],
                    rotation=file.rotation,
                )
            )
    except BaseException:
        await discard(blobs, stored)
        raise
    return tuple(stored)


async def discard(blobs: BlobStore, files: Sequence[NewFile]) -> None:
    """Remove objects that belong to no answer."""
    await discard_keys(blobs, [file.object_key for file in files])


async def discard_keys(blobs: BlobStore, keys: Sequence[str]) -> None:
    """Remove objects by name. A store that is away keeps an orphan; what the person asked for is done all the same."""
    if not keys:
        return
    try:
        await blobs.delete(keys)
    except TransientError as error:
        log.warning("blobs_not_deleted", code=error.code, files=len(keys))
