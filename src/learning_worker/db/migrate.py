"""Applies `supabase/migrations` in order, on the same ledger as the Supabase CLI, so that either may run next.

The ledger `supabase_migrations.schema_migrations` is made and filled as the CLI does it; checksums stand beside it, since
the CLI knows none.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from learning_worker.domain.sentences import Sentence

_FILE_NAME = re.compile(r"(?P<version>\d{14})_(?P<name>.+)\.sql")
_TRANSACTION_CONTROL = re.compile(
    r"^\s*(begin|start\s+transaction|commit|rollback)\b[^\n]*;", re.IGNORECASE | re.MULTILINE
)
_LOCK_KEY = 5_714_026_121_801_001  # any number that nobody else locks in this database

_CREATE_LEDGER = b"""
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
alter table supabase_migrations.schema_migrations add column if not exists statements text[];
alter table supabase_migrations.schema_migrations add column if not exists name text;
create table if not exists supabase_migrations.learning_worker_checksums (
    version text not null primary key,
    sha256  text not null
);
comment on table supabase_migrations.learning_worker_checksums
     is 'SHA-256 of each migration file as it was applied: an edited file is noticed.';
"""


class MigrationError(Exception):
    """The database cannot be migrated; the message is a sentence for the operator, in English and in German."""

    def __init__(self, english: str, german: str) -> None:
        super().__init__(english)
        self.sentence = Sentence(english, german)


@dataclass(frozen=True)
class Migration:
    """One file. `version`: its 14 digits, the key of the ledger."""

    version: str
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """What tells an edited file from the one that was applied."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def file_name(self) -> str:
        """The name a person looks for."""
        return f"{self.version}_{self.name}.sql"


@dataclass(frozen=True)
class Status:
    """Where a database stands; file names in order."""

    applied: tuple[str, ...]
    pending: tuple[str, ...]


@dataclass(frozen=True)
class _Entry:
    """One row of the ledger. `sha256`: None when the Supabase CLI applied it; `statements`: what it ran then."""

    name: str
    statements: Sequence[str] | None
    sha256: str | None


def migrations_directory() -> Path:
    """The SQL files: inside the installed package, or at the root of a checkout. Raises MigrationError."""
    package = Path(__file__).resolve().parents[1]
    for directory in (package / "migrations", package.parents[1] / "supabase" / "migrations"):
        if directory.is_dir():
            return directory
    raise MigrationError(
        "The migration files are missing from this installation; install the package again.",
        "Die Migrationsdateien fehlen in dieser Installation; das Paket neu installieren.",
    )


def read(directory: Path) -> list[Migration]:
    """All migrations of a directory in order. Raises MigrationError for a file that cannot be run as a whole."""
    found: dict[str, Migration] = {}
    for path in sorted(directory.glob("*.sql")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise MigrationError(
                f"{path.name} is no migration: its name must be 14 digits, '_', a name and '.sql'.",
                f"{path.name} ist keine Migration: Der Name muss aus 14 Ziffern, '_', einem Namen und '.sql' bestehen.",
            )
        migration = Migration(match["version"], match["name"], path.read_text(encoding="utf-8"))
        if migration.version in found:
            raise MigrationError(
                f"Two files have the version {migration.version}; rename one of them.",
                f"Zwei Dateien haben die Version {migration.version}; eine davon umbenennen.",
            )
        if _TRANSACTION_CONTROL.search(migration.sql):
            raise MigrationError(
                f"{path.name} begins or ends a transaction; each file runs in one, so remove that.",
                f"{path.name} beginnt oder beendet eine Transaktion; jede Datei läuft in einer, also entfernen.",
            )
        found[migration.version] = migration
    return list(found.values())


def newest_version(directory: Path) -> str:
    """The version of the last file of a directory; empty when there is none. Reads names only."""
    return max((path.name[:14] for path in directory.glob("*.sql")), default="")


def status(dsn: str, directory: Path | None = None) -> Status:
    """Which files were applied and which wait; changes nothing. Raises MigrationError when the two do not fit."""
    migrations = read(directory or migrations_directory())
    with _connect(dsn) as connection:
        ledger = _ledger(connection)
    pending = _pending(migrations, ledger)
    waiting = {migration.version for migration in pending}
    return Status(
        applied=tuple(m.file_name for m in migrations if m.version not in waiting),
        pending=tuple(m.file_name for m in pending),
    )


def apply(dsn: str, directory: Path | None = None) -> list[str]:
    """Bring the database up to date; returns the file names that were applied now, in order.

    Each file and its ledger row are one transaction, so a failing file leaves nothing. Two runners at once take turns.
    dsn: the migration login. Raises MigrationError.
    """
    migrations = read(directory or migrations_directory())
    applied = []
    with _connect(dsn) as connection:
        while (migration := _apply_next(connection, migrations)) is not None:
            applied.append(migration.file_name)
    return applied


def _connect(dsn: str) -> psycopg.Connection:
    try:
        return psycopg.connect(
            dsn, autocommit=True, client_encoding="utf8", application_name="learning-worker migrate"
        )
    except psycopg.Error as error:
        # Whatever it is, a refusal to parse included: the driver's own message may quote the connection string.
        raise MigrationError(
            "The database for the migration cannot be reached; check MIGRATION_DATABASE_URL.",
            "Die Datenbank ist für die Migration nicht zu erreichen; MIGRATION_DATABASE_URL prüfen.",
        ) from error


def _apply_next(connection: psycopg.Connection, migrations: Sequence[Migration]) -> Migration | None:
    """Apply the first pending file; None when there is none."""
    connection.execute("reset all")  # an earlier file may have changed the session
    try:
        with connection.transaction():
            # Held to the end of the transaction, so that it also works behind a pooler; the ledger is read after it.
            connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK_KEY])
            connection.execute(_CREATE_LEDGER)
            ledger = _ledger(connection)
            pending = _pending(migrations, ledger)
            _adopt_checksums(connection, migrations, ledger)
            if not pending:
                return None
            _run(connection, pending[0])
            return pending[0]
    except psycopg.errors.InsufficientPrivilege as error:
        raise MigrationError(
            f"The migration login lacks a right: {error.diag.message_primary}. It must own the database, have CREATEROLE"
            " and, where another login made gustav_owner in this cluster, be granted that role by it or a superuser.",
            f"Dem Login der Migration fehlt ein Recht: {error.diag.message_primary}. Ihm muss die Datenbank gehören, er"
            " braucht CREATEROLE, und wo ein anderer Login in diesem Cluster gustav_owner gemacht hat, muss dieser oder ein"
            " Superuser ihm gustav_owner geben.",
        ) from error


def _run(connection: psycopg.Connection, migration: Migration) -> None:
    try:
        connection.execute(migration.sql.encode())  # without parameters: the whole file in one message
    except psycopg.errors.InsufficientPrivilege:
        raise
    except psycopg.Error as error:
        raise MigrationError(
            f"{migration.file_name} failed and nothing of it was applied: {_cause(error)}",
            f"{migration.file_name} schlug fehl, nichts davon wurde angewandt: {_cause(error)}",
        ) from error
    connection.execute(
        "insert into supabase_migrations.schema_migrations (version, name, statements) values (%s, %s, %s)",
        [migration.version, migration.name, [migration.sql]],
    )
    _record_checksum(connection, migration)


def _cause(error: psycopg.Error) -> str:
    # Class 22 (data exception) quotes the value that did not fit, which may be a pupil's.
    if error.sqlstate is None or error.sqlstate.startswith("22"):
        return f"SQLSTATE {error.sqlstate}"
    return f"{error.diag.message_primary} (SQLSTATE {error.sqlstate})"


def _record_checksum(connection: psycopg.Connection, migration: Migration) -> None:
    connection.execute(
        "insert into supabase_migrations.learning_worker_checksums (version, sha256) values (%s, %s)"
        " on conflict (version) do update set sha256 = excluded.sha256",
        [migration.version, migration.sha256],
    )


def _ledger(connection: psycopg.Connection) -> dict[str, _Entry]:
    """Applied versions in order; also for a database that only the CLI, or nobody, has migrated."""
    row = connection.execute(
        "select to_regclass('supabase_migrations.schema_migrations') is not null,"
        " to_regclass('supabase_migrations.learning_worker_checksums') is not null"
    ).fetchone()
    has_ledger, has_checksums = row or (False, False)
    if not has_ledger:
        return {}
    ledger = connection.execute(
        "select version, coalesce(name, ''), statements from supabase_migrations.schema_migrations order by version"
    ).fetchall()
    sums: dict[str, str] = {}
    if has_checksums:
        rows = connection.execute("select version, sha256 from supabase_migrations.learning_worker_checksums")
        sums = dict(rows.fetchall())
    return {version: _Entry(name, statements, sums.get(version)) for version, name, statements in ledger}


def _pending(migrations: Sequence[Migration], ledger: Mapping[str, _Entry]) -> list[Migration]:
    """The files to apply. Raises MigrationError when files and ledger do not tell one story."""
    known = {migration.version for migration in migrations}
    for version, entry in ledger.items():
        if version not in known:
            raise MigrationError(
                f"The database has the migration {version}_{entry.name}, which this program does not know: it was"
                " migrated by a newer version. Install that version, or restore a backup from before the update.",
                f"Die Datenbank kennt die Migration {version}_{entry.name}, dieses Programm nicht: Eine neuere Version hat"
                " sie angewandt. Diese installieren oder eine Sicherung von vor dem Wechsel einspielen.",
            )
    last = max(ledger, default="")
    pending = []
    for migration in migrations:
        if (applied := ledger.get(migration.version)) is not None:
            _refuse_edited(migration, applied)
        elif migration.version < last:
            raise MigrationError(
                f"{migration.file_name} was never applied, but the newer {last} was; give the file a newer version.",
                f"{migration.file_name} wurde nie angewandt, die neuere {last} aber schon; der Datei eine neuere Version"
                " geben.",
            )
        else:
            pending.append(migration)
    return pending


def _refuse_edited(migration: Migration, applied: _Entry) -> None:
    if applied.sha256 is not None:
        edited = applied.sha256 != migration.sha256
    else:
        # The CLI keeps the statements it ran, cut at semicolons and trimmed.
        edited = bool(applied.statements) and _bare(applied.statements or ()) != _bare([migration.sql])
    if edited:
        raise MigrationError(
            f"{migration.file_name} was edited after it was applied; undo the edit and put the change into a new file.",
            f"{migration.file_name} wurde nach dem Anwenden verändert; das zurücknehmen und die Änderung in eine neue Datei"
            " schreiben.",
        )


def _bare(statements: Sequence[str]) -> str:
    """The text without white space and semicolons."""
    return re.sub(r"[\s;]+", "", "".join(statements))


def _adopt_checksums(
    connection: psycopg.Connection, migrations: Sequence[Migration], ledger: Mapping[str, _Entry]
) -> None:
    for migration in migrations:
        applied = ledger.get(migration.version)
        if applied is not None and applied.sha256 is None:
            _record_checksum(connection, migration)
