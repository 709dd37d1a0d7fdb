"""The logins of an embedded server: real, random, private, and never more powerful than their task."""

import stat

import psycopg
import pytest

from learning_worker.db import logins


async def test_each_login_connects_as_itself_without_special_powers(database):
    expected = {
        "migration": "gustav_migrator",
        "worker": "gustav_worker",
        "app": "gustav_app",
        "sessions": "gustav_session_login",
        "operator": "gustav_operator_login",
    }

    found = {}
    for name in expected:
        async with await psycopg.AsyncConnection.connect(getattr(database.dsns, name)) as connection:
            cursor = await connection.execute(
                "select session_user, rolsuper or rolbypassrls or rolcreatedb, rolcreaterole"
                "  from pg_roles where rolname = session_user"
            )
            found[name] = await cursor.fetchone()

    assert found == {name: (login, False, name == "migration") for name, login in expected.items()}


async def test_the_development_login_may_call_what_the_worker_may_call(owner_db):
    cursor = await owner_db.execute(
        "select p.oid::regprocedure::text from pg_proc p, aclexplode(p.proacl) granted"
        " where granted.grantee = 'gustav_worker'::regrole"
        "   and not has_function_privilege('gustav_app', p.oid, 'execute')"
    )

    assert await cursor.fetchall() == []


async def test_a_clone_keeps_the_rights_on_the_database(owner_db):
    cursor = await owner_db.execute(
        "select has_database_privilege('gustav_app', current_database(), 'temporary')"
    )

    assert await cursor.fetchone() == (False,)


def test_a_wrong_password_is_refused_also_on_the_socket(server):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.dsn("postgres", "postgres", "guess"))


def test_passwords_are_private_and_hidden_in_repr(database, server):
    files = [server.base_dir / "logins.json", server.base_dir / "superuser.password"]

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in files}

    assert modes == {"logins.json": 0o600, "superuser.password": 0o600}
    secrets = {
        psycopg.conninfo.conninfo_to_dict(url)["password"] for url in (database.dsns.worker, database.owner)
    }
    assert not any(secret in repr(database) for secret in secrets)


def test_provisioning_again_changes_nothing(server, template_database):
    first = logins.provision(server, "lw_twice")

    second = logins.provision(server, "lw_twice")

    assert second == first
    with psycopg.connect(second.worker) as connection:
        assert connection.execute("select session_user").fetchone() == ("gustav_worker",)
