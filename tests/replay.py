"""Replays deploy/ without containers: PostgreSQL 15 of the distribution, our scripts, processes as an unprivileged user."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
POSTGRES = Path("/usr/lib/postgresql/15/bin")


def unprivileged() -> list[str]:
    """The words before a command that make it run as nobody in particular; none when we are nobody already."""
    if os.getuid() != 0:
        return []
    user = pwd.getpwnam("nobody")
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--no-new-privs"]


def owned(directory: Path) -> Path:
    """The directory, given to that user."""
    directory.mkdir(parents=True, exist_ok=True)
    return given(directory)


def given(path: Path) -> Path:
    """What is there, given to that user."""
    if os.getuid() == 0:
        user = pwd.getpwnam("nobody")
        os.chown(path, user.pw_uid, user.pw_gid)
    return path


def run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A step of the installation, as the unprivileged user in a bare environment."""
    return subprocess.run(
        [*unprivileged(), *command],
        cwd=cwd,
        env=bare(cwd, environment),
        text=True,
        capture_output=True,
        timeout=600,
    )


def bare(home: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Nothing of ours but where packages come from."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("UV_INDEX", "UV_DEFAULT", "PIP_", "SSL_CERT"))
    }
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        **kept,
        **environment,
    }


@dataclass(frozen=True)
class Place:
    """One clean directory with everything in it. `port`: PostgreSQL's, on loopback."""

    home: Path
    port: int

    @property
    def program(self) -> Path:
        return self.home / "opt" / "learning-worker"

    @property
    def secrets(self) -> Path:
        return self.home / "secrets"

    def secret(self, name: str) -> str:
        return (self.secrets / name).read_text()

    def typed(self, line: str) -> str:
        """A line of the runbook with this place's directories."""
        paths = {
            "/opt/learning-worker": self.program,
            "/etc/learning-worker": self.secrets,
            "/var/lib/learning-worker": self.home / "data",
        }
        for usual, mine in paths.items():
            line = line.replace(usual, str(mine))
        # There is one user here, who may do what the runbook asks of PostgreSQL's.
        return line.replace("sudo -u postgres ", "")

    def environment(self, reader: str, **settings: str) -> dict[str, str]:
        """What a container of compose.yaml would be given."""
        return {
            "PATH": f"{self.program}/bin:/usr/bin:/bin",
            "LEARNING_SECRETS_DIR": str(self.secrets / reader),
            "LEARNING_DATA_DIR": str(self.home / "data"),
            **settings,
        }


@contextmanager
def postgres(place: Place) -> Iterator[dict[str, str]]:
    """A fresh cluster in which nobody did anything yet; gives psql's variables for its superuser."""
    data, sockets = place.home / "cluster", owned(place.home / "sockets")
    made = run(
        f"{POSTGRES}/initdb", "-D", str(data), "-U", "postgres", "--auth-local=trust", "--auth-host=scram-sha-256",
        "--encoding=UTF8", "--locale=C.UTF-8", cwd=place.home,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    with (place.home / "postgres.log").open("wb") as log:
        server = subprocess.Popen(
            [*unprivileged(), f"{POSTGRES}/postgres", "-D", str(data), "-k", str(sockets), "-p", str(place.port),
             "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
            cwd=place.home, env=bare(place.home, {}), stderr=log,
        )  # fmt: skip
    try:
        socket = {"PGHOST": str(sockets), "PGPORT": str(place.port)}
        until(lambda: run("pg_isready", "-q", cwd=place.home, **socket).returncode == 0, "PostgreSQL")
        yield socket
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


@contextmanager
def process(place: Place, command: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A service of the installed program; ended by SIGTERM, as an engine does it, and judged by the test."""
    with (place.home / f"{command}.log").open("ab") as log:
        popen = subprocess.Popen(
            [*unprivileged(), f"{place.program}/bin/learning-worker", command],
            cwd=place.home, env=bare(place.home, environment), stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield popen
    finally:
        popen.kill()
        popen.wait()


def until(condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Wait for it; fails by name."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not come within {seconds:.0f} s"
        time.sleep(0.1)


def checkout(into: Path) -> Path:
    """What the image's build sees (the files that deploy/Dockerfile copies), and the pages that tell how to do it."""
    copy = owned(into)
    for name in ("pyproject.toml", "uv.lock", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for folder in ("deploy", "docs", "src", "supabase/migrations"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "tools").mkdir()
    shutil.copy(ROOT / "tools/uv.txt", copy / "tools/uv.txt")
    return copy


def python() -> str:
    """A Python that the unprivileged user may run and that can make environments."""
    for candidate in ("/usr/bin/python3", "/usr/local/bin/python3", sys.base_prefix + "/bin/python3"):
        question = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"
        if run("sh", "-c", f"{candidate} -c '{question}'", cwd=Path("/")).returncode == 0:
            return candidate
    raise AssertionError("no Python 3.11 with venv that an unprivileged user may run")
