"""What is past its time goes, from the database and from the store, wherever a run is cut short; nothing else goes."""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from buckets import a_bucket, s3_server
from psycopg.types.json import Jsonb
from school import School, connect

from learning_worker.db.line import Line
from learning_worker.db.retention import Overdue
from learning_worker.domain.errors import TransientError
from learning_worker.launch.purge import GRACE, Purge, Purged, TooManyOrphans
from learning_worker.storage.objects import ObjectStore, new_key

CONTENT = b"a page"


class CutShort(ObjectStore):
    """A store that goes away after a number of deletions."""

    left = 0

    async def _delete(self, name: str) -> None:
        if self.left == 0:
            raise TransientError("storage_unavailable")
        self.left -= 1
        await super()._delete(name)


class Archive:
    """A school whose files lie in a real store, and an operator who purges."""

    def __init__(self, school: School, store: ObjectStore, operator: str, directory: Path) -> None:
        self.school, self.store, self.operator, self.directory = school, store, operator, directory

    async def hand_in(self, sub="pupil", *, days_ago: float = 0, files: int = 1) -> UUID:
        """An answer with stored files, handed in some days ago; read, so that nobody waits for its files."""
        given = []
        for _ in range(files):
            key = new_key()
            await self.store.put(key, CONTENT)
            given.append(
                {
                    "object_key": key,
                    "sha256": hashlib.sha256(CONTENT).hexdigest(),
                    "byte_size": len(CONTENT),
                    "media_type": "image/png",
                }
            )
        answer = self.school.submit(sub, files=given)["submission_id"]
        self.age("learning_submissions", "created_at", answer, days_ago)
        return answer

    async def read(self, sub="pupil", **more) -> UUID:
        answer = await self.hand_in(sub, **more)
        job = self.school.lease("vision")
        page = {"page_nr": 1, "text_md": "x", "source": "ocr", "confidence": 0.9}
        self.school.call("learning_worker_save_page", job["job_id"], job["lease_key"], Jsonb(page))
        self.school.save_text(job)
        return answer

    def age(self, table: str, column: str, row: UUID, days: float) -> None:
        self.school.owner.execute(
            f"update {table} set {column} = now() - %s * interval '1 day' where id = %s", [days, row]
        )

    def keep_for(self, *, files: int, texts: int) -> None:
        self.school.owner.execute(
            "update courses set file_retention_days = %s, text_retention_days = %s", [files, texts]
        )

    async def purge(self, *, hours_later: float = 0, store: ObjectStore | None = None, **more) -> Purged:
        return await self._with(lambda run: run.run(), hours_later, store, **more)

    async def look(self, *, hours_later: float = 0) -> Purged:
        return await self._with(lambda run: run.look(), hours_later, None)

    async def _with(self, use, hours_later, store, **more):
        line = Line(self.operator, "purge")
        now = datetime.now(UTC) + timedelta(hours=hours_later)
        try:
            return await use(Purge(line, store or self.store, now, **more))
        finally:
            await line.close()

    def objects(self) -> int:
        return sum(len(names) for _, _, names in os.walk(self.directory))

    def count(self, table: str, where: str = "true") -> int:
        return self.school.one(f"select count(*) as n from {table} where {where}")["n"]


@pytest.fixture
def archive(database, tmp_path):
    with (
        connect(database.owner) as owner,
        connect(database.dsns.app) as app,
        connect(database.dsns.worker) as worker,
    ):
        store = ObjectStore.in_directory(tmp_path / "objects")
        archive = Archive(School(owner, app, worker), store, database.dsns.operator, tmp_path / "objects")
        archive.keep_for(files=30, texts=100)
        yield archive


async def test_files_go_before_texts_and_the_text_stays(archive):
    old, young = await archive.read(days_ago=31, files=2), await archive.read("mate", days_ago=29)

    purged = await archive.purge()

    assert purged == Purged(Overdue(answers=0, files=2), deleted=2, orphans=0, missing=0)
    assert archive.objects() == 1
    assert archive.school.submission(old)["text_body"] is not None
    assert archive.count("learning_page_readings") == 1
    assert archive.school.submission(young)["text_body"] is not None
    assert archive.count("learning_audit", "action = 'files_expired'") == 1


async def test_an_answer_past_its_time_goes_with_everything_but_the_audit_trail(archive):
    old = await archive.read(days_ago=101)

    purged = await archive.purge()

    assert purged == Purged(Overdue(answers=1, files=1), deleted=1, orphans=0, missing=0)
    assert archive.objects() == 0
    left = {table: rows for table, rows in archive.school.everything_of(old).items() if rows}
    assert set(left) == {"learning_audit"}
    assert [row["r"]["action"] for row in left["learning_audit"]] == ["submitted", "expired"]


async def test_a_file_that_waits_to_be_read_is_kept(archive):
    await archive.hand_in(days_ago=31)

    purged = await archive.purge()

    assert purged == Purged(Overdue(), deleted=0, orphans=0, missing=0)
    assert archive.objects() == 1


async def test_a_dry_run_counts_the_same_and_changes_nothing(archive):
    await archive.read(days_ago=31)
    await archive.read("mate", days_ago=101)
    before = archive.objects(), archive.count("learning_submissions")

    looked = await archive.look()

    assert (archive.objects(), archive.count("learning_submissions")) == before
    assert (
        looked
        == await archive.purge()
        == Purged(Overdue(answers=1, files=2), deleted=2, orphans=0, missing=0)
    )


async def test_a_second_run_finds_nothing(archive):
    await archive.read(days_ago=101)
    await archive.purge()

    assert await archive.purge(hours_later=48) == Purged(Overdue(), deleted=0, orphans=0, missing=0)


@pytest.mark.parametrize("deletions", [0, 1, 2])
async def test_a_run_that_is_cut_short_is_finished_by_the_next(archive, deletions):
    await archive.read(days_ago=101, files=3)
    weak = CutShort.in_directory(archive.directory)
    weak.left = deletions

    with pytest.raises(TransientError):
        await archive.purge(store=weak)
    assert archive.objects() == 3 - deletions
    purged = await archive.purge()

    assert (purged.deleted, purged.orphans, archive.objects()) == (3, 0, 0)
    assert archive.count("learning_object_deletions") == 0


@pytest.mark.parametrize(
    ("sub", "function"), [("pupil", "learning_take_back"), ("teacher", "learning_remove")]
)
async def test_files_of_an_answer_taken_back_or_removed_go_even_if_the_web_process_died(
    archive, sub, function
):
    answer = await archive.hand_in()
    archive.school.as_person(sub, function, answer)

    purged = await archive.purge()

    assert (purged.deleted, archive.objects()) == (1, 0)


async def test_the_files_of_a_removed_course_go_too(archive):
    await archive.hand_in()
    archive.school.owner.execute("delete from courses where id = %s", [archive.school.course])

    assert (await archive.purge()).deleted == 1
    assert archive.objects() == 0


async def test_a_file_without_an_answer_is_swept_when_its_time_of_grace_is_over(archive):
    await archive.store.put(new_key(), CONTENT)
    grace_h = GRACE.total_seconds() / 3600

    early = await archive.purge(hours_later=grace_h - 0.1)
    late = await archive.purge(hours_later=grace_h + 0.1)

    assert (early.orphans, late.orphans, archive.objects()) == (0, 1, 0)


async def test_the_half_of_an_upload_and_a_forgotten_probe_are_swept(archive):
    for name in ("submissions/ab/" + "0" * 32 + "#1", "probes/" + "0" * 32):
        (archive.directory / name).parent.mkdir(parents=True)
        (archive.directory / name).write_bytes(b"half")

    swept = await archive.purge(hours_later=48)

    assert (swept.orphans, archive.objects()) == (2, 0)


async def test_files_of_another_database_are_not_taken_for_litter(archive):
    for _ in range(21):
        await archive.store.put(new_key(), CONTENT)

    with pytest.raises(TooManyOrphans) as refused:
        await archive.purge(hours_later=48)

    assert (refused.value.orphans, refused.value.objects, archive.objects()) == (21, 21, 21)
    assert (await archive.purge(hours_later=48, may_sweep_all=True)).orphans == 21


async def test_a_file_that_is_gone_is_counted_and_its_answer_stays(archive):
    answer = await archive.hand_in(files=2)
    row = archive.school.one("select object_key from learning_submission_files where position = 1")
    (archive.directory / row["object_key"]).unlink()

    purged = await archive.purge(hours_later=48)

    assert (purged.missing, purged.orphans, archive.objects()) == (1, 0, 1)
    assert archive.school.submission(answer) is not None


async def test_the_pupils_of_a_long_archived_course_go_and_its_tasks_stay(archive):
    archive.age("courses", "archived_at", archive.school.course, 101)
    archive.age("courses", "archived_at", archive.school.other_course, 99)

    purged = await archive.purge()

    assert purged.removed.memberships == 3
    assert archive.count("course_members", "role = 'student'") == 1
    assert archive.count("course_members", "role = 'teacher'") == 2
    assert archive.count("tasks") == 2


async def test_the_pupils_of_an_archived_course_stay_while_an_answer_is_kept(archive):
    await archive.read(days_ago=10)
    archive.age("courses", "archived_at", archive.school.course, 101)

    assert (await archive.purge()).removed.memberships == 0


async def test_ended_sessions_go_and_live_ones_stay(archive):
    for name, ends, seen in (("over", -1, 0), ("idle", 100, 25), ("live", 100, 23)):
        archive.school.owner.execute(
            "insert into web_sessions (token_hash, sub, display_name, site_role, csrf_token, expires_at, last_seen_at)"
            " values (sha256(%s), 'pupil', 'P', 'student', repeat('c', 30),"
            "         now() + %s * interval '1 hour', now() - %s * interval '1 hour')",
            [name.encode(), ends, seen],
        )

    assert (await archive.purge()).removed.sessions == 2
    assert archive.count("web_sessions", "token_hash = sha256('live')") == 1


async def test_a_worker_that_holds_an_overdue_answer_loses_it(archive):
    await archive.hand_in(days_ago=101)
    job = archive.school.lease("vision")

    await archive.purge()

    assert archive.school.outcome(job) == "lease_lost"


@pytest.mark.slow
async def test_a_bucket_is_purged_like_a_directory(archive):
    with s3_server() as endpoint:
        archive.store = ObjectStore.in_bucket(a_bucket(endpoint))
        await archive.read(days_ago=101, files=2)
        await archive.store.put(new_key(), CONTENT)

        purged = await archive.purge(hours_later=48)

        assert purged == Purged(Overdue(answers=1, files=2), deleted=2, orphans=1, missing=0)
        assert (await archive.purge(hours_later=48)).orphans == 0


def purge_command(archive, *options: str, language: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "GUSTAV_ENV": "test",
        "OPERATOR_DATABASE_URL": archive.operator,
        "LEARNING_DATA_DIR": str(archive.directory.parent),
        "LC_ALL": language,
    }
    command = [sys.executable, "-m", "learning_worker", "purge", *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def test_the_command_prints_counts_and_speaks_german(archive):
    asyncio.run(archive.read(days_ago=31))

    done = purge_command(archive, language="de_DE.UTF-8")

    assert (done.returncode, done.stderr) == (0, "")
    assert "1  Dateien aus der Ablage gelöscht" in done.stdout
    assert archive.objects() == 0


@pytest.mark.slow
def test_a_dry_run_of_the_command_prints_json(archive):
    asyncio.run(archive.read(days_ago=31))

    looked = purge_command(archive, "--dry-run", "--json", language="C")

    assert json.loads(looked.stdout) == {
        "answers": 0,
        "files": 1,
        "memberships": 0,
        "sessions": 0,
        "deleted": 1,
        "orphans": 0,
        "missing": 0,
        "dry_run": True,
    }
    assert archive.objects() == 1


@pytest.mark.slow
def test_a_store_that_cannot_be_used_ends_the_command_with_a_sentence(archive):
    asyncio.run(archive.read(days_ago=31))
    archive.directory.rename(archive.directory.parent / "elsewhere")
    archive.directory.write_bytes(b"a file where the folder was")

    done = purge_command(archive, language="C")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The file store cannot be used: it does not answer.")
