"""A private PostgreSQL for development, demo and tests: no installation, no TCP port, no orphan.

The server runs for as long as somebody uses it. Use is a shared lock on a file, so it ends with the process that holds
it, also after SIGKILL; the guard (see `embedded_guard.py`) then stops the server. A child process is a client only: to
keep the server alive by itself it calls `join`.
"""

import contextlib
import fcntl
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from learning_worker.db import embedded_guard as guard
from learning_worker.db.embedded_home import (
    PORT,
    SUPERUSER,
    EmbeddedError,
    Home,
    binaries,
    explained,
    initialise,
    prepare,
    superuser_password,
)

__all__ = ["EmbeddedError", "Server", "ephemeral", "join", "remove", "server"]

_DEADLINE_S = 90.0
_THROWAWAY_MARK = "throwaway"
_THROWAWAY_PREFIX = "lw-pg-"

# PostgreSQL's log must not repeat what pupils write. Errors are the client's business (log_min_messages = log leaves
# them out); terse drops DETAIL, which quotes whole rows; panic keeps statements out.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "log_statement": "none",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_min_duration_statement": "-1",
    "log_checkpoints": "off",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "logging_collector": "off",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "jit": "off",
}
_REMOVAL_S = 10.0
_DURABLE = {"fsync": "on", "max_connections": "60"}
_THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    # The passwords live as long as the directory; thousands of logins in tests need not pay for stretching them.
    "scram_iterations": "1",
}


@dataclass(frozen=True)
class Server:
    """A running server; the handle is valid inside the `with` block that gave it."""

    base_dir: Path
    socket_dir: Path
    password: str = field(repr=False)

    def superuser_dsn(self, database: str = "postgres") -> str:
        """Connection URL for arranging databases and logins."""
        return self.dsn(database, SUPERUSER, self.password)

    def dsn(self, database: str, user: str, password: str) -> str:
        """Connection URL for one login; it contains the password."""
        login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"postgresql://{login}@/{quote(database, safe='')}?host={quote(str(self.socket_dir), safe='')}&port={PORT}"


@contextlib.contextmanager
def server(base_dir: Path, *, throwaway: bool = False) -> Iterator[Server]:
    """The server of this directory: made, started or joined, whatever is needed, and kept until the block ends.

    throwaway: fast and not durable; the whole base directory is deleted when the last user is gone.
    Raises EmbeddedError.
    """
    base = base_dir.absolute()
    with explained(base_dir):
        started, use = _start(base, throwaway=throwaway)
    try:
        yield started
    finally:
        _release(use)


@contextlib.contextmanager
def ephemeral() -> Iterator[Server]:
    """A throw-away server in a new temporary directory, which is gone when the block has ended."""
    with explained(Path(tempfile.gettempdir())):
        _sweep(Path(tempfile.gettempdir()))
        base = Path(tempfile.mkdtemp(prefix=_THROWAWAY_PREFIX))
    try:
        with server(base, throwaway=True) as started:
            yield started
    finally:
        # The guard deletes it, also when this process is killed before; here it only needs a moment.
        guard.wait_until(lambda: not list(base.parent.glob(f"{base.name}*")), _REMOVAL_S)


@contextlib.contextmanager
def join(base_dir: Path) -> Iterator[Server]:
    """Use a server that runs already and keep it alive until the block ends. Raises EmbeddedError when none runs."""
    base = base_dir.resolve()
    if not (base / guard.USE_LOCK).exists():
        raise EmbeddedError(f"No embedded database runs in {base_dir}.")
    with explained(base_dir):
        use = _lock(base / guard.USE_LOCK, fcntl.LOCK_SH)
    try:
        with explained(base_dir):
            if not _guard_lives(base):
                raise EmbeddedError(f"No embedded database runs in {base_dir}.")
            joined = _handle(prepare(base))
        yield joined
    finally:
        _release(use)


def remove(base_dir: Path) -> None:
    """Delete a database with everything in its base directory. Raises EmbeddedError while somebody uses it."""
    base = base_dir.resolve()
    with (
        explained(base_dir),
        contextlib.suppress(FileNotFoundError),
    ):  # gone, or its guard deletes it right now
        home = (base / "server").resolve()
        if not _stopped(base, home / "data", patience_s=guard.FAST_SHUTDOWN_S):
            raise EmbeddedError(
                f"The embedded database in {base_dir} is in use; stop the program that uses it first."
            )
        if home.parent != base:
            shutil.rmtree(home, ignore_errors=True)
        guard.remove_base(base)


def _start(base: Path, *, throwaway: bool) -> tuple[Server, int]:
    base, start, use = _enter(base, throwaway=throwaway)
    try:
        home = prepare(base)
        programs = binaries(home.user)
        initialise(home, programs, durable=not throwaway)
        if not _guard_lives(base):
            _start_guard(home, programs, throwaway=throwaway)
        started = _handle(home)
        _await_answer(started, home)
    except BaseException:
        _release(use)
        raise
    finally:
        _release(start)
    return started, use


def _handle(home: Home) -> Server:
    return Server(home.base, home.sockets, superuser_password(home.base))


def _enter(base: Path, *, throwaway: bool) -> tuple[Path, int, int]:
    """Make the base directory and take its two locks: the starter's alone, the users' shared.

    A guard may delete a throw-away directory while we wait for its locks; then everything is made again.
    """
    while True:
        if not base.exists():
            # The server's user must pass through to its own directory below; the files here are private one by one.
            base.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        base = base.resolve()
        try:
            if throwaway:
                _mark_throwaway(base)
            start = _lock(base / guard.START_LOCK, fcntl.LOCK_EX)
            try:
                use = _lock(base / guard.USE_LOCK, fcntl.LOCK_SH)
                if _is_current(start, base / guard.START_LOCK):
                    return base, start, use
                _release(use)
            except BaseException:
                _release(start)
                raise
            _release(start)
        except FileNotFoundError:
            continue


def _mark_throwaway(base: Path) -> None:
    mark = base / _THROWAWAY_MARK
    if not mark.exists():
        if (
            any(entry.name not in (guard.START_LOCK, guard.USE_LOCK) for entry in base.iterdir())
            and not mark.exists()
        ):
            raise EmbeddedError(
                f"The directory {base} is not empty; a throw-away database would delete its content."
            )
        if os.geteuid() == 0:
            base.chmod(0o711)  # mkdtemp makes 0700, which the server's user could not pass
        mark.touch(mode=0o600)


def _start_guard(home: Home, programs: Path, *, throwaway: bool) -> None:
    settings = (
        SETTINGS | (_THROWAWAY if throwaway else _DURABLE) | {"unix_socket_directories": str(home.sockets)}
    )
    plan = guard.Plan(
        base=str(home.base),
        data=str(home.data),
        sockets=str(home.sockets),
        command=[
            *(str(programs / "postgres"), "-D", str(home.data), "-p", str(PORT)),
            *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
        ],
        user_id=home.user.user_id,
        group_id=home.user.group_id,
        throwaway=throwaway,
    )
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", guard.__file__, plan.to_json()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    child.returncode = 0  # it outlives us: Popen must neither wait for it nor warn
    if child.stdout is None:
        return
    with child.stdout as answer:
        readable, _, _ = select.select([answer], [], [], _DEADLINE_S)
        line = (
            answer.readline().decode(errors="replace").strip()
            if readable
            else "no answer from its guard in time"
        )
    if line != guard.READY:
        reason = line or "its guard ended without a word"
        raise EmbeddedError(f"The embedded database in {home.base} did not start: {reason}.")


def _await_answer(started: Server, home: Home) -> None:
    """Connect once, and make sure that this is the server of this very directory."""
    end = time.monotonic() + _DEADLINE_S
    while True:
        try:
            with psycopg.connect(started.superuser_dsn(), connect_timeout=5, autocommit=True) as connection:
                row = connection.execute("select current_setting('data_directory')").fetchone()
            break
        except psycopg.OperationalError as error:
            # A starter that was killed leaves a guard at work; its server answers when it is ready.
            if time.monotonic() > end or not _guard_lives(home.base):
                raise EmbeddedError(f"The embedded database in {home.base} does not answer.") from error
            time.sleep(0.02)
    if row is None or Path(row[0]).resolve() != home.data:
        raise EmbeddedError(f"Another PostgreSQL server answers in {home.sockets}; stop it and start again.")


# Locks of this process. A forked child shares the lock of an inherited descriptor, so it gives its copies up.
_held: set[int] = set()


def _forget_locks() -> None:
    for fd in _held:
        os.close(fd)
    _held.clear()


os.register_at_fork(after_in_child=_forget_locks)


def _lock(path: Path, mode: int) -> int:
    """A descriptor that holds the lock on the file which `path` names now. Raises EmbeddedError after 90 s."""
    end = time.monotonic() + _DEADLINE_S
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _held.add(fd)
        try:
            _flock_until(fd, mode, end)
            if _is_current(fd, path):
                return fd
        except BaseException:
            _release(fd)
            raise
        _release(fd)


def _flock_until(fd: int, mode: int, end: float) -> None:
    while True:
        try:
            fcntl.flock(fd, mode | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise EmbeddedError(
                    "Another program has been starting or stopping the embedded database for too long."
                ) from None
            time.sleep(0.02)


def _is_current(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False


def _release(fd: int) -> None:
    if fd in _held:
        _held.discard(fd)
        os.close(fd)


def _guard_lives(base: Path) -> bool:
    fd = os.open(base / guard.GUARD_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        return not guard.try_lock(fd)
    finally:
        os.close(fd)


def _stopped(base: Path, data: Path, *, patience_s: float) -> bool:
    """Whether nobody uses this directory, no guard lives and no server process is left."""
    use = os.open(base / guard.USE_LOCK, os.O_RDWR | os.O_CLOEXEC)
    try:
        if not guard.wait_until(lambda: guard.try_lock(use), min(patience_s, 1.0)):
            return False
    finally:
        os.close(use)
    return guard.wait_until(lambda: not (_guard_lives(base) or guard.server_processes(data)), patience_s)


def _sweep(directory: Path) -> None:
    """Delete throw-away directories whose guard was killed as well; nobody else can."""
    for base in directory.glob(f"{_THROWAWAY_PREFIX}*"):
        try:
            mine = base.stat().st_uid == os.geteuid() and (base / _THROWAWAY_MARK).exists()
            if mine and _stopped(base, (base / "server" / "data").resolve(), patience_s=0):
                guard.remove_base(base)
        except OSError:
            continue  # its owner deletes it at this moment
