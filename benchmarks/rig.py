"""What the measurements share: a school on a durable PostgreSQL, and the product's worker around models that only wait."""

import asyncio
import contextlib
import hashlib
import json
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import psycopg

from learning_worker.adapters.stub import StubFeedback
from learning_worker.db import embedded, logins, seed, submissions
from learning_worker.db.embedded import Server
from learning_worker.db.endings import Endings
from learning_worker.db.line import Line
from learning_worker.db.notify import listen
from learning_worker.db.pool import Database
from learning_worker.db.queue import LeaseTerms, Renewal
from learning_worker.db.submissions import NewAnswer, NewFile
from learning_worker.domain.criteria import (
    Confidence,
    CriterionResult,
    Evidence,
    ReportSource,
    ResultStatus,
    level_score,
    parse_criteria,
)
from learning_worker.domain.retry import RetryPolicy
from learning_worker.domain.submission import ConfirmText, PageReading, Phase, Task, TextSource
from learning_worker.observability import logs
from learning_worker.observability.metrics import Metrics
from learning_worker.ports import Feedback, Page
from learning_worker.worker.lease import Leases
from learning_worker.worker.pipeline import Bounds, Deps
from learning_worker.worker.runner import Runner
from learning_worker.worker.schedule import Plan

PUPILS = [f"pupil-{nr}" for nr in range(30)]
TEXT = "Plants take in water and light. They give off oxygen, because they split the water."
_QUOTE = Evidence(TEXT[:31], 0, 31)
_HAND_IN = """
select s.submission_id
  from generate_series(1, %s) as n
 cross join lateral public.learning_submit(%s, %s || n, %s) as s
"""


def figure(name: str, **values: object) -> dict[str, object]:
    """One measured figure, printed as a line of JSON."""
    line = {"figure": name, **values}
    print(json.dumps(line), flush=True)
    return line


def task(criteria: int = 1) -> Task:
    """A task with so many criteria."""
    texts = [f"names cause {nr}" for nr in range(1, criteria + 1)]
    return Task("Why?", parse_criteria(texts), confirm_text=ConfirmText.NEVER)


@contextlib.contextmanager
def durable_server() -> Iterator[Server]:
    """PostgreSQL with fsync in a directory that is gone afterwards."""
    logs.configure(level="error")
    with tempfile.TemporaryDirectory(prefix="lw-bench-") as folder:
        Path(folder).chmod(0o755)
        with embedded.server(Path(folder) / "postgres") as server:
            yield server


class School:
    """A database with classes and their tasks; `hand_in` is the front door."""

    def __init__(self, server: Server, name: str, *, criteria: int = 1) -> None:
        self.dsns = logins.provision(server, name)
        self.owner_dsn = server.superuser_dsn(name)
        self._criteria = criteria

    async def __aenter__(self) -> "School":
        self._owner = Database(self.dsns.migration, max_size=1)
        self._app = Database(self.dsns.app, max_size=4)
        await self._owner.open()
        await self._app.open()
        self.task_id = await self.new_class("7b", PUPILS)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._app.close()
        await self._owner.close()

    async def new_class(self, title: str, pupils: Sequence[str]) -> UUID:
        """A class with one task; the task's id."""
        async with self._owner.transaction() as connection:
            await seed.put_people(connection, [seed.Person(pupil, "Pupil") for pupil in pupils])
            members = [seed.Membership(pupil, "student") for pupil in pupils]
            course_id = await seed.put_course(connection, title, None, members)
            return await seed.put_task(connection, course_id, seed.NewTask("Light", task(self._criteria)))

    async def hand_in(self, pupil: str, text: str, task_id: UUID | None = None) -> UUID:
        """One typed answer; its id."""
        return await self._submit(pupil, NewAnswer(task_id or self.task_id, uuid4().hex, text=text))

    async def hand_in_file(self, pupil: str, name: str, task_id: UUID | None = None) -> UUID:
        """One answer on paper; `name` is what the reader will see of it."""
        content = name.encode()
        file = NewFile(
            f"bench/{uuid4().hex}/{name}", hashlib.sha256(content).hexdigest(), len(content), "image/png"
        )
        return await self._submit(pupil, NewAnswer(task_id or self.task_id, uuid4().hex, files=(file,)))

    async def _submit(self, pupil: str, answer: NewAnswer) -> UUID:
        async with self._app.acting_as(pupil) as connection:
            return (await submissions.submit(connection, answer)).submission_id

    async def hand_in_many(self, count: int) -> None:
        """Answers with the same words, a hundred per transaction, for runs in which handing in is not measured."""
        for nr, start in enumerate(range(0, count, 100)):
            async with self._app.acting_as(PUPILS[nr % len(PUPILS)]) as connection:
                await connection.execute(_HAND_IN, (min(100, count - start), self.task_id, uuid4().hex, TEXT))
        self.tidy()

    def tidy(self) -> None:
        """Fresh statistics, so that no run pays for the one before."""
        with psycopg.connect(self.owner_dsn, autocommit=True) as connection:
            connection.execute("vacuum analyze")

    def waiting(self, connection: psycopg.Connection[tuple[int]]) -> int:
        """Jobs that are not done."""
        row = connection.execute("select count(*) from public.learning_submission_jobs").fetchone()
        return row[0] if row else 0

    async def all_done(self) -> None:
        """Until the queue is empty."""
        with psycopg.connect(self.owner_dsn, autocommit=True) as connection:
            while self.waiting(connection):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


class NoOp(StubFeedback):
    """Answers at once: the same points for every criterion, with one quote that the database checks."""

    def __init__(self) -> None:
        super().__init__()
        self.first_at: float | None = None

    async def assess(
        self, text: str, task: Task, done: Sequence[CriterionResult]
    ) -> AsyncIterator[CriterionResult]:
        self.first_at = self.first_at or time.time()
        for criterion in task.criteria:
            yield CriterionResult(
                criterion.id, ResultStatus.SCORED, criterion.max_score, level=2, score=level_score(2, criterion.max_score),
                confidence=Confidence.LOW, explanation_md="Because.", evidence=(_QUOTE,),
            )  # fmt: skip

    async def summarise(self, text: str, task: Task, results: Sequence[CriterionResult]) -> Feedback:
        return Feedback("Well done.", ReportSource.STUB)


@dataclass
class OneModel:
    """A graphics card that holds one model: calls of the same model run side by side, another one is loaded first."""

    switch_s: float = 0.0
    switches: int = 0
    _loaded: str | None = None
    _calls: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def use(self, model: str, seconds: float) -> None:
        """One call of a model."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._loaded == model or not self._calls)
            if self._loaded != model:
                self.switches += self._loaded is not None
                self._loaded = model
                await asyncio.sleep(self.switch_s)
            self._calls += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            async with self._changed:
                self._calls -= 1
                self._changed.notify_all()


class TimedFeedback(NoOp):
    """Thinks for the seconds that the text's first word states; notes when each call began and ended, for whom."""

    def __init__(self, card: OneModel | None = None) -> None:
        super().__init__()
        self.card = card
        self.spans: list[tuple[float, float, str]] = []

    async def assess(
        self, text: str, task: Task, done: Sequence[CriterionResult]
    ) -> AsyncIterator[CriterionResult]:
        seconds, who, _ = text.split(maxsplit=2)
        started = time.perf_counter()
        span = len(self.spans)
        self.spans.append((started, started, who))
        await (self.card.use("feedback", float(seconds)) if self.card else asyncio.sleep(float(seconds)))
        self.spans[span] = (started, time.perf_counter(), who)
        for criterion in task.criteria:
            yield CriterionResult(
                criterion.id,
                ResultStatus.SCORED,
                criterion.max_score,
                level=0,
                score=0,
                explanation_md="Because.",
            )


class TimedVision:
    """Reads `text`, with the file's name in its braces, after a fixed time; notes each call's begin, end and file."""

    def __init__(self, seconds: float, text: str, card: OneModel | None = None) -> None:
        self.seconds, self.text, self.card = seconds, text, card
        self.spans: list[tuple[float, float, str]] = []

    async def read(self, page: Page, task: Task) -> PageReading:
        name = (page.png or b"").decode()
        started = time.perf_counter()
        span = len(self.spans)
        self.spans.append((started, started, name))
        await (self.card.use("vision", self.seconds) if self.card else asyncio.sleep(self.seconds))
        self.spans[span] = (started, time.perf_counter(), name)
        return PageReading(page.page_nr, self.text.format(name), TextSource.MODEL, 0.9)

    async def aclose(self) -> None:
        """Nothing is held."""


class NameDecoder:
    """One page per file, whose picture is the file's name."""

    async def pages(
        self, content: bytes, *, rotation: int, first_page_nr: int, skip: Collection[int]
    ) -> AsyncGenerator[Page, None]:
        yield Page(first_page_nr, None, content)


class NameStore:
    """Gives back the last part of the key as the file."""

    async def fetch(self, object_key: str, *, sha256: str, byte_size: int) -> bytes:
        return object_key.rsplit("/", 1)[1].encode()


@contextlib.asynccontextmanager
async def a_worker(
    dsn: str, plan: Plan, feedback: NoOp, vision: TimedVision | None = None
) -> AsyncIterator[Runner]:
    """The product's worker with its real parts; only what thinks is ours."""
    db = Database(dsn, max_size=8)
    line, endings = Line(dsn, "lease"), Endings(Line(dsn, "endings"))
    deps = Deps(
        db=db, endings=endings, blobs=NameStore(), decoder=NameDecoder(), vision=vision, feedback=feedback,  # type: ignore[arg-type]
        leases=Leases(Renewal(dsn, 30), 30, time.monotonic), retry=RetryPolicy(), bounds=Bounds(), random=Random(1),
    )  # fmt: skip
    runner = Runner(
        deps=deps, line=line, terms=LeaseTerms(f"bench-{uuid4().hex[:6]}"), plan=plan, metrics=Metrics(),
        clock=time.monotonic, wakeups=lambda on_lost: listen(dsn, "learning_jobs", on_lost),
    )  # fmt: skip
    stop = asyncio.Event()
    await db.open()
    running = asyncio.create_task(runner.run(stop))
    try:
        yield runner
    finally:
        stop.set()
        await running
        await endings.close()
        await line.close()
        await db.close()


def slots(feedback: int, *, vision: int = 0, affinity_s: float = 0.0) -> Plan:
    """A plan with so many slots."""
    phases = {Phase.VISION: vision, Phase.FEEDBACK: feedback}
    return Plan({phase: count for phase, count in phases.items() if count}, drain_s=60, affinity_s=affinity_s)
