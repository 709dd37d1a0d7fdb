"""The demo as its user starts it: processes, address, stop, restart, and what goes wrong."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

READY_S = 60.0


def wait_for(condition: Callable[[], bool], seconds: float = READY_S) -> None:
    """Until the condition holds; fails when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@dataclass
class Demo:
    """A demo that was started on a data directory, with its output in a file."""

    process: subprocess.Popen[bytes]
    output: Path
    home: Path

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def url(self) -> str:
        return str(json.loads((self.home / "demo.json").read_text())["url"])

    def ready(self) -> "Demo":
        """Once it has told its address."""
        wait_for(lambda: "Stop with Ctrl-C" in self.said or self.process.poll() is not None)
        assert self.process.poll() is None, self.said
        return self

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


class Desk:
    """A data directory in which demos are started; none is left running."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.started: list[Demo] = []

    def start(self, *arguments: str, **settings: str) -> Demo:
        output = self.home.parent / f"out-{len(self.started)}"
        environment = {**os.environ, "LEARNING_DATA_DIR": str(self.home), "WEB_PORT": "0", **settings}
        with output.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "learning_worker", "demo", *arguments],
                env=environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        demo = Demo(process, output, self.home)
        self.started.append(demo)
        return demo

    def servers(self) -> list[int]:
        """Processes of PostgreSQL, of the guard, of web and worker that belong to this data directory."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                seen = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                seen += os.fsencode((entry / "cwd").readlink())
            except OSError:
                continue
            if str(self.home).encode() in seen and int(entry.name) != os.getpid():
                found.append(int(entry.name))
        return found


@pytest.fixture
def desk() -> Iterator[Desk]:
    with tempfile.TemporaryDirectory(prefix="lw-demo-") as name:
        Path(name).chmod(0o755)
        desk = Desk(Path(name) / "home")
        yield desk
        for demo in desk.started:
            if demo.process.poll() is None:
                demo.process.kill()
                demo.process.wait()
        wait_for(lambda: not desk.servers())


def people_page(demo: Demo) -> str:
    with httpx2.Client(trust_env=False) as client:
        return str(client.get(f"{demo.url}/demo/sign-in").text)


def test_a_demo_starts_tells_its_address_keeps_its_data_and_leaves_nothing_running(desk: Desk) -> None:
    first = desk.start().ready()
    assert "Frau Berger" in people_page(first)
    assert "What leaves this machine: nothing" in first.said
    second = desk.start()
    assert second.process.wait(READY_S) == 0
    assert first.url in second.said
    assert first.stop() == 0
    wait_for(lambda: not desk.servers())

    again = desk.start().ready()

    assert "Loading the invented class" in first.said
    assert "Loading the invented class" not in again.said
    assert again.stop() == 0


@pytest.mark.slow
def test_a_killed_demo_leaves_no_orphan_and_the_next_start_has_the_data(desk: Desk) -> None:
    first = desk.start().ready()

    os.killpg(first.process.pid, signal.SIGKILL)
    first.process.wait()

    wait_for(lambda: not desk.servers())
    again = desk.start().ready()
    assert "Loading the invented class" not in again.said
    assert "Amira Haddad" in people_page(again)


@pytest.mark.slow
def test_a_first_start_that_was_interrupted_is_started_over(desk: Desk) -> None:
    first = desk.start()
    wait_for(lambda: "Loading" in first.said)
    os.killpg(first.process.pid, signal.SIGKILL)
    first.process.wait()

    again = desk.start().ready()

    assert "Loading the invented class" in again.said


@pytest.mark.slow
def test_reset_starts_over_and_refuses_while_a_demo_runs(desk: Desk) -> None:
    first = desk.start().ready()
    refused = desk.start("--reset")
    assert refused.process.wait(READY_S) == 1
    assert "stop it" in refused.said
    first.stop()

    again = desk.start("--reset").ready()

    assert "Loading the invented class" in again.said


@pytest.mark.slow
def test_a_port_in_use_is_named_and_another_one_is_taken(desk: Desk) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        demo = desk.start(WEB_PORT=str(port)).ready()

        assert f"Port {port} is in use" in demo.said
        assert "Frau Berger" in people_page(demo)


def test_a_home_that_cannot_be_written_is_one_clear_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    environment = {**os.environ, "LEARNING_DATA_DIR": str(blocked / "below")}

    done = subprocess.run(
        [sys.executable, "-m", "learning_worker", "demo"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert "LEARNING_DATA_DIR" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
