"""What the runbook says: the worker's login in either order, refused logins, and its common issues, produced and cured."""

import json
import shlex
import shutil
import uuid

import psycopg
import pytest
from other_postgres import other_server
from psycopg import sql
from psycopg.types.json import Jsonb
from runbook import OPERATE, TRIED, Tried, commands, statements
from school import School, acting_as, connect
from typer.testing import CliRunner

from learning_worker.cli import app
from learning_worker.db import diagnosis, embedded, logins, migrate
from learning_worker.db.health import health_report
from learning_worker.db.pool import Database
from learning_worker.db.safe_login import UnsafeLogin, refuse_unsafe_login

# As they stand in the runbook. LET_IN: in place of the first one, when the migration came first.
*THE_THREE_STATEMENTS, LET_IN, PROBE, GRANT = statements(OPERATE)
LOOK, CANCEL, RETRY = (line for line in commands(OPERATE) if TRIED.get(line) is Tried.STUCK)
RESUME = "learning-worker queue resume feedback"
MIGRATE = "learning-worker migrate"
assert {RESUME, MIGRATE} <= set(commands(OPERATE))


@pytest.fixture(scope="module")
def cluster(request):
    """A server of its own: roles belong to a whole cluster."""
    programs = request.config.getoption("--postgres")
    with (
        embedded.ephemeral() if programs is None else other_server(programs) as server,
        psycopg.connect(server.superuser_dsn(), autocommit=True) as superuser,
    ):
        superuser.execute("create role the_migrator login createrole password 'migrates'")
        yield server, superuser


@pytest.fixture
def fresh(cluster):
    """A database without anything, in a cluster without our roles."""
    server, superuser = cluster
    superuser.execute("create database school owner the_migrator")
    yield server, superuser, server.dsn("school", "the_migrator", "migrates")
    superuser.execute("drop database school with (force)")
    for role in ("worker", "owner", "limited", "operator", "sessions"):
        superuser.execute(f"drop role if exists gustav_{role}")


ORDERS = {
    "migration first": ("migrate", LET_IN, *THE_THREE_STATEMENTS[1:]),
    "role first": (*THE_THREE_STATEMENTS[:2], "migrate", THE_THREE_STATEMENTS[2]),
    "role and group first": ("create role gustav_limited", *THE_THREE_STATEMENTS, "migrate"),
    "role first, the grant left to the migration": (*THE_THREE_STATEMENTS[:2], "migrate"),
    "role first, without inheritance": (
        "create role gustav_worker login noinherit",
        "migrate",
        *THE_THREE_STATEMENTS[1:],
    ),
}


@pytest.mark.parametrize("who", ["superuser", "migrator"])
@pytest.mark.parametrize("order", ORDERS)
def test_the_worker_works_in_whatever_order_the_runbook_was_followed(fresh, order, who):
    server, superuser, migration_dsn = fresh
    with connect(migration_dsn) as migrator:
        for statement in ORDERS[order]:
            if statement == "migrate":
                migrate.apply(migration_dsn)
            else:
                {"superuser": superuser, "migrator": migrator}[who].execute(statement)
    superuser.execute("alter role gustav_worker password 'works'")

    with (
        connect(server.superuser_dsn("school")) as owner,
        connect(server.dsn("school", "gustav_worker", "works")) as worker,
    ):
        school = School(owner, owner, worker)
        receipt = school.submit()
        job = school.lease()
        probe = worker.execute(PROBE).fetchone()
        rows = worker.execute("select * from public.learning_submissions").fetchall()
        school.complete(job)

        assert job["submission_id"] == receipt["submission_id"]
        assert (probe["check_name"], probe["status"], probe["detail"]) == ("db_role", "ok", "gustav_worker")
        assert rows == []
        assert school.submission(receipt["submission_id"])["analysis_status"] == "completed"


def test_a_second_migration_run_by_hand_changes_nothing(fresh):
    _, _, migration_dsn = fresh

    assert len(migrate.apply(migration_dsn)) == len(list(migrate.migrations_directory().glob("*.sql")))
    assert migrate.apply(migration_dsn) == []


def test_a_second_database_of_a_cluster_tells_another_migrator_what_it_lacks(fresh):
    server, superuser, migration_dsn = fresh
    migrate.apply(migration_dsn)
    superuser.execute("create role another_migrator login createrole password 'migrates'")
    superuser.execute("create database another_school owner another_migrator")
    dsn = server.dsn("another_school", "another_migrator", "migrates")
    try:
        if superuser.info.server_version >= 160000:  # before, CREATEROLE was enough to take part in any role
            with pytest.raises(migrate.MigrationError, match="be granted that role"):
                migrate.apply(dsn)
            with connect(migration_dsn) as first:
                first.execute("grant gustav_owner to another_migrator")
        migrated = migrate.apply(dsn)
    finally:
        superuser.execute("drop database another_school with (force)")
        with connect(server.superuser_dsn("school")) as owner:
            owner.execute("drop owned by another_migrator")
        superuser.execute("drop role another_migrator")

    assert len(migrated) == len(list(migrate.migrations_directory().glob("*.sql")))


UNSAFE = {
    "superuser": "alter role {login} superuser",
    "bypassrls": "alter role {login} bypassrls",
    "createrole": "alter role {login} createrole",
    "owner of the objects": "grant gustav_owner to {login}",
    "owner of the database": "alter database {database} owner to {login}",
    "could become the migrator": "grant gustav_migrator to {login}",
    "could become one that bypasses": "create role {login}_other bypassrls role {login}",
}


@pytest.fixture
def a_login(database):
    """A member of gustav_limited: its name and DSN."""
    name = f"lw_test_{uuid.uuid4().hex[:12]}"
    with connect(database.owner) as owner:
        owner.execute(f"create role {name} login in role gustav_limited password 'guess'")
        yield name, database.server.dsn(database.name, name, "guess")
        owner.execute(
            sql.SQL("alter database {} owner to gustav_migrator").format(sql.Identifier(database.name))
        )
        owner.execute(f"drop role if exists {name}_other, {name}")


async def refused(dsn):
    pool = Database(dsn, max_size=1)
    await pool.open()
    try:
        await refuse_unsafe_login(pool)
    except UnsafeLogin:
        return True
    finally:
        await pool.close()
    return False


async def verdicts(dsn):
    """Whether the start refuses this login, the doctor finds it unsafe, and the probe says so."""
    first = (await report(dsn)).checks[0]
    return (
        await refused(dsn),
        diagnosis.look(dsn, ()).is_unsafe,
        (first.check, first.detail) == ("db_role", "login may bypass row security"),
    )


@pytest.mark.parametrize("how", UNSAFE)
async def test_a_login_that_could_see_everything_is_refused_at_the_start_and_named(database, a_login, how):
    name, dsn = a_login
    before = await verdicts(dsn)
    with connect(database.owner) as owner:
        owner.execute(UNSAFE[how].format(login=name, database=database.name))

    assert before == (False, False, False)
    assert await verdicts(dsn) == (True, True, True)


async def test_the_logins_made_for_it_are_not_refused_and_the_others_are(database):
    dsns = database.dsns

    verdicts = [await refused(dsn) for dsn in (dsns.worker, dsns.app, dsns.sessions, dsns.operator)]

    assert verdicts == [False] * 4
    assert await refused(dsns.migration)
    assert await refused(database.owner)


async def report(dsn):
    pool = Database(dsn, max_size=1)
    await pool.open()
    try:
        return await health_report(pool)
    finally:
        await pool.close()


async def test_503_db_role_a_login_outside_gustav_limited_is_told_so_and_cured(database, a_login):
    name, dsn = a_login
    with connect(database.owner) as owner:
        owner.execute(f"revoke gustav_limited from {name}")
        without = await report(dsn)
        owner.execute(f"grant execute on function learning_worker_health_probe() to {name}")
        told = await report(dsn)
        owner.execute(f"revoke execute on function learning_worker_health_probe() from {name}")
        owner.execute(f"grant gustav_limited to {name}")
        cured = await report(dsn)

    assert (without.status, without.checks[0].status) == ("degraded", "failed")
    assert without.checks[0].detail == "login may not run the health probe"
    assert told.checks[0].detail == "login does not inherit gustav_limited"
    assert (cured.checks[0].check, cured.checks[0].status) == ("db_role", "ok")


async def test_503_db_role_a_worker_that_does_not_inherit_is_cured_by_the_three_statements(fresh):
    server, superuser, migration_dsn = fresh
    migrate.apply(migration_dsn)
    superuser.execute("alter role gustav_worker login password 'works' noinherit")
    if superuser.info.server_version >= 160000:  # before, inheritance was a property of the role alone
        superuser.execute("grant gustav_limited to gustav_worker with inherit false granted by the_migrator")
    dsn = server.dsn("school", "gustav_worker", "works")
    broken = await report(dsn)

    superuser.execute(THE_THREE_STATEMENTS[1])
    superuser.execute(THE_THREE_STATEMENTS[2])
    cured = await report(dsn)

    assert broken.checks[0].detail == "login does not inherit gustav_limited"
    assert cured.checks[0].status == "ok"


async def test_503_db_role_a_database_that_nobody_migrated_says_so(fresh):
    server, _, _ = fresh

    found = await report(server.dsn("school", "the_migrator", "migrates"))

    assert found.checks[0].detail == "database is not migrated"


@pytest.fixture
def type_line(database, tmp_path):
    """Types a line of the runbook, as the login that it needs; what it prints."""

    def typed(line, **dsns):
        command, *arguments = shlex.split(line)
        settings = {"GUSTAV_ENV": "test", "LEARNING_DATA_DIR": str(tmp_path)}
        dsns = dsns or {"OPERATOR_DATABASE_URL": database.dsns.operator}
        ran = CliRunner().invoke(app, arguments, env=settings | dsns, catch_exceptions=False)
        assert (command, ran.exit_code) == ("learning-worker", 0), ran.output
        return ran.stdout

    return typed


def test_not_picked_up_because_not_yet_visible_cancel_and_retry_make_it_due(school, type_line):
    answer = str(school.submit()["submission_id"])
    school.nack(school.lease(), wait_s=3600)
    row = json.loads(type_line(LOOK.replace("<job>", answer)))
    before = school.lease()

    for line in (CANCEL, RETRY):
        type_line(line.replace("<job>", answer))

    assert (row["status"], row["error_code"], before) == ("queued", "feedback_retrying", None)
    assert row["visible_at"] > row["created_at"]
    assert str(school.lease()["submission_id"]) == answer


def test_not_picked_up_because_a_pupil_must_confirm_cancel_and_retry_wait_on(school, type_line):
    answer = school.submit_files()["submission_id"]
    school.save_text(school.lease("vision"), confirm_s=3600)
    before = school.submission(answer)

    for line in (CANCEL, RETRY):
        type_line(line.replace("<job>", str(answer)))

    after, nothing = school.submission(answer), school.lease()
    school.as_person("pupil", "learning_confirm_text", answer, before["text_body"])
    assert (after["analysis_status"], after["confirm_until"]) == ("extracted", before["confirm_until"])
    assert nothing is None
    assert school.lease()["submission_id"] == answer


def test_a_wait_for_the_pupil_that_is_over_is_not_begun_anew_by_a_retry(school, type_line):
    answer = school.submit_files()["submission_id"]
    school.save_text(school.lease("vision"), confirm_s=3600)
    type_line(CANCEL.replace("<job>", str(answer)))
    school.owner.execute("update learning_submissions set confirm_until = now() - interval '1 s'")

    type_line(RETRY.replace("<job>", str(answer)))

    assert school.submission(answer)["analysis_status"] == "pending"
    assert school.lease()["submission_id"] == answer


def test_not_picked_up_because_of_a_long_lease_cancel_and_retry_free_it(school, type_line):
    answer = str(school.submit()["submission_id"])
    dead = school.lease(seconds=3600, worker_id="dead")
    row = json.loads(type_line(LOOK.replace("<job>", answer)))
    before = school.lease()

    for line in (CANCEL, RETRY):
        type_line(line.replace("<job>", answer))

    assert (row["status"], row["worker_id"], before) == ("leased", "dead", None)
    assert str(school.lease(worker_id="w2")["submission_id"]) == answer
    with pytest.raises(psycopg.DatabaseError) as stale:
        school.complete(dead)
    assert stale.value.sqlstate == "LW001"


def test_not_picked_up_because_paused_the_probe_says_so_and_resume_cures(school, operator, type_line):
    school.submit()
    operator.execute("select learning_queue_pause('feedback', true)")
    probe = {row["check_name"]: row["detail"] for row in operator.execute(PROBE)}
    before = school.lease()

    type_line(RESUME)

    assert "paused=feedback" in probe["queue_visibility"]
    assert before is None
    assert school.lease() is not None


async def test_row_security_blocks_updates_because_execute_is_missing(school, database, logins_open):
    answer = school.submit()["submission_id"]
    look = ("learning_worker_lease_work", "w1", Jsonb([{"phase": "feedback", "slots": 1}]))
    school.owner.execute(GRANT.replace("grant", "revoke").replace(" to ", " from "))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for function"):
        school.call(*look)
    broken = await report(database.dsns.app)

    logins_open["migrator"].execute(GRANT)

    assert [job["submission_id"] for job in school.call(*look)] == [answer]
    assert functions_check(broken) == ("failed", "missing=learning_worker_lease_work")
    assert functions_check(await report(database.dsns.app)) == ("ok", "callable")


def functions_check(found):
    (check,) = [check for check in found.checks if check.check == "worker_functions"]
    return check.status, check.detail


def test_row_security_blocks_updates_because_a_function_is_missing(fresh, tmp_path, type_line):
    server, superuser, migration_dsn = fresh
    older = shutil.copytree(migrate.migrations_directory(), tmp_path / "older")
    (making_it,) = older.glob("*_stored_report.sql")
    for path in [path for path in older.glob("*.sql") if path.name >= making_it.name]:
        path.unlink()
    migrate.apply(migration_dsn, older)
    superuser.execute("alter role gustav_worker login password 'works'")
    question = "select * from learning_worker_stored_report(null, null, null, null)"
    with connect(server.dsn("school", "gustav_worker", "works")) as worker:
        with pytest.raises(psycopg.errors.UndefinedFunction, match=r"function .* does not exist"):
            worker.execute(question)

        type_line(MIGRATE, MIGRATION_DATABASE_URL=migration_dsn)

        with pytest.raises(psycopg.DatabaseError) as answered:
            worker.execute(question)
    assert answered.value.sqlstate == "LW001"


@pytest.mark.parametrize("login", ["worker", "app", "operator"])
def test_row_security_blocks_updates_by_hand_for_every_login(school, logins_open, login):
    school.submit()

    for statement in (
        "update learning_submission_jobs set status = 'queued'",
        "update learning_submissions set analysis_status = 'completed'",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), acting_as(logins_open[login], "teacher"):
            logins_open[login].execute(statement)


def test_the_development_logins_are_made_as_the_runbook_says(database):
    with connect(database.owner) as owner:
        row = owner.execute(
            "select rolinherit, rolcanlogin from pg_roles where rolname = 'gustav_worker'"
        ).fetchone()

    assert row == {"rolinherit": True, "rolcanlogin": True}
    assert logins.WORKER == "gustav_worker"
