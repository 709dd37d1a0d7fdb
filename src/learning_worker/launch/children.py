"""Starts the product's own processes, and makes sure that they end with the one that started them."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STOP_S = 35.0


@dataclass
class Child:
    """A running process of the product. Its standard input is our life line: it ends when we are gone, however we went."""

    command: str
    process: subprocess.Popen[bytes]

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self.process.poll() is not None

    def stop(self, *, patience_s: float = STOP_S) -> None:
        """Ask it to end, wait, and insist after patience_s seconds."""
        if not self.has_ended:
            self.process.terminate()
        try:
            self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


def start(command: str, environment: Mapping[str, str], log_file: Path) -> Child:
    """`learning-worker <command>` as a process with this environment, its log lines appended to log_file."""
    with log_file.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "learning_worker", command, "--until-stdin-closes"],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            # Ctrl-C in a terminal reaches the whole group; the launcher ends its children in order instead.
            start_new_session=True,
        )
    return Child(command, process)


def end_when_stdin_closes() -> None:
    """In a child: treat the end of standard input as SIGTERM."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="life-line", daemon=True).start()
