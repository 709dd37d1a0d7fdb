"""Where handed-in files are kept."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from learning_worker.db.health import Check
from learning_worker.settings import Settings
from learning_worker.storage.objects import ObjectStore, new_key

LOW_DISK_MIB = 500


def object_store(settings: Settings) -> ObjectStore:
    """Where handed-in files are kept. Raises TransientError when the directory cannot be made."""
    return object_store_in(settings.learning_data_dir)


def object_store_in(data_dir: Path) -> ObjectStore:
    """The same for a data directory."""
    return ObjectStore.in_directory(data_dir / "objects")


def new_object_key() -> str:
    """A fresh server-made name for a file."""
    return new_key()


async def storage_check(settings: Settings) -> Check:
    """Whether handed-in files can be kept: the directory is there, may be written, and has room."""
    directory = settings.learning_data_dir / "objects"
    try:
        free_mib = shutil.disk_usage(directory).free // 2**20
    except OSError:
        return Check("storage", "failed", "directory missing")
    if not os.access(directory, os.W_OK):
        return Check("storage", "failed", "directory not writable")
    return Check("storage", "ok" if free_mib >= LOW_DISK_MIB else "failed", f"free_mib={free_mib}")
