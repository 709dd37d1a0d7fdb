"""Shut system calls for this process and what it starts: a small seccomp filter, on Linux x86_64 and aarch64.

Standard library only, for the children import it. Elsewhere every function here does nothing and returns False.
Source: Linux `Documentation/userspace-api/seccomp_filter.rst`; numbers from `unistd_64.h` and `asm-generic/unistd.h`.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable
from typing import NamedTuple


class _Machine(NamedTuple):
    audit_arch: int
    column: int


_MACHINES = {"x86_64": _Machine(0xC000003E, 0), "aarch64": _Machine(0xC00000B7, 1)}
_MISSING = -1

# name: (x86_64, aarch64)
_NETWORK = {
    "socket": (41, 198),
    "connect": (42, 203),
    "accept": (43, 202),
    "sendto": (44, 206),
    "recvfrom": (45, 207),
    "sendmsg": (46, 211),
    "recvmsg": (47, 212),
    "bind": (49, 200),
    "listen": (50, 201),
    "socketpair": (53, 199),
    "accept4": (288, 242),
    "recvmmsg": (299, 243),
    "sendmmsg": (307, 269),
    "io_uring_setup": (425, 425),  # a ring can open sockets and files without the calls above
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
_OTHER_PROCESSES = {
    "fork": (57, _MISSING),
    "vfork": (58, _MISSING),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
}
_KERNEL = {
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
}
_FILES = {
    "open": (2, _MISSING),
    "openat": (257, 56),
    "openat2": (437, 437),
    "open_by_handle_at": (304, 265),
    "creat": (85, _MISSING),
    "mkdir": (83, _MISSING),
    "mkdirat": (258, 34),
    "rmdir": (84, _MISSING),
    "unlink": (87, _MISSING),
    "unlinkat": (263, 35),
    "link": (86, _MISSING),
    "linkat": (265, 37),
    "symlink": (88, _MISSING),
    "symlinkat": (266, 36),
    "rename": (82, _MISSING),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "mknod": (133, _MISSING),
    "mknodat": (259, 33),
    "truncate": (76, 45),
    "chmod": (90, _MISSING),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, _MISSING),
    "lchown": (94, _MISSING),
    "fchownat": (260, 54),
    "memfd_create": (319, 279),
}
_CLONE, _CLONE3 = (56, 220), (435, 435)
_KILL, _TGKILL = (62, 129), (234, 131)
_PRLIMIT = (302, 261)
_SECCOMP = (317, 277)

_CLONE_THREAD = 0x00010000
_X32_BIT = 0x40000000
_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _FLAG_TSYNC = 1, 1

_LOAD, _JUMP_EQ, _JUMP_GE, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NR, _ARCH, _ARG0 = 0, 4, 16


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def shut_network_and_processes(*, threads: bool) -> bool:
    """No sockets, no new programs, no signals to or memory of other processes; `threads`: this process may still start some.

    Returns False where the platform has no such filter. Raises OSError when the kernel refuses it.
    """
    machine = _machine()
    if machine is None:
        return False
    column = machine.column
    rules = _denied((_NETWORK, _OTHER_PROCESSES, _KERNEL), column)
    # The flags of clone3 lie behind a pointer a filter cannot follow; without it the C library falls back to clone.
    rules += _refuse(_CLONE3[column], errno.ENOSYS)
    rules += _only_if(_CLONE[column], _JUMP_SET, _CLONE_THREAD) if threads else _refuse(_CLONE[column])
    own = os.getpid()
    rules += _only_if(_KILL[column], _JUMP_EQ, own) + _only_if(_TGKILL[column], _JUMP_EQ, own)
    rules += _only_if(_PRLIMIT[column], _JUMP_EQ, 0)
    _install(machine, rules)
    return True


def shut_files() -> bool:
    """No file can be opened, created, renamed or removed any more; what is open stays usable. Returns as above."""
    machine = _machine()
    if machine is None:
        return False
    _install(machine, _denied((_FILES,), machine.column))
    return True


def _machine() -> _Machine | None:
    return _MACHINES.get(platform.machine()) if sys.platform == "linux" else None


def _denied(groups: Iterable[dict[str, tuple[int, int]]], column: int) -> list[bytes]:
    numbers = [pair[column] for group in groups for pair in group.values()]
    return [step for number in numbers if number != _MISSING for step in _refuse(number)]


def _refuse(number: int, error: int = errno.EPERM) -> list[bytes]:
    return [_step(_JUMP_EQ, number, 0, 1), _step(_RETURN, _ERRNO | error)]


def _only_if(number: int, test: int, value: int) -> list[bytes]:
    """Allow the call when the low half of its first argument passes the test, else EPERM."""
    return [
        _step(_JUMP_EQ, number, 0, 4),
        _step(_LOAD, _ARG0),
        _step(test, value, 0, 1),
        _step(_RETURN, _ALLOW),
        _step(_RETURN, _ERRNO | errno.EPERM),
    ]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _install(machine: _Machine, rules: list[bytes]) -> None:
    head = [
        _step(_LOAD, _ARCH),
        _step(_JUMP_EQ, machine.audit_arch, 1, 0),
        _step(_RETURN, _KILL_PROCESS),
        _step(_LOAD, _NR),
    ]
    if machine.column == 0:
        head += [_step(_JUMP_GE, _X32_BIT, 0, 1), _step(_RETURN, _ERRNO | errno.EPERM)]
    steps = [*head, *rules, _step(_RETURN, _ALLOW)]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, *(ctypes.c_ulong(n) for n in (1, 0, 0, 0))) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs refused")
    program = _Program(len(steps), b"".join(steps))
    # TSYNC: threads that are running already get the filter too.
    number = _SECCOMP[machine.column]
    if libc.syscall(number, _SET_MODE_FILTER, _FLAG_TSYNC, ctypes.byref(program)) != 0:
        raise OSError(ctypes.get_errno(), "seccomp filter refused")
