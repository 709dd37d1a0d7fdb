"""An answer is assessed where no route leads anywhere but to this machine: database on a socket, model on loopback."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.system
ROOT = Path(__file__).resolve().parents[2]
# SIOCSIFFLAGS, IFF_UP and IFF_RUNNING: a new network namespace has a loopback that is down, and nothing else.
_INSIDE = """
import errno, fcntl, os, socket, struct, sys
control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(control, 0x8914, struct.pack("16sH14x", b"lo", 0x41))
try:
    socket.create_connection(("192.0.2.1", 80), 1)
except OSError as error:
    assert error.errno == errno.ENETUNREACH, error
os.execv(sys.executable, [sys.executable, "-m", "pytest", "-q", "-m", "slow", *sys.argv[1:]])
"""


def test_worker_and_local_model_need_no_route_but_loopback():
    ran = subprocess.run(
        [
            *("unshare", "--net", sys.executable, "-c", _INSIDE),
            *("-p", "no:cacheprovider", "tests/e2e/test_ai_option.py", "-k", "swapping"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 passed" in ran.stdout
