"""What a child does to itself before it touches anything from outside. Standard library only, so that it starts fast."""

import contextlib
import ctypes
import os
import resource
import signal
import struct
import sys
from typing import BinaryIO

from learning_worker.adapters import seccomp

MIB = 1024 * 1024
EXIT_OUT_OF_MEMORY = 3

# kind (one byte), page number or request number, length of the payload that follows
FRAME = struct.Struct(">cII")

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent_pid: int) -> None:
    """End this process when the worker ends, however it ends. Linux only; elsewhere the closed pipe has to do."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), *(ctypes.c_ulong(0),) * 3)
    if os.getppid() != parent_pid:
        sys.exit(1)


def limit_memory(address_space: int) -> None:
    """Cap the address space, and leave no core dump behind: it would hold a pupil's page."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, address_space)


def limit_cpu(more_s: int, all_s: int) -> None:
    """Allow this many seconds of processor time from now on, and `all_s` since the process began.

    Beyond either the kernel ends the process (SIGXCPU).
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = min(int(used.ru_utime + used.ru_stime) + more_s + 1, all_s)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def write_no_files() -> None:
    """No file grows by a byte, and no further ones are opened beyond a handful; pipes are not touched by this."""
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, 32)


def no_more_processes() -> None:
    """No child processes and no threads. Means nothing for root, whom the filter in `seccomp` stops instead."""
    _limit(resource.RLIMIT_NPROC, 0)


def seal(*, threads: bool) -> None:
    """Shut network, processes and files for good. Everything that is still to be imported must be imported by now."""
    write_no_files()
    seccomp.shut_network_and_processes(threads=threads)
    seccomp.shut_files()


def read_frame(source: BinaryIO, max_bytes: int) -> tuple[bytes, int, bytes] | None:
    """The next frame from the worker, None when it closed the pipe."""
    head = source.read(FRAME.size)
    if len(head) < FRAME.size:
        return None
    kind, number, length = FRAME.unpack(head)
    if length > max_bytes:
        return None
    payload = source.read(length)
    return (kind, number, payload) if len(payload) == length else None


def write_frame(sink: BinaryIO, kind: bytes, number: int, payload: bytes = b"") -> None:
    """Hand one frame to the worker; waits while the worker is busy with the one before."""
    sink.write(FRAME.pack(kind, number, len(payload)))
    sink.write(payload)
    sink.flush()


def _limit(which: int, value: int) -> None:
    # macOS knows these limits and refuses some of them.
    with contextlib.suppress(ValueError, OSError):
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
