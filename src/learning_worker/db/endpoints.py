"""The breaker of each model server, one row in the database, shared by all workers."""

import psycopg
from psycopg.types.json import Jsonb

from learning_worker.db.line import Asks
from learning_worker.db.queue import LEASE_LOST
from learning_worker.domain.errors import LeaseLost, TransientError
from learning_worker.domain.submission import LeasedJob

CHARGE = "charge"
FIRST_PAUSE_S = 5.0


async def failed(asks: Asks, job: LeasedJob, endpoint: str, error: TransientError) -> bool:
    """Tell that the server failed this job; True: the job went back uncharged, False: charge it, others were answered.

    Raises LeaseLost or DatabaseUnavailable.
    """
    wait = {"base_s": FIRST_PAUSE_S, "least_s": error.retry_after_s or 0.0}
    try:
        (row,) = await asks.rows(
            "select public.learning_worker_endpoint_failed(%s, %s, %s, %s, %s) as verdict",
            (job.job_id, job.lease_key, endpoint, error.code, Jsonb(wait)),
        )
    except psycopg.DatabaseError as refused:
        if refused.sqlstate == LEASE_LOST:
            raise LeaseLost from None
        raise
    return str(row["verdict"]) != CHARGE


async def worked(asks: Asks, endpoint: str) -> None:
    """Tell that the server answered; writes nothing while its breaker is closed. Raises DatabaseUnavailable."""
    await asks.rows("select public.learning_worker_endpoint_worked(%s)", (endpoint,))


async def states(asks: Asks) -> dict[str, str]:
    """closed, half_open or open, by endpoint; servers that never failed are missing."""
    rows = await asks.rows("select endpoint, state from public.learning_worker_endpoint_states()")
    return {str(row["endpoint"]): str(row["state"]) for row in rows}
