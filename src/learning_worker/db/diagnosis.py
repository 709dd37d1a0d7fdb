"""What a connection string leads to, asked of the server itself; for `learning-worker doctor`."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import psycopg

from learning_worker.db.pool import DatabaseUnavailable
from learning_worker.db.safe_login import IS_UNSAFE

CONNECT_S = 5
# All that a worker calls, as this program knows it: a database that is older than the program does not. The database's
# probe asks for the same ones; a test compares both lists with the code.
WORKER_FUNCTIONS: Final = tuple(
    f"learning_worker_{name}"
    for name in (
        "due",
        "endpoint_failed",
        "endpoint_states",
        "endpoint_worked",
        "goodbye",
        "health_probe",
        "heartbeat",
        "lease_work",
        "nack_retry_batch",
        "outcome",
        "queue_state",
        "release_batch",
        "release_unheld",
        "renew_batch",
        "save_criterion_batch",
        "save_page",
        "save_text",
        "stored_report",
        "update_completed_batch",
        "update_failed",
        "update_failed_batch",
    )
)

_LOGIN = """
select current_setting('server_version_num')::int / 10000,
       session_user::text,
       session_user <> 'gustav_worker' and exists (
           select from pg_catalog.pg_roles r where r.rolname = 'gustav_worker' and pg_has_role(session_user, r.oid, 'member')
       ),
       array(
           select r.rolname::text
             from pg_catalog.pg_roles r
            where r.rolname like 'gustav\\_%' and pg_has_role(session_user, r.oid, 'usage')
       )
"""
_CALLABLE = """
select p.proname::text
  from pg_catalog.pg_proc p
 where p.pronamespace = 'public'::regnamespace
   and p.proname = any (%s)
   and has_function_privilege(session_user, p.oid, 'execute')
"""


@dataclass(frozen=True)
class Facts:
    """One login on one server. `skew_s`: how far the server's clock is ahead of ours; negative when behind."""

    major_version: int
    login: str
    is_unsafe: bool
    is_member_of_worker: bool
    groups: frozenset[str]
    missing_functions: tuple[str, ...]
    skew_s: float


def look(dsn: str, functions: Collection[str]) -> Facts:
    """Log in and look around; changes nothing. functions: those of `public` that this login must be able to call.

    Raises DatabaseUnavailable when there is no connection, whatever the reason: the driver's text may quote the DSN.
    """
    try:
        with psycopg.connect(
            dsn, connect_timeout=CONNECT_S, application_name="learning-worker doctor"
        ) as connection:
            row = connection.execute(_LOGIN).fetchone()
            unsafe = connection.execute(IS_UNSAFE).fetchone()
            callable_ones = {name for (name,) in connection.execute(_CALLABLE, [list(functions)])}
            skew_s = _skew_s(connection)
    except psycopg.Error as error:
        raise DatabaseUnavailable from error
    if row is None or unsafe is None:
        raise DatabaseUnavailable
    version, login, is_member, groups = row
    missing = tuple(sorted(set(functions) - callable_ones))
    return Facts(version, login, unsafe[0], is_member, frozenset(groups), missing, skew_s)


def _skew_s(connection: psycopg.Connection) -> float:
    before = time.time()
    row = connection.execute("select extract(epoch from clock_timestamp())::float8").fetchone()
    # The answer was made somewhere between the question and now; the middle is at most half a round trip off.
    return float(row[0]) - (before + time.time()) / 2 if row else 0.0
