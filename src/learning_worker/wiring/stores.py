"""Where handed-in files are kept."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from learning_worker.db.health import Check
from learning_worker.domain.errors import Fault, TransientError
from learning_worker.settings import Settings
from learning_worker.storage.backends import Bucket
from learning_worker.storage.objects import ObjectStore, new_key

LOW_DISK_MIB = 500
PROBE_S = 4.0


def object_store(settings: Settings, *, request_s: float = 30.0) -> ObjectStore:
    """Where handed-in files are kept. Raises TransientError when the directory cannot be made.

    request_s: how long a bucket's server may take for one answer.
    """
    if settings.storage_bucket is None:
        return object_store_in(settings.learning_data_dir)
    key_id, key = settings.storage_access_key_id, settings.storage_secret_access_key
    bucket = Bucket(
        name=settings.storage_bucket,
        # Settings.load() has refused a bucket without these.
        endpoint=settings.storage_endpoint or "",
        region=settings.storage_region,
        access_key_id=key_id.get_secret_value() if key_id else "",
        secret_access_key=key.get_secret_value() if key else "",
        request_s=request_s,
    )
    return ObjectStore.in_bucket(bucket)


def object_store_in(data_dir: Path) -> ObjectStore:
    """The store in a data directory."""
    return ObjectStore.in_directory(data_dir / "objects")


def new_object_key() -> str:
    """A fresh server-made name for a file."""
    return new_key()


async def storage_check(settings: Settings) -> Check:
    """Whether handed-in files can be kept: one is written, read and deleted, and a directory's disk has room."""
    fault = await storage_fault(settings)
    if fault is not None:
        return Check("storage", "failed", fault)
    free_mib = free_disk_mib(settings)
    if free_mib is None:
        return Check("storage", "ok", "bucket")
    return Check("storage", "ok" if free_mib >= LOW_DISK_MIB else "failed", f"free_mib={free_mib}")


async def storage_fault(settings: Settings) -> Fault | None:
    """Why a small file cannot be kept and had again, or None when it can."""
    try:
        # One deadline for all: a page of health must not wait for a server that hangs.
        async with asyncio.timeout(PROBE_S):
            await object_store(settings, request_s=PROBE_S).probe()
    except TransientError as error:
        return Fault(error.code)
    except TimeoutError:
        return Fault.TIMEOUT
    return None


def free_disk_mib(settings: Settings) -> int | None:
    """Room for files on the disk, in MiB; None for a bucket, whose server does not say."""
    if settings.storage_bucket is not None:
        return None
    return shutil.disk_usage(settings.learning_data_dir).free // 2**20
