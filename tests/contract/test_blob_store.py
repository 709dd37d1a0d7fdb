"""What a BlobStore promises, held by the fake and by the real store, in a directory and in a bucket behind HTTP."""

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from buckets import a_bucket, s3_server
from fakes import FakeBlobStore
from obstore.exceptions import GenericError, PermissionDeniedError, UnauthenticatedError

from learning_worker.domain.errors import Fault, PermanentError, TransientError
from learning_worker.domain.upload import sha256_hex
from learning_worker.ports import BlobStore
from learning_worker.storage.backends import Bucket, fault_of
from learning_worker.storage.objects import PROBES, ObjectStore, new_key

CONTENT = b"Pflanzen brauchen Licht." * 1000


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with s3_server() as endpoint:
        yield endpoint


@pytest.fixture
def bucket(server: str) -> Bucket:
    return a_bucket(server)


@pytest.fixture(params=["directory", "bucket"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "directory":
        return ObjectStore.in_directory(tmp_path / "files")
    return ObjectStore.in_bucket(request.getfixturevalue("bucket"))


@pytest.fixture(params=["directory", "bucket", "fake"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "fake":
        return FakeBlobStore()
    if request.param == "directory":
        return ObjectStore.in_directory(tmp_path / "files")
    return ObjectStore.in_bucket(request.getfixturevalue("bucket"))


async def fetched(store: BlobStore, key: str, content: bytes = CONTENT) -> bytes:
    return await store.fetch(key, sha256=sha256_hex(content), byte_size=len(content))


async def test_what_was_put_comes_back_unchanged(store: BlobStore):
    key = store.new_key()

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


async def test_a_store_lists_what_lies_in_it_with_its_age(objects: ObjectStore):
    key = new_key()
    await objects.put(key, CONTENT)

    (listed,) = await objects.listed(key[:13])

    assert listed.name == key
    assert abs(datetime.now(UTC) - listed.modified_at) < timedelta(minutes=1)
    assert await objects.listed("submissions/0" if key[12] != "0" else "submissions/1") == []
    with pytest.raises(ValueError):
        await objects.listed("")


async def test_what_was_listed_can_be_discarded(objects: ObjectStore):
    key = new_key()
    await objects.put(key, CONTENT)
    (listed,) = await objects.listed(key[:13])

    await objects.discard(listed)
    await objects.discard(listed)

    assert await objects.listed(key[:13]) == []


async def test_the_half_of_a_write_that_was_cut_short_is_listed(tmp_path: Path):
    store = ObjectStore.in_directory(tmp_path)
    (tmp_path / "submissions/ab").mkdir(parents=True)
    # As obstore names what it has not finished yet.
    (tmp_path / "submissions/ab" / ("0" * 32 + "#1")).write_bytes(b"half")

    (listed,) = await store.listed("submissions/a")
    await store.discard(listed)

    assert await store.listed("submissions/a") == []


async def test_a_probe_leaves_nothing_behind(objects: ObjectStore):
    await objects.probe()

    assert await objects.listed(PROBES) == []


async def test_a_missing_bucket_is_no_lost_file(bucket: Bucket):
    store = ObjectStore.in_bucket(replace(bucket, name="another-bucket"))
    key = new_key()

    for attempt in (store.put(key, CONTENT), fetched(store, key), store.delete([key]), store.probe()):
        with pytest.raises(TransientError) as raised:
            await attempt
        assert raised.value.code == Fault.STORAGE_UNAVAILABLE


async def test_a_server_that_does_not_answer_is_tried_again_later(bucket: Bucket):
    # Port 9 of this machine: nobody listens there.
    store = ObjectStore.in_bucket(replace(bucket, endpoint="http://127.0.0.1:9", request_s=1.0))

    with pytest.raises(TransientError) as raised:
        await store.put(new_key(), CONTENT)

    assert raised.value.code == Fault.STORAGE_UNAVAILABLE


async def test_a_server_that_takes_the_call_and_says_nothing_is_not_waited_for(bucket: Bucket):
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    store = ObjectStore.in_bucket(replace(bucket, endpoint=f"http://127.0.0.1:{port}", request_s=0.3))
    started = time.monotonic()

    with pytest.raises(TransientError) as raised:
        await store.probe()

    assert raised.value.code == Fault.STORAGE_UNAVAILABLE
    assert time.monotonic() - started < 5
    server.close()


async def test_no_proxy_of_the_environment_sees_a_file(bucket: Bucket, monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    store = ObjectStore.in_bucket(bucket)
    key = new_key()

    await store.put(key, CONTENT)

    assert await fetched(store, key) == CONTENT


async def test_credentials_of_the_environment_are_not_used(bucket: Bucket, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody-else")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-token")

    await ObjectStore.in_bucket(bucket).probe()

    assert "secret" not in repr(bucket)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (
            GenericError("Generic LocalFileSystem error: No space left on device (os error 28)"),
            Fault.STORAGE_FULL,
        ),
        (GenericError("Unable to copy data to file: Disk quota exceeded (os error 122)"), Fault.STORAGE_FULL),
        (OSError(28, "No space left on device"), Fault.STORAGE_FULL),
        (GenericError("Server returned non-2xx status code: 507 Insufficient Storage"), Fault.STORAGE_FULL),
        (GenericError("Unable to create dir: Read-only file system (os error 30)"), Fault.STORAGE_DENIED),
        (PermissionError(13, "Permission denied"), Fault.STORAGE_DENIED),
        (PermissionDeniedError("403 Forbidden"), Fault.STORAGE_DENIED),
        (UnauthenticatedError("401 Unauthorized"), Fault.STORAGE_DENIED),
        (GenericError("HTTP error: error sending request"), Fault.STORAGE_UNAVAILABLE),
        (OSError(5, "Input/output error"), Fault.STORAGE_UNAVAILABLE),
    ],
    ids=[
        "full",
        "quota",
        "full_system",
        "full_server",
        "read_only",
        "denied",
        "forbidden",
        "unknown_key",
        "down",
        "broken",
    ],
)
def test_a_store_says_whether_it_is_full_refuses_us_or_is_away(error: Exception, fault: Fault):
    assert fault_of(error) == fault


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://files.school.example/storage",
        "https://user@files.school.example",
        "https://files.school.example/storage?x=1",
        "https://files.school.example/../x",
        "https://0x7f000001/",
        "http://127.0.0.1.school.example:9000",
        "ftp://files",
        "files:9000",
    ],
)
def test_an_endpoint_that_could_be_somebody_else_is_refused(bucket: Bucket, endpoint: str):
    with pytest.raises(ValueError):
        ObjectStore.in_bucket(replace(bucket, endpoint=endpoint))


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
