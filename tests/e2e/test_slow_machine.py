"""An old machine without a card: 20 tokens a second reading, 4 writing. Real worker processes, settings at their defaults.

`make slow-machine` runs it at this pace; the slow tests run it fifty times faster, with shorter leases.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Database
from fake_ollama import MODEL, FakeOllama, a_fake_ollama
from proxy import Proxy, Weather
from workbench import TASK, School, a_school, until

from learning_worker.domain.criteria import Criterion
from learning_worker.domain.submission import Language

pytestmark = pytest.mark.slow
READ_TOKENS_PER_S, WRITE_TOKENS_PER_S = 20, 4
POINTS = (
    "energy from the light",
    "leaves with holes",
    "carbon dioxide",
    "starch as a store",
    "oxygen or winter",
)
PARAGRAPH = (
    "Plants need light because it gives them energy. They take in water with their roots and carry it up to the leaves. "
    "Through small holes in the leaves they take carbon dioxide from the air. With the energy of the light they make sugar "
    "out of water and carbon dioxide. The sugar is their food, and they store it as starch for the night and the winter. "
)
SHORT = PARAGRAPH * 2 + (
    "In our class we put one bean plant into a cupboard and one on the window sill. After two weeks the plant in the "
    "cupboard was long, thin and yellow. The other one was green and had many leaves. So a plant can grow a little without "
    "light, but only until its seed is used up. The oxygen that is left over goes into the air, and animals breathe it."
)
LONG = " ".join(f"{PARAGRAPH}This was week {nr} of our garden book." for nr in range(1, 15))


@dataclass(frozen=True)
class Machine:
    """The server, how many times faster than an old machine it is, who hands in, and the settings of the workers."""

    fake: FakeOllama
    school: School
    pace: float
    environment: dict[str, str]

    @contextmanager
    def worker(self, dsn: str | None = None) -> Iterator[None]:
        """A worker process, on another way to the database if one is given; killed when the block ends."""
        command = [sys.executable, "-m", "learning_worker", "worker"]
        environment = self.environment | ({} if dsn is None else {"LEARNING_DATABASE_URL": dsn})
        worker = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield
        finally:
            worker.kill()
            worker.wait()

    def said(self, what: str, school_text: str, since: float) -> None:
        """One line for evidence.md."""
        sys.stdout.write(
            f"pace {self.pace:g}, {len(school_text.split())} words, {what}: {time.monotonic() - since:.0f} s, "
            f"{len(self.fake.chats)} calls, criteria asked {self.fake.criteria_asked}\n"
        )


@pytest.fixture
async def slow(database: Database, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Machine]:
    """The machine at the pace of `--pace`, and a class whose task has five criteria."""
    pace = request.config.getoption("--pace")
    environment = {
        **os.environ,
        "GUSTAV_ENV": "test",
        "LEARNING_DATABASE_URL": database.dsns.worker,
        "LEARNING_DATA_DIR": str(tmp_path),
        "LEARNING_FEEDBACK_ADAPTER": "local",
        "AI_FEEDBACK_MODEL": MODEL,
        "WORKER_METRICS_PORT": "0",
    }
    if pace > 1:
        environment |= {"WORKER_LEASE_SECONDS": "2", "WORKER_BACKOFF_SECONDS": "0.2"}
    criteria = tuple(Criterion(f"c{nr}", f"Names {point}") for nr, point in enumerate(POINTS))
    a_server = a_fake_ollama(
        read_tokens_per_s=READ_TOKENS_PER_S * pace, write_tokens_per_s=WRITE_TOKENS_PER_S * pace
    )
    a_class = a_school(database, replace(TASK, criteria=criteria, language=Language.ENGLISH))
    async with a_server as fake, a_class as school:
        yield Machine(fake, school, pace, environment | {"OLLAMA_BASE_URL": fake.url})


@pytest.fixture
async def proxy(database: Database) -> AsyncIterator[Proxy]:
    """A way to the database that a test can block."""
    async with Proxy(database.dsns.worker).running() as proxy:
        yield proxy


async def statuses(school: School, submission_id: Any) -> list[str]:
    """The status of each criterion's result, in the order of the task; none before it is completed."""
    found: Any = await school.stored(submission_id)
    assert found["status"] == "completed"
    return [result["status"] for result in found["analysis_json"]["criteria_results"]]


async def done(school: School, submission_id: Any) -> bool:
    return await school.status(submission_id) in ("completed", "failed")


async def test_a_worker_killed_twice_between_questions_finishes_five_criteria_and_asks_none_twice(
    slow: Machine, proxy: Proxy
) -> None:
    """Killed once the checkpoint is committed, before the next question: nothing of the work is lost."""
    started_at = time.monotonic()
    submission_id = await slow.school.hand_in_text(SHORT)
    proxy.holds_its_breath = True
    for kills in (1, 2):
        proxy.swallow_reply_to = b"learning_worker_save_criterion_batch"
        with slow.worker(proxy.dsn):
            await until(lambda: swallowed(proxy, kills), 900)  # noqa: B023 - awaited before the next
        proxy.turn(Weather.FINE)
    with slow.worker(proxy.dsn):
        await until(lambda: done(slow.school, submission_id), 900)
    slow.said("killed twice between questions", SHORT, started_at)

    assert await statuses(slow.school, submission_id) == ["scored"] * 5
    assert slow.fake.criteria_asked == ["c0", "c1", "c2", "c3", "c4"]


async def test_a_worker_killed_twice_in_a_question_asks_none_that_was_answered(slow: Machine) -> None:
    started_at = time.monotonic()
    submission_id = await slow.school.hand_in_text(SHORT)
    for answered in (1, 3):
        with slow.worker():
            await until(lambda: asked(slow.fake, answered), 900)  # noqa: B023 - awaited before the next
            # In the middle of the question; what was answered before it is kept by then.
            await asyncio.sleep(10 / slow.pace)
    with slow.worker():
        await until(lambda: done(slow.school, submission_id), 900)
    slow.said("killed twice in a question", SHORT, started_at)

    assert await statuses(slow.school, submission_id) == ["scored"] * 5
    # A killed worker's open question is put once more; no criterion that was answered is.
    assert slow.fake.criteria_asked == ["c0", "c1", "c1", "c2", "c3", "c3", "c4"]


async def swallowed(proxy: Proxy, times: int) -> bool:
    """Whether so many replies were kept from the workers."""
    return proxy.swallowed >= times


async def asked(fake: FakeOllama, answered: int) -> bool:
    """Whether the question after so many answers has been put."""
    return len(set(fake.criteria_asked)) > answered


async def test_a_thousand_words_are_finished_too_only_later(slow: Machine) -> None:
    started_at = time.monotonic()
    if slow.pace > 1:
        # The deadlines of a call and a phase shrink with the rest; a setting has whole seconds at least.
        slow.environment.update(
            AI_CALL_TIMEOUT=str(round(120 / slow.pace)), AI_TIMEOUT_FEEDBACK=str(round(600 / slow.pace))
        )
    submission_id = await slow.school.hand_in_text(LONG)
    with slow.worker():
        await until(lambda: done(slow.school, submission_id), 2400)
    slow.said("not killed", LONG, started_at)

    assert await statuses(slow.school, submission_id) == ["scored"] * 5
