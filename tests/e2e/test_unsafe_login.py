"""A login that could see every row ends the start with exit 78, whichever process it is given and for what."""

import os
import socket
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from learning_worker.cli import app
from learning_worker.db.safe_login import UnsafeLogin


@pytest.fixture
def settings(database, tmp_path):
    """Settings in which each login is the one made for it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return {
        "GUSTAV_ENV": "test",
        "LANG": "C.UTF-8",
        "LEARNING_DATA_DIR": str(tmp_path),
        "LEARNING_DATABASE_URL": database.dsns.worker,
        "DATABASE_URL": database.dsns.app,
        "SESSION_DATABASE_URL": database.dsns.sessions,
        "OPERATOR_DATABASE_URL": database.dsns.operator,
        "WORKER_METRICS_PORT": "0",
        "WEB_METRICS_PORT": "0",
        "WEB_PORT": str(port),
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("process", "setting"),
    [("worker", "LEARNING_DATABASE_URL"), ("web", "DATABASE_URL"), ("web", "SESSION_DATABASE_URL")],
)
def test_a_process_does_not_start_with_it(database, settings, process, setting):
    environment = {**os.environ, **settings, setting: database.dsns.migration}

    ended = subprocess.run(
        [sys.executable, "-m", "learning_worker", process],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (ended.returncode, ended.stdout) == (78, "")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", [["queue", "list"], ["purge", "--dry-run"]])
def test_an_operators_command_does_nothing_with_it(database, settings, command):
    safe = CliRunner().invoke(app, command, env=settings, catch_exceptions=False)

    with pytest.raises(UnsafeLogin):
        CliRunner().invoke(
            app,
            command,
            env=settings | {"OPERATOR_DATABASE_URL": database.dsns.migration},
            catch_exceptions=False,
        )

    assert safe.exit_code == 0
