"""The migration runner: ordered, all or nothing, and on the ledger of the Supabase CLI."""

import os
import shutil
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from learning_worker.db import logins, migrate


@pytest.fixture
def dsn(server, template_database):
    """An empty database that belongs to the migrator."""
    name = f"lw_{uuid.uuid4().hex}"
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as cluster:
        cluster.execute(f"create database {name} owner {logins.MIGRATOR} strategy file_copy")
        yield logins.dsns(server, name).migration
        cluster.execute(f"drop database {name} with (force)")


@pytest.fixture
def files(tmp_path):
    """A directory with two small migrations."""
    write(tmp_path, "20260101000001_first", "create table public.first (id int); -- one; two\n")
    write(
        tmp_path,
        "20260101000002_second",
        "create table public.second (id int);\n\ndo $$ begin perform 1; end $$;\ninsert into public.second values (7);\n",
    )
    return tmp_path


def write(directory, name, sql):
    (directory / f"{name}.sql").write_text(sql, encoding="utf-8")


def rows(dsn, query):
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchall()


def tables(dsn):
    return {name for (name,) in rows(dsn, "select tablename from pg_tables where schemaname = 'public'")}


def test_files_are_applied_in_order_and_once(dsn, files):
    first = migrate.apply(dsn, files)
    second = migrate.apply(dsn, files)

    assert first == ["20260101000001_first.sql", "20260101000002_second.sql"]
    assert second == []
    assert rows(dsn, "select id from public.second") == [(7,)]


def test_the_ledger_has_the_form_of_the_supabase_cli(dsn, files):
    migrate.apply(dsn, files)

    ledger = rows(dsn, "select version, name from supabase_migrations.schema_migrations order by version")
    columns = rows(
        dsn,
        "select column_name, data_type, is_nullable from information_schema.columns"
        " where table_schema = 'supabase_migrations' and table_name = 'schema_migrations' order by ordinal_position",
    )
    assert ledger == [("20260101000001", "first"), ("20260101000002", "second")]
    assert columns == [("version", "text", "NO"), ("statements", "ARRAY", "YES"), ("name", "text", "YES")]


def test_a_file_that_fails_half_way_leaves_nothing(dsn, files):
    write(files, "20260101000003_third", "create table public.third (id int); select 1 / 0;")

    with pytest.raises(migrate.MigrationError, match=r"20260101000003_third\.sql failed and nothing of it"):
        migrate.apply(dsn, files)

    assert tables(dsn) == {"first", "second"}
    assert migrate.status(dsn, files).pending == ("20260101000003_third.sql",)


def test_an_error_over_data_does_not_repeat_the_data(dsn, files):
    write(files, "20260101000003_third", "select 'what a pupil wrote'::int;")

    with pytest.raises(migrate.MigrationError) as caught:
        migrate.apply(dsn, files)

    assert "pupil" not in str(caught.value)
    assert "22P02" in str(caught.value)


def test_an_edited_file_is_refused(dsn, files):
    migrate.apply(dsn, files)
    write(files, "20260101000001_first", "create table public.first (id bigint);")

    with pytest.raises(
        migrate.MigrationError, match=r"20260101000001_first\.sql was edited after it was applied"
    ):
        migrate.apply(dsn, files)


def test_a_database_of_a_newer_program_is_refused(dsn, files):
    migrate.apply(dsn, files)
    (files / "20260101000002_second.sql").unlink()

    with pytest.raises(
        migrate.MigrationError, match="20260101000002_second, which this program does not know"
    ):
        migrate.apply(dsn, files)


def test_a_file_older_than_the_last_applied_one_is_refused(dsn, files):
    migrate.apply(dsn, files)
    write(files, "20251231000000_late", "select 1;")

    with pytest.raises(migrate.MigrationError, match=r"20251231000000_late\.sql was never applied"):
        migrate.apply(dsn, files)


def test_status_changes_nothing(dsn, files):
    before = migrate.status(dsn, files)
    schemas = rows(dsn, "select nspname from pg_namespace where nspname = 'supabase_migrations'")
    migrate.apply(dsn, files)
    after = migrate.status(dsn, files)

    assert (before.applied, schemas) == ((), [])
    assert before.pending == after.applied == ("20260101000001_first.sql", "20260101000002_second.sql")
    assert after.pending == ()


def test_two_runners_at_once_take_turns(dsn, files):
    with ThreadPoolExecutor(2) as pool:
        applied = [file for done in pool.map(lambda _: migrate.apply(dsn, files), range(2)) for file in done]

    assert sorted(applied) == ["20260101000001_first.sql", "20260101000002_second.sql"]


def test_a_file_with_its_own_commit_is_refused_before_anything_runs(dsn, files):
    write(files, "20260101000003_third", "create table public.third (id int);\ncommit;\n")

    with pytest.raises(migrate.MigrationError, match="begins or ends a transaction"):
        migrate.apply(dsn, files)

    assert tables(dsn) == set()


def test_a_badly_named_file_is_refused(dsn, files):
    write(files, "3_third", "select 1;")

    with pytest.raises(migrate.MigrationError, match="14 digits"):
        migrate.apply(dsn, files)


def test_settings_of_one_file_do_not_reach_the_next(dsn, files):
    write(files, "20260101000003_third", "set search_path = '';")
    write(files, "20260101000004_fourth", "create table fourth (id int);")

    migrate.apply(dsn, files)

    assert "fourth" in tables(dsn)


def as_the_cli_leaves_it(dsn, version, name, statements):
    """What `supabase migration up` writes, without our side table."""
    with psycopg.connect(dsn) as connection:
        connection.execute("create schema supabase_migrations")
        connection.execute(
            "create table supabase_migrations.schema_migrations"
            " (version text not null primary key, statements text[], name text)"
        )
        connection.execute(
            "insert into supabase_migrations.schema_migrations values (%s, %s, %s)",
            [version, statements, name],
        )
        for statement in statements:
            connection.execute(statement)


def test_what_the_cli_applied_is_taken_over_and_watched_from_then_on(dsn, files):
    as_the_cli_leaves_it(
        dsn, "20260101000001", "first", ["create table public.first (id int)", "-- one; two"]
    )

    applied = migrate.apply(dsn, files)
    (files / "20260101000001_first.sql").write_text("create table public.first (id bigint);")

    assert applied == ["20260101000002_second.sql"]
    with pytest.raises(migrate.MigrationError, match="edited"):
        migrate.apply(dsn, files)


def test_a_file_edited_after_the_cli_applied_it_is_refused(dsn, files):
    as_the_cli_leaves_it(dsn, "20260101000001", "first", ["create table public.first (id text)"])

    with pytest.raises(migrate.MigrationError, match="edited"):
        migrate.apply(dsn, files)


def test_an_unreachable_database_is_one_sentence_without_the_connection_string():
    with pytest.raises(migrate.MigrationError) as caught:
        migrate.apply("postgresql://someone:secret@/x?host=/nonexistent")

    assert "cannot be reached" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_login_without_rights_is_told_what_it_lacks(database):
    with pytest.raises(migrate.MigrationError, match="own the database, have CREATEROLE"):
        migrate.apply(database.dsns.app)


def test_the_programs_own_migrations_are_found_and_all_applied(database):
    files = sorted(path.name for path in migrate.migrations_directory().glob("*.sql"))

    assert list(migrate.status(database.dsns.migration).applied) == files
    assert migrate.status(database.dsns.migration).pending == ()


@pytest.mark.system
def test_the_supabase_cli_and_this_runner_take_over_from_each_other(dsn, files, tmp_path):
    project = tmp_path / "project" / "supabase" / "migrations"
    shutil.copytree(files, project, ignore=shutil.ignore_patterns("project"))
    by_cli = supabase_migration_up(dsn, project)
    for directory in (files, project):
        write(directory, "20260101000003_third", "create table public.third (id int);")

    by_us = migrate.apply(dsn, files)
    by_cli_again = supabase_migration_up(dsn, project)

    assert by_us == ["20260101000003_third.sql"]
    assert "up to date" in by_cli_again
    assert "20260101000002_second.sql" in by_cli


@pytest.mark.system
def test_the_programs_own_migrations_apply_with_the_supabase_cli(dsn, tmp_path):
    project = tmp_path / "supabase" / "migrations"
    shutil.copytree(migrate.migrations_directory(), project)

    supabase_migration_up(dsn, project)

    assert migrate.apply(dsn) == []
    assert migrate.status(dsn).pending == ()


def supabase_migration_up(dsn, migrations):
    # The CLI's parser wants a host before the path; the directory in the query wins over it.
    url = dsn.replace("@/", "@localhost/")
    done = subprocess.run(
        ["npx", "--yes", "supabase@3.1", "migration", "up", f"--remote={url}", "--yes"],
        cwd=migrations.parents[1],
        env=os.environ | {"SUPABASE_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
