"""Hand-written stand-ins for what varies: they pass the same contract tests as the real ones.

Each can be slow (waits for an event), flaky (raises at a chosen call) or hostile, and counts its calls.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal
from uuid import uuid4

from learning_worker.domain.criteria import (
    Confidence,
    Criterion,
    CriterionResult,
    Evidence,
    ReportSource,
    ResultStatus,
    level_score,
)
from learning_worker.domain.errors import AnalysisError, Fault, PermanentError, TransientError
from learning_worker.domain.feedback import feedback_md
from learning_worker.domain.quotes import sentences
from learning_worker.domain.submission import PageReading, Task, TextSource
from learning_worker.ports import Feedback, MadeWith, Page


@dataclass
class Script:
    """What happens at each call, counted from 1.

    gate: every call waits until it is set. started: set as soon as a call begins, so that a test can wait for it.
    errors: call number -> what is raised instead of an answer.
    """

    gate: asyncio.Event | None = None
    errors: Mapping[int, AnalysisError] = field(default_factory=dict)
    calls: int = 0
    cancelled: int = 0
    started: asyncio.Event = field(default_factory=asyncio.Event)

    async def step(self) -> None:
        """Count a call, wait for the gate, raise what is due."""
        self.calls += 1
        call = self.calls
        self.started.set()
        if self.gate is not None:
            try:
                await self.gate.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        if call in self.errors:
            raise self.errors[call]


def always(error: AnalysisError, calls: int = 100) -> dict[int, AnalysisError]:
    """A script's `errors` for an adapter that never answers."""
    return dict.fromkeys(range(1, calls + 1), error)


class Manner(Enum):
    """How a FakeFeedback answers."""

    HONEST = "honest"
    INVENTS_QUOTES = "invents quotes"
    LEVEL_9 = "gives level 9 of 3"


class FakeFeedback:
    """A FeedbackAdapter that gives level 2 and quotes the first sentence; one call of the script per criterion."""

    def __init__(
        self,
        script: Script | None = None,
        manner: Manner = Manner.HONEST,
        schema: Literal["criteria.v1", "criteria.v2"] = "criteria.v2",
    ) -> None:
        self.script = script or Script()
        self.manner = manner
        self.schema: Literal["criteria.v1", "criteria.v2"] = schema
        self.source = ReportSource.DSPY if schema == "criteria.v2" else ReportSource.STUB
        self.asked: list[str] = []
        self.summaries = 0
        self.maker: MadeWith | None = None
        self.closed = False

    async def assess(
        self, text: str, task: Task, done: Sequence[CriterionResult]
    ) -> AsyncIterator[CriterionResult]:
        answered = {result.criterion_id for result in done}
        for criterion in task.criteria:
            if criterion.id in answered:
                continue
            await self.script.step()
            self.asked.append(criterion.id)
            yield self._result(text, criterion)

    def _result(self, text: str, criterion: Criterion) -> CriterionResult:
        quote = next(iter(sentences(text)), Evidence(text, 0, len(text)))
        if self.manner is Manner.INVENTS_QUOTES:
            quote = Evidence("Words that nobody wrote, not even here.", 0, 39)
        level = 9 if self.manner is Manner.LEVEL_9 else 2
        return CriterionResult(
            criterion_id=criterion.id,
            status=ResultStatus.SCORED,
            max_score=criterion.max_score,
            level=level,
            score=level_score(min(level, 3), criterion.max_score),
            confidence=Confidence.MEDIUM,
            explanation_md="The sentence says so.",
            evidence=(quote,),
            next_step_md="Say why.",
        )

    async def made_with(self) -> MadeWith | None:
        return self.maker

    async def summarise(self, text: str, task: Task, results: Sequence[CriterionResult]) -> Feedback:
        self.summaries += 1
        return Feedback(feedback_md=feedback_md(results, task), source=self.source)

    async def aclose(self) -> None:
        self.closed = True


class FakeVision:
    """A VisionAdapter that reads the same words from every page; a text layer is passed through."""

    def __init__(
        self, script: Script | None = None, text_md: str = "What was written.", confidence: float = 0.95
    ) -> None:
        self.script = script or Script()
        self.text_md = text_md
        self.confidence = confidence
        self.pages: list[int] = []
        self.closed = False

    async def read(self, page: Page, task: Task) -> PageReading:
        await self.script.step()
        self.pages.append(page.page_nr)
        if page.text_layer is not None:
            return PageReading(page.page_nr, page.text_layer, TextSource.LAYER)
        if page.png is None:
            raise PermanentError(Fault.UNEXPECTED)
        return PageReading(page.page_nr, self.text_md, TextSource.MODEL, self.confidence)

    async def aclose(self) -> None:
        self.closed = True


class FakeBlobStore:
    """A BlobStore in a dictionary; the script counts puts and fetches."""

    def __init__(self, script: Script | None = None) -> None:
        self.script = script or Script()
        self.blobs: dict[str, bytes] = {}

    def new_key(self) -> str:
        name = uuid4().hex
        return f"submissions/{name[-2:]}/{name}"

    async def put(self, object_key: str, content: bytes) -> None:
        await self.script.step()
        if object_key in self.blobs:
            raise TransientError(Fault.STORAGE_UNAVAILABLE)
        self.blobs[object_key] = content

    async def fetch(self, object_key: str, *, sha256: str, byte_size: int) -> bytes:
        await self.script.step()
        content = self.blobs.get(object_key)
        if content is None:
            raise PermanentError(Fault.FILE_MISSING)
        if len(content) != byte_size or hashlib.sha256(content).hexdigest() != sha256:
            raise PermanentError(Fault.FILE_CHANGED)
        return content

    async def delete(self, object_keys: Sequence[str]) -> None:
        for object_key in object_keys:
            self.blobs.pop(object_key, None)
