"""Checkpoints and ends of jobs, written together: what is there goes out as one statement once the connection is free."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

import psycopg
from pydantic_core import to_json

from learning_worker.db.line import Line
from learning_worker.db.pool import Locked
from learning_worker.domain.criteria import CriterionResult
from learning_worker.domain.errors import ErrorCode, Fault, LeaseLost, PermanentError
from learning_worker.domain.reports import Report
from learning_worker.domain.submission import LeasedJob
from learning_worker.ports import Feedback


class _Verb(StrEnum):
    """The batch functions; each answers per item and commits what it can."""

    KEEP = "select outcome from public.learning_worker_save_criterion_batch(%s)"
    COMPLETE = "select outcome from public.learning_worker_update_completed_batch(%s)"
    FAIL = "select outcome from public.learning_worker_update_failed_batch(%s)"
    RETRY = "select outcome from public.learning_worker_nack_retry_batch(%s)"
    RELEASE = "select outcome from public.learning_worker_release_batch(%s)"


@dataclass(frozen=True)
class _Ending:
    verb: _Verb
    item: bytes
    told: asyncio.Future[str]


class Endings:
    """The one connection that writes for all jobs.

    No timer: under load the batches grow by themselves, and alone a job waits for nobody.

    Every method raises LeaseLost, or DatabaseUnavailable when it is unknown whether it was written.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._waiting: list[_Ending] = []
        self._flushing: asyncio.Task[None] | None = None

    async def keep(self, job: LeasedJob, result: CriterionResult) -> None:
        """Keep one criterion's answer; the job goes on. Raises PermanentError(REPORT_INVALID) for one that does not fit."""
        await self._end(_Verb.KEEP, job, criterion_id=result.criterion_id, result=result)

    async def complete(self, job: LeasedJob, report: Report, feedback: Feedback) -> None:
        """Store the report, complete the submission and remove the job in one transaction.

        Raises PermanentError(REPORT_INVALID) when the database refuses the report.
        """
        await self._end(
            _Verb.COMPLETE,
            job,
            report=report,
            feedback_md=feedback.feedback_md,
            source=feedback.source,
            provenance=dict(feedback.provenance),
        )

    async def fail(self, job: LeasedJob, code: ErrorCode, fault: str) -> None:
        """End the submission as failed."""
        await self._end(_Verb.FAIL, job, error_code=code, fault=fault)

    async def retry(self, job: LeasedJob, fault: str, wait_s: float) -> None:
        """Back to the queue for another, charged run after wait_s seconds."""
        await self._end(_Verb.RETRY, job, fault=fault, wait_s=wait_s)

    async def release(self, job: LeasedJob, wait_s: float = 0.0) -> None:
        """Back to the queue for another run after wait_s seconds, not charged."""
        await self._end(_Verb.RELEASE, job, wait_s=wait_s)

    async def close(self) -> None:
        """Drop the connection; call it when no job runs any more."""
        if self._flushing is not None:
            self._flushing.cancel()
        await self._line.close()

    async def _end(self, verb: _Verb, job: LeasedJob, **item: object) -> None:
        told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        item |= {"job_id": job.job_id, "lease_key": job.lease_key}
        # Here, in the job's own task: what no JSON can say ends this job alone.
        self._waiting.append(_Ending(verb, to_json(item), told))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        match await told:
            case "applied":
                return
            case "invalid":
                raise PermanentError(Fault.REPORT_INVALID)
            case _:
                raise LeaseLost

    async def _flush(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            # Who was cancelled meanwhile no longer wants it.
            wanted = sorted((one for one in batch if not one.told.done()), key=lambda one: one.verb)
            for verb, same in groupby(wanted, key=lambda one: one.verb):
                await self._write(verb, list(same))

    async def _write(self, verb: _Verb, endings: list[_Ending]) -> None:
        try:
            items = b"[%b]" % b",".join(one.item for one in endings)
            rows = await self._line.rows(verb.value, (items.decode(),))
            outcomes = [str(row["outcome"]) for _, row in zip(endings, rows, strict=True)]
        except Exception as error:  # noqa: BLE001 - each job is told, and its own task deals with it
            if len(endings) > 1 and isinstance(error, (psycopg.Error, Locked)):
                # One of them cannot be sent, or somebody has locked its job; alone, it fails alone.
                for one in endings:
                    await self._write(verb, [one])
                return
            # Who is not told waits for ever, and its lease is renewed for as long.
            for one in endings:
                if not one.told.done():
                    one.told.set_exception(error)
            return
        for one, outcome in zip(endings, outcomes, strict=True):
            if not one.told.done():
                one.told.set_result(outcome)
