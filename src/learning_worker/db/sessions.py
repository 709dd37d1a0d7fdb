"""Signed-in browsers, on a login of their own: only the SHA-256 of a token is stored, and the database keeps time."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from learning_worker.db.pool import Connection

IDLE_HOURS = 8
ABSOLUTE_DAYS = 7
TOKEN_BYTES = 32
# Writing "seen just now" at every request would make each page view an update.
_SEEN_GRAIN_SECONDS = 60


@dataclass(frozen=True)
class Session:
    """Who is signed in. `token` is the cookie's value; the database never holds it."""

    token: str
    sub: str
    display_name: str
    site_role: str
    language: str
    csrf_token: str


async def start(
    connection: Connection, *, sub: str, display_name: str, site_role: str, language: str
) -> Session:
    """A new session with a fresh token; expired ones are removed on the way."""
    session = Session(
        token=secrets.token_urlsafe(TOKEN_BYTES),
        sub=sub,
        display_name=display_name,
        site_role=site_role,
        language=language,
        csrf_token=secrets.token_urlsafe(TOKEN_BYTES),
    )
    await connection.execute("delete from public.web_sessions where expires_at < now()")
    await connection.execute(
        """
        insert into public.web_sessions (token_hash, sub, display_name, site_role, language, csrf_token, expires_at)
        values (%s, %s, %s, %s, %s, %s, now() + make_interval(days => %s))
        """,
        (_hash(session.token), sub, display_name, site_role, language, session.csrf_token, ABSOLUTE_DAYS),
    )
    return session


async def load(connection: Connection, token: str) -> Session | None:
    """The session of a cookie's token, None when it ended, was idle for 8 hours, or is a week old."""
    cursor = await connection.execute(
        """
        select s.sub, s.display_name, s.site_role, s.language, s.csrf_token,
               s.last_seen_at < now() - make_interval(secs => %s) as is_stale
          from public.web_sessions s
         where s.token_hash = %s
           and s.expires_at > now()
           and s.last_seen_at > now() - make_interval(hours => %s)
        """,
        (_SEEN_GRAIN_SECONDS, _hash(token), IDLE_HOURS),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    if row["is_stale"]:
        await connection.execute(
            "update public.web_sessions set last_seen_at = now() where token_hash = %s", (_hash(token),)
        )
    return _session(row, token)


async def set_language(connection: Connection, token: str, language: str) -> None:
    """Speak this language (de or en) for the rest of the session."""
    await connection.execute(
        "update public.web_sessions set language = %s where token_hash = %s", (language, _hash(token))
    )


async def end(connection: Connection, token: str) -> None:
    """Sign out; an unknown token is fine."""
    await connection.execute("delete from public.web_sessions where token_hash = %s", (_hash(token),))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", errors="replace")).digest()


def _session(row: Mapping[str, Any], token: str) -> Session:
    return Session(
        token=token,
        sub=row["sub"],
        display_name=row["display_name"],
        site_role=row["site_role"],
        language=row["language"],
        csrf_token=row["csrf_token"],
    )
