"""What the same model and program made of the same answer before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

from learning_worker.db.pool import Database
from learning_worker.db.queue import LEASE_LOST
from learning_worker.domain.criteria import CriterionResult, ReportSource
from learning_worker.domain.errors import LeaseLost
from learning_worker.domain.reports import ReportError, parse_report, results_of
from learning_worker.domain.submission import LeasedJob
from learning_worker.ports import MadeWith


@dataclass(frozen=True)
class StoredReport:
    """A report of the leased submission; of its text, task, model and program as they are now."""

    version: int
    source: ReportSource
    results: tuple[CriterionResult, ...] = field(repr=False)
    feedback_md: str = field(repr=False)
    usage: Mapping[str, Any]


async def stored_report(db: Database, job: LeasedJob, made_with: MadeWith) -> StoredReport | None:
    """The newest one, or None. Raises LeaseLost, DatabaseUnavailable."""
    try:
        rows = await db.rows(
            "select * from public.learning_worker_stored_report(%s, %s, %s, %s)",
            (job.job_id, job.lease_key, made_with.model_digest, made_with.program_version),
        )
    except psycopg.DatabaseError as error:
        if error.sqlstate == LEASE_LOST:
            raise LeaseLost from None
        raise
    if not rows:
        return None
    (row,) = rows
    try:
        results = results_of(parse_report(row["analysis_json"]), job.task.criteria)
    except ReportError:
        # Written by a version whose reports this one does not read: the answer is assessed again.
        return None
    return StoredReport(
        row["version"], ReportSource(row["source"]), results, row["feedback_md"], row["usage"] or {}
    )
