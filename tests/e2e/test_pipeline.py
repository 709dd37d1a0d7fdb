"""One job through its phase: what is stored, kept, retried and closed, on a real queue with scripted adapters."""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from conftest import Database
from fakes import FakeFeedback, FakeVision, Manner, Script, always
from paper import encoded, pdf_of, printed
from PIL import Image, ImageFilter
from workbench import PUPIL, TASK, TEXT, Bench, School, a_bench, a_school, lease, terms, until
from worker_process import TwoPages

from learning_worker.adapters.rasterise import SandboxDecoder
from learning_worker.db import submissions
from learning_worker.domain.criteria import CriterionResult
from learning_worker.domain.errors import (
    ErrorCode,
    Fault,
    InputError,
    LeaseLost,
    PermanentError,
    TransientError,
)
from learning_worker.domain.submission import ConfirmText, LeasedJob, Phase, Task
from learning_worker.ports import Feedback
from learning_worker.worker import pipeline
from learning_worker.worker.pipeline import Bounds, Outcome


@pytest.fixture
async def school(database: Database) -> AsyncIterator[School]:
    async with a_school(database) as ready:
        yield ready


def a_picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (200, 100), 255).save(buffer, "PNG")
    return buffer.getvalue()


async def leased(school: School, phase: Phase = Phase.FEEDBACK) -> LeasedJob:
    (job,) = await lease(school, phase)
    return job


async def run(bench: Bench, job: LeasedJob) -> pipeline.Ended:
    return await pipeline.process(job, time.monotonic(), bench.deps)


async def test_a_typed_answer_is_completed_with_a_verified_report_and_its_job_leaves(
    database: Database, school: School
) -> None:
    submission_id = await school.hand_in_text()
    bench = a_bench(database, school)

    ended = await run(bench, await leased(school))

    found = await school.stored(submission_id)
    assert ended.outcome is Outcome.COMPLETED
    assert found["status"] == "completed"
    assert [r["status"] for r in found["analysis_json"]["criteria_results"]] == ["scored", "scored"]
    for result in found["analysis_json"]["criteria_results"]:
        (quote,) = result["evidence"]
        assert TEXT[quote["start"] : quote["end"]] == quote["quote"]
    assert await school.job(submission_id) is None


async def test_pages_are_read_in_order_and_feedback_is_queued_next(
    database: Database, school: School
) -> None:
    bench = a_bench(database, school)
    submission_id = await school.hand_in_files(bench.blobs, a_picture(), a_picture())

    ended = await run(bench, await leased(school, Phase.VISION))

    assert ended.outcome is Outcome.READ
    assert (await school.stored(submission_id))["text_body"] == "What was written.\n\nWhat was written."
    job = await school.job(submission_id)
    assert job is not None
    assert (job["phase"], job["status"], job["retry_count"]) == ("feedback", "queued", 0)


async def test_a_page_that_was_read_is_not_read_again_after_a_crash(
    database: Database, school: School
) -> None:
    bench = a_bench(
        database, school, vision=FakeVision(Script(errors={2: TransientError(Fault.READER_CRASHED)}))
    )
    await school.hand_in_files(bench.blobs, a_picture(), a_picture())
    await run(bench, await leased(school, Phase.VISION))
    await school.change_jobs("visible_at = now()")

    ended = await run(bench, await leased(school, Phase.VISION))

    assert ended.outcome is Outcome.READ
    assert bench.vision.script.calls == 3


async def test_a_criterion_that_was_answered_is_not_asked_again(database: Database, school: School) -> None:
    submission_id = await school.hand_in_text()
    bench = a_bench(
        database, school, feedback=FakeFeedback(Script(errors={2: TransientError(Fault.MODEL_BUSY)}))
    )
    first = await run(bench, await leased(school))
    await school.change_jobs("visible_at = now()")

    second = await run(bench, await leased(school))

    assert (first.outcome, second.outcome) == (Outcome.RETRYING, Outcome.COMPLETED)
    assert bench.feedback.asked == ["c1", "c2"]
    assert (await school.stored(submission_id))["status"] == "completed"


class WordsLate(FakeFeedback):
    """The feedback's words come once `may_word` is set; the first time, an error comes instead."""

    def __init__(self) -> None:
        super().__init__()
        self.may_word = asyncio.Event()

    async def summarise(self, text: str, task: Task, results: Sequence[CriterionResult]) -> Feedback:
        await self.may_word.wait()
        if not self.summaries:
            self.summaries += 1
            raise TransientError(Fault.MODEL_BUSY)
        return await super().summarise(text, task, results)


async def test_the_last_answer_is_kept_while_the_feedback_is_worded(
    database: Database, school: School
) -> None:
    feedback = WordsLate()
    bench = a_bench(database, school, feedback=feedback)
    await school.hand_in_text()
    running = asyncio.create_task(run(bench, await leased(school)))

    async def both_are_kept() -> bool:
        async with school.owner.transaction() as connection:
            rows = await connection.execute("select from public.learning_criterion_results")
            return len(await rows.fetchall()) == 2

    await until(both_are_kept)
    feedback.may_word.set()
    assert (await running).outcome is Outcome.RETRYING


async def test_no_criterion_is_asked_again_when_the_words_fail_at_once(
    database: Database, school: School
) -> None:
    feedback = WordsLate()
    feedback.may_word.set()
    bench = a_bench(database, school, feedback=feedback)
    await school.hand_in_text()
    await run(bench, await leased(school))
    await school.change_jobs("visible_at = now()")

    second = await run(bench, await leased(school))

    assert second.outcome is Outcome.COMPLETED
    assert feedback.asked == ["c1", "c2"]


async def test_a_transient_error_keeps_the_submission_pending_and_waits(
    database: Database, school: School
) -> None:
    submission_id = await school.hand_in_text()
    bench = a_bench(
        database,
        school,
        feedback=FakeFeedback(Script(errors=always(TransientError(Fault.MODEL_UNREACHABLE)))),
    )

    ended = await run(bench, await leased(school))

    found, job = await school.stored(submission_id), await school.job(submission_id)
    assert (found["status"], found["error_code"]) == ("pending", "feedback_retrying")
    assert ended.wait_s is not None
    assert 8 <= ended.wait_s <= 12
    assert job is not None
    assert job["visible_at"] > job["updated_at"]
    assert await lease(school) == []


async def test_the_fourth_failed_run_closes_the_submission(database: Database, school: School) -> None:
    submission_id = await school.hand_in_text()
    bench = a_bench(
        database, school, feedback=FakeFeedback(Script(errors=always(TransientError(Fault.TIMEOUT))))
    )

    outcomes = []
    for _ in range(4):
        outcomes.append((await run(bench, await leased(school))).outcome)
        await school.change_jobs("visible_at = now()")

    found, job = await school.stored(submission_id), await school.job(submission_id)
    assert outcomes == [Outcome.RETRYING] * 3 + [Outcome.FAILED]
    assert (found["status"], found["error_code"]) == ("failed", "feedback_failed")
    assert job is not None
    assert job["status"] == "failed"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermanentError(Fault.FILE_MISSING), "vision_failed"),
        (InputError(ErrorCode.INPUT_UNREADABLE), "input_unreadable"),
    ],
)
async def test_a_permanent_error_closes_the_submission_at_once(
    database: Database, school: School, error: PermanentError | InputError, code: str
) -> None:
    bench = a_bench(database, school, vision=FakeVision(Script(errors=always(error))))
    submission_id = await school.hand_in_files(bench.blobs, a_picture())

    ended = await run(bench, await leased(school, Phase.VISION))

    assert ended.outcome is Outcome.FAILED
    assert (await school.stored(submission_id))["error_code"] == code


async def test_a_photo_nobody_can_read_is_refused_with_its_flaw_before_a_reader_is_asked(
    database: Database, school: School
) -> None:
    bench = strict(a_bench(database, school))
    page = printed(["Pflanzen brauchen Licht."] * 20, dpi=100)
    blurred = encoded(page.filter(ImageFilter.GaussianBlur(7)))
    submission_id = await school.hand_in_files(bench.blobs, encoded(page), blurred)

    ended = await run(bench, await leased(school, Phase.VISION))

    assert (ended.error_code, ended.code) == (ErrorCode.INPUT_UNREADABLE, Fault.PHOTO_BLURRED)
    async with school.app.acting_as(PUPIL) as connection:
        mine = await submissions.my_submission(connection, submission_id)
    assert mine is not None
    assert (mine.error_code, mine.flaw) == ("input_unreadable", "photo_blurred")
    assert bench.vision.pages == [1]


async def test_a_blank_last_page_is_no_reason_to_refuse_the_answer(
    database: Database, school: School
) -> None:
    bench = strict(a_bench(database, school))
    written, blank = encoded(printed(["Pflanzen brauchen Licht."] * 20, dpi=60)), encoded(printed([], dpi=60))
    submission_id = await school.hand_in_files(bench.blobs, written, blank)

    ended = await run(bench, await leased(school, Phase.VISION))

    assert ended.outcome is Outcome.READ
    assert (await school.stored(submission_id))["text_body"] == "What was written."
    assert bench.vision.pages == [1]


async def test_nothing_is_assessed_while_one_page_of_several_is_illegible(
    database: Database, school: School
) -> None:
    illegible = InputError(ErrorCode.INPUT_UNREADABLE)
    bench = a_bench(database, school, vision=FakeVision(Script(errors={2: illegible}), confidence=1.0))
    submission_id = await school.hand_in_files(bench.blobs, a_picture(), a_picture())
    await run(bench, await leased(school, Phase.VISION))

    await run(bench, await leased(school))

    found = await school.stored(submission_id)
    assert bench.feedback.asked == []
    assert {r["reason"] for r in found["analysis_json"]["criteria_results"]} == {"text_unreadable"}


async def test_a_pupil_is_asked_when_one_page_of_several_is_illegible_although_it_was_tried_before(
    database: Database,
) -> None:
    async with a_school(database, replace(TASK, confirm_text=ConfirmText.DOUBTFUL)) as school:
        errors = {1: InputError(ErrorCode.INPUT_UNREADABLE), 2: TransientError(Fault.READER_CRASHED)}
        bench = a_bench(database, school, vision=FakeVision(Script(errors=errors), confidence=1.0))
        submission_id = await school.hand_in_files(bench.blobs, a_picture(), a_picture())
        await run(bench, await leased(school, Phase.VISION))
        await school.change_jobs("visible_at = now()")

        await run(bench, await leased(school, Phase.VISION))

        found = await school.stored(submission_id)
        assert (found["status"], found["text_body"]) == ("extracted", "What was written.")


async def test_an_answer_of_blank_pages_is_told_so(database: Database, school: School) -> None:
    bench = strict(a_bench(database, school))
    await school.hand_in_files(bench.blobs, encoded(printed([], dpi=60)))

    ended = await run(bench, await leased(school, Phase.VISION))

    assert (ended.error_code, ended.code) == (ErrorCode.INPUT_UNREADABLE, Fault.PAGE_BLANK)


def strict(bench: Bench) -> Bench:
    """The bench with the worker's own decoder, which looks whether a picture can be read at all."""
    return replace(bench, deps=replace(bench.deps, decoder=SandboxDecoder(is_strict=True)))


async def test_a_file_that_is_no_picture_closes_the_submission(database: Database, school: School) -> None:
    bench = a_bench(database, school)
    submission_id = await school.hand_in_files(bench.blobs, b"\x00\x01\x02 no such format")

    await run(bench, await leased(school, Phase.VISION))

    assert (await school.stored(submission_id))["error_code"] == "input_unsupported"
    assert bench.vision.script.calls == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xd8\xff<script>", "input_corrupt"),
        (b"%PDF-1.7\n", "input_corrupt"),
        (b"GIF89a" + bytes(50), "input_unsupported"),
        (encoded(Image.new("1", (7000, 7000))), "input_too_large"),
        (pdf_of([["Seite"]] * 51), "input_too_large"),
    ],
    ids=["script", "PDF's head", "GIF", "49 megapixels", "51 pages"],
)
async def test_a_hostile_file_ends_its_own_answer_and_the_next_one_is_read(
    database: Database, school: School, content: bytes, code: str
) -> None:
    bench = strict(a_bench(database, school))
    hostile = await school.hand_in_files(bench.blobs, content)
    await run(bench, await leased(school, Phase.VISION))
    good = await school.hand_in_files(bench.blobs, pdf_of([["Pflanzen brauchen Licht und Wasser."]]))

    ended = await run(bench, await leased(school, Phase.VISION))

    assert (await school.stored(hostile))["error_code"] == code
    assert ended.outcome is Outcome.READ
    assert (await school.stored(good))["text_body"] == "Pflanzen brauchen Licht und Wasser."


async def test_blank_text_is_completed_without_asking_anybody(database: Database, school: School) -> None:
    submission_id = await school.hand_in_text("  \n\t ")
    bench = a_bench(database, school)

    await run(bench, await leased(school))

    report = (await school.stored(submission_id))["analysis_json"]
    assert bench.feedback.asked == []
    assert (report["source"], report["score"]) == ("none", None)
    assert {(r["status"], r["reason"]) for r in report["criteria_results"]} == {("not_assessable", "blank")}


async def test_an_unreadable_text_waits_for_a_person_and_no_model_is_asked(
    database: Database, school: School
) -> None:
    bench = a_bench(database, school, vision=FakeVision(confidence=0.2))
    submission_id = await school.hand_in_files(bench.blobs, a_picture())
    await run(bench, await leased(school, Phase.VISION))

    await run(bench, await leased(school))

    report = (await school.stored(submission_id))["analysis_json"]
    assert bench.feedback.asked == []
    assert {r["reason"] for r in report["criteria_results"]} == {"text_unreadable"}


async def test_a_doubtful_text_waits_for_the_pupil(database: Database) -> None:
    task = replace(TASK, confirm_text=ConfirmText.DOUBTFUL)
    async with a_school(database, task) as school:
        bench = a_bench(database, school, vision=FakeVision(confidence=0.6))
        submission_id = await school.hand_in_files(bench.blobs, a_picture())

        await run(bench, await leased(school, Phase.VISION))

        assert (await school.stored(submission_id))["status"] == "extracted"
        assert await lease(school) == []


async def test_invented_quotes_become_needs_review_and_are_never_shown(
    database: Database, school: School
) -> None:
    submission_id = await school.hand_in_text()
    bench = a_bench(database, school, feedback=FakeFeedback(manner=Manner.INVENTS_QUOTES))

    await run(bench, await leased(school))

    report = (await school.stored(submission_id))["analysis_json"]
    assert {(r["status"], r["reason"]) for r in report["criteria_results"]} == {
        ("needs_review", "quote_not_found")
    }
    assert report["score"] is None


async def test_a_lost_lease_cancels_the_model_call_and_writes_nothing(
    database: Database, school: School
) -> None:
    submission_id = await school.hand_in_text()
    bench = a_bench(database, school, feedback=FakeFeedback(Script(gate=asyncio.Event())), lease_s=3)
    (job,) = await lease(school, worker=terms(lease_s=3))
    bench.deps.leases.start()
    running = asyncio.create_task(run(bench, job))
    await bench.feedback.script.started.wait()
    await school.change_jobs("lease_key = gen_random_uuid()")

    with pytest.raises(LeaseLost):
        await running

    bench.deps.leases.stop()
    assert bench.feedback.script.cancelled == 1
    assert (await school.stored(submission_id))["status"] == "pending"


async def test_a_phase_that_takes_too_long_is_a_transient_error(database: Database, school: School) -> None:
    submission_id = await school.hand_in_text()
    feedback = FakeFeedback(Script(gate=asyncio.Event()))
    bench = a_bench(database, school, feedback=feedback, bounds=Bounds(feedback_s=0.05))

    ended = await run(bench, await leased(school))

    assert (ended.outcome, ended.code) == (Outcome.RETRYING, "timeout")
    assert feedback.script.cancelled == 1
    assert (await school.stored(submission_id))["error_code"] == "feedback_retrying"


async def test_a_reading_that_takes_too_long_is_a_transient_error(database: Database, school: School) -> None:
    vision = FakeVision(Script(gate=asyncio.Event()))
    bench = a_bench(database, school, vision=vision, bounds=Bounds(vision_s=0.05))
    bench = replace(bench, deps=replace(bench.deps, decoder=TwoPages()))
    submission_id = await school.hand_in_files(bench.blobs, b"page")

    async with asyncio.timeout(10):
        ended = await run(bench, await leased(school, Phase.VISION))

    assert (ended.outcome, ended.code) == (Outcome.RETRYING, "timeout")
    assert vision.script.cancelled == 1
    assert (await school.stored(submission_id))["error_code"] == "vision_retrying"


@pytest.mark.parametrize("fault", [Fault.STORAGE_UNAVAILABLE, Fault.STORAGE_DENIED])
async def test_an_outage_of_the_store_costs_no_run_and_loses_no_answer(
    database: Database, school: School, fault: Fault
) -> None:
    bench = a_bench(database, school)
    submission_id = await school.hand_in_files(bench.blobs, a_picture())
    put = bench.blobs.script.calls
    bench.blobs.script.errors = {put + nr: TransientError(fault) for nr in range(1, 7)}

    for _ in range(6):
        ended = await run(bench, await leased(school, Phase.VISION))
        assert (ended.outcome, ended.code, ended.wait_s) == (Outcome.RELEASED, fault, 30.0)
        assert await lease(school, Phase.VISION) == []
        await school.change_jobs("visible_at = now()")
    ended = await run(bench, await leased(school, Phase.VISION))

    assert ended.outcome is Outcome.READ
    assert (await school.stored(submission_id))["error_code"] is None
