"""Is the learning worker healthy? The database's own probe, as a report."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import psycopg

from learning_worker.db import migrate
from learning_worker.db.pool import Connection, Database, DatabaseUnavailable


@dataclass(frozen=True)
class Check:
    """One question and its answer; `detail` holds counts and role names only."""

    check: str
    status: Literal["ok", "failed"]
    detail: str


@dataclass(frozen=True)
class HealthReport:
    """All checks; `current_role` is the login of the connection, None when the database did not answer."""

    current_role: str | None
    checks: tuple[Check, ...]

    @property
    def status(self) -> Literal["healthy", "degraded"]:
        """Degraded as soon as one check failed."""
        return "degraded" if any(check.status == "failed" for check in self.checks) else "healthy"

    def as_json(self) -> dict[str, object]:
        """The shape that monitoring reads."""
        return {
            "status": self.status,
            "currentRole": self.current_role,
            "checks": [asdict(check) for check in self.checks],
        }


async def probe(connection: Connection) -> HealthReport:
    """The checks of the database function, in its order."""
    cursor = await connection.execute(
        "select session_user as role, p.check_name, p.status, p.detail from public.learning_worker_health_probe() p"
    )
    rows = await cursor.fetchall()
    return HealthReport(
        current_role=rows[0]["role"] if rows else None,
        checks=tuple(_judged(Check(row["check_name"], row["status"], row["detail"])) for row in rows),
    )


def _judged(check: Check) -> Check:
    """The check, failed when the database is older than this program; a newer one is allowed."""
    newest = check.detail.removeprefix("newest=")
    wanted = migrate.newest_version(migrate.migrations_directory())
    if check.check != "migrations" or check.status == "failed" or newest >= wanted:
        return check
    return Check(check.check, "failed", f"{check.detail} wanted={wanted}")


async def health_report(database: Database, more: Sequence[Check] = ()) -> HealthReport:
    """The probe's checks and `more`; a database that does not answer, or may not, is a failed check, not an exception."""
    try:
        async with database.transaction() as connection:
            found = await probe(connection)
    except DatabaseUnavailable:
        found = HealthReport(None, (Check("db_role", "failed", "database not reachable"),))
    except psycopg.errors.InsufficientPrivilege:
        found = HealthReport(None, (Check("db_role", "failed", "login may not run the health probe"),))
    except psycopg.errors.UndefinedFunction:
        found = HealthReport(None, (Check("db_role", "failed", "database is not migrated"),))
    return HealthReport(found.current_role, (*found.checks, *more))
