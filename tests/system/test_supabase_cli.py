"""Our runner and the real Supabase CLI on Debian's PostgreSQL: the same schema, the same ledger, in any order.

Needs the packages postgresql-15 (or newer), its plpgsql-check, nodejs and npm.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
from school import School, connect

from learning_worker.db import migrate

pytestmark = pytest.mark.system

PORT = 54329  # names the socket file only; nothing listens on TCP
MIGRATOR = "gustav_migrator"
SEED = Path(__file__).resolve().parents[2] / "supabase" / "seed.sql"


class DebianServer:
    """PostgreSQL as Debian packages it, run by a user without rights."""

    def __init__(self, base: Path) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        assert programs, "please install: apt-get install postgresql-15 postgresql-15-plpgsql-check"
        self.bin, self.base = programs[-1], base
        # PostgreSQL refuses to run as root.
        self.user = "postgres" if os.geteuid() == 0 else None

    def start(self) -> None:
        if self.user:
            shutil.chown(self.base, self.user)
        self._run(
            "initdb", "-D", self.base / "data", "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8"
        )
        options = f"-c listen_addresses='' -c fsync=off -k {self.base} -p {PORT}"
        self._run("pg_ctl", "-D", self.base / "data", "-w", "-l", self.base / "log", "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self.base / "data", "-m", "immediate", "stop")

    def dsn(self, database: str, user: str = MIGRATOR) -> str:
        return f"postgresql://{user}@/{database}?host={self.base}&port={PORT}"

    def schema(self, database: str) -> str:
        """The dump without what only one of the runners has: our table of checksums, and the tool's random tokens."""
        dump = self._run(
            "pg_dump",
            *("--schema-only", "-T", "supabase_migrations.learning_worker_checksums"),
            *("-d", self.dsn(database, "postgres")),
        )
        return re.sub(r"^\\(un)?restrict .*$", "", dump, flags=re.MULTILINE)

    def _run(self, program: str, *arguments: object) -> str:
        done = subprocess.run(
            [self.bin / program, *map(str, arguments)],
            user=self.user,
            cwd="/",
            stdout=subprocess.PIPE if program == "pg_dump" else subprocess.DEVNULL,
            stderr=subprocess.PIPE if program == "pg_dump" else subprocess.DEVNULL,
            text=True,
        )
        assert done.returncode == 0, (program, done.stderr)
        return done.stdout or ""


@pytest.fixture(scope="module")
def debian():
    with tempfile.TemporaryDirectory(prefix="lw-deb-") as base:
        server = DebianServer(Path(base))
        server.start()
        with psycopg.connect(server.dsn("postgres", "postgres"), autocommit=True) as cluster:
            cluster.execute(f"create role {MIGRATOR} login createrole")
        yield server
        server.stop()


@pytest.fixture
def empty(debian):
    """Makes empty databases that belong to the migrator."""
    made = []

    def make(name):
        with psycopg.connect(debian.dsn("postgres", "postgres"), autocommit=True) as cluster:
            cluster.execute(f"create database {name} owner {MIGRATOR}")
        made.append(name)
        return debian.dsn(name)

    yield make
    with psycopg.connect(debian.dsn("postgres", "postgres"), autocommit=True) as cluster:
        for name in made:
            cluster.execute(f"drop database {name} with (force)")


def supabase(dsn, project, *more):
    """`supabase migration up`, really run; what it said."""
    # The CLI's parser wants a host before the path; the directory in the query wins over it.
    url = dsn.replace("@/", "@localhost/")
    done = subprocess.run(
        ["npx", "--yes", "supabase@3.1", "migration", "up", f"--remote={url}", "--yes", *more],
        cwd=project,
        env=os.environ | {"SUPABASE_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def project_with(directory, files):
    """A Supabase project that has these migrations."""
    target = directory / "supabase" / "migrations"
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(SEED.with_name("config.toml"), directory / "supabase")
    shutil.copy(SEED, directory / "supabase")
    for file in files:
        shutil.copy(file, target)
    return directory


def ledger(dsn):
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            "select version, name from supabase_migrations.schema_migrations order by version"
        ).fetchall()


def ours():
    return sorted(migrate.migrations_directory().glob("*.sql"))


def test_both_runners_make_the_same_schema_and_ledger_and_repeat_nothing(debian, empty, tmp_path):
    by_us, by_cli = empty("by_us"), empty("by_cli")
    project = project_with(tmp_path, ours())

    migrate.apply(by_us)
    supabase(by_cli, project)

    assert debian.schema("by_us") == debian.schema("by_cli")
    assert ledger(by_us) == ledger(by_cli)
    assert len(ledger(by_us)) == len(ours())
    assert migrate.apply(by_cli) == []
    assert migrate.apply(by_us) == []
    assert "up to date" in supabase(by_us, project)
    assert "up to date" in supabase(by_cli, project)


@pytest.mark.parametrize("first", ["cli", "us"])
def test_either_runner_goes_on_where_the_other_stopped(debian, empty, tmp_path, first):
    mixed, whole = empty(f"mixed_{first}"), empty(f"whole_{first}")
    half = project_with(tmp_path / "half", ours()[:6])
    full = project_with(tmp_path / "full", ours())
    migrate.apply(whole)

    if first == "cli":
        supabase(mixed, half)
        migrate.apply(mixed)
    else:
        migrate.apply(mixed, half / "supabase" / "migrations")
        supabase(mixed, full)

    assert debian.schema(f"mixed_{first}") == debian.schema(f"whole_{first}")
    assert ledger(mixed) == ledger(whole)
    assert migrate.status(mixed).pending == ()


def test_the_seed_can_run_twice_and_its_pupils_can_hand_in(empty):
    dsn = empty("seeded")
    migrate.apply(dsn)

    with psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(2):
            connection.execute(SEED.read_text(encoding="utf-8"))
        connection.execute("select set_config('app.current_sub', 'dev-mina', false)")
        connection.execute(
            "select * from learning_submit('00000000-0000-4000-8000-000000000002', 'k', 'Pflanzen.')"
        )
        rows = connection.execute("select count(*) from learning_submission_jobs").fetchone()

    assert rows == (1,)


CHECK = """
select p.proname, c.message
  from pg_proc p
  join pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
  left join lateral (
      select t.tgrelid, t.tgnewtable, t.tgoldtable
        from pg_trigger t
       where t.tgfoid = p.oid
       order by t.tgname
       limit 1) t on true
 cross join lateral plpgsql_check_function_tb(
      p.oid, coalesce(t.tgrelid, 0), all_warnings := true, security_warnings := true,
      newtable := t.tgnewtable, oldtable := t.tgoldtable) c
 where p.pronamespace = 'public'::regnamespace
"""


def test_an_answer_goes_its_whole_way_on_debians_postgresql(debian, empty):
    migrate.apply(empty("whole_way"))

    with (
        connect(debian.dsn("whole_way", "postgres")) as owner,
        connect(debian.dsn("whole_way", MIGRATOR)) as app,
    ):
        owner.execute("alter role gustav_worker login")
        with connect(debian.dsn("whole_way", "gustav_worker")) as worker:
            school = School(owner, app, worker)
            answer = school.submit_files()["submission_id"]
            school.nack(school.lease("vision"))
            school.save_text(school.lease("vision"))
            school.complete(school.lease())
            school.as_person("teacher", "learning_release", answer, 1)
            probe = worker.execute("select * from public.learning_worker_health_probe()").fetchone()
            rows = worker.execute("select * from public.learning_submissions").fetchall()

        assert school.mine(answer)["feedback_md"] == "Well done."
        assert (probe["status"], rows) == ("ok", [])


# Row locks and exceptions are effects: the planner must not call these early or skip them.
VOLATILE_ON_PURPOSE = {
    ("learning_worker_single", "routine is marked as VOLATILE, should be IMMUTABLE"),
}


def test_plpgsql_check_finds_nothing_in_any_function(debian, empty):
    migrate.apply(empty("checked"))

    with psycopg.connect(debian.dsn("checked", "postgres"), autocommit=True) as connection:
        connection.execute("create schema checker")
        connection.execute("create extension plpgsql_check schema checker")
        connection.execute("set search_path = public, checker")
        found = connection.execute(CHECK).fetchall()

    assert set(found) - VOLATILE_ON_PURPOSE == set()
