"""All measurements of the worker, one after the other, and the table for benchmarks/README.md."""

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SCRIPTS = {"bench_pipeline.py": ["--scale"], "bench_lease.py": [], "bench_throughput.py": ["--scale"]}
AIMS = {
    "pick-up, ms": "15",
    "makespan": "2 % over greedy list scheduling, overhead 1 % of 5 s",
    "makespan, half of the jobs photographed": "2 % over greedy list scheduling",
    "one pupil against 500 files of another class": "the next free slot",
    "Jain's index, 30 pupils": "0.95",
    "memory of a worker, MiB": "flat",
}
# What a rate is divided by what, both as bench_throughput.py calls them, and the aim.
RATIOS = {
    "ours over Procrastinate, no-op, one process each": (
        "noop, 1 process",
        "procrastinate, noop, 1 process",
        "4 times",
    ),
    "the same, two processes each": ("noop, 2 processes", "procrastinate, noop, 2 processes", "4 times"),
    "the same with our log line, one process each": (
        "logged, 1 process",
        "procrastinate, noop, 1 process",
        "",
    ),
    "where a job of Procrastinate stores a row": ("noop, 1 process", "procrastinate, storing, 1 process", ""),
    "ours over PgQueuer, no-op, one process each": ("noop, 1 process", "pgqueuer, noop, 1 process", "1 time"),
    "where a job of PgQueuer stores a row": ("noop, 1 process", "pgqueuer, storing, 1 process", ""),
}


def machine() -> str:
    """Where this ran, and how busy it was."""
    names = [
        line.split(":")[1] for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    now = dt.datetime.now(dt.UTC)
    return (
        f"{now:%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores ({(names or ['unknown'])[0].strip()}), Python "
        f"{platform.python_version()}, load average {load}"
    )


def measured(script: str, arguments: list[str]) -> list[dict[str, Any]]:
    """The figures of one script, shown while they come."""
    found = []
    with subprocess.Popen(
        [sys.executable, HERE / script, *arguments], stdout=subprocess.PIPE, text=True
    ) as running:
        for line in running.stdout or ():
            if line.startswith("{"):
                print(line, end="", flush=True)
                found.append(json.loads(line))
    if running.returncode:
        raise SystemExit(f"{script} ended with {running.returncode}")
    return found


def row(values: Mapping[str, Any]) -> str:
    """One line of the table."""
    name = values["figure"]
    told = ", ".join(
        f"{key.replace('_', ' ')} {shown(value)}"
        for key, value in values.items()
        if key not in ("figure", "system")
    )
    return f"| {values.get('system', name)} | {told} | {AIMS.get(name, '')} |"


def shown(value: object) -> str:
    """A number or a list of numbers, thousands apart."""
    if isinstance(value, list):
        return " / ".join(map(shown, value))
    return f"{value:,}" if isinstance(value, int) else str(value)


def main(scale: str) -> None:
    """Run everything and print the table."""
    before = machine()
    figures = [
        values
        for script, takes in SCRIPTS.items()
        for values in measured(script, [part for option in takes for part in (option, scale)])
    ]
    rates = {values["system"]: values["jobs_per_s"] for values in figures if "system" in values}
    print(f"\nBefore: {before}.\nAfter: {machine()}.\n")
    print("| what | measured | aim |\n| --- | --- | --- |")
    for values in figures:
        print(row(values))
    for name, (ours, theirs, aim) in RATIOS.items():
        print(f"| {name} | {rates[f'learning-worker, {ours}'] / rates[theirs]:.2f} times | {aim} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="1.0", help="0.1: a tenth of the jobs, to try it out")
    main(parser.parse_args().scale)
