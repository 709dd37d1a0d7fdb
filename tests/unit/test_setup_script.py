"""`make setup` before anything is installed: a Python that will not do is told in one sentence."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def setup_with(python: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run the script on a copy, so that nothing of this checkout is touched."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "setup.sh", tmp_path / "tools" / "setup.sh")
    return subprocess.run(
        ["sh", "tools/setup.sh"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHON": python},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def a_python(tmp_path: Path, version: str, missing: str = "none") -> str:
    """Our own interpreter, saying that it is another version, or that it lacks a module."""
    fake = tmp_path / f"python{version}"
    info = tuple(int(part) for part in version.split("."))
    code = (
        f"import sys; sys.version_info = {(*info, 0)}; sys.modules[{missing!r}] = None; "
        "exec(sys.argv[2] if sys.argv[1] == '-c' else '')"
    )
    fake.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{code}" "$@"\n')
    fake.chmod(0o755)
    return str(fake)


@pytest.mark.parametrize("version", ["3.8", "3.10"])
def test_a_python_that_is_too_old_is_named_with_the_cure(tmp_path: Path, version: str) -> None:
    done = setup_with(a_python(tmp_path, version), tmp_path)

    assert done.returncode == 1
    assert f"is Python {version}, which is too old; install Python 3.11 or newer" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_python_without_venv_is_told_which_package_to_install(tmp_path: Path) -> None:
    done = setup_with(a_python(tmp_path, "3.12", missing="ensurepip"), tmp_path)

    assert done.returncode == 1
    assert "apt-get install python3.12-venv" in done.stderr


def test_a_python_that_cannot_be_run_is_told(tmp_path: Path) -> None:
    done = setup_with(str(tmp_path / "nowhere"), tmp_path)

    assert done.returncode == 1
    assert "cannot be run" in done.stderr
