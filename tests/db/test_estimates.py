"""Position, expected start, and "this class is done at about"."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from conftest import Database
from fakes import FakeBlobStore
from workbench import PUPIL, TASK, TEACHER, School, a_bench, a_school, a_worker, until

from learning_worker.db import estimates, queue, review, seed
from learning_worker.db.estimates import CoursePace, Place
from learning_worker.domain.blank import unassessed
from learning_worker.domain.criteria import Reason, ReportSource, ResultStatus
from learning_worker.domain.reports import as_v2, report_from


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


async def place(school: School, submission_id, who: str = PUPIL) -> Place | None:
    async with school.app.acting_as(who) as connection:
        return await estimates.place(connection, submission_id)


async def remember_runs(school: School, *seconds: float, minutes_ago: float = 0) -> None:
    """Completed answers whose feedback took this long; `minutes_ago`: moved into the past, as the demo's class is."""
    for took_s in seconds:
        submission_id = await school.hand_in_text()
        async with school.owner.transaction() as connection:
            await connection.execute(
                "delete from public.learning_submission_jobs where submission_id = %s", (submission_id,)
            )
            await connection.execute(
                "with report as (insert into public.learning_reports"
                " (submission_id, version, source, analysis_json, feedback_md, snapshot_id, text_version)"
                " select id, 1, 'stub', '{}', '', snapshot_id, 1 from public.learning_submissions where id = %s"
                " returning id, submission_id)"
                " update public.learning_submissions s set analysis_status = 'completed', analysis_json = '{}',"
                " report_version = 1, settled_by = r.id, completed_at = now(),"
                " feedback_last_attempt_at = now() - make_interval(secs => %s) from report r where s.id = r.submission_id",
                (submission_id, took_s),
            )
            await seed.as_handed_in_before(connection, submission_id, minutes_ago)


async def test_the_first_is_next_and_the_others_count_who_is_ahead(school: School) -> None:
    await remember_runs(school, 10, 10, 10, 20)
    await queue.heartbeat(school.worker, "w1", is_idle=False, slots={"feedback": 2})
    waiting = [await school.hand_in_text() for _ in range(6)]

    places = [await place(school, one) for one in waiting]

    assert [found and found.ahead for found in places] == [0, 1, 2, 3, 4, 5]
    assert [found and found.start_p50_s for found in places] == [0, 10, 10, 20, 20, 30]
    assert places[5] is not None
    assert places[5].start_p90_s == pytest.approx(30 + 3**0.5 * 7, abs=0.5)


async def test_an_invented_past_leaves_a_run_as_long_as_it_was(school: School) -> None:
    await remember_runs(school, 10, minutes_ago=3 * 24 * 60)
    await queue.heartbeat(school.worker, "w1", is_idle=False, slots={"feedback": 1})
    await school.hand_in_text()
    second = await school.hand_in_text()

    found = await place(school, second)

    assert found is not None
    assert (found.start_p50_s, found.start_p90_s) == (10, 10)


async def test_a_run_is_no_longer_because_a_teacher_read_it_later(database: Database, school: School) -> None:
    submission_id = await school.hand_in_text()

    async with a_worker(a_bench(database, school)):
        await until(lambda: _is_completed(school, submission_id))
    await queue.heartbeat(school.worker, "w1", is_idle=False, slots={"feedback": 1})
    async with school.owner.transaction() as connection:
        await connection.execute(
            "update public.learning_submissions set feedback_last_attempt_at = completed_at - interval '10 s'"
        )
        await seed.as_handed_in_before(connection, submission_id, 120)
    async with school.app.acting_as(TEACHER) as connection:
        results = unassessed(TASK, ResultStatus.NEEDS_REVIEW, Reason.PERSON_READS)
        report = report_from(results, TASK.criteria, "criteria.v2", ReportSource.TEACHER)
        await review.review(connection, submission_id, 1, as_v2(report, TASK.criteria), "Read.")
    await school.hand_in_text()
    second = await school.hand_in_text()

    found = await place(school, second)

    assert found is not None
    assert found.start_p50_s == pytest.approx(10, abs=0.01)


async def _is_completed(school: School, submission_id: UUID) -> bool:
    return await school.status(submission_id) == "completed"


async def test_without_a_worker_or_a_run_to_go_by_nothing_is_promised(school: School) -> None:
    await school.hand_in_text()
    second = await school.hand_in_text()

    assert await place(school, second) == Place("feedback", 1, None, None)


@pytest.mark.parametrize(
    "trouble",
    [
        "update public.learning_queue_controls set paused_at = now(), paused_by = 'op' where phase = 'feedback'",
        "insert into public.learning_endpoints (endpoint, state, retry_at)"
        " values ('http://ollama:11434', 'open', now() - interval '4 min')",
    ],
    ids=["paused", "model server out of use"],
)
async def test_while_nothing_moves_nothing_is_promised(school: School, trouble: str) -> None:
    await remember_runs(school, 10, 10)
    await queue.heartbeat(school.worker, "w1", is_idle=False, slots={"feedback": 1})
    submission_id = await school.hand_in_text()
    assert await place(school, submission_id) == Place("feedback", 0, 0, 0)

    async with school.owner.transaction() as connection:
        await connection.execute(trouble)

    assert await place(school, submission_id) == Place("feedback", 0, None, None)


async def test_a_server_that_left_the_settings_while_it_was_down_spoils_no_estimate(school: School) -> None:
    await remember_runs(school, 10, 10)
    await queue.heartbeat(school.worker, "w1", is_idle=False, slots={"feedback": 1})
    submission_id = await school.hand_in_text()

    async with school.owner.transaction() as connection:
        await connection.execute(
            "insert into public.learning_endpoints (endpoint, state, retry_at)"
            " values ('http://old:11434', 'open', now() - interval '5 days')"
        )

    assert await place(school, submission_id) == Place("feedback", 0, 0, 0)


async def test_strangers_learn_nothing_and_teachers_see_the_class(school: School) -> None:
    await remember_runs(school, 10, 10)
    await queue.heartbeat(school.worker, "w1", is_idle=False, slots={"feedback": 1})
    submission_id = await school.hand_in_text()
    await school.hand_in_text()
    (row,) = await school.owner.rows("select id from public.courses")

    async with school.app.acting_as(TEACHER) as connection:
        pace = await estimates.course_pace(connection, row["id"])
    async with school.app.acting_as(PUPIL) as connection:
        unseen = await estimates.course_pace(connection, row["id"])

    assert await place(school, submission_id, "stranger") is None
    assert await place(school, submission_id, TEACHER) is not None
    assert unseen is None
    assert pace is not None
    assert (pace.waiting, pace.done_p50_s) == (2, 20)


async def test_texts_that_began_to_wait_long_ago_are_not_counted_before_files_that_come_first(
    school: School,
) -> None:
    await remember_runs(school, 10, 10)
    read = await school.hand_in_files(FakeBlobStore(), b"read")
    async with school.owner.transaction() as connection:
        await connection.execute(
            "update public.learning_submissions set text_body = 'x', text_version = 1, text_source = 'ocr',"
            " vision_last_attempt_at = now() - interval '10 s' where id = %s",
            (read,),
        )
        await connection.execute("delete from public.learning_submission_jobs")
        cursor = await connection.execute(
            "insert into public.courses (title) values ('9c') returning id::text"
        )
        other = await cursor.fetchone()
    await queue.heartbeat(school.worker, "w1", is_idle=False, slots={"vision": 1, "feedback": 1})
    for _ in range(5):
        await school.hand_in_text()
    assert other is not None
    await school.change_jobs(f"course_id = '{other['id']}', fair_at = fair_at - interval '1 h'")
    await school.hand_in_files(FakeBlobStore(), b"waiting")
    (row,) = await school.owner.rows("select course_id from public.tasks")

    async with school.app.acting_as(TEACHER) as connection:
        pace = await estimates.course_pace(connection, row["course_id"])

    # Each phase has a clock of its own: in the assessment the file has its turn when it comes there.
    assert pace is not None
    assert (pace.waiting, pace.done_p50_s) == (1, 20)


async def course_pace(school: School) -> CoursePace | None:
    (row,) = await school.owner.rows("select course_id from public.tasks")
    async with school.app.acting_as(TEACHER) as connection:
        return await estimates.course_pace(connection, row["course_id"])


async def hand_in_elsewhere(school: School, answers: int) -> None:
    """Answers of another class, which wait."""
    submissions = [await school.hand_in_text() for _ in range(answers)]
    async with school.owner.transaction() as connection:
        await connection.execute(
            "with other as (insert into public.courses (title) values ('9c') returning id)"
            " update public.learning_submission_jobs set course_id = other.id from other where submission_id = any(%s)",
            (submissions,),
        )


async def test_a_text_that_waits_for_its_pupil_counts_neither_as_the_class_s_last_nor_as_waiting(
    school: School,
) -> None:
    await remember_runs(school, 10, 10)
    await queue.heartbeat(school.worker, "w1", is_idle=False, slots={"feedback": 1})
    unconfirmed, waiting = [await school.hand_in_text() for _ in range(2)]
    await hand_in_elsewhere(school, 5)
    async with school.owner.transaction() as connection:
        await seed.as_waiting_for_the_pupil(connection, unconfirmed)
        await connection.execute(
            "update public.learning_submission_jobs set fair_at = visible_at where submission_id = %s",
            (unconfirmed,),
        )

    pace = await course_pace(school)
    async with school.owner.transaction() as connection:
        await connection.execute(
            "delete from public.learning_submission_jobs where submission_id = %s", (waiting,)
        )

    assert pace == CoursePace(1, 10, 10)
    assert await course_pace(school) == CoursePace(0, 0, 0)


async def test_a_class_is_not_done_before_an_answer_that_backs_off_comes_back(school: School) -> None:
    await remember_runs(school, 10, 10)
    await queue.heartbeat(school.worker, "w1", is_idle=False, slots={"feedback": 1})
    backing_off, _ = [await school.hand_in_text() for _ in range(2)]
    await hand_in_elsewhere(school, 5)
    async with school.owner.transaction() as connection:
        await seed.as_retrying(connection, backing_off, "feedback_retrying", 10)

    pace = await course_pace(school)

    assert pace is not None
    assert pace.waiting == 2
    assert pace.done_p50_s == pytest.approx(600, abs=5)


async def test_answers_of_others_that_back_off_are_not_counted_before_a_class(school: School) -> None:
    await remember_runs(school, 10, 10)
    await queue.heartbeat(school.worker, "w1", is_idle=False, slots={"feedback": 1})
    await hand_in_elsewhere(school, 5)
    await school.change_jobs("visible_at = now() + interval '10 min'")
    await school.hand_in_text()

    assert await course_pace(school) == CoursePace(1, 10, 10)
