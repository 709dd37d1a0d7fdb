"""Whether the server lets a login see more than the program may: asked of the server, not read from the DSN."""

from typing import Final

from learning_worker.db.line import Asks

EXIT_UNSAFE_LOGIN: Final = 78  # EX_CONFIG of sysexits.h
# One row: whether the login is, or could become with SET ROLE, one that row security does not bind. The probe in SQL asks
# the same, and a test compares them.
IS_UNSAFE: Final = """
select exists (
           select
             from pg_catalog.pg_roles r
            where pg_has_role(session_user, r.oid, 'member')
              and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolname = 'gustav_owner'
                   or r.oid = (select d.datdba from pg_catalog.pg_database d where d.datname = current_database()))
       ) as unsafe
"""


class UnsafeLogin(Exception):
    """The login could see every pupil's rows; the program must not serve with it."""


async def refuse_unsafe_login(asks: Asks) -> None:
    """Ask the server whether this login may bypass row level security.

    Raises UnsafeLogin for a superuser, BYPASSRLS, CREATEROLE, or the owner of the database or of this program's objects,
    and for a login that could become one of these with SET ROLE. Raises DatabaseUnavailable.
    """
    (row,) = await asks.rows(IS_UNSAFE)
    if row["unsafe"]:
        raise UnsafeLogin
