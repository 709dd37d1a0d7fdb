"""Handed-in files: in a directory, or in any store that obstore speaks to (S3, and Supabase Storage through it)."""

import asyncio
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore
from obstore.store import ObjectStore as Backend

from learning_worker.domain.errors import Fault, PermanentError, TransientError
from learning_worker.domain.upload import sha256_hex
from learning_worker.storage.backends import Bucket, fault_of, is_bucket_missing, s3_backend

# All names, in sixteen parts: what their first digit says.
PARTS = tuple(f"submissions/{digit:x}" for digit in range(16))
PROBES = "probes"
# Keys are made here and nowhere else; anything that does not look like one never reaches the store.
_KEY = re.compile(r"submissions/[0-9a-f]{2}/[0-9a-f]{32}")


@dataclass(frozen=True)
class Listed:
    """Something that lies in the store."""

    name: str
    modified_at: datetime


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

        Raises TransientError (STORAGE_FULL, STORAGE_DENIED, STORAGE_UNAVAILABLE) when it cannot be made.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            return cls(LocalStore(directory), directory=directory)
        except (OSError, BaseError) as error:
            raise TransientError(fault_of(error)) from error

    @classmethod
    def in_bucket(cls, bucket: Bucket) -> "ObjectStore":
        """Files in a bucket. Asks nothing yet. Raises ValueError for an endpoint that is not allowed."""
        return cls(s3_backend(bucket))

    def new_key(self) -> str:
        """A fresh name for one file."""
        return new_key()

    async def put(self, object_key: str, content: bytes) -> None:
        """Store under a new key; readers see all of it or nothing, and it outlasts a power cut once this returns.

        Raises TransientError as `in_directory`, also for a key that exists; ValueError for a malformed one.
        """
        _check(object_key)
        await self._put(object_key, content)

    async def fetch(self, object_key: str, *, sha256: str, byte_size: int) -> bytes:
        """The content, equal in length and fingerprint to what was handed in; see `ports.BlobStore`."""
        _check(object_key)
        content = await self._get(object_key, byte_size)
        if len(content) != byte_size or sha256_hex(content) != sha256:
            raise PermanentError(Fault.FILE_CHANGED)
        return content

    async def delete(self, object_keys: Sequence[str]) -> None:
        """Remove; missing keys are fine. Raises TransientError, with the rest left as it is."""
        for object_key in object_keys:
            _check(object_key)
        for object_key in object_keys:
            await self._delete(object_key)

    async def probe(self) -> None:
        """Write, read and delete a small object of our own. Raises TransientError.

        What is written and cannot be read stays, for `purge`: a store that hangs is not asked once more.
        """
        name, content = f"{PROBES}/{uuid4().hex}", os.urandom(32)
        await self._put(name, content)
        try:
            is_same = await self._get(name, len(content)) == content
        except PermanentError as error:
            # Written a moment ago: a store that does not know it cannot be relied on.
            raise TransientError(Fault.STORAGE_UNAVAILABLE) from error
        if not is_same:
            raise TransientError(Fault.STORAGE_UNAVAILABLE)
        await self._delete(name)

    async def listed(self, part: str) -> list[Listed]:
        """What lies in one of PARTS or in PROBES, the halves of writes that were cut short among it.

        Raises TransientError.
        """
        if part not in PARTS and part != PROBES:
            raise ValueError("not a part of this store")
        folders = [part] if part == PROBES else [f"{part}{digit:x}" for digit in range(16)]
        try:
            if self._directory is not None:
                return await asyncio.to_thread(_scan, self._directory, folders)
            found = await asyncio.gather(*(self._list(folder) for folder in folders))
        except (OSError, BaseError) as error:
            raise TransientError(fault_of(error)) from error
        return [each for listed in found for each in listed]

    async def discard(self, listed: Listed) -> None:
        """Remove what `listed` found, whatever its name. Raises TransientError."""
        if self._directory is None:
            await self._delete(listed.name)
            return
        try:
            await asyncio.to_thread((self._directory / listed.name).unlink, missing_ok=True)
        except OSError as error:
            raise TransientError(fault_of(error)) from error

    async def _list(self, folder: str) -> list[Listed]:
        return [
            Listed(entry["path"], entry["last_modified"])
            async for chunk in obstore.list(self._backend, folder, chunk_size=1000)
            for entry in chunk
        ]

    async def _put(self, name: str, content: bytes) -> None:
        try:
            # A whole put in one piece: written beside its place and linked into it, never seen half.
            await obstore.put_async(self._backend, name, content, mode="create", use_multipart=False)
            if self._directory is not None:
                await asyncio.to_thread(_flush, self._directory, name)
        except (OSError, BaseError) as error:
            raise TransientError(fault_of(error)) from error

    async def _get(self, name: str, byte_size: int) -> bytes:
        try:
            found = await obstore.get_async(self._backend, name)
            # The size is compared first, so that a file swapped for a huge one is never loaded.
            if found.meta["size"] != byte_size:
                raise PermanentError(Fault.FILE_CHANGED)
            return bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError) as error:
            if is_bucket_missing(error):
                raise TransientError(Fault.STORAGE_UNAVAILABLE) from error
            raise PermanentError(Fault.FILE_MISSING) from error
        except (OSError, BaseError) as error:
            raise TransientError(fault_of(error)) from error

    async def _delete(self, name: str) -> None:
        try:
            await obstore.delete_async(self._backend, name)
        except (NotFoundError, FileNotFoundError) as error:
            if is_bucket_missing(error):
                raise TransientError(Fault.STORAGE_UNAVAILABLE) from error
        except (OSError, BaseError) as error:
            raise TransientError(fault_of(error)) from error


def _flush(directory: Path, name: str) -> None:
    """Bring the file and the folders that name it to the disk; the store itself leaves that to the system."""
    path = directory / name
    for place in (path, *path.parents[: name.count("/") + 1]):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _scan(directory: Path, folders: Sequence[str]) -> list[Listed]:
    """Every file of these folders. obstore's own listing leaves out the halves that a crash left behind."""
    listed = []
    for folder in folders:
        # What is gone by the time it is looked at is not there.
        with suppress(FileNotFoundError):
            for entry in os.scandir(directory / folder):
                with suppress(FileNotFoundError):
                    modified_at = datetime.fromtimestamp(entry.stat(follow_symlinks=False).st_mtime, UTC)
                    listed.append(Listed(f"{folder}/{entry.name}", modified_at))
    return listed


def _check(object_key: str) -> None:
    if _KEY.fullmatch(object_key) is None:
        raise ValueError("not an object key of ours")
