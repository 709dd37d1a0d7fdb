"""The worker's verbs on the queue, each one fenced by job id and lease key inside its database function."""

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from learning_worker.db.deadline import answering
from learning_worker.db.line import Asks
from learning_worker.db.pool import Database, DatabaseUnavailable
from learning_worker.domain.criteria import (
    Confidence,
    CriterionResult,
    Evidence,
    Reason,
    ResultStatus,
    parse_criteria,
)
from learning_worker.domain.errors import Fault, LeaseLost, PermanentError
from learning_worker.domain.submission import (
    ConfirmText,
    FileRef,
    FormOfAddress,
    Lane,
    Language,
    LeasedJob,
    PageReading,
    Phase,
    Task,
    TextSource,
)

LEASE_LOST = "LW001"
REPORT_INVALID = "LW002"


@dataclass(frozen=True)
class LeaseTerms:
    """How this worker leases: who it is, for how long (seconds), and how many runs and crashes a job may have."""

    worker_id: str
    lease_s: int = 30
    max_runs: int = 4
    max_crashes: int = 3


@dataclass(frozen=True)
class Want:
    """Free slots of a phase. bulk_first: how many of them bulk gets before interactive; endpoint: whose breaker counts.

    is_second_choice: asked for only if the wants before it yielded nothing.
    """

    phase: Phase
    slots: int
    bulk_first: int = 0
    endpoint: str | None = None
    is_second_choice: bool = False


@dataclass(frozen=True)
class ClosedJob:
    """A job that was ended instead of leased: it has no run left, or this version cannot read it."""

    job_id: UUID
    submission_id: UUID
    phase: Phase
    retry_count: int
    error_code: str


@dataclass(frozen=True)
class Found:
    """What one look for work brought."""

    jobs: list[LeasedJob]
    closed: list[ClosedJob]


async def lease(asks: Asks, terms: LeaseTerms, wants: Sequence[Want]) -> Found:
    """One look for work: due jobs up to the wanted slots, oldest expired leases first, then in fair order.

    An endpoint whose breaker is open yields nothing, or the one job that tries it. Raises DatabaseUnavailable.
    """
    rows = await asks.rows(
        "select job_id, lease_key, submission_id, phase, lane, retry_count, waited_s, age_s, text_body, text_version,"
        " text_confidence, task::text, files, pages_done, results_done,"
        " closed_as"
        " from public.learning_worker_lease_work(%s, %s, %s, %s)",
        (
            terms.worker_id,
            Jsonb([asdict(want) for want in wants]),
            terms.lease_s,
            Jsonb({"max_runs": terms.max_runs, "max_crashes": terms.max_crashes}),
        ),
    )
    found = Found([], [])
    for row in rows:
        if row["closed_as"] is not None:
            found.closed.append(_closed(row, row["closed_as"]))
            continue
        try:
            found.jobs.append(_job(row))
        except (KeyError, TypeError, ValueError):
            # What this version cannot read, it will not read at the next try either; the neighbours go on.
            found.closed.extend(await _close_unreadable(asks, row))
    return found


async def _close_unreadable(asks: Asks, row: Mapping[str, Any]) -> list[ClosedJob]:
    error_code = f"{row['phase']}_failed"
    try:
        await asks.rows(
            "select public.learning_worker_update_failed(%s, %s, %s, %s)",
            (row["job_id"], row["lease_key"], error_code, Fault.UNEXPECTED),
        )
    except (psycopg.DatabaseError, DatabaseUnavailable):
        # The lease ends by itself, and the next look finds it again. The neighbours must not wait for that.
        return []
    return [_closed(row, error_code)]


def _closed(row: Mapping[str, Any], error_code: str) -> ClosedJob:
    return ClosedJob(row["job_id"], row["submission_id"], Phase(row["phase"]), row["retry_count"], error_code)


async def save_page(db: Database, job: LeasedJob, reading: PageReading) -> None:
    """Keep one page's text. Raises LeaseLost."""
    await _call(db, job, "learning_worker_save_page", Jsonb(asdict(reading)))


async def save_text(db: Database, job: LeasedJob, text: PageReading, *, confirm_s: int | None = None) -> None:
    """End the vision phase with the whole text; feedback waits confirm_s seconds for the pupil, if given.

    Raises LeaseLost.
    """
    await _call(db, job, "learning_worker_save_text", text.text_md, text.source, text.confidence, confirm_s)


async def outcome(asks: Asks, job: LeasedJob) -> str:
    """After a lost commit reply: `applied`, `held` (not applied, still ours) or `lease_lost`."""
    (row,) = await asks.rows(
        "select public.learning_worker_outcome(%s, %s) as outcome", (job.job_id, job.lease_key)
    )
    return str(row["outcome"])


async def heartbeat(asks: Asks, worker_id: str, *, is_idle: bool, slots: Mapping[str, int]) -> None:
    """Say that this worker lives, and whether it wants to be woken."""
    await asks.rows(
        "select public.learning_worker_heartbeat(%s, %s, %s)", (worker_id, is_idle, Jsonb(dict(slots)))
    )


async def release_unheld(asks: Asks, worker_id: str, held: Collection[UUID]) -> None:
    """Give back uncharged what this worker leased without hearing of it. held: the lease keys it knows.

    Raises DatabaseUnavailable.
    """
    await asks.rows("select public.learning_worker_release_unheld(%s, %s)", (worker_id, list(held)))


async def goodbye(asks: Asks, worker_id: str) -> None:
    """Leave the list of workers, and give back uncharged whatever this one still holds."""
    await asks.rows("select public.learning_worker_goodbye(%s)", (worker_id,))


@dataclass(frozen=True)
class QueueState:
    """Counts of one phase; `oldest_visible_s`: how long the oldest due job has waited."""

    phase: Phase
    queued: int
    leased: int
    expired: int
    oldest_visible_s: float


async def state(asks: Asks) -> list[QueueState]:
    """The queue in numbers, one row per phase."""
    return [
        QueueState(Phase(row["phase"]), row["queued"], row["leased"], row["expired"], row["oldest_visible_s"])
        for row in await asks.rows("select * from public.learning_worker_queue_state()")
    ]


async def due(asks: Asks) -> dict[Phase, float]:
    """Seconds that the oldest due job of each phase has waited; phases without one, or paused, are missing."""
    rows = await asks.rows("select phase, due_s from public.learning_worker_due()")
    return {Phase(row["phase"]): row["due_s"] for row in rows}


class Renewal:
    """Prolongs leases over a connection of its own; used from the heartbeat thread only."""

    def __init__(self, dsn: str, lease_s: int) -> None:
        self._dsn = dsn
        self._lease_s = lease_s
        self._connection: psycopg.Connection[tuple[str]] | None = None

    def renew(self, leases: Sequence[tuple[UUID, UUID]]) -> dict[UUID, bool]:
        """By lease key whether it was prolonged. Missing: the database is away, or somebody else has locked the job."""
        items = Jsonb([{"job_id": str(job_id), "lease_key": str(key)} for job_id, key in leases])
        try:
            if self._connection is None:
                self._connection = psycopg.connect(
                    self._dsn,
                    autocommit=True,
                    connect_timeout=max(2, self._lease_s // 6),
                    application_name="learning-worker renewal",
                    prepare_threshold=None,
                )
            with answering(self._connection, self._lease_s / 4):
                rows = self._connection.execute(
                    "select outcome from public.learning_worker_renew_batch(%s, %s)",
                    (items, self._lease_s),
                ).fetchall()
        except psycopg.Error:
            self.close()
            return {}
        # By key: one worker may hold a job under the old and the new one, and only the new one is good.
        return {
            key: result == "applied"
            for (_, key), (result,) in zip(leases, rows, strict=True)
            if result != "busy"
        }

    def close(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


async def persist(
    db: Database, job: LeasedJob, write: Callable[[], Awaitable[None]], pause: Callable[[], Awaitable[None]]
) -> None:
    """Write once, even if the reply to the commit is lost: asks for the outcome before it writes again.

    pause: waits a little between two tries; the lease bounds how often. Raises LeaseLost.
    """
    is_unknown = False
    while True:
        try:
            await write()
        except DatabaseUnavailable:
            is_unknown = True
            if await _was_applied(db, job, pause):
                return
        except LeaseLost:
            # A write that seemed lost can be applied late, and then it is ours that the next one meets.
            if is_unknown and await _was_applied(db, job, pause):
                return
            raise
        else:
            return


async def _was_applied(db: Database, job: LeasedJob, pause: Callable[[], Awaitable[None]]) -> bool:
    """Whether a write of this lease ended it; False: not applied and the lease still holds. Raises LeaseLost."""
    while True:
        await pause()
        try:
            answer = await outcome(db, job)
        except DatabaseUnavailable:
            continue
        if answer == "lease_lost":
            raise LeaseLost
        return answer == "applied"


async def _call(db: Database, job: LeasedJob, function: str, *arguments: object) -> None:
    """Call one fenced verb; LW001 and LW002 become ours, everything else passes."""
    query = sql.SQL("select public.{}({})").format(
        sql.Identifier(function),
        sql.SQL(", ").join([sql.Placeholder()] * (2 + len(arguments))),
    )
    try:
        await db.rows(query, (job.job_id, job.lease_key, *arguments))
    except psycopg.DatabaseError as error:
        if error.sqlstate == LEASE_LOST:
            raise LeaseLost from None
        if error.sqlstate == REPORT_INVALID:
            raise PermanentError(Fault.REPORT_INVALID) from None
        raise


def _job(row: Mapping[str, Any]) -> LeasedJob:
    return LeasedJob(
        job_id=row["job_id"],
        lease_key=row["lease_key"],
        submission_id=row["submission_id"],
        phase=Phase(row["phase"]),
        lane=Lane(row["lane"]),
        retry_count=row["retry_count"],
        task=_task(row["task"]),
        text_body=row["text_body"],
        text_version=row["text_version"],
        text_confidence=row["text_confidence"],
        files=tuple(FileRef(**file) for file in row["files"] or ()),
        pages_done=tuple(_page(page) for page in row["pages_done"] or ()),
        results_done=tuple(_result(result) for result in row["results_done"] or ()),
        waited_s=row["waited_s"],
        age_s=row["age_s"],
    )


@lru_cache(maxsize=64)
def _task(text: str) -> Task:
    """A class answers the same task, so its text is read once for many jobs."""
    task = json.loads(text)
    return Task(
        instruction_md=task["instruction_md"],
        criteria=parse_criteria(task["criteria"]),
        language=Language(task["language"]),
        form_of_address=FormOfAddress(task["form_of_address"]),
        grade_level=task["grade_level"],
        scores_visible=task["scores_visible"],
        confirm_text=ConfirmText(task["confirm_text"]),
        hints_md=task["hints_md"],
    )


def _page(page: Mapping[str, Any]) -> PageReading:
    return PageReading(page["page_nr"], page["text_md"], TextSource(page["source"]), page["confidence"])


def _result(raw: Mapping[str, Any]) -> CriterionResult:
    return CriterionResult(
        criterion_id=raw["criterion_id"],
        status=ResultStatus(raw["status"]),
        max_score=raw["max_score"],
        reason=None if raw["reason"] is None else Reason(raw["reason"]),
        level=raw["level"],
        score=raw["score"],
        confidence=None if raw["confidence"] is None else Confidence(raw["confidence"]),
        explanation_md=raw["explanation_md"],
        evidence=tuple(Evidence(**quote) for quote in raw["evidence"]),
        next_step_md=raw["next_step_md"],
        made_by=raw.get("made_by"),
        is_fallback=raw.get("is_fallback", False),
        cost=raw.get("cost", {}),
    )
