"""Which database a process uses: the DSNs of its settings, or an embedded server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from learning_worker.db import embedded, logins
from learning_worker.domain.sentences import Sentence
from learning_worker.settings import DatabaseUse, Settings, SettingsError

DATABASE_NAME = "learning"


@dataclass(frozen=True)
class Dsns:
    """Connection strings by use; None where this process was not given one."""

    worker: str | None = field(default=None, repr=False)
    app: str | None = field(default=None, repr=False)
    sessions: str | None = field(default=None, repr=False)
    operator: str | None = field(default=None, repr=False)
    migration: str | None = field(default=None, repr=False)


def postgres_directory(settings: Settings) -> Path:
    """Where the embedded database lies."""
    return settings.learning_data_dir / "postgres"


@contextmanager
def databases(settings: Settings, *needed: DatabaseUse) -> Iterator[Dsns]:
    """The DSNs for these uses; without any of them, in demo and dev, those of the embedded database, kept running meanwhile.

    Raises SettingsError, EmbeddedError or MigrationError.
    """
    given = {use: settings.dsn(use) for use in needed}
    if all(dsn is None for dsn in given.values()):
        with embedded.server(postgres_directory(settings)) as server:
            made = logins.provision(server, DATABASE_NAME)
            yield Dsns(made.worker, made.app, made.sessions, made.operator, made.migration)
        return
    missing = [use.value for use, dsn in given.items() if dsn is None]
    if missing:
        raise SettingsError([_partly_set(name) for name in missing])
    yield Dsns(
        worker=_plain(given.get(DatabaseUse.WORKER)),
        app=_plain(given.get(DatabaseUse.WEB)),
        sessions=_plain(given.get(DatabaseUse.SESSIONS)),
        operator=_plain(given.get(DatabaseUse.OPERATOR)),
        migration=_plain(given.get(DatabaseUse.MIGRATION)),
    )


def _partly_set(name: str) -> Sentence:
    return Sentence(
        f"{name} is not set, but another database setting is.",
        f"{name} ist nicht gesetzt, eine andere Datenbank-Einstellung aber schon.",
    )


def _plain(dsn: SecretStr | None) -> str | None:
    return dsn.get_secret_value() if dsn is not None else None


def required(dsn: str | None) -> str:
    """The DSN, where `databases` was asked for it."""
    if dsn is None:
        raise RuntimeError("this use was not asked for")
    return dsn
