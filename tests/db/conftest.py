"""The small school of `school.py` in a fresh database, with one connection for each login."""

import contextlib

import pytest
from school import School, connect


@pytest.fixture
def logins_open(database):
    """One connection per login, by name."""
    with contextlib.ExitStack() as stack:
        dsns = {
            "owner": database.owner,
            "app": database.dsns.app,
            "worker": database.dsns.worker,
            "sessions": database.dsns.sessions,
            "operator": database.dsns.operator,
            "migrator": database.dsns.migration,
        }
        yield {name: stack.enter_context(connect(dsn)) for name, dsn in dsns.items()}


@pytest.fixture
def school(logins_open):
    return School(logins_open["owner"], logins_open["app"], logins_open["worker"])


@pytest.fixture
def operator(logins_open):
    return logins_open["operator"]


@pytest.fixture
def second_worker(database):
    """Another worker process."""
    with connect(database.dsns.worker) as connection:
        yield connection
