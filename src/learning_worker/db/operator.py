"""The operator's view of the queue and commands on it: ids, states and codes; every change is audited in the database."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from learning_worker.db.line import Asks
from learning_worker.domain.submission import Phase

PAGE = 1000
Change: TypeAlias = Callable[[Asks, Sequence[UUID]], Awaitable[list[UUID]]]


@dataclass(frozen=True)
class QueuedJob:
    """One row of the queue; `last_error` is the phase's last cause, a code."""

    job_id: UUID
    submission_id: UUID
    course_id: UUID
    phase: str
    lane: str
    status: str
    error_code: str | None
    last_error: str | None
    retry_count: int
    crash_count: int
    interruption_count: int
    worker_id: str | None
    created_at: datetime
    visible_at: datetime
    leased_until: datetime | None


async def jobs(
    asks: Asks, status: str | None = None, error_code: str | None = None, limit: int = PAGE
) -> list[QueuedJob]:
    """Jobs in fair order, at most 1000. status: one state or several with commas between them; None: any."""
    rows = await asks.rows(
        "select * from public.learning_queue_list(%s, %s, %s)", (status, error_code, min(limit, PAGE))
    )
    return [QueuedJob(**row) for row in rows]


async def find(asks: Asks, ids: Sequence[UUID]) -> list[QueuedJob]:
    """The jobs with these ids, or of the submissions with these ids."""
    rows = await asks.rows("select * from public.learning_queue_find(%s)", (list(ids),))
    return [QueuedJob(**row) for row in rows]


async def retry(asks: Asks, job_ids: Sequence[UUID]) -> list[UUID]:
    """Queue failed jobs again with fresh runs; what was read or answered is kept. The ids that were changed."""
    rows = await asks.rows("select public.learning_queue_retry(%s) as job_id", (list(job_ids),))
    return [row["job_id"] for row in rows]


async def cancel(asks: Asks, job_ids: Sequence[UUID]) -> list[UUID]:
    """End waiting or running jobs as cancelled; their workers lose the lease. The ids that were changed."""
    rows = await asks.rows("select public.learning_queue_cancel(%s) as job_id", (list(job_ids),))
    return [row["job_id"] for row in rows]


async def change_all(
    asks: Asks, change: Change, states: Sequence[str], error_code: str | None = None
) -> list[UUID]:
    """Change all jobs in these states, page by page, so that no command locks a whole backlog. The ids that were changed.

    All states are read in one statement: between two of them a job could go from one state to the other unseen.
    """
    changed: list[UUID] = []
    # What was changed leaves the list, so its first page is always the next one.
    while page := await jobs(asks, ",".join(states), error_code):
        done = await change(asks, [job.job_id for job in page])
        changed += done
        if not done or len(page) < PAGE:
            break
    return changed


async def pause(asks: Asks, phase: Phase, *, is_paused: bool) -> None:
    """Hand out no more leases of a phase, or go on."""
    await asks.rows("select public.learning_queue_pause(%s, %s)", (phase, is_paused))
