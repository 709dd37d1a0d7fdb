"""A throw-away server from another PostgreSQL: `pytest --postgres /usr/lib/postgresql/15/bin`."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from learning_worker.db import embedded
from learning_worker.db.embedded_home import PORT, SUPERUSER

READY_S = 60.0


@contextmanager
def other_server(programs: Path) -> Iterator[embedded.Server]:
    """The same handle as an embedded server gives; the same settings, so that a canary test means the same."""
    base = Path(tempfile.mkdtemp(prefix="lw-other-pg-"))
    home, server = base / "home", None
    try:
        base.chmod(0o711)
        home.mkdir(mode=0o700)
        _give(home)
        started = embedded.Server(base, home, secrets.token_urlsafe(16))
        password = base / "superuser.password"
        password.touch(mode=0o600)
        password.write_text(started.password)
        _give(password)
        made = subprocess.run(
            [*_unprivileged(), programs / "initdb", "-D", home / "data", "-U", SUPERUSER, "--auth=scram-sha-256",
             f"--pwfile={password}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
            text=True, capture_output=True, cwd="/",
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        settings = {
            **embedded.SETTINGS,
            "unix_socket_directories": str(home),
            "fsync": "off",
            "max_connections": "200",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [*_unprivileged(), programs / "postgres", "-D", home / "data", "-p", str(PORT), *options]
        with (base / "postgresql.log").open("wb") as log:
            server = subprocess.Popen(command, stderr=log, cwd="/")
        _await(started, server)
        yield started
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)
            server.wait(30)
        shutil.rmtree(base)


def _unprivileged() -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    nobody = pwd.getpwnam("nobody")
    return ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]


def _give(path: Path) -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def _await(started: embedded.Server, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + READY_S
    while True:
        try:
            psycopg.connect(started.superuser_dsn(), connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            assert server.poll() is None, "the server ended at once"
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.05)
