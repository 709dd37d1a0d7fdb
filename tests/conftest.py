"""One real PostgreSQL per test run, one migrated template, a fresh clone for each test that asks for a database.

Tests connect with real logins, never by SET ROLE: a superuser's session proves nothing about rights.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from other_postgres import other_server
from psycopg import sql
from xdist.scheduler import LoadScopeScheduling

from learning_worker.db import embedded, logins, migrate

_TEMPLATE = "lw_template"
# What these make for all their tests takes a minute: an installation, a demo, a model.
_IN_ONE_PROCESS = (
    "tests/system/test_install.py",
    "tests/system/test_browser.py",
    "tests/model/test_real_model.py",
)


class _Together(LoadScopeScheduling):  # type: ignore[misc]
    """Spreads single tests over the processes; a module of _IN_ONE_PROCESS stays whole, and comes first."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.split("::", 1)[0]
        return module if module in _IN_ONE_PROCESS else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling | None:
    """For `--dist loadgroup`, whose own marks this pytest does not show to pytest-xdist."""
    return _Together(config, log) if config.getoption("dist") == "loadgroup" else None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the same tests judge another set of SQL files (see tools/mutants.py)."""
    parser.addoption(
        "--migrations",
        type=Path,
        default=None,
        metavar="PATH",
        help="migrate from here instead of supabase/migrations",
    )
    parser.addoption(
        "--postgres",
        type=Path,
        default=None,
        metavar="BIN",
        help="test on the PostgreSQL whose programs lie here, instead of the embedded one",
    )
    parser.addoption(
        "--finished",
        type=int,
        default=50_000,
        metavar="N",
        help="finished answers behind the queue whose lease is timed",
    )
    parser.addoption(
        "--pace",
        type=float,
        default=50,
        metavar="N",
        help="how many times faster than an old machine the model server of test_slow_machine is",
    )
    parser.addoption(
        "--machine",
        default="200x40",
        metavar="NxSTEPS",
        help="histories and steps of the random queue histories",
    )


@dataclass(frozen=True)
class Database:
    """A database of its own for one test. `dsns`: the real logins; `owner`: the superuser, to arrange and to inspect."""

    name: str
    dsns: logins.Dsns
    owner: str = field(repr=False)
    server: embedded.Server
    migrations: Path


@pytest.fixture(scope="session")
def server(testrun_uid: str, request: pytest.FixtureRequest) -> Iterator[embedded.Server]:
    """The server of this run, shared by all of pytest's processes; the last one to leave stops and deletes it."""
    if (programs := request.config.getoption("--postgres")) is not None:
        with other_server(programs) as running:
            yield running
        return
    base = _folder() / f"lw-pg-tests-{testrun_uid}"
    with embedded.server(base, throwaway=True) as running:
        yield running


def _folder() -> Path:
    """In memory where there is room: once others were deleted, ext4 is ten times as slow with the 400 files of a clone."""
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 1024**3
    return memory if has_room else Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def migrations(request: pytest.FixtureRequest) -> Path:
    """The directory of SQL files that every database of this run is made from."""
    chosen: Path | None = request.config.getoption("--migrations")
    return chosen or migrate.migrations_directory()


@pytest.fixture(scope="session")
def template_database(server: embedded.Server, migrations: Path) -> str:
    """A migrated database that nobody connects to any more, so that it can be cloned."""
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as cluster:
        # One of pytest's processes makes it; the others wait here until it is closed.
        cluster.execute("select pg_advisory_lock(1)")
        template = cluster.execute(
            "select from pg_database where datname = %s and datistemplate", [_TEMPLATE]
        ).fetchone()
        if template is None:
            logins.provision(server, _TEMPLATE, migrations)
            cluster.execute(f"alter database {_TEMPLATE} with is_template true allow_connections false")
    return _TEMPLATE


@pytest.fixture(scope="session")
def left_behind() -> list[str]:
    """Databases of tests that are over. The next test drops them: right after its last session a drop waits 0.1 s."""
    return []


@pytest.fixture
def database(
    server: embedded.Server, template_database: str, migrations: Path, left_behind: list[str]
) -> Iterator[Database]:
    """A fresh clone of the migrated template."""
    name = f"lw_{uuid.uuid4().hex}"
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as cluster:
        while left_behind:
            cluster.execute(
                sql.SQL("drop database {} with (force)").format(sql.Identifier(left_behind.pop()))
            )
        # file_copy takes half the time of the default here (20 ms): nothing of the copy goes through the log.
        cluster.execute(
            sql.SQL("create database {} template {} owner {} strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(template_database), sql.Identifier(logins.MIGRATOR)
            )
        )
        _copy_database_rights(cluster, template_database, name)
    yield Database(name, logins.dsns(server, name), server.superuser_dsn(name), server, migrations)
    left_behind.append(name)


def _copy_database_rights(cluster: psycopg.Connection, template: str, clone: str) -> None:
    """A clone takes over everything but the rights on the database itself."""
    rights = cluster.execute(
        "select coalesce(grantee_role.rolname, ''), acl.privilege_type"
        "  from pg_database d cross join aclexplode(d.datacl) acl"
        "  left join pg_roles grantee_role on grantee_role.oid = acl.grantee"
        " where d.datname = %s",
        [template],
    ).fetchall()
    if not rights:
        return
    target = sql.Identifier(clone)
    cluster.execute(sql.SQL("revoke all on database {} from public").format(target))
    for grantee, privilege in rights:
        role = sql.Identifier(grantee) if grantee else sql.SQL("public")
        cluster.execute(sql.SQL("grant {} on database {} to {}").format(sql.SQL(privilege), target, role))


async def _connected(dsn: str) -> AsyncIterator[psycopg.AsyncConnection]:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def worker_db(database: Database) -> AsyncIterator[psycopg.AsyncConnection]:
    """Logged in as the worker, autocommit."""
    async for connection in _connected(database.dsns.worker):
        yield connection


@pytest.fixture
async def app_db(database: Database) -> AsyncIterator[psycopg.AsyncConnection]:
    """Logged in as the web and API, autocommit."""
    async for connection in _connected(database.dsns.app):
        yield connection


@pytest.fixture
async def session_db(database: Database) -> AsyncIterator[psycopg.AsyncConnection]:
    """Logged in as the session store, autocommit."""
    async for connection in _connected(database.dsns.sessions):
        yield connection


@pytest.fixture
async def operator_db(database: Database) -> AsyncIterator[psycopg.AsyncConnection]:
    """Logged in as an operator, autocommit."""
    async for connection in _connected(database.dsns.operator):
        yield connection


@pytest.fixture
async def owner_db(database: Database) -> AsyncIterator[psycopg.AsyncConnection]:
    """The superuser, autocommit: to arrange and to inspect, never to prove a right."""
    async for connection in _connected(database.owner):
        yield connection
