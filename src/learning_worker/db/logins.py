"""Login roles of an embedded server, for development, demo and tests, with random passwords in one private file.

Roles belong to the whole cluster, so several databases share these logins. On a real server an operator makes them.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from learning_worker.db import migrate
from learning_worker.db.embedded import Server
from learning_worker.db.embedded_home import explained, write_private

MIGRATOR, APP, WORKER = "gustav_migrator", "gustav_app", "gustav_worker"
SESSIONS, OPERATOR = "gustav_session_login", "gustav_operator_login"
# Who joins which group; the worker inherits what `gustav_limited` may do.
_GROUPS = {
    WORKER: "gustav_limited",
    APP: "gustav_limited",
    SESSIONS: "gustav_sessions",
    OPERATOR: "gustav_operator",
}
_LOCK_KEY = 5_714_026_121_801_002


@dataclass(frozen=True)
class Dsns:
    """The connection URLs of one database, one per login; they contain passwords and hide in repr."""

    database: str
    migration: str = field(repr=False)
    worker: str = field(repr=False)
    app: str = field(repr=False)
    sessions: str = field(repr=False)
    operator: str = field(repr=False)


def provision(server: Server, database: str, migrations: Path | None = None) -> Dsns:
    """Make the database, migrate it as its owner and let the logins in; doing it again changes nothing.

    migrations: another directory of files than the program's own. Raises EmbeddedError or migrate.MigrationError.
    """
    with taking_turns(server) as cluster:
        passwords = _passwords(server)
        _create_migrator(cluster, passwords[MIGRATOR])
        _create_database(cluster, database)
        urls = dsns(server, database)
        migrate.apply(urls.migration, migrations)
        for login, group in _GROUPS.items():
            _admit(cluster, login, group, passwords[login])
    _let_app_work(server.superuser_dsn(database))
    return urls


def dsns(server: Server, database: str) -> Dsns:
    """The connection URLs of a database that was provisioned, or cloned from one that was."""
    passwords = _passwords(server)
    return Dsns(
        database=database,
        migration=server.dsn(database, MIGRATOR, passwords[MIGRATOR]),
        worker=server.dsn(database, WORKER, passwords[WORKER]),
        app=server.dsn(database, APP, passwords[APP]),
        sessions=server.dsn(database, SESSIONS, passwords[SESSIONS]),
        operator=server.dsn(database, OPERATOR, passwords[OPERATOR]),
    )


@contextmanager
def taking_turns(server: Server) -> Iterator[psycopg.Connection]:
    """A superuser's connection while no other process arranges roles or databases of this server."""
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_LOCK_KEY])
        yield connection


def _passwords(server: Server) -> Mapping[str, str]:
    """One password per login, made at first use."""
    path = server.base_dir / "logins.json"
    with explained(server.base_dir):
        passwords: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        missing = [login for login in (MIGRATOR, *_GROUPS) if login not in passwords]
        if missing:
            passwords |= {login: secrets.token_urlsafe(32) for login in missing}
            write_private(path, json.dumps(passwords, indent=2))
    return passwords


def _exists(cluster: psycopg.Connection, role: str) -> bool:
    return cluster.execute("select from pg_roles where rolname = %s", [role]).fetchone() is not None


def _create_migrator(cluster: psycopg.Connection, password: str) -> None:
    if not _exists(cluster, MIGRATOR):
        cluster.execute(sql.SQL("create role {}").format(sql.Identifier(MIGRATOR)))
    attributes = "login createrole nosuperuser nocreatedb nobypassrls password {}"
    _alter_login(cluster, MIGRATOR, attributes, password)


def _admit(cluster: psycopg.Connection, login: str, group: str, password: str) -> None:
    if not _exists(cluster, login):
        cluster.execute(sql.SQL("create role {}").format(sql.Identifier(login)))
    _alter_login(
        cluster, login, "login inherit nosuperuser nocreatedb nocreaterole nobypassrls password {}", password
    )
    cluster.execute(sql.SQL("grant {} to {}").format(sql.Identifier(group), sql.Identifier(login)))


def _alter_login(cluster: psycopg.Connection, login: str, attributes: str, password: str) -> None:
    # Only the SCRAM verifier travels: a statement can end up in a log or in pg_stat_activity.
    verifier = cluster.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256").decode()
    alter = sql.SQL("alter role {} ").format(sql.Identifier(login))
    cluster.execute(alter + sql.SQL(attributes).format(sql.Literal(verifier)))


def _create_database(cluster: psycopg.Connection, database: str) -> None:
    if cluster.execute("select from pg_database where datname = %s", [database]).fetchone() is None:
        statement = sql.SQL("create database {} owner {}")
        cluster.execute(statement.format(sql.Identifier(database), sql.Identifier(MIGRATOR)))


def _let_app_work(superuser_dsn: str) -> None:
    """Grant the development login what the worker may call: one process does both there.

    Each function by name: a member of `gustav_worker` would inherit the policy that shuts the worker out of every row.
    """
    with psycopg.connect(superuser_dsn) as connection:
        functions = connection.execute(
            "select distinct p.oid::regprocedure::text"
            "  from pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) granted"
            " where granted.grantee = %s::regrole and granted.privilege_type = 'EXECUTE'"
            "   and p.pronamespace = 'public'::regnamespace",
            [WORKER],
        ).fetchall()
        for (function,) in functions:
            # regprocedure prints a quoted, qualified signature where the search path does not lead to it.
            connection.execute(
                sql.SQL("grant execute on function {} to {}").format(sql.SQL(function), sql.Identifier(APP))
            )
