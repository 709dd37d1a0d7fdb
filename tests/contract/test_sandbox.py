"""What a sealed child cannot do. Each attempt is also made unsealed, so that a refusal means something."""

import os
import select
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from paper import encoded, printed

from learning_worker.adapters.rasterise import SandboxDecoder
from learning_worker.adapters.sandbox import Child, ChildEnded, ChildProtocolError, verdict
from learning_worker.domain.errors import ErrorCode, Fault

ATTEMPTS = {
    "a TCP socket": "import socket; socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
    "a Unix socket": "import socket; socket.socket(socket.AF_UNIX)",
    "a pair of sockets": "import socket; socket.socketpair()",
    "a ring": "import ctypes; r = ctypes.CDLL(None).syscall(425, 4, (ctypes.c_char * 200)()); assert r >= 0",
    "a new program": "import subprocess; subprocess.run(['/bin/true'])",
    "a fork": "import os; pid = os.fork(); os._exit(0) if pid == 0 else os.waitpid(pid, 0)",
    "reading a file": "open('/etc/passwd').read()",
    "the worker's environment": "import os; open(f'/proc/{os.getppid()}/environ', 'rb').read()",
    "writing a file": "import os; open(os.path.join(directory, 'x'), 'w').write('x')",
    "making a folder": "import os; os.mkdir(os.path.join(directory, 'y'))",
    "removing a file": "import os; os.unlink(os.path.join(directory, 'victim'))",
    "a signal to the worker": "import os; os.kill(os.getppid(), 0)",
    "memory without a file": "import os; os.memfd_create('x')",
    "the worker's limits": "import resource, os; resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)",
}


def attempt(code: str, directory: Path, *, threads: bool | None) -> str:
    """What came of the attempt: `done`, or the name of the error."""
    (directory / "victim").write_text("x")
    seal = "" if threads is None else f"confine.seal(threads={threads})"
    script = f"""
        import ctypes, os, resource, socket, subprocess
        from learning_worker.adapters import confine
        directory = {str(directory)!r}
        {seal}
        try:
            {code}
            print("done")
        except (OSError, AssertionError) as error:
            print(type(error).__name__)
    """
    done = subprocess.run(
        [sys.executable, "-I", "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("threads", [False, True], ids=["decoder", "reader"])
@pytest.mark.parametrize("code", [pytest.param(code, id=name) for name, code in ATTEMPTS.items()])
def test_a_sealed_child_is_refused_what_another_process_may_do(tmp_path: Path, code: str, threads: bool):
    assert attempt(code, tmp_path, threads=None) == "done"
    sealed = tmp_path / "sealed"
    sealed.mkdir()

    assert attempt(code, sealed, threads=threads) in {
        "PermissionError",
        "BlockingIOError",
        "AssertionError",
    }


@pytest.mark.parametrize(("threads", "outcome"), [(True, "done"), (False, "RuntimeError")])
def test_only_the_reader_may_start_threads(threads: bool, outcome: str):
    code = "import threading; t = threading.Thread(target=print); t.start(); t.join()"
    tolerant = f"exec({code!r})"

    script = f"""
        import threading
        from learning_worker.adapters import confine
        confine.seal(threads={threads})
        try:
            {tolerant}
            print("done")
        except RuntimeError as error:
            print(type(error).__name__)
    """
    done = subprocess.run(
        [sys.executable, "-I", "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60
    )

    assert done.stdout.split()[-1:] == [outcome], done.stderr


def test_a_child_dies_with_the_worker():
    worker = """
        import asyncio, os, sys
        from learning_worker.adapters.sandbox import Child

        async def main():
            args = [str(1 << 30), "pages"]
            child = await Child.spawn("learning_worker.adapters.decoder_child", args, max_frame_bytes=100)
            await child.started()
            print(child.pid, flush=True)
            await asyncio.Event().wait()

        asyncio.run(main())
    """
    with subprocess.Popen(
        [sys.executable, "-I", "-c", textwrap.dedent(worker)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        watch = os.pidfd_open(child)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait(timeout=30)

        # A process handle becomes readable when the process ends.
        ended, _, _ = select.select([watch], [], [], 30)
        os.close(watch)

    assert ended == [watch]


async def test_a_child_that_says_nonsense_is_not_believed():
    child = await Child.spawn("platform", max_frame_bytes=100)
    try:
        with pytest.raises((ChildEnded, ChildProtocolError)):
            await child.started()
    finally:
        await child.kill()


@pytest.mark.parametrize(
    ("returncode", "code"),
    [
        (-signal.SIGXCPU, ErrorCode.INPUT_TOO_LARGE),
        (-signal.SIGABRT, ErrorCode.INPUT_TOO_LARGE),
        (-signal.SIGSEGV, ErrorCode.INPUT_CORRUPT),
        (3, ErrorCode.INPUT_TOO_LARGE),
        (-signal.SIGKILL, Fault.DECODER_CRASHED),
        (-signal.SIGTERM, Fault.DECODER_CRASHED),
        (1, Fault.DECODER_CRASHED),
        (0, Fault.DECODER_CRASHED),
    ],
)
def test_only_what_the_file_did_is_blamed_on_the_file(returncode: int, code: str):
    assert verdict(returncode).code == code


async def test_the_decoder_gives_the_same_page_twice():
    content = encoded(printed(["Zweimal dasselbe."], dpi=80), "JPEG")

    async def once() -> list[bytes | None]:
        decoder = SandboxDecoder()
        return [p.png async for p in decoder.pages(content, rotation=0, first_page_nr=1, skip=())]

    assert await once() == await once()
