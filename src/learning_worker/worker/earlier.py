"""What need not be asked again: answers of the same model and program to the same text and task."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from learning_worker.db.pool import Database, DatabaseUnavailable
from learning_worker.db.stored_reports import StoredReport, stored_report
from learning_worker.domain.criteria import ResultStatus
from learning_worker.domain.submission import LeasedJob
from learning_worker.ports import Feedback, FeedbackAdapter, MadeWith


async def earlier(
    job: LeasedJob, db: Database, adapter: FeedbackAdapter, pause: Callable[[], Awaitable[None]]
) -> tuple[LeasedJob, Feedback | None]:
    """The job with every answer that still holds, and the feedback text that was stored with all of them.

    pause: waits a little between two tries of a database that is away. Checkpoints of another model or program are left
    out: one report speaks for one of them. What an earlier report left to a person is asked once more. Raises
    TransientError or PermanentError when the model cannot be named, and LeaseLost.
    """
    if len(job.results_done) >= len(job.task.criteria):
        # Only the text is missing, and it does not wait for a server.
        return job, None
    made_with = await adapter.made_with()
    if made_with is None:
        return job, None
    done = tuple(
        result for result in job.results_done if result.made_by is None or result.made_by in made_with.keys
    )
    stored = await _stored(job, db, made_with, pause)
    if stored is None:
        return replace(job, results_done=done), None
    known = {result.criterion_id for result in done}
    held = tuple(
        replace(result, made_by=made_with.key)
        for result in stored.results
        if result.status is not ResultStatus.NEEDS_REVIEW and result.criterion_id not in known
    )
    feedback = _as_stored(stored, made_with) if len(held) == len(job.task.criteria) else None
    return replace(job, results_done=(*done, *held)), feedback


async def _stored(
    job: LeasedJob, db: Database, made_with: MadeWith, pause: Callable[[], Awaitable[None]]
) -> StoredReport | None:
    """Asked until there is an answer, as long as the lease lasts: nobody pays twice because the database was away."""
    while True:
        try:
            return await stored_report(db, job, made_with)
        except DatabaseUnavailable:
            await pause()


def _as_stored(stored: StoredReport, made_with: MadeWith) -> Feedback:
    """The same text; its usage says that this run cost nothing and where the answers come from."""
    cost = dict.fromkeys(("calls", "retries", "tokens_in", "tokens_out", "seconds"), 0)
    return Feedback(
        feedback_md=stored.feedback_md,
        source=stored.source,
        provenance={
            "model_digest": made_with.model_digest,
            "program_version": made_with.program_version,
            "usage": {**stored.usage, **cost, "taken_from_version": stored.version},
        },
    )
