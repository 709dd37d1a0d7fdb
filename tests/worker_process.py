"""A real worker process with a scripted adapter: `python worker_process.py`, settings from the environment.

SCRIPT_NOTES: file to which every question and answer is appended. SCRIPT_SECONDS: how long an answer takes.
A text that holds KILL ends the process in the middle of it; one that holds CRASH raises what nobody expects.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import replace

from fakes import FakeFeedback, FakeVision

from learning_worker import wiring
from learning_worker.adapters.confine import die_with_parent
from learning_worker.domain.submission import PageReading, TextSource
from learning_worker.observability import logs
from learning_worker.ports import MadeWith, Page
from learning_worker.settings import Settings


def note(*words: str) -> None:
    """One line, with the time; whole even when several processes write: O_APPEND, one write."""
    line = " ".join((str(os.getpid()), *words, f"{time.time():.6f}")) + "\n"
    file = os.open(os.environ["SCRIPT_NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, line.encode())
    os.close(file)


async def think() -> None:
    await asyncio.sleep(float(os.environ.get("SCRIPT_SECONDS", "0")))


class ScriptedFeedback(FakeFeedback):
    async def made_with(self):
        return MadeWith("scripted", "1")

    async def assess(self, text, task, done):
        name = text.split()[0]
        async for result in super().assess(text, task, done):
            note("asked", name, result.criterion_id)
            if "KILL" in text:
                os.kill(os.getpid(), signal.SIGKILL)
            if "CRASH" in text:
                raise ZeroDivisionError
            await think()
            note("answered", name, result.criterion_id)
            yield result


class ScriptedVision(FakeVision):
    async def read(self, page, task):
        name = page.png.decode()
        note("asked", name, f"page{page.page_nr}")
        await think()
        note("answered", name, f"page{page.page_nr}")
        return PageReading(page.page_nr, f"{name} wrote this.", TextSource.MODEL, 0.95)


class TwoPages:
    """A decoder for files that hold nothing but a name: each has two pages."""

    async def pages(self, content, *, rotation, first_page_nr, skip):
        for page_nr in range(first_page_nr, first_page_nr + 2):
            yield Page(page_nr, None, None if page_nr in skip else content)


async def main() -> None:
    settings = Settings.load()
    logs.configure()
    async with wiring.worker(settings, settings.learning_database_url.get_secret_value()) as runner:
        runner.deps = replace(
            runner.deps, feedback=ScriptedFeedback(), vision=ScriptedVision(), decoder=TwoPages()
        )
        runner.terms = replace(runner.terms, max_crashes=int(os.environ.get("SCRIPT_MAX_CRASHES", "3")))
        await wiring.work(runner, settings)


def run(environment: Mapping[str, str]) -> None:
    """The whole process, in a fork that imported everything already; says nothing, and dies with its parent."""
    die_with_parent(os.getppid())
    os.environ.update(environment)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stderr.fileno())
    asyncio.run(main())


if __name__ == "__main__":
    asyncio.run(main())
