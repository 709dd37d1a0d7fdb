"""Logins of a real server, made by the migrator out of the connection strings that the processes will use."""

from collections.abc import Mapping

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from learning_worker.db.migrate import MigrationError

# Names that a connection string must never carry here: their rights are not those of one process.
_NOT_LOGINS = {"gustav_owner", "gustav_limited", "gustav_operator", "gustav_sessions"}


def admit(migration_dsn: str, dsns: Mapping[str, str]) -> list[str]:
    """Make each login, with the password of its DSN, a member of its group; doing it again sets the passwords anew.

    dsns: group -> connection string. Returns the logins in order. Raises MigrationError.
    """
    logins = [(*_login(dsn), group) for group, dsn in dsns.items()]
    try:
        with psycopg.connect(migration_dsn) as connection:
            for login, password, group in logins:
                _admit(connection, login, password, group)
    except psycopg.errors.UndefinedObject as error:
        raise MigrationError(
            "The groups of the logins are missing; run `learning-worker migrate` first.",
            "Die Gruppen der Logins fehlen; zuerst `learning-worker migrate` ausführen.",
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise MigrationError(
            "The migrator may not change these logins; it needs CREATEROLE, or somebody else made them.",
            "Der Migrator darf diese Logins nicht ändern; er braucht CREATEROLE, oder jemand anderes hat sie angelegt.",
        ) from error
    except psycopg.Error as error:
        raise MigrationError(
            "The database cannot be reached as the migrator; check MIGRATION_DATABASE_URL.",
            "Die Datenbank ist als Migrator nicht zu erreichen; MIGRATION_DATABASE_URL prüfen.",
        ) from error
    return [login for login, _, _ in logins]


def _login(dsn: str) -> tuple[str, str]:
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        # `from None`: the parser's own message quotes the connection string.
        raise MigrationError(
            "A connection string cannot be understood; compare it with the runbook.",
            "Eine Verbindungszeichenkette ist nicht zu verstehen; mit dem Betriebshandbuch vergleichen.",
        ) from None
    login, password = str(parts.get("user") or ""), str(parts.get("password") or "")
    if not login or not password or login in _NOT_LOGINS:
        raise MigrationError(
            "Each connection string needs the name of a login and its password.",
            "Jede Verbindungszeichenkette braucht den Namen eines Logins und sein Passwort.",
        )
    return login, password


def _admit(connection: psycopg.Connection, login: str, password: str, group: str) -> None:
    found = connection.execute(
        "select rolsuper or rolbypassrls or rolcreaterole from pg_catalog.pg_roles where rolname = %s",
        [login],
    ).fetchone()
    if found is None:
        connection.execute(sql.SQL("create role {}").format(sql.Identifier(login)))
    elif found[0]:
        raise MigrationError(
            f"{login} may see every row or make roles; no process may log in as it.",
            f"{login} sieht jede Zeile oder kann Rollen anlegen; kein Prozess darf sich so anmelden.",
        )
    # Only the SCRAM verifier travels: a statement can end up in a log or in pg_stat_activity.
    verifier = connection.pgconn.encrypt_password(
        password.encode(), login.encode(), b"scram-sha-256"
    ).decode()
    alter = sql.SQL("alter role {} login inherit password {}")
    connection.execute(alter.format(sql.Identifier(login), sql.Literal(verifier)))
    connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(group), sql.Identifier(login)))
