"""The demo: embedded database, invented class, web and worker as processes of their own; one demo per data directory."""

import asyncio
import fcntl
import json
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from learning_worker import wiring
from learning_worker.db import embedded, logins
from learning_worker.db.migrate import MigrationError
from learning_worker.launch import children, people
from learning_worker.launch.children import Child
from learning_worker.launch.oneshot import LaunchError
from learning_worker.observability import logs
from learning_worker.settings import (
    Settings,
    child_environment,
    files_leave_the_machine,
    leaves_the_machine,
)

START_S = 30.0
FIRST_DEMO_S = 60.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Paths:
    """What a demo keeps in its data directory."""

    home: Path

    @property
    def lock(self) -> Path:
        """Held while a demo runs."""
        return self.home / "demo.lock"

    @property
    def address(self) -> Path:
        """Where the running demo answers."""
        return self.home / "demo.json"

    @property
    def filled(self) -> Path:
        """There once the invented class is complete."""
        return self.home / "demo.filled"

    @property
    def postgres(self) -> Path:
        """The embedded database."""
        return self.home / "postgres"


def run(settings: Settings, say: Say, *, reset: bool = False, more: Mapping[str, str] | None = None) -> None:
    """Start everything, say where it is, and stop it in order on Ctrl-C or SIGTERM.

    more: settings for worker and web beyond those of the environment. With a demo running on this data directory: says
    its address and returns. Raises LaunchError or EmbeddedError.
    """
    paths = Paths(settings.learning_data_dir)
    with _only_demo(paths) as is_first:
        if not is_first:
            if reset:
                raise LaunchError("A demo is running; stop it with Ctrl-C before you reset it.")
            say(f"The demo runs already: {_address_of_first(paths)}")
            return
        if reset:
            _forget(paths)
            say("The old demo data is deleted.")
        elif not paths.filled.exists():
            # A first start that was interrupted left half a class.
            _forget(paths)
        with _stop_signals() as stop:
            _serve(settings, paths, say, stop, more or {})


def _serve(
    settings: Settings, paths: Paths, say: Say, stop: threading.Event, more: Mapping[str, str]
) -> None:
    with ExitStack() as stack:
        say("Starting the database ...")
        server = stack.enter_context(embedded.server(paths.postgres))
        try:
            made = logins.provision(server, wiring.DATABASE_NAME)
        except MigrationError as error:
            raise LaunchError(f"{error} For a demo, `learning-worker demo --reset` starts over.") from error
        dsns = wiring.Dsns(made.worker, made.app, made.sessions, made.operator, made.migration)
        if not paths.filled.exists():
            say("Loading the invented class ...")
            with (paths.home / "worker.log").open("a") as log:
                logs.configure(stream=log)
                asyncio.run(people.fill(settings, dsns))
            logs.configure()
            paths.filled.touch()
        port = _free_port(settings, say)
        environment = {**_environment(dsns, port), **more}
        say("Starting worker and web ...")
        started: list[Child] = []
        stack.callback(_stop_all, started)
        # One by one, so that a first process is stopped when the second cannot start.
        started.append(children.start("worker", environment, paths.home / "worker.log"))
        started.append(children.start("web", environment, paths.home / "web.log"))
        url = f"http://127.0.0.1:{port}"
        _await_web(url, started, stop)
        if stop.is_set():
            return
        paths.address.write_text(json.dumps({"url": url}))
        stack.callback(paths.address.unlink, missing_ok=True)
        _welcome(url, settings, paths, say)
        _watch(started, stop)
        say("\nStopping ... (your data stays; `learning-worker demo --reset` starts over)")


def _environment(dsns: wiring.Dsns, port: int) -> dict[str, str]:
    return child_environment(
        {
            "GUSTAV_ENV": "demo",
            "LEARNING_DATABASE_URL": dsns.worker or "",
            "DATABASE_URL": dsns.app or "",
            "SESSION_DATABASE_URL": dsns.sessions or "",
            "OPERATOR_DATABASE_URL": dsns.operator or "",
            "WEB_HOST": "127.0.0.1",
            "WEB_PORT": str(port),
            "WORKER_METRICS_PORT": "0",
            "WEB_METRICS_PORT": "0",
            "WORKER_DRAIN_SECONDS": "3",
        }
    )


@contextmanager
def _only_demo(paths: Paths) -> Iterator[bool]:
    """Whether this is the only demo on the data directory. The lock goes with the process, however it ends."""
    try:
        paths.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = paths.lock.open("a")
    except OSError:
        raise LaunchError(
            f"{paths.home} cannot be written; set LEARNING_DATA_DIR to a directory that can."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        # What a killed demo left behind points nowhere.
        paths.address.unlink(missing_ok=True)
        yield True


def _address_of_first(paths: Paths) -> str:
    """The address that the first demo wrote; waits for one that is still starting."""
    end = time.monotonic() + FIRST_DEMO_S
    while time.monotonic() < end:
        try:
            return str(json.loads(paths.address.read_text())["url"])
        except (OSError, ValueError, KeyError):
            time.sleep(0.2)
    raise LaunchError(
        "Another demo is starting on this data directory but gives no address; stop it and try again."
    )


def _forget(paths: Paths) -> None:
    paths.filled.unlink(missing_ok=True)
    embedded.remove(paths.postgres)
    shutil.rmtree(paths.home / "objects", ignore_errors=True)


def _free_port(settings: Settings, say: Say) -> int:
    """The wanted port, or any free one when somebody else has it."""
    for port in (settings.web_port, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found = int(probe.getsockname()[1])
            if port == 0 and settings.web_port != 0:
                say(f"Port {settings.web_port} is in use by another program, so the demo takes {found}.")
            return found
    raise LaunchError("No free port on 127.0.0.1.")


def _await_web(url: str, started: list[Child], stop: threading.Event) -> None:
    end = time.monotonic() + START_S
    with httpx2.Client(trust_env=False, timeout=2.0) as client:
        while time.monotonic() < end and not stop.is_set():
            _require_running(started)
            try:
                if client.get(f"{url}/healthz").status_code == httpx2.codes.OK:
                    return
            except httpx2.HTTPError:
                pass
            stop.wait(0.05)
    if not stop.is_set():
        raise LaunchError(
            f"The web process did not answer within {START_S:.0f} s; see web.log in the data directory."
        )


def _require_running(started: list[Child]) -> None:
    for child in started:
        if child.has_ended:
            raise LaunchError(
                f"The {child.command} process ended; see {child.command}.log in the data directory."
            )


def _welcome(url: str, settings: Settings, paths: Paths, say: Say) -> None:
    hosts = {
        "pupils' texts": leaves_the_machine(settings),
        "pupils' files": files_leave_the_machine(settings),
    }
    leaving = "; ".join(f"{what}, to {host}" for what, host in hosts.items() if host)
    say(
        f"""
  The demo runs:  {url}

  Be one of the invented people of "Klasse 7b":
    Frau Berger       teacher: 24 pupils, 3 tasks, answers in every state
    Amira Haddad      pupil: hand in, watch, read feedback
    Frau Haas         operator: health of queue and worker

  What leaves this machine: {leaving or "nothing"}.
  Data and logs: {paths.home}
  Stop with Ctrl-C."""
    )


def _watch(started: list[Child], stop: threading.Event) -> None:
    while not stop.wait(0.5):
        _require_running(started)


def _stop_all(started: list[Child]) -> None:
    """All are asked at once, then each is waited for."""
    for child in started:
        if not child.has_ended:
            child.process.terminate()
    for child in started:
        child.stop()


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set."""
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
