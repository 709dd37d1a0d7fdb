"""Work on files from outside runs in children with limits: the worker itself never parses what a pupil hands in.

A child gets a fresh interpreter without our environment, talks over two pipes in frames, and confines itself (`confine`,
`seccomp`) before it reads its first byte. It writes nothing to disk, reaches no network and dies with the worker.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from learning_worker.adapters.confine import EXIT_OUT_OF_MEMORY, FRAME, MIB
from learning_worker.domain.errors import AnalysisError, ErrorCode, Fault, InputError, TransientError

STARTED = b"S"

_WRITE_CHUNK = 256 * 1024
_READ_AHEAD = MIB
_START_TIMEOUT_S = 60.0

# Nothing of ours: the worker's environment holds DSNs. The rest keeps native libraries small and silent.
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    "HOME": "/nonexistent",  # without one, Python asks the system's directory service at start
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "ORT_DISABLE_TELEMETRY": "1",
}

# PDFium and C++ abort when memory ends; SIGXCPU is the limit on processor time.
_LIMIT_SIGNALS = {signal.SIGXCPU, signal.SIGABRT, signal.SIGTRAP, signal.SIGILL, signal.SIGSYS}
_PARSER_SIGNALS = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE}


@dataclass(frozen=True)
class Frame:
    """One message of a child. `number`: page or request it belongs to."""

    kind: bytes
    number: int
    payload: bytes


class ChildEnded(Exception):
    """The child closed its pipe. `returncode` as `subprocess` counts it: negative for a signal."""

    def __init__(self, returncode: int) -> None:
        super().__init__(returncode)
        self.returncode = returncode


class ChildProtocolError(Exception):
    """The child said something a sound child never says."""


class Child:
    """One running child; `kill()` it in a `finally`."""

    def __init__(self, process: asyncio.subprocess.Process, max_frame_bytes: int) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("the child needs both pipes")
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self._max_frame_bytes = max_frame_bytes

    @property
    def pid(self) -> int:
        """The process id, for tests and for `doctor`."""
        return self._process.pid

    @classmethod
    async def spawn(cls, module: str, arguments: Sequence[str] = (), *, max_frame_bytes: int) -> "Child":
        """Start `module` in a fresh interpreter with its own process group.

        The event loop must run in a thread that lives as long as the worker: the kernel ends the child with that thread.
        Raises OSError when no process can be started.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-I", "-m", module, str(os.getpid()), *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd="/",
            env=_ENVIRONMENT,
            start_new_session=True,
            limit=_READ_AHEAD,
        )
        return cls(process, max_frame_bytes)

    async def started(self) -> None:
        """Wait until the child is confined and ready. Raises ChildEnded, ChildProtocolError or TimeoutError."""
        frame = await self.receive(_START_TIMEOUT_S)
        if frame.kind != STARTED:
            raise ChildProtocolError

    async def send(self, kind: bytes, number: int, payload: bytes) -> None:
        """Hand the child a frame. A child that is gone shows at the next `receive`."""
        view = memoryview(payload)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._stdin.write(FRAME.pack(kind, number, len(payload)))
            for start in range(0, len(payload), _WRITE_CHUNK):
                self._stdin.write(view[start : start + _WRITE_CHUNK])
                await self._stdin.drain()

    async def receive(self, timeout_s: float) -> Frame:
        """The child's next frame. Raises ChildEnded, ChildProtocolError or TimeoutError."""
        try:
            async with asyncio.timeout(timeout_s):
                kind, number, length = FRAME.unpack(await self._stdout.readexactly(FRAME.size))
                if length > self._max_frame_bytes:
                    raise ChildProtocolError
                return Frame(kind, number, await self._stdout.readexactly(length))
        except asyncio.IncompleteReadError as error:
            async with asyncio.timeout(timeout_s):
                raise ChildEnded(await self._process.wait()) from error

    async def kill(self) -> None:
        """End the child and everything in its process group; safe to call again."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._stdin.close()
        # Some Python versions finish `wait` only when the pipe was read to its end.
        while await self._stdout.read(_READ_AHEAD):
            pass
        await self._process.wait()


def verdict(returncode: int) -> AnalysisError:
    """What a child's end says about the file it was working on."""
    if returncode == EXIT_OUT_OF_MEMORY:
        return InputError(ErrorCode.INPUT_TOO_LARGE)
    if returncode < 0 and -returncode in _LIMIT_SIGNALS:
        return InputError(ErrorCode.INPUT_TOO_LARGE)
    if returncode < 0 and -returncode in _PARSER_SIGNALS:
        return InputError(ErrorCode.INPUT_CORRUPT)
    # Anything else, such as a kill by an operator or by the machine's own memory guard, is not the file's fault.
    return TransientError(Fault.DECODER_CRASHED)
