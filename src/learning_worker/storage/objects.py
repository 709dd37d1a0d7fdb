"""Handed-in files: a directory today, any store that obstore speaks tomorrow (S3, and Supabase Storage through it)."""

import asyncio
import os
import re
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore
from obstore.store import ObjectStore as Backend

from learning_worker.domain.errors import Fault, PermanentError, TransientError
from learning_worker.domain.upload import sha256_hex

# Keys are made here and nowhere else; anything that does not look like one never reaches the store.
_KEY = re.compile(r"submissions/[0-9a-f]{2}/[0-9a-f]{32}")


def new_key(file_id: UUID | None = None) -> str:
    """A fresh name that says nothing about pupil, course or file; spread over 256 folders."""
    name = (file_id or uuid4()).hex
    return f"submissions/{name[-2:]}/{name}"


class ObjectStore:
    """The BlobStore over one obstore backend."""

    def __init__(self, backend: Backend, *, directory: Path | None = None) -> None:
        self._backend = backend
        self._directory = directory

    @classmethod
    def in_directory(cls, directory: Path) -> "ObjectStore":
        """Files below `directory`, which is made when missing, readable by its owner only.

        Raises TransientError(STORAGE_UNAVAILABLE) when it cannot be made.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            return cls(LocalStore(directory), directory=directory)
        except (OSError, BaseError) as error:
            raise TransientError(Fault.STORAGE_UNAVAILABLE) from error

    async def put(self, object_key: str, content: bytes) -> None:
        """Store under a new key; readers see all of it or nothing, and it outlasts a power cut once this returns.

        Raises TransientError(STORAGE_UNAVAILABLE), also for a key that exists; ValueError for a malformed one.
        """
        _check(object_key)
        try:
            # A whole put in one piece: written beside its place and linked into it, never seen half.
            await obstore.put_async(self._backend, object_key, content, mode="create", use_multipart=False)
            if self._directory is not None:
                await asyncio.to_thread(_flush, self._directory, object_key)
        except (OSError, BaseError) as error:
            raise TransientError(Fault.STORAGE_UNAVAILABLE) from error

    async def fetch(self, object_key: str, *, sha256: str, byte_size: int) -> bytes:
        """The content, equal in length and fingerprint to what was handed in; see `ports.BlobStore`."""
        _check(object_key)
        try:
            found = await obstore.get_async(self._backend, object_key)
            # The size is compared first, so that a file swapped for a huge one is never loaded.
            if found.meta["size"] != byte_size:
                raise PermanentError(Fault.FILE_CHANGED)
            content = bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError) as error:
            raise PermanentError(Fault.FILE_MISSING) from error
        except (OSError, BaseError) as error:
            raise TransientError(Fault.STORAGE_UNAVAILABLE) from error
        if len(content) != byte_size or sha256_hex(content) != sha256:
            raise PermanentError(Fault.FILE_CHANGED)
        return content

    async def delete(self, object_keys: Sequence[str]) -> None:
        """Remove; missing keys are fine. Raises TransientError(STORAGE_UNAVAILABLE)."""
        for object_key in object_keys:
            _check(object_key)
            try:
                await obstore.delete_async(self._backend, object_key)
            except (NotFoundError, FileNotFoundError):
                continue
            except (OSError, BaseError) as error:
                raise TransientError(Fault.STORAGE_UNAVAILABLE) from error


def _flush(directory: Path, object_key: str) -> None:
    """Bring the file and the folders that name it to the disk; the store itself leaves that to the system."""
    path = directory / object_key
    for place in (path, *path.parents[:3]):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _check(object_key: str) -> None:
    if _KEY.fullmatch(object_key) is None:
        raise ValueError("not an object key of ours")
