"""The workers of a storm: real processes behind proxies, and what they were asked."""

import contextlib
import multiprocessing
import os
import signal
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import worker_process
from proxy import Proxy

# Imports are done once, in a server that forks: a storm replaces a worker hundreds of times.
NURSERY = multiprocessing.get_context("forkserver")
NURSERY.set_forkserver_preload(["worker_process"])


@dataclass
class Notes:
    """What the workers wrote down, read as it comes; `asked`: (answer, what was asked) -> when (seconds)."""

    path: Path
    asked: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    _open: dict[int, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    _read_bytes: int = 0

    def read(self) -> None:
        """Take in the lines since the last time."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._read_bytes)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._read_bytes += len(whole) + len(newline)
        for line in whole.decode().splitlines():
            pid, word, name, what, at = line.split()
            if word == "asked":
                self.asked[name, what].append(float(at))
                self._open[int(pid)].add((name, what))
            else:
                self._open[int(pid)].discard((name, what))

    def asked_after(self, stored: Mapping[tuple[str, str], float]) -> int:
        """How many questions were put after their answer was in the database; both by the clock of this machine."""
        return sum(at > stored[key] for key, times in self.asked.items() if key in stored for at in times)

    def phases(self, pid: int) -> frozenset[str]:
        """What this process is being asked: a subset of vision and feedback."""
        self.read()
        return frozenset("vision" if what.startswith("page") else "feedback" for _, what in self._open[pid])


@dataclass
class Slot:
    """A worker's place: whoever dies in it is replaced, behind the same proxy."""

    proxy: Proxy
    environment: dict[str, str]
    exit_codes: Counter[int]
    process: multiprocessing.process.BaseProcess | None = None
    is_busy: bool = False

    @property
    def is_up(self) -> bool:
        """Whether its process works, and no fault has hold of it."""
        is_alive = self.process is not None and self.process.is_alive()
        return is_alive and not self.is_busy and self.proxy.connections >= 3

    @property
    def pid(self) -> int:
        """The process that is in this place now."""
        assert self.process is not None
        assert self.process.pid is not None
        return self.process.pid

    def ensure(self) -> None:
        """Put a worker in its place, unless one lives."""
        if self.process is not None and self.process.is_alive():
            return
        if self.process is not None and self.process.exitcode is not None:
            self.exit_codes[self.process.exitcode] += 1
        environment = {**self.environment, "LEARNING_DATABASE_URL": self.proxy.dsn}
        self.process = NURSERY.Process(target=worker_process.run, args=(environment,), daemon=True)
        self.process.start()

    def signal(self, number: signal.Signals) -> None:
        """To the process that is in this place now, if it still lives."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def wait(self, seconds: float) -> bool:
        """Blocks until the process has ended; whether it did."""
        assert self.process is not None
        self.process.join(seconds)
        return self.process.exitcode is not None

    def end(self) -> None:
        """Kill what is left."""
        if self.process is not None:
            self.process.kill()
            self.process.join()
