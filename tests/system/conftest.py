"""A demo that runs for the browser: real processes on an embedded PostgreSQL."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

READY_S = 90.0


@pytest.fixture(scope="session")
def demo_url() -> Iterator[str]:
    """The address of a fresh demo; it is stopped and deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="lw-browser-") as name:
        Path(name).chmod(0o755)
        output = Path(name) / "out"
        environment = {**os.environ, "LEARNING_DATA_DIR": f"{name}/home", "WEB_PORT": "0"}
        with output.open("wb") as out:
            demo = subprocess.Popen(
                [sys.executable, "-m", "learning_worker", "demo"], env=environment, stdout=out, stderr=out
            )
        try:
            yield _address(demo, output)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)


def _address(demo: subprocess.Popen[bytes], output: Path) -> str:
    end = time.monotonic() + READY_S
    while "Stop with Ctrl-C" not in output.read_text():
        assert demo.poll() is None, output.read_text()
        assert time.monotonic() < end, output.read_text()
        time.sleep(0.1)
    return next(word for word in output.read_text().split() if word.startswith("http://"))
