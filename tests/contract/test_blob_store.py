"""What a BlobStore promises, held by the fake and by the real store in a directory."""

import os
from pathlib import Path
from uuid import UUID

import pytest
from fakes import FakeBlobStore

from learning_worker.domain.errors import Fault, PermanentError, TransientError
from learning_worker.domain.upload import sha256_hex
from learning_worker.ports import BlobStore
from learning_worker.storage.objects import ObjectStore, new_key

CONTENT = b"Pflanzen brauchen Licht." * 1000


@pytest.fixture(params=["directory", "fake"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    return ObjectStore.in_directory(tmp_path / "files") if request.param == "directory" else FakeBlobStore()


async def fetched(store: BlobStore, key: str, content: bytes = CONTENT) -> bytes:
    return await store.fetch(key, sha256=sha256_hex(content), byte_size=len(content))


async def test_what_was_put_comes_back_unchanged(store: BlobStore):
    key = new_key()

    await store.put(key, CONTENT)

    assert await fetched(store, key) == CONTENT


async def test_a_file_is_never_overwritten(store: BlobStore):
    key = new_key()
    await store.put(key, CONTENT)

    with pytest.raises(TransientError):
        await store.put(key, b"something else")

    assert await fetched(store, key) == CONTENT


async def test_a_missing_file_is_final(store: BlobStore):
    with pytest.raises(PermanentError) as raised:
        await fetched(store, new_key())

    assert raised.value.code == Fault.FILE_MISSING


@pytest.mark.parametrize("expected", [b"as long as the other.", b"shorter", b""])
async def test_a_file_that_is_not_what_was_handed_in_is_refused(store: BlobStore, expected: bytes):
    key = new_key()
    await store.put(key, b"this is what was put.")

    with pytest.raises(PermanentError) as raised:
        await fetched(store, key, expected)

    assert raised.value.code == Fault.FILE_CHANGED


async def test_deleting_twice_is_fine(store: BlobStore):
    key = new_key()
    await store.put(key, CONTENT)

    await store.delete([key, new_key()])
    await store.delete([key])

    with pytest.raises(PermanentError):
        await fetched(store, key)


@pytest.mark.parametrize(
    "key",
    [
        "../outside",
        "submissions/../../../etc/passwd",
        "/etc/passwd",
        "submissions/00/" + "0" * 31,
        "submissions/00/" + "0" * 32 + "\n",
        "submissions/00/" + "0" * 32 + "/..",
        "",
    ],
)
async def test_only_names_made_by_the_server_reach_the_disk(tmp_path: Path, key: str):
    store = ObjectStore.in_directory(tmp_path / "files")
    (tmp_path / "outside").write_bytes(b"secret")

    with pytest.raises(ValueError):
        await store.put(key, b"x")
    with pytest.raises(ValueError):
        await fetched(store, key, b"secret")
    with pytest.raises(ValueError):
        await store.delete([key])

    assert (tmp_path / "outside").read_bytes() == b"secret"
    assert list((tmp_path / "files").iterdir()) == []


async def test_a_store_that_cannot_be_written_is_tried_again_later(tmp_path: Path):
    directory = tmp_path / "files"
    store = ObjectStore.in_directory(directory)
    directory.rmdir()
    directory.write_bytes(b"a file where the folder was")

    with pytest.raises(TransientError) as raised:
        await store.put(new_key(), CONTENT)

    assert raised.value.code == Fault.STORAGE_UNAVAILABLE


async def test_a_directory_that_cannot_be_made_is_said_at_once(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(TransientError):
        ObjectStore.in_directory(tmp_path / "file" / "below")


async def test_files_are_for_the_service_alone(tmp_path: Path):
    ObjectStore.in_directory(tmp_path / "files")

    assert (tmp_path / "files").stat().st_mode & 0o077 == 0


async def test_a_name_says_nothing_but_which_file(tmp_path: Path):
    key = new_key(UUID("12345678-1234-4234-8234-1234567890ab"))
    store = ObjectStore.in_directory(tmp_path)

    await store.put(key, CONTENT)

    assert key == "submissions/ab/123456781234423482341234567890ab"
    assert [name for _, _, names in os.walk(tmp_path) for name in names] == [key.rsplit("/")[-1]]
