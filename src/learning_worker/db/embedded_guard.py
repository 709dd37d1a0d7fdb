"""The process that owns an embedded PostgreSQL server and stops it when its last user is gone.

It runs as a script of its own, in its own session, and imports the standard library only: it outlives the program that
started it, and it starts in a few milliseconds. Its one line of output tells the starter how the start went.

Locks in the base directory, all of them `flock`, so that they end with their holder, also after SIGKILL:
`use.lock` is shared by the users, and held alone by the guard while it stops the server; `guard.lock` is held for as long
as the guard lives; `start.lock` belongs to the starter.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

START_LOCK, USE_LOCK, GUARD_LOCK = "start.lock", "use.lock", "guard.lock"
LOG = "postgresql.log"
READY = "ready"
START_DEADLINE_S = 60.0
FAST_SHUTDOWN_S = 30.0
_LOOK_S = 0.2
_LOG_LIMIT_BYTES = 4 * 1024 * 1024
_LOG_LINES_SHOWN = 5
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Plan:
    """What the guard starts. `user_id` and `group_id`: whom the server runs as; None: as this user."""

    base: str
    data: str
    sockets: str
    command: list[str]
    user_id: int | None
    group_id: int | None
    throwaway: bool

    def to_json(self) -> str:
        """The plan as one argument of a command line; it holds no secret."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """The plan a starter wrote. Raises TypeError or ValueError for anything else."""
        return cls(**json.loads(text))


class _Stopped(Exception):
    """The server cannot be started; the message is one sentence for the starter."""


def try_lock(fd: int) -> bool:
    """Take the lock alone; false, at once, when somebody else holds it."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_until(condition: Callable[[], bool], deadline_s: float) -> bool:
    """Whether the condition came true within the deadline; it is asked a hundred times a second."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def server_processes(data: Path) -> list[int]:
    """Ids of the PostgreSQL processes that work in this data directory, also those that lost their postmaster.

    Every process of a server stands in its data directory, which tells them from a stranger with a re-used id.
    Without /proc (macOS) only the postmaster itself is found.
    """
    proc = Path("/proc")
    if not (proc / "self" / "cwd").exists():
        return _postmaster_by_ps(data)
    found = []
    for entry in proc.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stands_here = (entry / "cwd").readlink() == data
            if stands_here and (entry / "comm").read_text().startswith("postgres") and not _is_zombie(entry):
                found.append(int(entry.name))
        except OSError:
            continue  # it ended meanwhile, or it belongs to somebody else
    return found


def _is_zombie(entry: Path) -> bool:
    return (entry / "stat").read_text().rpartition(")")[2].split()[:1] == ["Z"]


def _postmaster_by_ps(data: Path) -> list[int]:
    postmaster = _recorded_postmaster(data)
    if postmaster is None:
        return []
    listed = subprocess.run(
        ["ps", "-p", str(postmaster), "-o", "command="], check=False, capture_output=True, text=True
    )
    return [postmaster] if "postgres" in listed.stdout and str(data) in listed.stdout else []


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _recorded_postmaster(data: Path) -> int | None:
    first = next(iter(_pid_file(data)), "")
    return int(first) if first.isdigit() else None


def stop_leftovers(data: Path) -> None:
    """End a server that lost its guard, and clear the pid file that a killed one left.

    Only for the holder of `guard.lock`. PostgreSQL refuses to start when the id in a stale file belongs to another
    process by now; the file may go only when no process works in the directory, or two servers would write to it.
    Raises _Stopped when a process survives SIGKILL.
    """

    def gone() -> bool:
        return not server_processes(data)

    postmaster = _recorded_postmaster(data)
    if postmaster in server_processes(data):
        _signal(postmaster, signal.SIGINT)
        wait_until(gone, FAST_SHUTDOWN_S)
    for number in (signal.SIGQUIT, signal.SIGKILL):
        for process in server_processes(data):
            _signal(process, number)
        if wait_until(gone, 5):
            break
    if not gone():
        raise _Stopped("an earlier PostgreSQL server in this directory cannot be stopped")
    (data / "postmaster.pid").unlink(missing_ok=True)


def _signal(process: int | None, number: signal.Signals) -> None:
    if process is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


def remove_base(base: Path) -> None:
    """Delete a throw-away base directory; a starter that comes now finds none and makes its own."""
    # Renamed first: a starter must never see half of it. Whoever opened a lock file in it notices that it moved.
    doomed = base.with_name(f"{base.name}.gone-{os.getpid()}")
    try:
        base.rename(doomed)
    except FileNotFoundError:
        return
    shutil.rmtree(doomed, ignore_errors=True)


def _clear_away(plan: Plan) -> None:
    base, home, sockets = Path(plan.base), Path(plan.data).parent, Path(plan.sockets)
    if sockets.parent != home:
        shutil.rmtree(sockets, ignore_errors=True)
    if plan.throwaway:
        if home.parent != base:
            shutil.rmtree(home, ignore_errors=True)
        remove_base(base)


def _start_postmaster(plan: Plan, log_fd: int) -> "subprocess.Popen[bytes]":
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    guard = os.getpid()

    def die_with_the_guard() -> None:
        # Runs after the change of user, which would clear it. A guard that is gone already cannot signal any more.
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
            if os.getppid() != guard:
                os._exit(1)

    return subprocess.Popen(
        plan.command,
        stdin=subprocess.DEVNULL,
        stdout=log_fd,
        stderr=log_fd,
        cwd="/",
        env={"LC_ALL": "C"},
        umask=0o077,
        user=plan.user_id,
        group=plan.group_id,
        extra_groups=None if plan.user_id is None else [],
        preexec_fn=die_with_the_guard,  # noqa: PLW1509 - the guard has one thread, so nothing can hold a lock here
    )


def _wait_until_ready(plan: Plan, postmaster: "subprocess.Popen[bytes]", log_start: int) -> None:
    data = Path(plan.data)

    def settled() -> bool:
        lines = _pid_file(data)
        ready = len(lines) > 7 and lines[0] == str(postmaster.pid) and lines[7].strip() == READY
        return ready or postmaster.poll() is not None

    in_time = wait_until(settled, START_DEADLINE_S)
    if postmaster.poll() is not None:
        raise _Stopped(f"PostgreSQL ended at once: {_log_tail(plan, log_start)}")
    if not in_time:
        _shut_down(postmaster)
        seconds = f"{START_DEADLINE_S:.0f} s"
        raise _Stopped(f"PostgreSQL was not ready after {seconds}: {_log_tail(plan, log_start)}")


def _log_tail(plan: Plan, log_start: int) -> str:
    """The last lines of this start. Statements and rows are never in this log, see `SETTINGS` in embedded.py."""
    with (Path(plan.base) / LOG).open("rb") as log:
        log.seek(log_start)
        lines = log.read().decode(errors="replace").splitlines()
    return " | ".join(lines[-_LOG_LINES_SHOWN:])[:1000] or "its log is empty"


def _shut_down(postmaster: "subprocess.Popen[bytes]", *, throwaway: bool = False) -> None:
    # What is deleted in a moment needs no checkpoint.
    orderly = () if throwaway else ((signal.SIGINT, FAST_SHUTDOWN_S),)
    for number, patience_s in (*orderly, (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        if postmaster.poll() is not None:
            return
        postmaster.send_signal(number)
        wait_until(lambda: postmaster.poll() is not None, patience_s)


def _keep_log_small(log: Path) -> None:
    # The server appends to the open file, so it is copied aside and emptied, not moved.
    if log.stat().st_size > _LOG_LIMIT_BYTES:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)


def _watch(plan: Plan, postmaster: "subprocess.Popen[bytes]", asked_to_stop: list[int]) -> None:
    """Wait until nobody uses the server; from then on, and until this process ends, new users wait for its lock."""
    use = os.open(Path(plan.base) / USE_LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    while postmaster.poll() is None and not asked_to_stop and not try_lock(use):
        _keep_log_small(Path(plan.base) / LOG)
        time.sleep(_LOOK_S)


def _report(line: str) -> None:
    try:
        os.write(1, line.encode() + b"\n")
        # The starter reads to the end; a closed end also means that the guard can never block on it.
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)
    except OSError:
        return  # the starter is gone; the lock decides what happens next


def guard(plan: Plan) -> None:
    """Run one server from start to stop, and remove what it leaves in a throw-away directory."""
    asked_to_stop: list[int] = []
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, _frame: asked_to_stop.append(number))
    base, data = Path(plan.base), Path(plan.data)
    alive = os.open(base / GUARD_LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    if not wait_until(lambda: try_lock(alive), FAST_SHUTDOWN_S):
        raise _Stopped("another guard is still stopping the server in this directory")
    stop_leftovers(data)
    log_fd = os.open(base / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    log_start = os.fstat(log_fd).st_size
    postmaster = _start_postmaster(plan, log_fd)
    try:
        _wait_until_ready(plan, postmaster, log_start)
        _report(READY)
        _watch(plan, postmaster, asked_to_stop)
    finally:
        _shut_down(postmaster, throwaway=plan.throwaway)
        _clear_away(plan)


def main(arguments: list[str]) -> int:
    """Read the plan, run the server; returns the exit status."""
    try:
        guard(Plan.from_json(arguments[1]))
    except (_Stopped, OSError) as error:
        _report(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
