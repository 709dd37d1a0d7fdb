"""What an installation does once before its processes start: let the logins in, and give a demo its invented class."""

import asyncio

from learning_worker import wiring
from learning_worker.db import server_logins
from learning_worker.launch import people
from learning_worker.launch.oneshot import LaunchError
from learning_worker.settings import DatabaseUse, Environment, Settings

_GROUPS = {
    DatabaseUse.WORKER: "gustav_limited",
    DatabaseUse.WEB: "gustav_limited",
    DatabaseUse.SESSIONS: "gustav_sessions",
    DatabaseUse.OPERATOR: "gustav_operator",
}


def let_logins_in(settings: Settings) -> list[str]:
    """Make the login of every DSN that is set, as the migrator; returns their names. Raises LaunchError, MigrationError."""
    if settings.migration_database_url is None:
        raise LaunchError("MIGRATION_DATABASE_URL is not set; the logins of a database are made with it.")
    migration = settings.migration_database_url.get_secret_value()
    admitted = []
    for use, group in _GROUPS.items():
        # The worker's own variable only: what it falls back to is the web's login.
        dsn = settings.learning_database_url if use is DatabaseUse.WORKER else settings.dsn(use)
        if dsn is not None:
            admitted += server_logins.admit(migration, {group: dsn.get_secret_value()})
    return admitted


def fill_demo(settings: Settings) -> bool:
    """Put the invented class into a demo's empty database, once; returns whether it did. Raises LaunchError."""
    if settings.gustav_env is not Environment.DEMO:
        raise LaunchError("The invented class is for GUSTAV_ENV=demo only.")
    filled = settings.learning_data_dir / "demo.filled"
    if filled.exists():
        return False
    uses = (DatabaseUse.MIGRATION, DatabaseUse.WEB, DatabaseUse.WORKER)
    with wiring.databases(settings, *uses) as dsns:
        asyncio.run(people.fill(settings, dsns))
    filled.touch()
    return True
