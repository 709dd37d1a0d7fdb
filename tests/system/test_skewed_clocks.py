"""Workers whose clock is ten minutes off: what is due, leased or backing off is judged by the database's clock alone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Database
from e2e.test_worker_process import a_process
from workbench import School, a_school, lease, terms, until

pytestmark = pytest.mark.system
LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


@pytest.mark.parametrize("minutes", [10, -10])
async def test_a_skewed_worker_starts_nothing_early_steals_nothing_and_waits_as_long_as_told(
    database: Database, school: School, tmp_path: Path, minutes: int
) -> None:
    assert LIBRARIES, "Debian's package `libfaketime` is needed"
    held = await school.hand_in_text("Held answer.")
    (job,) = await lease(school, worker=terms(lease_s=120))
    later = await school.hand_in_text("Later answer.")
    await school.change_jobs(f"visible_at = now() + interval '5 minutes' where submission_id = '{later}'")
    crashing = await school.hand_in_text("Crash CRASH answer.")
    due = await school.hand_in_text("Due answer.")

    with a_process(
        database,
        tmp_path,
        LD_PRELOAD=str(LIBRARIES[0]),
        FAKETIME=f"{minutes:+d}m",
        # The worker measures its own waits with the monotonic clock; no skew of a real machine touches that one.
        FAKETIME_DONT_FAKE_MONOTONIC="1",
        DONT_FAKE_MONOTONIC="1",
        WORKER_BACKOFF_SECONDS="60",
        WORKER_POLL_INTERVAL="0.1",
    ) as worker:
        await until(lambda: _is(school, due, "completed"))
        await until(lambda: _has_code(school, crashing, "feedback_retrying"))
        skew = datetime.fromisoformat(worker.events("job_ended")[0]["ts"]) - datetime.now(UTC)
        # Longer than its lease of 2 s: whoever judged by the worker's clock would have taken the rest by now.
        for n in range(3):
            one = await school.hand_in_text(f"More{n} answer.")
            await until(lambda one=one: _is(school, one, "completed"))

    assert abs(skew - timedelta(minutes=minutes)) < timedelta(seconds=30)
    assert {note[1] for note in worker.notes} == {"Crash", "Due", "More0", "More1", "More2"}
    untouched = await school.job(held)
    assert untouched is not None
    assert (untouched["lease_key"], untouched["crash_count"]) == (job.lease_key, 0)
    (waiting,) = await school.owner.rows(
        "select extract(epoch from visible_at - now())::float8 as wait_s from public.learning_submission_jobs"
        " where submission_id = %s",
        (crashing,),
    )
    assert 20 < waiting["wait_s"] < 73


async def _is(school: School, submission_id: object, status: str) -> bool:
    return await school.status(submission_id) == status  # type: ignore[arg-type]


async def _has_code(school: School, submission_id: object, code: str) -> bool:
    return (await school.stored(submission_id))["error_code"] == code  # type: ignore[arg-type]
