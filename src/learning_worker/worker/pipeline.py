"""One submission from lease to stored feedback. Read this file first."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from random import Random
from typing import TypeVar, assert_never

from learning_worker.db import endpoints, queue
from learning_worker.db.endings import Endings
from learning_worker.db.pool import Database, DatabaseUnavailable
from learning_worker.domain.blank import is_blank, unassessed
from learning_worker.domain.criteria import CriterionResult, Reason, ReportSource, ResultStatus
from learning_worker.domain.errors import (
    AnalysisError,
    ErrorCode,
    Fault,
    InputError,
    TransientError,
    final_code,
)
from learning_worker.domain.feedback import feedback_md
from learning_worker.domain.person_reads import DEFAULT_PHRASES, PhraseList
from learning_worker.domain.quotes import verified
from learning_worker.domain.reports import Report, report_from
from learning_worker.domain.retry import RetryPolicy
from learning_worker.domain.submission import ConfirmText, LeasedJob, PageReading, Phase, TextSource
from learning_worker.ports import BlobStore, Feedback, FeedbackAdapter, Page, PageDecoder, VisionAdapter
from learning_worker.worker.checkpoints import keeping_the_last, kept
from learning_worker.worker.earlier import earlier
from learning_worker.worker.lease import Leases

T = TypeVar("T")

PAUSE_S = 0.5
HOPELESS = frozenset({Fault.PHOTO_BLURRED, Fault.PHOTO_DARK, Fault.PHOTO_TOO_SMALL})
# The server is down, overloaded or silent: not the job's fault, unless the database has seen it answer others in between.
OUTAGES = frozenset({Fault.MODEL_UNREACHABLE, Fault.MODEL_BUSY, Fault.MODEL_TIMEOUT})
# The store of files is away: no file can be the reason, so an outage of an hour must not use up a class's runs.
STORE_AWAY = frozenset({Fault.STORAGE_UNAVAILABLE, Fault.STORAGE_DENIED, Fault.STORAGE_FULL})
STORE_WAIT_S = 30.0


class Outcome(StrEnum):
    """How a run ended; the `status` of metrics and log lines."""

    READ = "read"
    COMPLETED = "completed"
    RETRYING = "retrying"
    FAILED = "failed"
    RELEASED = "released"
    LEASE_LOST = "lease_lost"
    LEFT = "left"


@dataclass(frozen=True)
class Bounds:
    """Deadlines of whole phases in seconds, and what counts as a doubtful or unreadable page (confidence 0..1)."""

    vision_s: float = 300.0
    feedback_s: float = 600.0
    doubtful_below: float = 0.75
    unreadable_below: float = 0.45
    confirm_s: int = 24 * 3600


@dataclass(frozen=True)
class Deps:
    """What one job needs on its way; built once in `wiring`.

    endpoints: the model server behind a phase, where there is one; its breaker is shared by all workers.
    person_reads: what makes a person read an answer before any model does.
    """

    db: Database
    endings: Endings
    blobs: BlobStore
    decoder: PageDecoder
    vision: VisionAdapter
    feedback: FeedbackAdapter
    leases: Leases
    retry: RetryPolicy
    bounds: Bounds
    random: Random
    endpoints: Mapping[Phase, str] = field(default_factory=dict)
    person_reads: PhraseList = DEFAULT_PHRASES


@dataclass(frozen=True)
class Ended:
    """One run, told in one log line."""

    outcome: Outcome
    code: str | None = None
    error_code: ErrorCode | None = None
    wait_s: float | None = None


class InDoubt(Exception):
    """Cancelled while the end of the run was being written; `ended` is how it ended if that was committed."""

    def __init__(self, ended: Ended) -> None:
        super().__init__()
        self.ended = ended


@dataclass
class _Server:
    """The model server as one run meets it; `is_shared`: its breaker is known to the database."""

    is_shared: bool
    is_asked: bool = False
    has_answered: bool = False

    @property
    def late(self) -> Fault:
        """What a deadline that passed means. A server that has answered in this run is not away, only slow."""
        is_silent = self.is_shared and self.is_asked and not self.has_answered
        return Fault.MODEL_TIMEOUT if is_silent else Fault.TIMEOUT


async def process(
    job: LeasedJob, leased_at: float, deps: Deps, model_is_free: Callable[[], None] = lambda: None
) -> Ended:
    """Carry one leased job through its phase: read the pages, or assess the text.

    model_is_free: called when only the writing is left.
    Short transactions, none open while a model thinks. Raises LeaseLost, with nothing more written, when the lease is gone,
    and InDoubt when it went, or the caller cancelled, while the end was being written.
    """
    server = _Server(job.phase in deps.endpoints)
    # The heartbeat runs elsewhere; this block is cancelled once the lease is lost.
    with deps.leases.held(job, leased_at):
        try:
            match job.phase:
                case Phase.VISION:
                    text = await _in_time(read(job, deps, server), deps.bounds.vision_s, server)
                    model_is_free()
                    confirm_s = _confirm_s(job, text, deps.bounds)
                    save = partial(queue.save_text, deps.db, job, text, confirm_s=confirm_s)
                    return await _end(job, deps, save, Ended(Outcome.READ))
                case Phase.FEEDBACK:
                    assessing = assess(job, deps, server)
                    report, feedback = await _in_time(assessing, deps.bounds.feedback_s, server)
                    model_is_free()
                    complete = partial(deps.endings.complete, job, report, feedback)
                    return await _end(job, deps, complete, Ended(Outcome.COMPLETED))
                case _:
                    assert_never(job.phase)
        except AnalysisError as error:
            # An outage keeps the slot until the breaker knows: the next job would meet the same silence.
            if error.code not in OUTAGES:
                model_is_free()
            return await settle_error(job, error, deps)


async def read(job: LeasedJob, deps: Deps, server: _Server) -> PageReading:
    """The text of all pages in order; each page that is read is kept, so a retry reads only what is missing."""
    readings = {page.page_nr: page for page in job.pages_done}
    next_page_nr, unreadable = 1, InputError(ErrorCode.INPUT_UNREADABLE)
    for file in job.files:
        content = await deps.blobs.fetch(file.object_key, sha256=file.sha256, byte_size=file.byte_size)
        decoded = deps.decoder.pages(
            content, rotation=file.rotation, first_page_nr=next_page_nr, skip=readings.keys()
        )
        async with aclosing(decoded) as pages:
            async for page in pages:
                next_page_nr = page.page_nr + 1
                if page.page_nr in readings:
                    continue
                try:
                    reading = await _read_page(page, job, deps, server)
                except InputError as error:
                    # A page that cannot be read makes the whole text unreadable until a person has looked: what stands on
                    # it would be assessed as if it were missing. A blank page among others does no harm.
                    if error.final is not ErrorCode.INPUT_UNREADABLE or error.code in HOPELESS:
                        raise
                    unreadable = error
                    sure = 1.0 if error.code == Fault.PAGE_BLANK else 0.0
                    reading = PageReading(page.page_nr, "", TextSource.OCR, sure)
                readings[page.page_nr] = reading
                await kept(_write(job, deps, partial(queue.save_page, deps.db, job, reading)))
    if not any(reading.text_md.strip() for reading in readings.values()):
        raise unreadable
    return _joined([readings[nr] for nr in sorted(readings)])


async def _read_page(page: Page, job: LeasedJob, deps: Deps, server: _Server) -> PageReading:
    if page.text_layer is not None:
        return PageReading(page.page_nr, page.text_layer, TextSource.LAYER)
    if page.flaw is not None:
        raise InputError(ErrorCode.INPUT_UNREADABLE, page.flaw)
    deps.leases.still_holds(job)
    server.is_asked = True
    reading = await deps.vision.read(page, job.task)
    await _answered(job, deps, server)
    return reading


def _joined(readings: list[PageReading]) -> PageReading:
    """One text of all pages, of which one at least holds any; its confidence is that of the worst page not blank."""
    # A blank page is empty with certainty, one that nobody could read is empty with none.
    counted = [page for page in readings if page.text_md.strip() or page.confidence == 0.0]
    doubts = [page.confidence for page in counted if page.confidence is not None]
    # A text is named after its least certain source: one recognised page makes it a recognised text.
    sources = {page.source for page in counted}
    source = next(s for s in (TextSource.MODEL, TextSource.OCR, TextSource.LAYER) if s in sources)
    text = "\n\n".join(page.text_md.strip() for page in counted if page.text_md.strip())
    return PageReading(1, text, source, min(doubts, default=None))


def _confirm_s(job: LeasedJob, text: PageReading, bounds: Bounds) -> int | None:
    """Seconds to wait for "this is what I wrote", or None to go on at once."""
    is_doubtful = text.confidence is not None and text.confidence < bounds.doubtful_below
    match job.task.confirm_text:
        case ConfirmText.ALWAYS:
            return bounds.confirm_s
        case ConfirmText.DOUBTFUL:
            return bounds.confirm_s if is_doubtful else None
        case ConfirmText.NEVER:
            return None
        case _:
            assert_never(job.task.confirm_text)


async def assess(job: LeasedJob, deps: Deps, server: _Server) -> tuple[Report, Feedback]:
    """Ask only for the criteria that no earlier run answered, and keep each answer as it comes."""
    text = job.text_body or ""
    unasked = _unasked(job, text, deps)
    known = None
    if unasked is None:
        server.is_asked = True
        job, known = await earlier(job, deps.db, deps.feedback, partial(_pause, deps))
    async with keeping_the_last(partial(_keep, job, deps)) as keep_last:
        results = await _results(job, deps, server, keep_last) if unasked is None else unasked
        if any(result.reason in _A_PERSON_READS for result in results):
            results, feedback = _for_a_person(job)
        elif unasked is not None:
            feedback = Feedback(feedback_md(results, job.task), ReportSource.NONE)
        elif known is not None:
            feedback = known
        else:
            feedback = await deps.feedback.summarise(text, job.task, results)
            if feedback.is_refused:
                results, feedback = _for_a_person(job)
    schema = "criteria.v2" if feedback.source is ReportSource.NONE else deps.feedback.schema
    return report_from(results, job.task.criteria, schema, feedback.source), feedback


_A_PERSON_READS = frozenset({Reason.PERSON_READS, Reason.REFUSED})


def _for_a_person(job: LeasedJob) -> tuple[Sequence[CriterionResult], Feedback]:
    """Nothing else is kept: what a model said on other criteria would be feedback on a text that it must not give."""
    results = unassessed(job.task, ResultStatus.NEEDS_REVIEW, Reason.PERSON_READS)
    return results, Feedback(
        feedback_md(results, job.task), ReportSource.NONE, provenance={"person_reads": True}
    )


def _unasked(job: LeasedJob, text: str, deps: Deps) -> Sequence[CriterionResult] | None:
    """The results of an answer that no model is asked about, or None."""
    if deps.person_reads.finds(text):
        return unassessed(job.task, ResultStatus.NEEDS_REVIEW, Reason.PERSON_READS)
    if job.text_confidence is not None and job.text_confidence < deps.bounds.unreadable_below:
        return unassessed(job.task, ResultStatus.NEEDS_REVIEW, Reason.TEXT_UNREADABLE)
    if is_blank(text):
        return unassessed(job.task, ResultStatus.NOT_ASSESSABLE, Reason.BLANK)
    return None


async def _results(
    job: LeasedJob, deps: Deps, server: _Server, keep_last: Callable[[CriterionResult], None]
) -> list[CriterionResult]:
    """One verified result per criterion, in the order of the task."""
    text = job.text_body or ""
    results = {result.criterion_id: result for result in job.results_done}
    wanted = {criterion.id for criterion in job.task.criteria}
    deps.leases.still_holds(job)
    async for answer in deps.feedback.assess(text, job.task, job.results_done):
        result = verified(answer, text)
        results[result.criterion_id] = result
        if results.keys() == wanted:
            keep_last(result)
        else:
            await kept(_keep(job, deps, result))
        await _answered(job, deps, server)
        deps.leases.still_holds(job)
    missing = [criterion for criterion in job.task.criteria if criterion.id not in results]
    if missing or len(results) > len(job.task.criteria):
        raise TransientError(Fault.ANSWER_INVALID)
    return [results[criterion.id] for criterion in job.task.criteria]


async def settle_error(job: LeasedJob, error: AnalysisError, deps: Deps) -> Ended:
    """Send the job back with a wait, or close it: permanent errors and spent runs end here."""
    if await _is_outage(job, error, deps):
        return Ended(Outcome.RELEASED, error.code)
    if error.code in STORE_AWAY:
        released = Ended(Outcome.RELEASED, error.code, wait_s=STORE_WAIT_S)
        return await _end(job, deps, partial(deps.endings.release, job, STORE_WAIT_S), released)
    wait_s = deps.retry.wait_s(job.retry_count, error, deps.random.uniform(-1, 1))
    if wait_s is None:
        code = final_code(error, job.phase)
        failed = Ended(Outcome.FAILED, error.code, code)
        return await _end(job, deps, partial(deps.endings.fail, job, code, error.code), failed)
    retrying = Ended(Outcome.RETRYING, error.code, wait_s=wait_s)
    return await _end(job, deps, partial(deps.endings.retry, job, error.code, wait_s), retrying)


async def _is_outage(job: LeasedJob, error: AnalysisError, deps: Deps) -> bool:
    """Whether the model server is at fault; then the job went back uncharged."""
    endpoint = deps.endpoints.get(job.phase)
    if endpoint is None or not isinstance(error, TransientError) or error.code not in OUTAGES:
        return False
    is_released = True  # also when only the reply was lost

    async def tell() -> None:
        nonlocal is_released
        is_released = await endpoints.failed(deps.db, job, endpoint, error)

    await _end(job, deps, tell, Ended(Outcome.RELEASED, error.code))
    return is_released


async def _answered(job: LeasedJob, deps: Deps, server: _Server) -> None:
    """The model server works, told once a run; a database that is away just now hears it from the next job."""
    if server.has_answered:
        return
    server.has_answered = True
    if endpoint := deps.endpoints.get(job.phase):
        with suppress(DatabaseUnavailable):
            await endpoints.worked(deps.db, endpoint)


async def _end(job: LeasedJob, deps: Deps, write: Callable[[], Awaitable[None]], ended: Ended) -> Ended:
    """The last write of a run. Raises InDoubt instead of CancelledError: the database may have it already."""
    try:
        await _write(job, deps, write)
    except asyncio.CancelledError:
        raise InDoubt(ended) from None
    return ended


async def _keep(job: LeasedJob, deps: Deps, result: CriterionResult) -> None:
    await _write(job, deps, partial(deps.endings.keep, job, result))


async def _write(job: LeasedJob, deps: Deps, write: Callable[[], Awaitable[None]]) -> None:
    await queue.persist(deps.db, job, write, partial(_pause, deps))


async def _pause(deps: Deps) -> None:
    await asyncio.sleep(PAUSE_S * (1 + deps.random.random()))


async def _in_time(work: Awaitable[T], seconds: float, server: _Server) -> T:
    """A whole phase under its deadline; it and one model call's end as TransientError of the fault that fits the server."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError as error:
        raise TransientError(server.late) from error
    except TransientError as error:
        if error.code != Fault.TIMEOUT:
            raise
        raise TransientError(server.late) from error
